"""The relay in a process of its own, as `work` runs it: `python -m load.bus.relay_process DATABASE BUS`."""

import sys
import threading

from songcau_kit.bus import open_bus
from songcau_kit.database import Database
from songcau_kit.relay import Relay


def main() -> None:
    """Relay until a signal ends the process."""
    database, bus = sys.argv[1:]
    Relay(Database(database, application_name="songcau-load"), open_bus(bus, "load-relay")).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()

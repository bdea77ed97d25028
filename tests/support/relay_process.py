"""The relay in a process of its own, as `work` runs it: `python -m support.relay_process DATABASE BUS NAME`."""

import sys
import threading

from songcau_kit.bus import open_bus
from songcau_kit.database import Database
from songcau_kit.relay import Relay


def main() -> None:
    """Relay until a signal ends the process."""
    database, bus, name = sys.argv[1:]
    Relay(Database(database, application_name=name), open_bus(bus, name)).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()

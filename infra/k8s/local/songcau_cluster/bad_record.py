"""A drill: puts a record that nobody can read on a topic, as a faulty producer would; its consumer must bury it."""

import os
import sys
from contextlib import closing

from songcau_kit.bus import Record, open_bus
from songcau_kit.clock import SystemClock


def main(arguments: list[str]) -> int:
    """Publish to the topic that is named and print the record's id."""
    (topic,) = arguments
    event_id = str(SystemClock().new_id())
    with closing(open_bus(os.environ["SONGCAU_BUS_URL"], "songcau-drill")) as bus:
        bus.publish([Record(topic, "drill", b"\xff no message", {"ce_id": event_id})])
    sys.stdout.write(f"{event_id} is on {topic}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Events on their way through an outbox, numbered within their key: a reader sees what is lost or out of order."""

import threading
import time
from collections import defaultdict

from songcau_kit import outbox
from songcau_kit.clock import SystemClock
from songcau_kit.database import Database
from songcau_kit.outbox import OutboxEvent

CLOCK = SystemClock()
KEYS = 20
PER_TRANSACTION = 10
REST_S = 0.02


def outbox_event(topic: str, value: bytes, key: str = "a") -> OutboxEvent:
    """Return an event with an id of its own."""
    event_id = CLOCK.new_id()
    return OutboxEvent(event_id, topic, key, value, {"ce_id": str(event_id)})


def numbered_event(topic: str, number: int) -> OutboxEvent:
    """Return the event of a place in the sequence; its value is `key/place within the key`."""
    key = f"key-{number % KEYS}"
    return outbox_event(topic, f"{key}/{number // KEYS}".encode(), key)


def numbers_by_key(count: int) -> dict[str, list[int]]:
    """Return what so many numbered events hold, for each key in order."""
    by_key = defaultdict(list)
    for number in range(count):
        by_key[f"key-{number % KEYS}"].append(number // KEYS)
    return dict(by_key)


def write(database: Database, *events: OutboxEvent) -> None:
    """Write events in one transaction."""
    with database.transaction(pipeline=True) as connection:
        outbox.append(connection, *events)


def waiting(database: Database) -> int:
    """Return how many events have not been published."""
    with database.read() as connection:
        (count,) = connection.execute("select count(*) from outbox").fetchone() or (0,)
    return int(count)


class NumberedWriter:
    """Writes numbered events from a thread of its own until it is told to finish, and so many at least."""

    def __init__(self, database: Database, topic: str, *, at_least: int) -> None:
        self.written = 0
        self._database = database
        self._topic = topic
        self._at_least = at_least
        self._finishing = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def finish(self) -> int:
        """Return how many events there are once the last is written."""
        self._finishing.set()
        self._thread.join()
        return self.written

    def stop(self, grace: float) -> None:
        """Write no more."""
        self._at_least = 0
        self._finishing.set()
        self._thread.join(grace)

    def _write(self) -> None:
        while self.written < self._at_least or not self._finishing.is_set():
            numbers = range(self.written, self.written + PER_TRANSACTION)
            write(self._database, *(numbered_event(self._topic, number) for number in numbers))
            self.written = numbers.stop
            time.sleep(REST_S)

"""The event bus as the platform sees it: a log of records per topic partition, read by groups, at least once.

Two implementations pass the same conformance suite; nobody outside this module asks which one it is.

BusError
├── BusUnavailableError     the bus does not answer now; trying again later may help
├── UnknownTopicError       the topic was never declared with `ensure_topics`
├── RecordTooLargeError     a record is over MAX_RECORD_BYTES; trying again does not help
└── PartitionLostError      somebody else reads the partition by now; its records come again there
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from songcau_kit.topics import TopicSpec

MAX_RECORD_BYTES = 1024 * 1024


class BusError(Exception):
    """Something about the bus went wrong; the tree stands at the top of this module."""


class BusUnavailableError(BusError):
    """The bus does not answer now."""


class UnknownTopicError(BusError):
    """The topic was never declared."""


class RecordTooLargeError(BusError):
    """Key, value and headers together are over the limit."""


class PartitionLostError(BusError):
    """A commit came from a member that no longer holds the partition."""


@dataclass(frozen=True)
class Record:
    """What is published; records of one topic and key keep their order."""

    topic: str
    key: str
    value: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The bytes that count against MAX_RECORD_BYTES."""
        headers = sum(len(name.encode()) + len(value.encode()) for name, value in self.headers.items())
        return len(self.key.encode()) + len(self.value) + headers


@dataclass(frozen=True)
class ReceivedRecord(Record):
    """A record with its place in the log; offsets of a partition ascend by one, `published_at` is the bus's time."""

    partition: int = field(kw_only=True)
    offset: int = field(kw_only=True)
    published_at: datetime = field(kw_only=True)


class Subscription(Protocol):
    """One member of a group. One thread uses it; each partition of a topic is with one member at a time."""

    def poll(self, timeout: float, max_records: int = 100) -> list[ReceivedRecord]:
        """Return the next records of this member's partitions, waiting up to `timeout` seconds for the first.

        A call says that every record handed out before is dealt with: partitions may go to another member now, and
        what was not committed comes again there. Raises BusUnavailableError.
        """

    def commit(self, records: Sequence[ReceivedRecord]) -> None:
        """Remember that these records, and all before them in their partitions, need not come again.

        Raises PartitionLostError where a partition is with another member by now, and then remembers nothing of it.
        """

    def lag(self) -> Mapping[str, int]:
        """Return, for each topic, how many records wait in the partitions this member holds.

        The members' numbers add up to the group's. Raises BusUnavailableError.
        """

    def close(self) -> None:
        """Leave the group; what was not committed comes again to the other members."""


class Bus(Protocol):
    """A connection to the bus. Threads share it."""

    def ensure_topics(self, topics: Sequence[TopicSpec]) -> None:
        """Make the topics that are missing and add missing partitions; never take any away."""

    def publish(self, records: Sequence[Record]) -> None:
        """Return once all records are durable. After an error some may be, so the caller publishes all again.

        Raises BusUnavailableError, UnknownTopicError, RecordTooLargeError.
        """

    def subscribe(self, group: str, topics: Sequence[str], *, member: str | None = None) -> Subscription:
        """Join a group, which starts at the oldest record kept; `member` names this one in the bus's own tables."""

    def check(self) -> None:
        """Raise BusUnavailableError where the bus does not answer."""

    def close(self) -> None:
        """Give back every connection."""


def open_bus(url: str, client_id: str) -> Bus:
    """Open the bus at `url`; raises ValueError where the scheme is not one of ours."""
    scheme = url.partition("://")[0]
    if scheme in ("postgresql", "postgres"):
        from songcau_kit._postgres_bus import PostgresBus

        return PostgresBus(url, client_id)
    if scheme == "kafka":
        from songcau_kit._kafka_bus import KafkaBus

        return KafkaBus(url, client_id)
    raise ValueError(f"the bus is at postgresql://… or kafka://…, not at {scheme}://…")


def check_size(record: Record, *, limit: int = MAX_RECORD_BYTES) -> None:
    """Raise RecordTooLargeError where a record is over the limit, without naming its content."""
    if record.size > limit:
        raise RecordTooLargeError(f"a record of {record.size} bytes for {record.topic}; {limit} are allowed")

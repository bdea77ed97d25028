"""Records a consumer group could not handle or the bus refused to a relay: why, where from, and their way back."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from songcau_kit.bus import Bus, ReceivedRecord, Record, RecordTooLargeError, Subscription
from songcau_kit.topics import dead_letter_topic

PREFIX = "dlq_"
PATIENCE_S = 3.0


class Fault(StrEnum):
    """Why a record became a dead letter."""

    ID_MISSING = "ID_MISSING"
    UNDECODABLE = "UNDECODABLE"
    HANDLER_FAILED = "HANDLER_FAILED"
    TOO_LARGE = "TOO_LARGE"


@dataclass(frozen=True)
class DeadLetter:
    """A dead letter as an operator sees it; the value itself is not shown.

    Partition and offset are -1 where the record never came as far as its topic.
    """

    event_id: str
    topic: str
    partition: int
    offset: int
    key: str
    fault: str
    cause: str
    died_at: datetime


def bury(bus: Bus, group: str, record: Record, *, fault: Fault, cause: str) -> None:
    """Publish a record to the dead letters of the group that read it, or of the service that wrote it.

    `cause` is the name of an error or reason, never its text, which may repeat what the record holds.
    """
    origin = {
        "reason": fault.value,
        "cause": cause,
        "group": group,
        "topic": record.topic,
    }
    if isinstance(record, ReceivedRecord):
        origin |= {"partition": str(record.partition), "offset": str(record.offset)}
    headers = {**record.headers, **{PREFIX + name: value for name, value in origin.items()}}
    bus.publish([Record(dead_letter_topic(group).name, record.key, record.value, headers)])


def list_dead_letters(bus: Bus, group: str, *, limit: int = 100) -> list[DeadLetter]:
    """Return the oldest dead letters of a group that were neither replayed nor discarded."""
    with _reading(bus, group) as subscription:
        return [_describe(record) for record in _take(subscription, limit)]


def replay_dead_letters(
    bus: Bus, group: str, *, limit: int = 100, is_wanted: Callable[[DeadLetter], bool] = lambda _: True
) -> list[DeadLetter]:
    """Put the oldest dead letters back to the end of the topics they came from and return them.

    Those that are not wanted are discarded. Groups that handled an event before know it by its id and pass it over.
    Raises RecordTooLargeError, naming the event, where its topic still refuses it; it and those behind it stay.
    """
    replayed = []
    with _reading(bus, group) as subscription:
        for record in _take(subscription, limit):
            letter = _describe(record)
            if is_wanted(letter):
                _put_back(bus, record, letter)
                replayed.append(letter)
            subscription.commit([record])
    return replayed


@contextmanager
def _reading(bus: Bus, group: str) -> Iterator[Subscription]:
    """Read as a group whose position is how far the dead letters were replayed."""
    topic = dead_letter_topic(group)
    bus.ensure_topics([topic])
    subscription = bus.subscribe(f"{group}.dlq", [topic.name])
    try:
        yield subscription
    finally:
        subscription.close()


def _take(subscription: Subscription, limit: int) -> list[ReceivedRecord]:
    found: list[ReceivedRecord] = []
    until = time.monotonic() + PATIENCE_S
    while len(found) < limit and time.monotonic() < until:
        records = subscription.poll(PATIENCE_S / 6, limit - len(found))
        if found and not records:
            break
        found += records
    return found


def _put_back(bus: Bus, record: ReceivedRecord, letter: DeadLetter) -> None:
    try:
        bus.publish([_restore(record)])
    except RecordTooLargeError as error:
        raise RecordTooLargeError(f"{letter.topic} still refuses event {letter.event_id} for its size") from error


def _restore(record: ReceivedRecord) -> Record:
    headers = {name: value for name, value in record.headers.items() if not name.startswith(PREFIX)}
    return Record(record.headers[PREFIX + "topic"], record.key, record.value, headers)


def _describe(record: ReceivedRecord) -> DeadLetter:
    headers = record.headers
    return DeadLetter(
        event_id=headers.get("ce_id", ""),
        topic=headers.get(PREFIX + "topic", ""),
        partition=int(headers.get(PREFIX + "partition", -1)),
        offset=int(headers.get(PREFIX + "offset", -1)),
        key=record.key,
        fault=headers.get(PREFIX + "reason", ""),
        cause=headers.get(PREFIX + "cause", ""),
        died_at=record.published_at,
    )

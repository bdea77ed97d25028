"""Events on their way out: written in the transaction of the change they tell of, taken to the bus by the relay."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from psycopg.types.json import Jsonb

from songcau_kit.bus import MAX_RECORD_BYTES, Record
from songcau_kit.bus import check_size as check_record
from songcau_kit.database import Connection

# As a dead letter the same record carries some headers more.
MAX_EVENT_BYTES = MAX_RECORD_BYTES - 4096

_COLUMNS = ("event_id", "topic", "key", "payload", "headers")
# The ids follow the order of the events.
_APPEND_MANY = """insert into outbox (event_id, topic, key, payload, headers)
    select event_id, topic, key, payload, headers
    from unnest(%s::uuid[], %s::text[], %s::text[], %s::bytea[], %s::jsonb[])
        with ordinality as event (event_id, topic, key, payload, headers, position)
    order by position"""
# Arrays cost the driver more than values do, many forms of a statement cost the database; in between lies this.
FEW = 8


@dataclass(frozen=True)
class OutboxEvent:
    """One record for the bus; records of one key reach it in the order their transactions wrote them."""

    event_id: UUID
    topic: str
    key: str
    payload: bytes
    headers: Mapping[str, str]


def append(connection: Connection, *events: OutboxEvent) -> None:
    """Write events to the outbox in the caller's transaction.

    The order of a key is the order of its transactions only where they exclude one another: lock or update the row
    of the aggregate before its events are appended. Raises RecordTooLargeError, naming topic and size.
    """
    if len(events) > FEW:
        columns = zip(*(_row(event) for event in events), strict=True)
        connection.execute(_APPEND_MANY, [list(column) for column in columns])
    elif events:
        connection.execute(_append_few(len(events)), [value for event in events for value in _row(event)])


def check_size(event: OutboxEvent) -> None:
    """Raise RecordTooLargeError for an event that the bus would not take, also as a dead letter."""
    check_record(Record(event.topic, event.key, event.payload, event.headers), limit=MAX_EVENT_BYTES)


@cache
def _append_few(count: int) -> str:
    row = f"({', '.join(['%s'] * len(_COLUMNS))})"
    return f"insert into outbox ({', '.join(_COLUMNS)}) values {', '.join([row] * count)}"  # noqa: S608


def _row(event: OutboxEvent) -> tuple[object, ...]:
    check_size(event)
    return event.event_id, event.topic, event.key, event.payload, Jsonb(dict(event.headers))

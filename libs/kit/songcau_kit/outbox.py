"""Events on their way out: written in the transaction of the change they tell of, taken to the bus by the relay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from songcau_kit.bus import MAX_RECORD_BYTES, Record, check_size
from songcau_kit.database import Connection

# As a dead letter the same record carries some headers more.
MAX_EVENT_BYTES = MAX_RECORD_BYTES - 4096

# One statement however many events, and the ids follow the order of the events.
APPEND = """insert into outbox (event_id, topic, key, payload, headers)
    select event_id, topic, key, payload, headers
    from unnest(%s::uuid[], %s::text[], %s::text[], %s::bytea[], %s::jsonb[])
        with ordinality as event (event_id, topic, key, payload, headers, position)
    order by position"""


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
    if events:
        connection.execute(APPEND, columns(events))


def columns(events: Sequence[OutboxEvent]) -> list[list[Any]]:
    """Return the parameters of APPEND, for a statement that writes more than the outbox; raises as `append` does."""
    for event in events:
        check_size(Record(event.topic, event.key, event.payload, event.headers), limit=MAX_EVENT_BYTES)
    rows = ((e.event_id, e.topic, e.key, e.payload, Jsonb(dict(e.headers))) for e in events)
    return [list(column) for column in zip(*rows, strict=True)]

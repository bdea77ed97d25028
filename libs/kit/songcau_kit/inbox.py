"""Remembers which events have had their effect in this database, so that each has it once."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from songcau_kit.database import Connection

# Longer than dead letters are kept, as a replayed event must still be known.
KEEP = timedelta(days=100)

_RECEIVE = """insert into inbox (consumer_group, event_id) values (%s, %s)
    on conflict (consumer_group, event_id) do nothing returning true"""
_RECEIVE_ALL = """insert into inbox (consumer_group, event_id) select %s, unnest(%s::uuid[])
    on conflict (consumer_group, event_id) do nothing returning event_id"""
_PRUNE = """with gone as (
        delete from inbox where (consumer_group, event_id) in (
            select consumer_group, event_id from inbox where received_at < now() - %s limit %s)
        returning true
    ) select count(*) from gone"""


def receive(connection: Connection, group: str, event_id: UUID) -> bool:
    """Note the event in the transaction of its effect; return False where it had its effect before.

    Waits where the same event is just being handled elsewhere.
    """
    return connection.execute(_RECEIVE, (group, event_id)).fetchone() is not None


def receive_all(connection: Connection, group: str, event_ids: Sequence[UUID]) -> set[UUID]:
    """Note several events in one statement, as `receive` does; return those that had no effect before."""
    return {found for (found,) in connection.execute(_RECEIVE_ALL, (group, list(event_ids))).fetchall()}


def prune(connection: Connection, *, older_than: timedelta = KEEP, at_most: int = 10_000) -> int:
    """Forget events received longer ago than that; return how many."""
    (gone,) = connection.execute(_PRUNE, (older_than, at_most)).fetchone() or (0,)
    return int(gone)

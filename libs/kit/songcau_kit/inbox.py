"""Remembers which events have had their effect in this database, so that each has it once."""

from datetime import timedelta
from uuid import UUID

from songcau_kit.database import Connection

# Longer than dead letters are kept, as a replayed event must still be known.
KEEP = timedelta(days=100)

_RECEIVE = """insert into inbox (consumer_group, event_id) values (%s, %s)
    on conflict (consumer_group, event_id) do nothing"""
_PRUNE = """delete from inbox where (consumer_group, event_id) in (
    select consumer_group, event_id from inbox where received_at < now() - %s limit %s)"""


def receive(connection: Connection, group: str, event_id: UUID) -> bool:
    """Note the event in the transaction of its effect; return False where it had its effect before.

    Waits where the same event is just being handled elsewhere.
    """
    return connection.execute(_RECEIVE, (group, event_id)).rowcount == 1


def prune(connection: Connection, *, older_than: timedelta = KEEP, at_most: int = 10_000) -> int:
    """Forget events received longer ago than that; return how many."""
    return connection.execute(_PRUNE, (older_than, at_most)).rowcount

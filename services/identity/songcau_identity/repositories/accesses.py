"""SQL of the access list: this service's audit entries and what other services reported, as one list."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from songcau_kit.database import Connection

# The kit owns audit_entries; this list is what its index by subject is for. Both branches stop after one page.
_PAGE = """
    (select id, occurred_at, subject_id, 'identity', actor_id, actor_kind, coalesce(actor_organization, ''),
        coalesce(on_behalf_of, ''), client_id, operation, object_kind, object_id, purpose, outcome,
        coalesce(reason, '')
     from audit_entries where subject_id = %(subject)s and (occurred_at, id) < (%(before)s, %(before_id)s)
     order by occurred_at desc, id desc limit %(limit)s)
    union all
    (select entry_id, occurred_at, subject_id, service, actor_id, actor_kind, actor_organization,
        on_behalf_of, client_id, operation, object_kind, object_id, purpose, outcome, reason
     from access_entries where subject_id = %(subject)s and (occurred_at, entry_id) < (%(before)s, %(before_id)s)
     order by occurred_at desc, entry_id desc limit %(limit)s)
    order by 2 desc, 1 desc limit %(limit)s"""


@dataclass(frozen=True)
class AccessRecord:
    """One access to one citizen's data; empty texts where a word does not apply."""

    entry_id: UUID
    occurred_at: datetime
    subject_id: UUID
    service: str
    actor_id: str
    actor_kind: str
    actor_organization: str
    on_behalf_of: str
    client_id: str
    operation: str
    object_kind: str
    object_id: str
    purpose: str
    outcome: str
    reason: str


@dataclass(frozen=True)
class Position:
    """A place in the list: everything older than this entry."""

    occurred_at: datetime
    entry_id: UUID


def insert_access(conn: Connection, access: AccessRecord) -> None:
    """Add what another service reported; the same entry again changes nothing."""
    conn.execute(
        """insert into access_entries (entry_id, occurred_at, subject_id, service, actor_id, actor_kind,
            actor_organization, on_behalf_of, client_id, operation, object_kind, object_id, purpose, outcome, reason)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (entry_id) do nothing""",
        tuple(vars(access).values()),
    )


def list_accesses(conn: Connection, subject_id: UUID, *, before: Position | None, limit: int) -> list[AccessRecord]:
    """Return at most `limit` entries of a citizen, newest first, older than a position."""
    place = {"before": before.occurred_at, "before_id": before.entry_id} if before else _NEWEST
    rows = conn.execute(_PAGE, {"subject": subject_id, "limit": limit, **place}).fetchall()
    return [AccessRecord(*row) for row in rows]


_NEWEST = {"before": "infinity", "before_id": UUID(int=2**128 - 1)}

"""SQL of the access list: this service's audit entries and what other services reported, as one list."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.positions import Position

# The kit owns audit_entries; this list is what its index by subject is for. Each branch stops after one page of each
# record: of most citizens there is one.
_OWN = """select id, occurred_at, subject_id, 'identity' as service, actor_id, actor_kind,
    coalesce(actor_organization, '') as actor_organization, coalesce(on_behalf_of, '') as on_behalf_of, client_id,
    operation, object_kind, object_id, purpose, outcome, coalesce(reason, '') as reason,
    coalesce(assisted_by, '') as assisted_by, coalesce(assisted_by_kind, '') as assisted_by_kind,
    coalesce(assisted_by_organization, '') as assisted_by_organization from audit_entries"""
_REPORTED = """select entry_id, occurred_at, subject_id, service, actor_id, actor_kind, actor_organization,
    on_behalf_of, client_id, operation, object_kind, object_id, purpose, outcome, reason,
    coalesce(assisted_by, '') as assisted_by, coalesce(assisted_by_kind, '') as assisted_by_kind,
    coalesce(assisted_by_organization, '') as assisted_by_organization from access_entries"""
_WANTED = """(%(since)s::timestamptz is null or occurred_at >= %(since)s)
    and (%(until)s::timestamptz is null or occurred_at < %(until)s)
    and (%(actor_kinds)s::text[] is null or actor_kind = any(%(actor_kinds)s))
    and (%(purposes)s::text[] is null or purpose = any(%(purposes)s))
    and (%(outcomes)s::text[] is null or outcome = any(%(outcomes)s))
    and (%(client_ids)s::text[] is null or client_id = any(%(client_ids)s))
    and (%(on_behalf_of)s::text[] is null or on_behalf_of = any(%(on_behalf_of)s))"""
_OWN_BEFORE = f"""(occurred_at, id) < (%(before)s, %(before_id)s) and {_WANTED}
    and (%(services)s::text[] is null or 'identity' = any(%(services)s))
    order by occurred_at desc, id desc limit %(limit)s"""
_REPORTED_BEFORE = f"""(occurred_at, entry_id) < (%(before)s, %(before_id)s) and {_WANTED}
    and (%(services)s::text[] is null or service = any(%(services)s))
    order by occurred_at desc, entry_id desc limit %(limit)s"""
_FOUND = """found.id, found.occurred_at, found.subject_id, found.service, found.actor_id, found.actor_kind,
    found.actor_organization, found.on_behalf_of, found.client_id, found.operation, found.object_kind, found.object_id,
    found.purpose, found.outcome, found.reason, found.assisted_by, found.assisted_by_kind,
    found.assisted_by_organization"""
_NEWEST_FIRST = "order by found.occurred_at desc, found.id desc limit %(limit)s"
_PAGE = f"""select {_FOUND} from unnest(%(subjects)s::uuid[]) as subject(id) cross join lateral (
    ({_OWN} where subject_id = subject.id and {_OWN_BEFORE})
    union all
    ({_REPORTED} where subject_id = subject.id and {_REPORTED_BEFORE})) as found {_NEWEST_FIRST}"""  # noqa: S608
# The conditions are those of partial indexes; staff who act for a patient do so for their office.
_FOR_OTHERS = f"""select {_FOUND} from (
    ({_OWN} where actor_id = %(actor)s and on_behalf_of is not null and actor_kind = 'CITIZEN' and {_OWN_BEFORE})
    union all
    ({_REPORTED} where actor_id = %(actor)s and on_behalf_of <> '' and actor_kind = 'CITIZEN' and {_REPORTED_BEFORE})
    union all
    ({_OWN} where assisted_by = %(actor)s and {_OWN_BEFORE})
    union all
    ({_REPORTED} where assisted_by = %(actor)s and {_REPORTED_BEFORE})
    ) as found {_NEWEST_FIRST}"""  # noqa: S608
_ONE = f"""({_OWN} where id = %(id)s and subject_id = any(%(subjects)s)) union all
    ({_REPORTED} where entry_id = %(id)s and subject_id = any(%(subjects)s))"""


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
    assisted_by: str = ""
    assisted_by_kind: str = ""
    assisted_by_organization: str = ""


@dataclass(frozen=True)
class AccessFilter:
    """Which accesses are wanted; `since` is taken in, `until` is not, and what is empty lets everything through.

    `for_others` means what the asker did in the name of others instead of what was done to their data.
    """

    since: datetime | None = None
    until: datetime | None = None
    services: tuple[str, ...] = ()
    actor_kinds: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    client_ids: tuple[str, ...] = ()
    on_behalf_of: tuple[str, ...] = ()
    for_others: bool = False

    def values(self) -> Mapping[str, object]:
        """Return the filter for the statement: null where everything passes."""
        lists = {name: list(codes) or None for name, codes in self.codes().items()}
        return {"since": self.since, "until": self.until, **lists}

    def codes(self) -> Mapping[str, tuple[str, ...]]:
        """Return the lists of codes by what they are about."""
        return {name: value for name, value in vars(self).items() if isinstance(value, tuple)}


def insert_access(conn: Connection, access: AccessRecord) -> None:
    """Add what another service reported; the same entry again changes nothing."""
    conn.execute(
        """insert into access_entries (entry_id, occurred_at, subject_id, service, actor_id, actor_kind,
            actor_organization, on_behalf_of, client_id, operation, object_kind, object_id, purpose, outcome, reason,
            assisted_by, assisted_by_kind, assisted_by_organization)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, nullif(%s, ''), nullif(%s, ''),
            nullif(%s, '')) on conflict (entry_id) do nothing""",
        tuple(vars(access).values()),
    )


def list_accesses(
    conn: Connection, subject_ids: Collection[UUID], wanted: AccessFilter, *, before: Position | None, limit: int
) -> list[AccessRecord]:
    """Return at most `limit` entries of these records, newest first, older than a position."""
    place = {"before": before.at, "before_id": before.id} if before else _NEWEST
    rows = conn.execute(_PAGE, {"subjects": list(subject_ids), "limit": limit, **place, **wanted.values()}).fetchall()
    return [AccessRecord(*row) for row in rows]


def list_for_others(
    conn: Connection, actor_id: str, wanted: AccessFilter, *, before: Position | None, limit: int
) -> list[AccessRecord]:
    """Return at most `limit` entries of what somebody did for others, as a citizen or by helping, newest first."""
    place = {"before": before.at, "before_id": before.id} if before else _NEWEST
    rows = conn.execute(_FOR_OTHERS, {"actor": actor_id, "limit": limit, **place, **wanted.values()}).fetchall()
    return [AccessRecord(*row) for row in rows]


def find_access(conn: Connection, subject_ids: Collection[UUID], entry_id: UUID) -> AccessRecord | None:
    """Return one entry of these records."""
    row = conn.execute(_ONE, {"id": entry_id, "subjects": list(subject_ids)}).fetchone()
    return AccessRecord(*row) if row else None


_NEWEST = {"before": "infinity", "before_id": UUID(int=2**128 - 1)}

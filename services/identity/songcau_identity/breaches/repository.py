"""SQL of breaches, their steps and who was touched; texts arrive here closed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.breaches.model import Breach, BreachAct, BreachState, BreachStep, TouchedPerson, Window
from songcau_identity.positions import Position

_COLUMNS = """b.breach_id, b.version, b.state, b.detected_at, b.has_biometric_data, b.has_location_data, b.categories,
    b.authority_told_at, b.persons_told_at, b.closed_at, b.kept_until"""
_BREACH = f"select {_COLUMNS}, (select count(*) from breach_persons p where p.breach_id = b.breach_id) from breaches b"  # noqa: S608
# A window names an account or an application, so each branch stays on an index. Nobody (zeros) is no person.
_TOUCHED = """
insert into breach_persons (breach_id, citizen_id, accesses, first_at, last_at)
select %(breach)s, found.subject_id, count(*), min(found.occurred_at), max(found.occurred_at) from (
    select subject_id, occurred_at, actor_id, client_id, outcome, 'identity' as service from audit_entries
    where {by} = %({by})s and occurred_at between %(from)s and %(to)s
    union all
    select subject_id, occurred_at, actor_id, client_id, outcome, service from access_entries
    where {by} = %({by})s and occurred_at between %(from)s and %(to)s
) as found
where found.outcome = 'ALLOWED' and found.subject_id <> '00000000-0000-0000-0000-000000000000'
    and (%(actor_id)s = '' or found.actor_id = %(actor_id)s) and (%(client_id)s = '' or found.client_id = %(client_id)s)
    and (%(service)s = '' or found.service = %(service)s)
group by found.subject_id
on conflict (breach_id, citizen_id) do update set accesses = greatest(breach_persons.accesses, excluded.accesses),
    first_at = least(breach_persons.first_at, excluded.first_at),
    last_at = greatest(breach_persons.last_at, excluded.last_at)
"""


def insert_breach(conn: Connection, breach: Breach, facts_enc: bytes, at: datetime) -> None:
    """Add a breach."""
    conn.execute(
        """insert into breaches (breach_id, version, state, detected_at, has_biometric_data, has_location_data,
            categories, facts_enc, opened_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            breach.breach_id,
            breach.version,
            breach.state,
            breach.detected_at,
            breach.has_biometric_data,
            breach.has_location_data,
            list(breach.categories),
            facts_enc,
            at,
        ),
    )


def update_breach(conn: Connection, breach: Breach, facts_enc: bytes | None = None) -> None:
    """Write a breach after a step, its facts where they changed; the caller holds the row."""
    conn.execute(
        """update breaches set version = %s, state = %s, detected_at = %s, has_biometric_data = %s,
            has_location_data = %s, categories = %s, authority_told_at = %s, persons_told_at = %s, closed_at = %s,
            kept_until = %s, facts_enc = coalesce(%s, facts_enc) where breach_id = %s""",
        (
            breach.version,
            breach.state,
            breach.detected_at,
            breach.has_biometric_data,
            breach.has_location_data,
            list(breach.categories),
            breach.authority_told_at,
            breach.persons_told_at,
            breach.closed_at,
            breach.kept_until,
            facts_enc,
            breach.breach_id,
        ),
    )


def insert_step(conn: Connection, breach_id: UUID, step: BreachStep) -> None:
    """Put a step on record."""
    conn.execute(
        """insert into breach_steps (breach_id, version, act, taken_by, taken_for, taken_at, reference)
        values (%s, %s, %s, %s, %s, %s, %s)""",
        (breach_id, step.version, step.act, step.taken_by, step.taken_for, step.taken_at, step.reference),
    )


def hold_breach(conn: Connection, breach_id: UUID) -> Breach | None:
    """Return a breach, held until the transaction ends."""
    conn.execute("select from breaches where breach_id = %s for update", (breach_id,))
    return find_breach(conn, breach_id)


def find_breach(conn: Connection, breach_id: UUID) -> Breach | None:
    """Return a breach with the number of persons."""
    row = conn.execute(f"{_BREACH} where b.breach_id = %s", (breach_id,)).fetchone()
    return _breach(row) if row else None


def get_facts(conn: Connection, breach_id: UUID) -> bytes:
    """Return the closed texts of a breach that exists."""
    row = conn.execute("select facts_enc from breaches where breach_id = %s", (breach_id,)).fetchone()
    if row is None:
        raise LookupError("a breach without facts")
    return bytes(row[0])


def list_steps(conn: Connection, breach_id: UUID) -> Sequence[BreachStep]:
    """Return the steps, the oldest first."""
    rows = conn.execute(
        """select version, act, taken_by, taken_for, taken_at, reference from breach_steps
        where breach_id = %s order by version""",
        (breach_id,),
    ).fetchall()
    return [BreachStep(row[0], BreachAct(row[1]), row[2], row[3], row[4], row[5]) for row in rows]


def list_breaches(conn: Connection, *, after: Position | None, limit: int) -> list[Breach]:
    """Return breaches, the one detected first before the others."""
    rows = conn.execute(
        f"""{_BREACH} where %(at)s::timestamptz is null or (b.detected_at, b.breach_id) > (%(at)s, %(id)s)
        order by b.detected_at, b.breach_id limit %(limit)s""",
        {"at": after.at if after else None, "id": after.id if after else None, "limit": limit},
    ).fetchall()
    return [_breach(row) for row in rows]


def list_waiting(conn: Connection) -> list[Breach]:
    """Return every breach that is not closed."""
    return [_breach(row) for row in conn.execute(f"{_BREACH} where b.state in ('OPEN', 'NOTIFIED')").fetchall()]


def add_touched(conn: Connection, breach_id: UUID, window: Window) -> None:
    """Add whom the accesses of a window met; a person found before is not added twice."""
    by = "actor_id" if window.actor_id else "client_id"
    parameters = {
        "breach": breach_id,
        "from": window.from_,
        "to": window.to,
        "actor_id": window.actor_id,
        "client_id": window.client_id,
        "service": window.service,
    }
    conn.execute(_TOUCHED.format(by=by), parameters)


def list_persons(conn: Connection, breach_id: UUID, *, after: UUID | None, limit: int) -> list[TouchedPerson]:
    """Return who was touched, by id, after one."""
    rows = conn.execute(
        """select citizen_id, accesses, first_at, last_at from breach_persons
        where breach_id = %(breach)s and (%(after)s::uuid is null or citizen_id > %(after)s)
        order by citizen_id limit %(limit)s""",
        {"breach": breach_id, "after": after, "limit": limit},
    ).fetchall()
    return [TouchedPerson(*row) for row in rows]


def _breach(row: tuple[Any, ...]) -> Breach:
    return Breach(row[0], row[1], BreachState(row[2]), row[3], row[4], row[5], tuple(row[6]), *row[7:12])

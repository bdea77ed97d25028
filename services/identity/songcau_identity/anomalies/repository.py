"""SQL of anomalies; every text arrives here closed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.anomalies.model import Anomaly, AnomalyFilter, AnomalyKind, AnomalyState
from songcau_identity.repositories.accesses import AccessRecord

_ANOMALY = """select anomaly_id, version, kind, state, officer_id, organization, day, citizen_id, look_ups, found_at,
    asked_at, explained_at, decided_at, breach_id from anomalies"""
_INSERT = """insert into anomalies (anomaly_id, version, kind, state, officer_id, organization, day, citizen_id,
    look_ups, found_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    on conflict on constraint anomalies_found_once do nothing returning true"""
_PAGE = """where officer_id = coalesce(%(officer)s, officer_id) and officer_id is distinct from %(not_of)s
    and (%(states)s::text[] is null or state = any(%(states)s))
    and (%(kinds)s::text[] is null or kind = any(%(kinds)s))
    and (%(first)s::date is null or day >= %(first)s) and (%(last)s::date is null or day <= %(last)s)
    and (%(asked_only)s is false or asked_at is not null)
    and (%(day)s::date is null or (day, anomaly_id) < (%(day)s, %(id)s))
    order by day desc, anomaly_id desc limit %(limit)s"""
_ENTRIES = """select a.id, a.occurred_at, a.subject_id, 'identity', a.actor_id, a.actor_kind,
    coalesce(a.actor_organization, ''), coalesce(a.on_behalf_of, ''), a.client_id, a.operation, a.object_kind,
    a.object_id, a.purpose, a.outcome, coalesce(a.reason, '')
    from anomaly_entries e join audit_entries a on a.id = e.entry_id
    where e.anomaly_id = %s order by a.occurred_at, a.id limit %s"""


@dataclass(frozen=True)
class SealedTexts:
    """What anybody wrote about an anomaly, closed."""

    question: bytes | None
    explanation: bytes | None
    note: bytes | None


@dataclass(frozen=True)
class Wanted:
    """Which page of which list: what the filter says, not about `not_of`, those asked about only where said."""

    filter: AnomalyFilter
    not_of: str | None = None
    asked_only: bool = False


def insert_anomaly(conn: Connection, anomaly: Anomaly, entry_ids: Sequence[UUID]) -> bool:
    """Add an anomaly with its entries; False where it was found before, and then nothing changes."""
    row = conn.execute(
        _INSERT,
        (
            anomaly.anomaly_id,
            anomaly.version,
            anomaly.kind,
            anomaly.state,
            anomaly.officer_id,
            anomaly.organization,
            anomaly.day,
            anomaly.citizen_id,
            anomaly.look_ups,
            anomaly.found_at,
        ),
    ).fetchone()
    if row is None:
        return False
    conn.execute(
        "insert into anomaly_entries (anomaly_id, entry_id) select %s, unnest(%s::uuid[])",
        (anomaly.anomaly_id, list(dict.fromkeys(entry_ids))),
    )
    return True


def find_anomaly(conn: Connection, anomaly_id: UUID) -> Anomaly | None:
    """Return an anomaly."""
    row = conn.execute(f"{_ANOMALY} where anomaly_id = %s", (anomaly_id,)).fetchone()
    return _anomaly(row) if row else None


def hold_anomaly(conn: Connection, anomaly_id: UUID) -> Anomaly | None:
    """Return an anomaly and hold its row until the transaction ends."""
    row = conn.execute(f"{_ANOMALY} where anomaly_id = %s for update", (anomaly_id,)).fetchone()
    return _anomaly(row) if row else None


def list_anomalies(conn: Connection, wanted: Wanted, *, before: tuple[date, UUID] | None, limit: int) -> list[Anomaly]:
    """Return anomalies, the newest day first, before a place."""
    chosen = wanted.filter
    rows = conn.execute(
        f"{_ANOMALY} {_PAGE}",
        {
            "officer": chosen.officer_id or None,
            "not_of": wanted.not_of,
            "asked_only": wanted.asked_only,
            "states": list(chosen.states) or None,
            "kinds": list(chosen.kinds) or None,
            "first": chosen.first_day,
            "last": chosen.last_day,
            "day": before[0] if before else None,
            "id": before[1] if before else None,
            "limit": limit,
        },
    ).fetchall()
    return [_anomaly(row) for row in rows]


def update_anomaly(conn: Connection, anomaly: Anomaly, texts: SealedTexts, *, decided_by: str | None = None) -> None:
    """Write an anomaly after a step and what was written in it; the caller holds the row."""
    conn.execute(
        """update anomalies set version = %s, state = %s, asked_at = %s, explained_at = %s, decided_at = %s,
            decided_by = %s, breach_id = %s, question_enc = coalesce(%s, question_enc),
            explanation_enc = coalesce(%s, explanation_enc), note_enc = coalesce(%s, note_enc)
        where anomaly_id = %s""",
        (
            anomaly.version,
            anomaly.state,
            anomaly.asked_at,
            anomaly.explained_at,
            anomaly.decided_at,
            decided_by,
            anomaly.breach_id,
            texts.question,
            texts.explanation,
            texts.note,
            anomaly.anomaly_id,
        ),
    )


def get_texts(conn: Connection, anomaly_id: UUID) -> SealedTexts:
    """Return what was written about an anomaly that exists."""
    row = conn.execute(
        "select question_enc, explanation_enc, note_enc from anomalies where anomaly_id = %s", (anomaly_id,)
    ).fetchone()
    if row is None:
        raise LookupError("no anomaly has this id")
    return SealedTexts(*row)


def list_entries(conn: Connection, anomaly_id: UUID, *, limit: int) -> list[AccessRecord]:
    """Return the entries of an anomaly, the oldest first."""
    return [AccessRecord(*row) for row in conn.execute(_ENTRIES, (anomaly_id, limit)).fetchall()]


def list_complaints(conn: Connection, anomaly_id: UUID) -> list[UUID]:
    """Return complaints about entries of an anomaly, the oldest first."""
    rows = conn.execute(
        """with entries as (select entry_id from anomaly_entries where anomaly_id = %s)
        select access_complaint_id from (
            select c.access_complaint_id, c.received_at from entries join access_complaints c using (entry_id)
            where c.state <> 'WITHDRAWN'
            union all select c.access_complaint_id, c.received_at from entries
            join access_complaints c on c.entry ->> 'entry_id' = entries.entry_id::text
            where c.state = 'WITHDRAWN') as found
        order by received_at, access_complaint_id""",
        (anomaly_id,),
    ).fetchall()
    return [row[0] for row in rows]


def list_of_entry(conn: Connection, entry_id: UUID, *, not_of: str) -> list[UUID]:
    """Return the anomalies that an entry is part of, but for those about one officer."""
    rows = conn.execute(
        """select a.anomaly_id from anomaly_entries e join anomalies a on a.anomaly_id = e.anomaly_id
        where e.entry_id = %s and a.officer_id <> %s order by a.anomaly_id""",
        (entry_id, not_of),
    ).fetchall()
    return [row[0] for row in rows]


def count_undecided(conn: Connection) -> int:
    """Return how many anomalies wait for a decision."""
    row = conn.execute("select count(*) from anomalies where decided_at is null").fetchone()
    return row[0] if row else 0


def add_to_breach(conn: Connection, breach_id: UUID, anomaly_id: UUID, nobody: Collection[UUID]) -> None:
    """Add everybody whose data the entries of an anomaly met to the persons of a breach."""
    conn.execute(
        """insert into breach_persons (breach_id, citizen_id, accesses, first_at, last_at)
        select %s, a.subject_id, count(*), min(a.occurred_at), max(a.occurred_at)
        from anomaly_entries e join audit_entries a on a.id = e.entry_id
        where e.anomaly_id = %s and a.subject_id <> all(%s) group by a.subject_id
        on conflict (breach_id, citizen_id) do update
            set accesses = greatest(breach_persons.accesses, excluded.accesses),
                first_at = least(breach_persons.first_at, excluded.first_at),
                last_at = greatest(breach_persons.last_at, excluded.last_at)""",
        (breach_id, anomaly_id, list(nobody)),
    )


def _anomaly(row: tuple[Any, ...]) -> Anomaly:
    return Anomaly(row[0], row[1], AnomalyKind(row[2]), AnomalyState(row[3]), *row[4:14])

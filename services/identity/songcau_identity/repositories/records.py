"""SQL of what officers did to records, and of what looks odd about records until an officer settles it."""

from collections.abc import Collection
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.model import Doubt
from songcau_identity.positions import Position
from songcau_identity.record_act import RecordAct

_DOUBT = """select d.doubt_id, d.citizen_id, d.doubt, d.raised_at, c.version, d.settled_at is not null
    from record_doubts d join citizens c using (citizen_id)"""


@dataclass(frozen=True)
class NewAct:
    """One act of an officer, its evidence closed under the citizen's key."""

    act_id: UUID
    citizen_id: UUID
    other_citizen_id: UUID | None
    act: RecordAct
    officer: str
    agencies: str
    evidence_enc: bytes
    before_enc: bytes | None


@dataclass(frozen=True)
class RecordDoubt:
    """Something about a record that waits for an officer."""

    doubt_id: UUID
    citizen_id: UUID
    doubt: Doubt
    raised_at: datetime
    citizen_version: int
    is_settled: bool = False


def insert_act(conn: Connection, act: NewAct, at: datetime) -> None:
    """Add an act to the history."""
    conn.execute(
        """insert into record_acts (act_id, citizen_id, other_citizen_id, act, officer, agencies, evidence_enc,
            before_enc, recorded_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (*astuple(act), at),
    )


def get_merged_at(conn: Connection, citizen_id: UUID) -> datetime:
    """Return when a record that is merged was."""
    row = conn.execute(
        "select max(recorded_at) from record_acts where citizen_id = %s and act = 'MERGE'", (citizen_id,)
    ).fetchone()
    if row is None or row[0] is None:
        raise LookupError("a merged record without its act")
    found: datetime = row[0]
    return found


def list_corrections(conn: Connection, citizen_id: UUID) -> list[tuple[UUID, bytes]]:
    """Return the facts before each correction, closed, the oldest first."""
    rows = conn.execute(
        """select act_id, before_enc from record_acts where citizen_id = %s and act = 'CORRECT'
        order by recorded_at, act_id""",
        (citizen_id,),
    ).fetchall()
    return [(row[0], row[1]) for row in rows]


def list_correcting(
    conn: Connection, citizen_ids: Collection[UUID], since: datetime, acts: Collection[RecordAct]
) -> list[tuple[UUID, RecordAct]]:
    """Return the acts of these kinds on these records from a moment on, the oldest first."""
    rows = conn.execute(
        """select act_id, act from record_acts where citizen_id = any(%s) and recorded_at >= %s and act = any(%s)
        order by recorded_at, act_id""",
        (list(citizen_ids), since, list(acts)),
    ).fetchall()
    return [(row[0], RecordAct(row[1])) for row in rows]


def raise_doubts(
    conn: Connection, citizen_id: UUID, doubts: dict[UUID, Doubt], at: datetime, *, facts_changed: bool
) -> None:
    """Let doubts wait, one of a kind per citizen; what an officer confirmed comes back with new facts only."""
    for doubt_id, doubt in doubts.items():
        conn.execute(
            """insert into record_doubts (doubt_id, citizen_id, doubt, raised_at) select %s, %s, %s, %s
            where %s or not exists (select from record_doubts
                where citizen_id = %s and doubt = %s and settlement = 'CONFIRMED')
            on conflict (citizen_id, doubt) where settled_at is null do nothing""",
            (doubt_id, citizen_id, doubt, at, facts_changed, citizen_id, doubt),
        )


def end_doubts(conn: Connection, citizen_id: UUID, act_id: UUID, at: datetime, *, remaining: Collection[Doubt]) -> None:
    """End the doubts of a citizen that an act removed."""
    conn.execute(
        """update record_doubts set settled_at = %s, settlement = 'CORRECTED', act_id = %s
        where citizen_id = %s and settled_at is null and doubt <> all(%s)""",
        (at, act_id, citizen_id, list(remaining)),
    )


def confirm_doubt(conn: Connection, doubt_id: UUID, act_id: UUID, at: datetime) -> None:
    """End a doubt because the record is right."""
    conn.execute(
        "update record_doubts set settled_at = %s, settlement = 'CONFIRMED', act_id = %s where doubt_id = %s",
        (at, act_id, doubt_id),
    )


def find_doubt(conn: Connection, doubt_id: UUID) -> RecordDoubt | None:
    """Return a doubt, settled or not."""
    row = conn.execute(f"{_DOUBT} where d.doubt_id = %s", (doubt_id,)).fetchone()
    return _doubt(row) if row else None


def list_open_doubts(conn: Connection, *, after: Position | None, limit: int) -> list[RecordDoubt]:
    """Return doubts that wait, the oldest first, after a position."""
    rows = conn.execute(
        f"""{_DOUBT} where d.settled_at is null
            and (%(at)s::timestamptz is null or (d.raised_at, d.doubt_id) > (%(at)s, %(id)s))
        order by d.raised_at, d.doubt_id limit %(limit)s""",
        {"at": after.at if after else None, "id": after.id if after else None, "limit": limit},
    ).fetchall()
    return [_doubt(row) for row in rows]


def _doubt(row: tuple[Any, ...]) -> RecordDoubt:
    return RecordDoubt(row[0], row[1], Doubt(row[2]), row[3], row[4], row[5])

"""SQL of complaints about accesses; every text arrives here closed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit.database import Connection

from songcau_identity.complaints.model import Complaint, ComplaintState, Finding
from songcau_identity.positions import Position
from songcau_identity.repositories.accesses import AccessRecord

_RECORD = TypeAdapter(AccessRecord)
_OPEN = "state in ('RECEIVED', 'ACKNOWLEDGED')"
_COMPLAINT = """select access_complaint_id, citizen_id, entry::text, state, version, received_at, acknowledge_by,
    acknowledged_at, answered_at, finding from access_complaints"""
_INSERT = f"""insert into access_complaints (access_complaint_id, citizen_id, entry_id, entry, state, version,
    received_at, acknowledge_by, details_enc) values (%s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s)
    on conflict (entry_id) where {_OPEN} do nothing returning true"""  # noqa: S608 -- names of here


@dataclass(frozen=True)
class SealedWords:
    """What anybody wrote in a complaint, closed."""

    details: bytes
    answer: bytes | None


def insert_complaint(conn: Connection, complaint: Complaint, details_enc: bytes | None) -> bool:
    """Add a complaint; return False where one about the entry is open."""
    row = conn.execute(
        _INSERT,
        (
            complaint.complaint_id,
            complaint.citizen_id,
            complaint.access.entry_id,
            _RECORD.dump_json(complaint.access).decode(),
            complaint.state,
            complaint.version,
            complaint.received_at,
            complaint.acknowledge_by,
            details_enc,
        ),
    ).fetchone()
    return row is not None


def find_open(conn: Connection, entry_id: UUID) -> UUID | None:
    """Return the open complaint about an entry."""
    row = conn.execute(
        f"select access_complaint_id from access_complaints where entry_id = %s and {_OPEN}",  # noqa: S608
        (entry_id,),
    ).fetchone()
    return row[0] if row else None


def find_complaint(conn: Connection, complaint_id: UUID) -> Complaint | None:
    """Return a complaint."""
    row = conn.execute(f"{_COMPLAINT} where access_complaint_id = %s", (complaint_id,)).fetchone()
    return _complaint(row) if row else None


def hold_complaint(conn: Connection, complaint_id: UUID) -> Complaint | None:
    """Return a complaint and hold its row until the transaction ends."""
    row = conn.execute(f"{_COMPLAINT} where access_complaint_id = %s for update", (complaint_id,)).fetchone()
    return _complaint(row) if row else None


def update_complaint(conn: Connection, complaint: Complaint, answer_enc: bytes | None) -> None:
    """Write where a complaint stands and what was answered; the caller holds the row."""
    conn.execute(
        """update access_complaints set state = %s, version = %s, acknowledged_at = %s, answered_at = %s, finding = %s,
            answer_enc = %s where access_complaint_id = %s""",
        (
            complaint.state,
            complaint.version,
            complaint.acknowledged_at,
            complaint.answered_at,
            complaint.finding,
            answer_enc,
            complaint.complaint_id,
        ),
    )


def withdraw_complaint(conn: Connection, complaint: Complaint) -> None:
    """Write that a complaint was taken back and let its words go; the caller holds the row."""
    conn.execute(
        "update access_complaints set state = %s, version = %s, details_enc = ''::bytea where access_complaint_id = %s",
        (complaint.state, complaint.version, complaint.complaint_id),
    )


def count_open(conn: Connection, today: date) -> tuple[int, int]:
    """Return how many complaints are open, and of how many the day of the acknowledgement has passed without one."""
    row = conn.execute(
        f"""select count(*), count(*) filter (where state = 'RECEIVED' and acknowledge_by < %s)
        from access_complaints where {_OPEN}""",  # noqa: S608 -- names of here
        (today,),
    ).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def get_words(conn: Connection, complaint_id: UUID) -> SealedWords:
    """Return what anybody wrote in a complaint that exists."""
    row = conn.execute(
        "select details_enc, answer_enc from access_complaints where access_complaint_id = %s", (complaint_id,)
    ).fetchone()
    if row is None:
        raise LookupError("no complaint has this id")
    return SealedWords(*row)


def list_of_citizens(
    conn: Connection, citizen_ids: Collection[UUID], *, before: Position | None, limit: int | None
) -> list[Complaint]:
    """Return complaints of one citizen's records, newest first, older than a position; all of them without a limit."""
    return _list(
        conn,
        """where citizen_id = any(%(citizens)s)
            and (%(at)s::timestamptz is null or (received_at, access_complaint_id) < (%(at)s, %(id)s))
        order by received_at desc, access_complaint_id desc""",
        before,
        limit,
        citizens=list(citizen_ids),
    )


def list_open(conn: Connection, *, after: Position | None, limit: int) -> list[Complaint]:
    """Return open complaints, those to be acknowledged first at the top, after a position."""
    return _list(
        conn,
        f"""where {_OPEN}
            and (%(at)s::timestamptz is null or (acknowledge_by, access_complaint_id) > (%(at)s::date, %(id)s))
        order by acknowledge_by, access_complaint_id""",
        after,
        limit,
    )


def list_answered(conn: Connection, *, before: Position | None, limit: int) -> list[Complaint]:
    """Return complaints that were answered, newest first, older than a position."""
    return _list(
        conn,
        """where state = 'ANSWERED'
            and (%(at)s::timestamptz is null or (answered_at, access_complaint_id) < (%(at)s, %(id)s))
        order by answered_at desc, access_complaint_id desc""",
        before,
        limit,
    )


def _list(
    conn: Connection, which: str, position: Position | None, limit: int | None, **values: object
) -> list[Complaint]:
    place = {"at": position.at if position else None, "id": position.id if position else None}
    rows = conn.execute(f"{_COMPLAINT} {which} limit %(limit)s", {"limit": limit, **place, **values}).fetchall()
    return [_complaint(row) for row in rows]


def _complaint(row: tuple[Any, ...]) -> Complaint:
    return Complaint(
        complaint_id=row[0],
        citizen_id=row[1],
        access=_RECORD.validate_json(row[2]),
        state=ComplaintState(row[3]),
        version=row[4],
        received_at=row[5],
        acknowledge_by=row[6],
        acknowledged_at=row[7],
        answered_at=row[8],
        finding=Finding(row[9]) if row[9] else None,
    )

"""SQL of papers people have or had; every number arrives here closed, with its digest."""

from collections.abc import Collection
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.model import (
    SHARED_PAPERS,
    Doubt,
    PaperKind,
    PaperSource,
    PaperStatus,
    PaperWithdrawal,
)

_HELD = """select paper_id, citizen_id, kind, value_enc, source, status, recorded_at, withdrawal, withdrawn_at
    from papers"""


@dataclass(frozen=True)
class NewPaper:
    """A paper about to be held by a citizen, closed; `act_id` is the officer's act, None where VNeID told."""

    paper_id: UUID
    citizen_id: UUID
    kind: PaperKind
    value_enc: bytes
    value_bix: bytes
    source: PaperSource
    act_id: UUID | None


@dataclass(frozen=True)
class HeldPaper:
    """A paper a citizen has or had, closed."""

    paper_id: UUID
    citizen_id: UUID
    kind: PaperKind
    value_enc: bytes
    source: PaperSource
    status: PaperStatus
    recorded_at: datetime
    withdrawal: PaperWithdrawal | None
    withdrawn_at: datetime | None


def find_holders(conn: Connection, kind: PaperKind, digest: bytes) -> tuple[UUID, ...]:
    """Return who holds a paper now; more than one only of a kind that may be shared."""
    rows = conn.execute(
        "select citizen_id from papers where value_bix = %s and kind = %s and status = 'ACTIVE' order by recorded_at",
        (digest, kind),
    ).fetchall()
    return tuple(row[0] for row in rows)


def find_people(conn: Connection, kind: PaperKind, digest: bytes) -> tuple[UUID, ...]:
    """Return who has or had a paper, those apart for whom it was entered in error."""
    rows = conn.execute(
        """select distinct citizen_id from papers where value_bix = %s and kind = %s
        and withdrawal is distinct from 'ENTERED_IN_ERROR'""",
        (digest, kind),
    ).fetchall()
    return tuple(row[0] for row in rows)


def was_mistaken(conn: Connection, citizen_id: UUID, kind: PaperKind, digest: bytes) -> bool:
    """Say whether an officer found that a paper was entered in error for a citizen."""
    row = conn.execute(
        """select from papers where citizen_id = %s and kind = %s and value_bix = %s
        and withdrawal = 'ENTERED_IN_ERROR' limit 1""",
        (citizen_id, kind, digest),
    ).fetchone()
    return row is not None


def insert_paper(conn: Connection, paper: NewPaper, at: datetime) -> None:
    """Add a paper; one that the citizen holds, or another where one alone may, raises UniqueViolation."""
    conn.execute(
        """insert into papers (paper_id, citizen_id, kind, value_enc, value_bix, source, act_id, status, recorded_at)
        values (%s, %s, %s, %s, %s, %s, %s, 'ACTIVE', %s)""",
        (*astuple(paper), at),
    )


def find_paper(conn: Connection, paper_id: UUID) -> HeldPaper | None:
    """Return a paper, withdrawn or not."""
    row = conn.execute(f"{_HELD} where paper_id = %s", (paper_id,)).fetchone()
    return _paper(row) if row else None


def list_papers(conn: Connection, citizen_ids: Collection[UUID]) -> list[HeldPaper]:
    """Return every paper citizens have or had, newest first."""
    rows = conn.execute(
        f"{_HELD} where citizen_id = any(%s) order by recorded_at desc, paper_id desc", (list(citizen_ids),)
    ).fetchall()
    return [_paper(row) for row in rows]


def withdraw_paper(conn: Connection, paper_id: UUID, withdrawal: PaperWithdrawal, act_id: UUID, at: datetime) -> None:
    """Let a paper count no more; the caller holds its citizen."""
    conn.execute(
        """update papers set status = 'WITHDRAWN', withdrawal = %s, withdrawn_at = %s, withdrawal_act_id = %s
        where paper_id = %s""",
        (withdrawal, at, act_id, paper_id),
    )


def find_doubts(conn: Connection, citizen_id: UUID, number_digests: Collection[bytes]) -> tuple[Doubt, ...]:
    """Return what looks odd about the papers of a citizen who has or had the numbers of these digests."""
    row = conn.execute(
        """select
            exists (select from papers p join papers o using (value_bix, kind) where p.citizen_id = %(id)s
                and o.citizen_id <> %(id)s and p.status = 'ACTIVE' and o.status = 'ACTIVE' and kind = any(%(shared)s)),
            exists (select from papers where citizen_id = %(id)s and status = 'ACTIVE' and kind = 'CCCD'
                and value_bix <> all(%(numbers)s))""",
        {"id": citizen_id, "shared": list(SHARED_PAPERS), "numbers": list(number_digests)},
    ).fetchone()
    is_shared, differs = row or (False, False)
    found = {Doubt.PAPER_SHARED: is_shared, Doubt.CARD_NUMBER_DIFFERS: differs}
    return tuple(doubt for doubt, applies in found.items() if applies)


def _paper(row: tuple[Any, ...]) -> HeldPaper:
    return HeldPaper(
        paper_id=row[0],
        citizen_id=row[1],
        kind=PaperKind(row[2]),
        value_enc=row[3],
        source=PaperSource(row[4]),
        status=PaperStatus(row[5]),
        recorded_at=row[6],
        withdrawal=PaperWithdrawal(row[7]) if row[7] else None,
        withdrawn_at=row[8],
    )

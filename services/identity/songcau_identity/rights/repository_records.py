"""SQL of what is kept beside requests: how they came on paper, the document closed, and what corrected the record."""

from dataclasses import astuple, dataclass, field
from datetime import datetime
from uuid import UUID

from songcau_kit.database import Connection, has_table

from songcau_identity.rights.model import RequestChannel


@dataclass(frozen=True)
class PaperRecord:
    """How a request on paper came, who entered it for which agencies, and the document, closed."""

    subject_request_id: UUID
    channel: RequestChannel
    recorded_by: str
    recorded_for: str
    evidence_enc: bytes = field(repr=False)


def insert(conn: Connection, record: PaperRecord, at: datetime) -> None:
    """Add what is kept of a request."""
    conn.execute(
        """insert into subject_request_records (subject_request_id, channel, recorded_by, recorded_for, evidence_enc,
            recorded_at) values (%s, %s, %s, %s, %s, %s)""",
        (*astuple(record), at),
    )


def find_recorder(conn: Connection, subject_request_id: UUID) -> str | None:
    """Return which officer entered a request; None where it came through the application."""
    row = conn.execute(
        "select recorded_by from subject_request_records where subject_request_id = %s", (subject_request_id,)
    ).fetchone()
    return row[0] if row else None


def find_evidence(conn: Connection, subject_request_id: UUID) -> bytes:
    """Return the closed document of a request; empty where it came through the application or was erased."""
    row = conn.execute(
        "select evidence_enc from subject_request_records where subject_request_id = %s", (subject_request_id,)
    ).fetchone()
    return bytes(row[0]) if row else b""


def insert_correction(conn: Connection, subject_request_id: UUID, act_id: UUID) -> None:
    """Add which act carried a request to correct out; a release before the table was there keeps none."""
    if has_table(conn, "subject_request_corrections"):
        conn.execute(
            "insert into subject_request_corrections (subject_request_id, act_id) values (%s, %s)",
            (subject_request_id, act_id),
        )


def find_correction(conn: Connection, subject_request_id: UUID) -> UUID | None:
    """Return the act that carried a request out; None where none is kept."""
    if not has_table(conn, "subject_request_corrections"):
        return None
    row = conn.execute(
        "select act_id from subject_request_corrections where subject_request_id = %s", (subject_request_id,)
    ).fetchone()
    return row[0] if row else None

"""SQL of what is kept of requests that came on paper; the document arrives here closed."""

from dataclasses import astuple, dataclass, field
from datetime import datetime
from uuid import UUID

from songcau_kit.database import Connection

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

"""SQL of copies that were made, and the closing of their content."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from songcau_kit.data_keys import DataKey
from songcau_kit.database import Connection
from songcau_kit.field_cipher import Place, decrypt, encrypt

TABLE = "data_copies"


@dataclass(frozen=True)
class StoredCopy:
    """A copy at rest; without content once it expired."""

    subject_request_id: UUID
    citizen_id: UUID
    json_enc: bytes | None
    pdf_enc: bytes | None
    made_at: datetime
    expires_at: datetime


def seal(data_key: DataKey, subject_request_id: UUID, column: str, content: bytes) -> bytes:
    """Close one form of a copy."""
    return encrypt(data_key, Place(TABLE, column, str(subject_request_id)), content)


def unseal(data_key: DataKey, subject_request_id: UUID, column: str, blob: bytes) -> bytes:
    """Open one form of a copy."""
    return decrypt(data_key, Place(TABLE, column, str(subject_request_id)), blob)


def insert_copy(conn: Connection, copy: StoredCopy) -> bool:
    """Keep a copy; return False where the request has one."""
    row = conn.execute(
        """insert into data_copies (subject_request_id, citizen_id, json_enc, pdf_enc, made_at, expires_at)
        values (%s, %s, %s, %s, %s, %s) on conflict (subject_request_id) do nothing returning true""",
        (
            copy.subject_request_id,
            copy.citizen_id,
            copy.json_enc,
            copy.pdf_enc,
            copy.made_at,
            copy.expires_at,
        ),
    ).fetchone()
    return row is not None


def find_copy(conn: Connection, subject_request_id: UUID) -> StoredCopy | None:
    """Return the copy of a request."""
    row = conn.execute(
        """select subject_request_id, citizen_id, json_enc, pdf_enc, made_at, expires_at from data_copies
        where subject_request_id = %s""",
        (subject_request_id,),
    ).fetchone()
    return StoredCopy(*row) if row else None


def expire(conn: Connection, now: datetime) -> int:
    """Remove the content of copies whose time is over; return of how many."""
    rows = conn.execute(
        """update data_copies set json_enc = null, pdf_enc = null
        where json_enc is not null and expires_at <= %s returning true""",
        (now,),
    ).fetchall()
    return len(rows)

"""What people wrote in a request and were answered: closed under the citizen's key, read back for those who may."""

from uuid import UUID

from songcau_kit.data_keys import DataKey
from songcau_kit.errors import DomainError, Reason, Violation
from songcau_kit.field_cipher import Place, decrypt_text, encrypt
from songcau_kit.personal import Personal
from songcau_kit.text import LegacyEncodingError, normalize

from songcau_identity.errors import SUBJECT_REQUEST_INVALID

TABLE = "subject_requests"
LONGEST_TEXT = 2000
LONGEST_REFERENCE = 300


def seal(data_key: DataKey, row_id: UUID, column: str, text: Personal, *, table: str = TABLE) -> bytes | None:
    """Close a text; nothing stays nothing."""
    words = text.reveal()
    return encrypt(data_key, Place(table, column, str(row_id)), words) if words else None


def unseal(data_key: DataKey, row_id: UUID, column: str, blob: bytes | None, *, table: str = TABLE) -> Personal:
    """Open a text."""
    if blob is None:
        return Personal("")
    return Personal(decrypt_text(data_key, Place(table, column, str(row_id)), blob))


def read_text(
    text: str, field: str, *, needed: bool, longest: int = LONGEST_TEXT, reason: Reason = SUBJECT_REQUEST_INVALID
) -> Personal:
    """Return a text that may be kept; raises the reason, naming the field and never the text."""
    try:
        words = "\n".join(normalize(line) for line in text.splitlines()).strip()
    except LegacyEncodingError:
        raise invalid(field, "LEGACY_ENCODING", reason) from None
    if needed and not words:
        raise invalid(field, "REQUIRED", reason)
    if len(words) > longest:
        raise invalid(field, "TOO_LONG", reason)
    return Personal(words)


def invalid(field: str, code: str = "INVALID", reason: Reason = SUBJECT_REQUEST_INVALID) -> DomainError:
    """Return the refusal of one field."""
    return DomainError(reason, violations=[Violation(f"/{field}", code)])

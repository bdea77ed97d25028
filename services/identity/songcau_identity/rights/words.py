"""What people wrote in a request and were answered: closed under the citizen's key, read back for those who may."""

from uuid import UUID

from songcau_kit.data_keys import DataKey
from songcau_kit.errors import DomainError, Violation
from songcau_kit.field_cipher import Place, decrypt_text, encrypt
from songcau_kit.personal import Personal
from songcau_kit.text import LegacyEncodingError, normalize

from songcau_identity.errors import SUBJECT_REQUEST_INVALID

TABLE = "subject_requests"
LONGEST_TEXT = 2000
LONGEST_REFERENCE = 300


def seal(data_key: DataKey, subject_request_id: UUID, column: str, text: Personal) -> bytes | None:
    """Close a text; nothing stays nothing."""
    words = text.reveal()
    return encrypt(data_key, Place(TABLE, column, str(subject_request_id)), words) if words else None


def unseal(data_key: DataKey, subject_request_id: UUID, column: str, blob: bytes | None) -> Personal:
    """Open a text."""
    if blob is None:
        return Personal("")
    return Personal(decrypt_text(data_key, Place(TABLE, column, str(subject_request_id)), blob))


def read_text(text: str, field: str, *, needed: bool, longest: int = LONGEST_TEXT) -> Personal:
    """Return a text that may be kept; raises SUBJECT_REQUEST_INVALID, naming the field and never the text."""
    try:
        words = "\n".join(normalize(line) for line in text.splitlines()).strip()
    except LegacyEncodingError:
        raise invalid(field, "LEGACY_ENCODING") from None
    if needed and not words:
        raise invalid(field, "REQUIRED")
    if len(words) > longest:
        raise invalid(field, "TOO_LONG")
    return Personal(words)


def invalid(field: str, code: str = "INVALID") -> DomainError:
    """Return the refusal of one field."""
    return DomainError(SUBJECT_REQUEST_INVALID, violations=[Violation(f"/{field}", code)])

"""Words people hand in with a step: present, not too long, in one Unicode form."""

from songcau_kit.errors import INVALID_REQUEST, DomainError, Violation
from songcau_kit.text import LegacyEncodingError, normalize

from songcau_eservices.errors import LEGACY_ENCODING, REASON_REQUIRED

LONGEST_REASON = 1000


def canonical(text: str) -> str:
    """Return a text in its canonical Unicode form; raise LEGACY_ENCODING."""
    try:
        return normalize(text) if text.strip() else ""
    except LegacyEncodingError:
        raise DomainError(LEGACY_ENCODING) from None


def required_reason(text: str) -> str:
    """Return a reason in its canonical form; raise REASON_REQUIRED where it is empty or too long, LEGACY_ENCODING."""
    reason = canonical(text)
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise DomainError(
            REASON_REQUIRED, violations=[Violation("/reason", "LENGTH", f"1 to {LONGEST_REASON} characters")]
        )
    return reason


def bounded(text: str, pointer: str, longest: int, *, least: int = 0) -> str:
    """Return a text without outer space; raise INVALID_REQUEST where it is too short or too long."""
    text = text.strip()
    if not least <= len(text) <= longest:
        detail = f"{least} to {longest} characters"
        raise DomainError(INVALID_REQUEST, violations=[Violation(pointer, "LENGTH", detail)])
    return text

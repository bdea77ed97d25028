"""What every list and every dated question has in common: page size, position, the day asked about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from songcau_kit.clock import Clock, local_date
from songcau_kit.cursors import CursorSigner, CursorValue
from songcau_kit.errors import CURSOR_INVALID, INVALID_REQUEST, DomainError, Violation

DEFAULT_SIZE = 50
LARGEST_SIZE = 200


@dataclass(frozen=True)
class Page:
    """A page of a list, as it was asked for; an empty token means the first page."""

    size: int
    token: str

    @classmethod
    def of(cls, size: int, token: str) -> "Page":
        """Read the two fields of a list request; 0 means the default. Raises INVALID_REQUEST."""
        if not 0 <= size <= LARGEST_SIZE:
            raise invalid("/page_size", "OUT_OF_RANGE")
        return cls(size or DEFAULT_SIZE, token)


def position(cursors: CursorSigner, page: Page, kind: str) -> Mapping[str, CursorValue]:
    """Return what the page's token says, empty for the first page. Raises CURSOR_INVALID for another list's token.

    `kind` names the list with its filters, so that a token cannot be carried over to another question.
    """
    if not page.token:
        return {}
    values = cursors.decode(page.token)
    if values.get("kind") != kind:
        raise DomainError(CURSOR_INVALID)
    return values


def day_asked(text: str, clock: Clock, *, pointer: str = "/on") -> date:
    """Return the day a request asks about, today where it says nothing. Raises INVALID_REQUEST."""
    if not text:
        return local_date(clock.now())
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise invalid(pointer, "MALFORMED") from None


def invalid(pointer: str, code: str, detail: str = "") -> DomainError:
    """Return the refusal of one field of a request."""
    return DomainError(INVALID_REQUEST, violations=[Violation(pointer, code, detail)])

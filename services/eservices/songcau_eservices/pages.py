"""What every list and every dated question has in common: where a page begins, the day asked about."""

from collections.abc import Mapping
from datetime import date

from songcau_kit.clock import Clock, local_date
from songcau_kit.cursors import CursorSigner, CursorValue
from songcau_kit.errors import CURSOR_INVALID, INVALID_REQUEST, DomainError, Violation
from songcau_kit.pages import Page


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

"""Where a page of a list begins."""

from typing import TypeVar

from songcau_kit.cursors import CursorSigner
from songcau_kit.errors import CURSOR_INVALID, DomainError
from songcau_kit.pages import Page

P = TypeVar("P", int, str)


def position_of(cursors: CursorSigner, page: Page, name: str, first: P) -> P:
    """Return where the page begins: `first`, or what its token says. Raises CURSOR_INVALID for another list's token."""
    if not page.token:
        return first
    value = cursors.decode(page.token).get(name)
    if not isinstance(value, type(first)):
        raise DomainError(CURSOR_INVALID)
    return value

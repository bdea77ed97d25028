"""Pages of lists: how many, from where."""

from dataclasses import dataclass
from typing import TypeVar

from songcau_kit.cursors import CursorSigner
from songcau_kit.errors import CURSOR_INVALID, INVALID_REQUEST, DomainError, Violation

DEFAULT_SIZE = 50
LARGEST_SIZE = 200

P = TypeVar("P", int, str)


@dataclass(frozen=True)
class Page:
    """A page of a list, as it was asked for."""

    size: int
    token: str

    @classmethod
    def of(cls, size: int, token: str) -> "Page":
        """Read the two fields of a list request; 0 means the default. Raises INVALID_REQUEST."""
        if not 0 <= size <= LARGEST_SIZE:
            raise DomainError(INVALID_REQUEST, violations=[Violation("/page_size", "OUT_OF_RANGE")])
        return cls(size or DEFAULT_SIZE, token)


def position_of(cursors: CursorSigner, page: Page, name: str, first: P) -> P:
    """Return where the page begins: `first`, or what its token says. Raises CURSOR_INVALID for another list's token."""
    if not page.token:
        return first
    value = cursors.decode(page.token).get(name)
    if not isinstance(value, type(first)):
        raise DomainError(CURSOR_INVALID)
    return value

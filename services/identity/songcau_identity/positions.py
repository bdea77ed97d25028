"""Places in lists that are ordered by time, and the cursors that carry them to clients and back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from songcau_kit.cursors import CursorSigner
from songcau_kit.errors import CURSOR_INVALID, DomainError

DEFAULT_PAGE = 50
LARGEST_PAGE = 200


@dataclass(frozen=True)
class Position:
    """The place behind one entry."""

    at: datetime
    id: UUID


def page_size_of(asked: int) -> int:
    """Return how many entries a page has: 50 where nothing was asked, 200 at most."""
    return min(asked, LARGEST_PAGE) if asked > 0 else DEFAULT_PAGE


def write_position(cursors: CursorSigner, position: Position, *, of: str) -> str:
    """Return the cursor of a place in one list."""
    return cursors.encode({"at": position.at.isoformat(), "id": str(position.id), "of": of})


def read_position(cursors: CursorSigner, cursor: str, *, of: str) -> Position | None:
    """Return the place a cursor names, None for the first page; raises CURSOR_INVALID for that of another list."""
    if not cursor:
        return None
    position = cursors.decode(cursor)
    if position.get("of") != of:
        raise DomainError(CURSOR_INVALID)
    return Position(datetime.fromisoformat(str(position["at"])), UUID(str(position["id"])))

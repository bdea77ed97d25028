"""How much of a list a request asks for, and from where; the position itself is a cursor of `cursors.py`."""

from dataclasses import dataclass

from songcau_kit.errors import INVALID_REQUEST, DomainError, Violation

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
            raise DomainError(INVALID_REQUEST, violations=[Violation("/page_size", "OUT_OF_RANGE")])
        return cls(size or DEFAULT_SIZE, token)

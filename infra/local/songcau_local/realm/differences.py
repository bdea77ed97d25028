"""Compares what the realm file declares with what a server answers; what the file does not name does not count."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# Keycloak answers this in place of a secret.
MASKED = "**********"


@dataclass(frozen=True)
class Difference:
    """One setting that is not as declared; `at` is its place inside the object."""

    at: str
    declared: Any
    found: Any

    def __str__(self) -> str:
        if "secret" in self.at.lower():
            return f"{self.at}: differs"
        return f"{self.at}: {_short(self.found)} → {_short(self.declared)}"


def differences(declared: Any, found: Any, *, at: str = "") -> Iterator[Difference]:
    """Yield each setting of `declared` that `found` does not hold; order counts only where objects have no name."""
    if isinstance(declared, Mapping):
        inside = found if isinstance(found, Mapping) else {}
        for name, value in declared.items():
            yield from differences(value, inside.get(name), at=f"{at}.{name}" if at else str(name))
    elif found == MASKED or _plain(declared) == _plain(found):
        return
    else:
        yield Difference(at, declared, found)


def _plain(value: Any) -> Any:
    """Return a value in the one form both sides can have: lists as sets, nothing as nothing, switches as words."""
    if isinstance(value, list):
        return tuple(sorted(map(repr, value))) or None
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if value not in (None, "", ()) else None


def _short(value: Any) -> str:
    text = str(value) if value not in (None, "", []) else "nothing"
    return text if len(text) <= 60 else text[:57] + "…"

"""Looks for many texts at once, in one pass over what is searched."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ahocorasick_rs import BytesAhoCorasick

from songcau_local.spellings import spellings


class Needles:
    """Every spelling of some secrets; what is found is told by the secret's place in the list and the spelling."""

    def __init__(self, secrets: Sequence[str]) -> None:
        names: dict[bytes, str] = {}
        for place, secret in enumerate(dict.fromkeys(secrets)):
            for form, name in spellings(secret).items():
                names.setdefault(form, f"secret {place} ({name})")
        self._names = list(names.values())
        self._automaton = BytesAhoCorasick(list(names))

    def __len__(self) -> int:
        """Return how many spellings are looked for."""
        return len(self._names)

    def find(self, content: bytes) -> list[str]:
        """Return the names of the spellings that stand in the content, never the text."""
        matches = self._automaton.find_matches_as_indexes(content, overlapping=True)
        return sorted({self._names[number] for number, _, _ in matches})

    def find_in_file(self, path: Path) -> list[str]:
        """Search one file; one that was removed in this moment holds nothing."""
        # Read, not mapped: whoever writes it may go on, and the automaton wants bytes that stand still.
        with suppress(FileNotFoundError):
            return self.find(path.read_bytes())
        return []

"""Which diagnoses may be treated at a distance: the versioned list of Circular 30/2023, matched by prefix or range."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGED = Path(__file__).parent / "circular30.toml"
ICD10 = re.compile(r"[A-Z][0-9]{2}(\.[0-9]{1,2})?")


@dataclass(frozen=True)
class TreatableList:
    """One version of the list. Each entry is a pair of codes, equal for a prefix."""

    version: str
    entries: tuple[tuple[str, str], ...]

    @classmethod
    def load(cls, path: Path | None = None) -> "TreatableList":
        """Read the list; raise ValueError for an entry that is neither a code nor a range."""
        content = tomllib.loads((path or PACKAGED).read_text())
        return cls(str(content["version"]), tuple(_parse(entry) for entry in content["entries"]))

    def covers(self, icd10_code: str) -> bool:
        """Say whether a code lies under an entry; a coarser code than the entry does not."""
        return any(_lies_in(icd10_code, first, last) for first, last in self.entries)

    def outside(self, icd10_codes: Sequence[str]) -> tuple[int, ...]:
        """Return the positions of the codes that no entry covers."""
        return tuple(index for index, code in enumerate(icd10_codes) if not self.covers(code))


def _parse(entry: str) -> tuple[str, str]:
    first, dash, last = entry.partition("-")
    last = last if dash else first
    if not (ICD10.fullmatch(first) and ICD10.fullmatch(last) and first <= last):
        raise ValueError(f"{entry!r} is neither a code of ICD-10 nor a range of two")
    return first, last


def _lies_in(code: str, first: str, last: str) -> bool:
    # Cut to the length of the end, "E14.91" lies in a range up to "E14.9" and "E07.8" in one up to "E07".
    return len(code) >= len(first) and first <= code and code[: len(last)] <= last

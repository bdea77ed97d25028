"""Every unit that is or was, by the words of its name: finds what an address names, accents first, then without."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from songcau_kit.text import fold, normalize

from songcau_units.model import Succession, Unit, UnitKind

KIND_WORDS: Mapping[str, UnitKind] = {
    "thi tran": UnitKind.TOWNSHIP,
    "thanh pho": UnitKind.DISTRICT,
    "thi xa": UnitKind.DISTRICT,
    "phuong": UnitKind.WARD,
    "huyen": UnitKind.DISTRICT,
    "tinh": UnitKind.PROVINCE,
    "quan": UnitKind.DISTRICT,
    "xa": UnitKind.COMMUNE,
    "tt": UnitKind.TOWNSHIP,
    "tp": UnitKind.DISTRICT,
    "tx": UnitKind.DISTRICT,
    "p": UnitKind.WARD,
    "h": UnitKind.DISTRICT,
    "t": UnitKind.PROVINCE,
    "x": UnitKind.COMMUNE,
}
"""The words before a name that say what it is, longest first; a district is a district, town or provincial city."""

COMMUNAL = (UnitKind.COMMUNE, UnitKind.WARD, UnitKind.TOWNSHIP)


@dataclass(frozen=True)
class Entry:
    """A unit with its name without kind, as a key with and one without accents."""

    unit: Unit
    exact: str
    folded: str


class Gazetteer:
    """All units in memory (some four hundred); immutable, safe to share between threads."""

    def __init__(self, units: Iterable[Unit], successions: Iterable[Succession]) -> None:
        self._units = {(unit.code, unit.valid_from): unit for unit in units}
        self._by_folded: dict[str, list[Entry]] = {}
        for unit in self._units.values():
            exact = bare_name(unit.name)
            entry = Entry(unit, exact, fold(exact))
            self._by_folded.setdefault(entry.folded, []).append(entry)
        self._after: dict[tuple[str, date], list[tuple[Unit, bool]]] = {}
        self._districts: dict[tuple[str, date], set[str]] = {}
        for link in successions:
            self._after.setdefault(link.old, []).append((self._units[link.new], link.partial))
            self._districts.setdefault(link.new, set()).add(self._units[link.old].parent_code or "")

    def named(self, folded: str) -> Sequence[Entry]:
        """Return the units whose name without kind and accents is this."""
        return self._by_folded.get(folded, ())

    def present_communes(self) -> Sequence[Unit]:
        """Return the communes and wards of today."""
        return [unit for unit in self._units.values() if unit.current and unit.kind in COMMUNAL]

    def present(self, unit: Unit) -> Sequence[tuple[Unit, bool]]:
        """Return the unit itself while it exists, else what it became, with whether that is only a part."""
        return [(unit, False)] if unit.current else self._after.get((unit.code, unit.valid_from), [])

    def districts_of(self, unit: Unit) -> frozenset[str]:
        """Return the codes of the old districts the unit lies in; those of today may lie in several."""
        if not unit.current:
            return frozenset({unit.parent_code or ""})
        return frozenset(self._districts.get((unit.code, unit.valid_from), ()))


def bare_name(name: str) -> str:
    """Return a unit's name without the word for its kind, lower case, accents in canonical place."""
    words = normalize(name).lower().split()
    for length in (2, 1):
        if len(words) > length and fold(" ".join(words[:length])) in KIND_WORDS:
            return " ".join(words[length:])
    return " ".join(words)

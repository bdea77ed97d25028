"""Finds today's unit for an address: old names lead to what they became, split units stay open, remarks are made."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from songcau_units.addresses import PROVINCES_ELSEWHERE, Part, read_parts
from songcau_units.gazetteer import COMMUNAL, Entry, Gazetteer
from songcau_units.model import MERGED_ON, Unit, UnitKind


class Resolution(StrEnum):
    """How sure the answer is."""

    RESOLVED = "RESOLVED"
    AMBIGUOUS = "AMBIGUOUS"
    UNKNOWN = "UNKNOWN"


class Remark(StrEnum):
    """Warnings on how the address was written."""

    DISTRICT_ABOLISHED = "DISTRICT_ABOLISHED"
    DISTRICT_DIFFERS = "DISTRICT_DIFFERS"
    PROVINCE_MERGED = "PROVINCE_MERGED"
    OUTSIDE_PROVINCE = "OUTSIDE_PROVINCE"
    NAME_WITHOUT_ACCENTS = "NAME_WITHOUT_ACCENTS"
    KIND_DIFFERS = "KIND_DIFFERS"
    OLD_UNIT_NAME = "OLD_UNIT_NAME"


@dataclass(frozen=True)
class Candidate:
    """A unit of today that may be meant, and the unit the text names where that one is gone."""

    unit: Unit
    named: Unit | None
    partial: bool


@dataclass(frozen=True)
class Answer:
    """What an address was resolved to."""

    resolution: Resolution
    candidates: tuple[Candidate, ...] = ()
    warnings: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class _Reading:
    """The commune-level units a part may name; `is_contradicted` by the district beside it."""

    part: Part
    entries: tuple[Entry, ...]
    is_contradicted: bool


def resolve(text: str, gazetteer: Gazetteer, *, written_on: date) -> Answer:
    """Resolve an address written on a day.

    A name with a district is that old unit; a name without one is first today's unit of that name. A split unit, a
    name that stands for several units, a name that was also a district's and a district that contradicts the name
    leave the answer open. Raises LegacyEncodingError for text in TCVN3 or VNI.
    """
    parts = read_parts(text)
    districts = _districts(parts, gazetteer)
    remarks = list(_context_remarks(parts, districts, gazetteer, written_on))
    reading = None if Remark.OUTSIDE_PROVINCE in remarks else _read(parts, gazetteer, districts)
    if reading is None:
        return Answer(Resolution.UNKNOWN, (), tuple(remarks))
    candidates = _candidates(reading.entries, gazetteer)
    remarks += _name_remarks(reading, candidates)
    is_sure = (
        len(candidates) == 1
        and not candidates[0].partial
        and not reading.is_contradicted
        and not (reading.part.kind is None and _is_district_name(reading.part, gazetteer))
    )
    return Answer(Resolution.RESOLVED if is_sure else Resolution.AMBIGUOUS, tuple(candidates), tuple(remarks))


def _districts(parts: Sequence[Part], gazetteer: Gazetteer) -> list[Entry]:
    """Return the districts named: with their kind anywhere, without it behind another name that is no province."""
    found: list[Entry] = []
    for index, part in enumerate(parts):
        entries = gazetteer.named(part.folded)
        is_province = any(entry.unit.kind is UnitKind.PROVINCE for entry in entries)
        if part.kind is UnitKind.DISTRICT or (part.kind is None and index > 0 and not is_province):
            found += [entry for entry in entries if entry.unit.kind is UnitKind.DISTRICT]
    return found


def _read(parts: Sequence[Part], gazetteer: Gazetteer, districts: Sequence[Entry]) -> _Reading | None:
    """Read the part that says it is commune-level, else the first that names one."""
    with_kind = [part for part in reversed(parts) if part.kind in COMMUNAL]
    for part in with_kind or [part for part in parts if part.kind is None]:
        entries = [entry for entry in gazetteer.named(part.folded) if entry.unit.kind in COMMUNAL]
        if entries:
            return _chosen(part, entries, gazetteer, districts)
    return None


def _chosen(part: Part, entries: Sequence[Entry], gazetteer: Gazetteer, districts: Sequence[Entry]) -> _Reading:
    codes = {entry.unit.code for entry in districts}
    inside = [entry for entry in entries if codes & gazetteer.districts_of(entry.unit)]
    kept = _preferred(inside or entries, part)
    # Beside a district the old unit is meant, without one today's.
    is_old_meant = bool(inside)
    meant = [entry for entry in kept if entry.unit.current is not is_old_meant] or kept
    return _Reading(part, tuple(meant), bool(codes) and not inside)


def _preferred(entries: Sequence[Entry], part: Part) -> list[Entry]:
    """Keep the entries of the kind that was written and with the accents that were written, where there are any."""
    exact = [entry for entry in entries if entry.exact == part.exact]
    same_kind = [entry for entry in exact or entries if entry.unit.kind is part.kind]
    return same_kind or exact or list(entries)


def _candidates(entries: Iterable[Entry], gazetteer: Gazetteer) -> list[Candidate]:
    found: dict[str, Candidate] = {}
    for entry in entries:
        named = None if entry.unit.current else entry.unit
        for unit, partial in gazetteer.present(entry.unit):
            found.setdefault(unit.code, Candidate(unit, named, partial))
    return list(found.values())


def _is_district_name(part: Part, gazetteer: Gazetteer) -> bool:
    return any(entry.unit.kind is UnitKind.DISTRICT for entry in gazetteer.named(part.folded))


def _context_remarks(
    parts: Sequence[Part], districts: Sequence[Entry], gazetteer: Gazetteer, written_on: date
) -> Iterator[Remark]:
    upper = [part for part in parts if part.kind in (UnitKind.DISTRICT, UnitKind.PROVINCE)]
    unknown = any(not gazetteer.named(part.folded) for part in upper)
    last = parts[-1] if len(parts) > 1 else None
    if unknown or (last and last.kind not in COMMUNAL and last.folded in PROVINCES_ELSEWHERE):
        yield Remark.OUTSIDE_PROVINCE
        return
    if written_on < MERGED_ON:
        return
    if districts:
        yield Remark.DISTRICT_ABOLISHED
    provinces = [e for e in gazetteer.named(last.folded) if e.unit.kind is UnitKind.PROVINCE] if last else []
    if provinces and not any(entry.unit.current for entry in provinces):
        yield Remark.PROVINCE_MERGED


def _name_remarks(reading: _Reading, candidates: Sequence[Candidate]) -> Iterator[Remark]:
    if reading.is_contradicted:
        yield Remark.DISTRICT_DIFFERS
    if all(entry.exact != reading.part.exact for entry in reading.entries):
        yield Remark.NAME_WITHOUT_ACCENTS
    if reading.part.kind and all(entry.unit.kind is not reading.part.kind for entry in reading.entries):
        yield Remark.KIND_DIFFERS
    if all(c.named and c.named.name != c.unit.name for c in candidates):
        yield Remark.OLD_UNIT_NAME

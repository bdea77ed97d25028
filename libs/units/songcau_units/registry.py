"""Reads the units and their succession as this release ships them (data/*.csv)."""

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files

from songcau_units.gazetteer import Gazetteer
from songcau_units.model import Succession, Unit, UnitKind


@cache
def shipped_gazetteer() -> Gazetteer:
    """Return the gazetteer of the shipped units, read once."""
    return Gazetteer(shipped_units(), shipped_successions())


def shipped_units() -> list[Unit]:
    """Return every unit that is or was in the two old provinces."""
    return [
        Unit(
            row["code"],
            date.fromisoformat(row["valid_from"]),
            _day(row["valid_to"]),
            UnitKind(row["kind"]),
            row["name"],
            row["parent_code"] or None,
        )
        for row in _rows("units.csv")
    ]


def shipped_successions() -> list[Succession]:
    """Return what became of each old unit."""
    return [
        Succession(
            (row["old_code"], date.fromisoformat(row["old_valid_from"])),
            (row["new_code"], date.fromisoformat(row["new_valid_from"])),
            row["partial"] == "true",
        )
        for row in _rows("unit_successions.csv")
    ]


def _rows(file: str) -> Iterator[Mapping[str, str]]:
    with files("songcau_units").joinpath("data", file).open(encoding="utf-8") as source:
        yield from csv.DictReader(source)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None

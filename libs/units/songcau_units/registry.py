"""Reads the units and their succession as this release ships them (data/*.csv)."""

from datetime import date
from functools import cache

from songcau_units.gazetteer import Gazetteer
from songcau_units.model import Succession, Unit, UnitKind
from songcau_units.shipped import read_day, read_rows


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
            read_day(row["valid_to"]),
            UnitKind(row["kind"]),
            row["name"],
            row["parent_code"] or None,
        )
        for row in read_rows("units.csv")
    ]


def shipped_successions() -> list[Succession]:
    """Return what became of each old unit."""
    return [
        Succession(
            (row["old_code"], date.fromisoformat(row["old_valid_from"])),
            (row["new_code"], date.fromisoformat(row["new_valid_from"])),
            row["partial"] == "true",
        )
        for row in read_rows("unit_successions.csv")
    ]

"""Reads the units, their succession and the agencies that come with the service (seed/*.csv)."""

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.resources import files

from songcau_eservices.units.model import Agency, AgencyKind, Unit, UnitKind
from songcau_eservices.units.repository import Succession


def seed_units() -> list[Unit]:
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


def seed_successions() -> list[Succession]:
    """Return what became of each old unit."""
    return [
        Succession(
            (row["old_code"], date.fromisoformat(row["old_valid_from"])),
            (row["new_code"], date.fromisoformat(row["new_valid_from"])),
            row["partial"] == "true",
        )
        for row in _rows("unit_successions.csv")
    ]


def seed_agencies() -> list[tuple[Agency, str]]:
    """Return the agencies and on what each record rests."""
    return [
        (
            Agency(
                code=row["code"],
                valid_from=date.fromisoformat(row["valid_from"]),
                valid_to=_day(row["valid_to"]),
                kind=AgencyKind(row["kind"]),
                name=row["name"],
                parent_code=row["parent_code"] or None,
                unit_code=row["unit_code"] or None,
                successor_code=row["successor_code"] or None,
                receives_dossiers=row["receives_dossiers"] == "true",
                week_pattern=row["week_pattern"],
            ),
            row["basis"],
        )
        for row in _rows("agencies.csv")
    ]


def _rows(file: str) -> Iterator[Mapping[str, str]]:
    with files("songcau_eservices").joinpath("seed", file).open(encoding="utf-8") as source:
        yield from csv.DictReader(source)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None

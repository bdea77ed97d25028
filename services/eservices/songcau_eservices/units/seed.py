"""Reads the agencies that come with the service (seed/agencies.csv)."""

import csv
from datetime import date
from importlib.resources import files

from songcau_eservices.units.model import Agency, AgencyKind


def seed_agencies() -> list[tuple[Agency, str]]:
    """Return the agencies and on what each record rests."""
    text = files("songcau_eservices").joinpath("seed", "agencies.csv").read_text(encoding="utf-8")
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
        for row in csv.DictReader(text.splitlines())
    ]


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None

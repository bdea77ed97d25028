"""Reads the data files of this package."""

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.resources import files


def read_rows(file: str) -> Iterator[Mapping[str, str]]:
    """Yield the rows of a data file by the names of its columns."""
    with files("songcau_units").joinpath("data", file).open(encoding="utf-8") as source:
        yield from csv.DictReader(source)


def read_day(text: str) -> date | None:
    """Return a day, None where there is none."""
    return date.fromisoformat(text) if text else None

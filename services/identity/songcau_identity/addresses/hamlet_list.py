"""Loads the province's list of hamlets (CSV); open addresses are placed again with it."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from songcau_kit.database import Database
from songcau_kit.personal import Personal
from songcau_units.registry import shipped_successions

from songcau_identity.addresses import repository_doubts, repository_hamlets
from songcau_identity.addresses.repository_hamlets import ListedHamlet
from songcau_identity.addresses.writing import hamlet_key, read_hamlet

COLUMNS = ("old_code", "old_valid_from", "name", "unit_code")
SHOWN = 20


class HamletListError(ValueError):
    """The file is no list of hamlets; the message names each wrong line, at most 20."""


@dataclass(frozen=True)
class Loaded:
    """How many hamlets are listed now, and how many open addresses are placed again."""

    hamlets: int
    addresses: int


def load_hamlets(database: Database, file: Path) -> Loaded:
    """Let a file be the province's list, in the place of the one before, or change nothing; raises HamletListError."""
    hamlets = read_hamlets(file)
    with database.transaction() as conn:
        repository_hamlets.replace_list(conn, hamlets)
        return Loaded(len(hamlets), repository_doubts.place_all_again(conn))


def read_hamlets(file: Path) -> list[ListedHamlet]:
    """Read `old_code,old_valid_from,name,unit_code`, one hamlet a line; a name it had before is a line of its own.

    Raises HamletListError for a file with a wrong line: an old unit that did not become the unit of today, a name that
    is none, a hamlet named twice.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as source:
            rows = csv.DictReader(source)
            if tuple(rows.fieldnames or ()) != COLUMNS:
                raise HamletListError(f"the first line names the columns: {','.join(COLUMNS)}")
            return _read(list(enumerate(rows, start=2)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise HamletListError(f"no list of hamlets: {type(error).__name__} {error}") from None


def _read(rows: list[tuple[int, dict[str, str]]]) -> list[ListedHamlet]:
    links = {(*one.old, one.new[0]) for one in shipped_successions()}
    found: dict[tuple[str, date, str], ListedHamlet] = {}
    wrong: list[str] = []
    for line, row in rows:
        try:
            hamlet = _hamlet(row, links)
            if found.setdefault((hamlet.old_code, hamlet.old_valid_from, hamlet.name), hamlet) is not hamlet:
                raise ValueError("the hamlet was named before")
        except ValueError as error:
            wrong.append(f"line {line}: {error}")
    if wrong or not found:
        raise HamletListError("\n".join(_shown(wrong)) or "the file names no hamlet")
    return list(found.values())


def _hamlet(row: Mapping[str, str | None], links: set[tuple[str, date, str]]) -> ListedHamlet:
    if any(row.get(column) is None for column in COLUMNS) or len(row) != len(COLUMNS):
        raise ValueError(f"a line has {len(COLUMNS)} fields")
    old_code, day, name, unit_code = (str(row[column]).strip() for column in COLUMNS)
    old_valid_from = date.fromisoformat(day)
    if (old_code, old_valid_from, unit_code) not in links:
        raise ValueError(f"{old_code} of {day} did not become {unit_code}")
    key = hamlet_key(read_hamlet(Personal(name)))
    if not key:
        raise ValueError("the hamlet has no name")
    return ListedHamlet(old_code, old_valid_from, key, unit_code)


def _shown(wrong: list[str]) -> Iterator[str]:
    yield from wrong[:SHOWN]
    if len(wrong) > SHOWN:
        yield f"and {len(wrong) - SHOWN} more lines"

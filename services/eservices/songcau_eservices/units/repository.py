"""All SQL of administrative units."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from songcau_kit.database import Connection
from songcau_units.model import Succession, Unit, UnitKind, UnitLink

_COLUMNS = "u.code, u.valid_from, u.valid_to, u.kind, u.name, u.parent_code, coalesce(p.name, '')"
_FROM = """administrative_units u left join administrative_units p
    on p.code = u.parent_code and p.valid_from <= u.valid_from and (p.valid_to is null or p.valid_to > u.valid_from)"""
_VALID = "u.valid_from <= %(on)s and (u.valid_to is null or u.valid_to > %(on)s)"


def find_unit(conn: Connection, code: str, on: date) -> Unit | None:
    """Return the unit that carried the code on the date."""
    query = f"select {_COLUMNS} from {_FROM} where u.code = %(code)s and {_VALID}"  # noqa: S608  constants only
    row = conn.execute(query, {"code": code, "on": on}).fetchone()
    return _unit(row) if row else None


def list_units(conn: Connection, on: date, *, kind: UnitKind | None, after: str, limit: int) -> list[Unit]:
    """Return the units valid on the date with a code greater than `after`, ordered by code."""
    query = f"""select {_COLUMNS} from {_FROM}
        where u.code > %(after)s and {_VALID} and (%(kind)s::text is null or u.kind = %(kind)s)
        order by u.code limit %(limit)s"""  # noqa: S608  constants only
    rows = conn.execute(query, {"on": on, "kind": kind, "after": after, "limit": limit}).fetchall()
    return [_unit(row) for row in rows]


def predecessors(conn: Connection, unit: Unit) -> list[UnitLink]:
    """Return what the unit was formed from."""
    return _links(conn, "s.old_code, s.old_valid_from", "s.new_code, s.new_valid_from", unit)


def successors(conn: Connection, unit: Unit) -> list[UnitLink]:
    """Return what became of the unit."""
    return _links(conn, "s.new_code, s.new_valid_from", "s.old_code, s.old_valid_from", unit)


def all_units(conn: Connection) -> list[Unit]:
    """Return every unit that is or was."""
    rows = conn.execute(f"select {_COLUMNS} from {_FROM} order by u.code, u.valid_from").fetchall()  # noqa: S608
    return [_unit(row) for row in rows]


def all_successions(conn: Connection) -> list[Succession]:
    """Return the whole succession table."""
    rows = conn.execute(
        "select old_code, old_valid_from, new_code, new_valid_from, partial from unit_successions order by 1, 3"
    ).fetchall()
    return [Succession((row[0], row[1]), (row[2], row[3]), row[4]) for row in rows]


def save_units(conn: Connection, units: Iterable[Unit]) -> None:
    """Insert units, or correct them where they are known."""
    with conn.cursor() as cursor:
        cursor.executemany(
            """insert into administrative_units (code, valid_from, valid_to, kind, name, parent_code)
            values (%s, %s, %s, %s, %s, %s) on conflict (code, valid_from) do update set
            valid_to = excluded.valid_to, kind = excluded.kind, name = excluded.name, parent_code = excluded.parent_code
            where (administrative_units.valid_to, administrative_units.kind, administrative_units.name,
                administrative_units.parent_code)
            is distinct from (excluded.valid_to, excluded.kind, excluded.name, excluded.parent_code)""",
            [(u.code, u.valid_from, u.valid_to, u.kind, u.name, u.parent_code) for u in units],
        )


def save_successions(conn: Connection, successions: Sequence[Succession]) -> None:
    """Insert the links that are not there yet."""
    with conn.cursor() as cursor:
        cursor.executemany(
            """insert into unit_successions (old_code, old_valid_from, new_code, new_valid_from, partial)
            values (%s, %s, %s, %s, %s) on conflict do nothing""",
            [(*s.old, *s.new, s.partial) for s in successions],
        )


def _links(conn: Connection, wanted: str, known: str, unit: Unit) -> list[UnitLink]:
    query = f"""select {_COLUMNS}, s.partial from unit_successions s
        join ({_FROM}) on (u.code, u.valid_from) = ({wanted})
        where ({known}) = (%s, %s) order by u.code"""  # noqa: S608  constants only
    rows = conn.execute(query, (unit.code, unit.valid_from)).fetchall()
    return [UnitLink(_unit(row[:-1]), row[-1]) for row in rows]


def _unit(row: tuple[Any, ...]) -> Unit:
    return Unit(row[0], row[1], row[2], UnitKind(row[3]), row[4], row[5], row[6])

"""All SQL of agencies and of the days on which they work."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_units.agencies import Agency, AgencyKind

from songcau_eservices.calendar.working_days import STANDARD_WEEK, WEEK_PATTERNS, Override, WorkingCalendar
from songcau_eservices.errors import AGENCY_NOT_FOUND

_COLUMNS = """code, valid_from, valid_to, kind, name, parent_code, unit_code, successor_code, receives_dossiers,
    week_pattern"""


def find_agency(conn: Connection, code: str, on: date | None = None) -> Agency | None:
    """Return the agency with this code on the date; without a date its newest record."""
    query = f"""select {_COLUMNS} from agencies where code = %(code)s and (%(on)s::date is null
        or valid_from <= %(on)s and (valid_to is null or valid_to > %(on)s))
        order by valid_from desc limit 1"""  # noqa: S608  constants only
    row = conn.execute(query, {"code": code, "on": on}).fetchone()
    return _agency(row) if row else None


def get_agency(conn: Connection, code: str, on: date | None = None) -> Agency:
    """Return the agency with this code on the date; raise AGENCY_NOT_FOUND."""
    agency = find_agency(conn, code, on)
    if agency is None:
        raise DomainError(AGENCY_NOT_FOUND, details={"agency_code": code})
    return agency


def list_agencies(
    conn: Connection, on: date, *, kind: AgencyKind | None = None, unit_code: str = "", after: str = "", limit: int
) -> list[Agency]:
    """Return the agencies valid on the date with a code greater than `after`, ordered by code."""
    query = f"""select {_COLUMNS} from agencies
        where code > %(after)s and valid_from <= %(on)s and (valid_to is null or valid_to > %(on)s)
        and (%(kind)s::text is null or kind = %(kind)s) and (%(unit)s = '' or unit_code = %(unit)s)
        order by code limit %(limit)s"""  # noqa: S608  constants only
    filters = {"on": on, "kind": kind, "unit": unit_code, "after": after, "limit": limit}
    return [_agency(row) for row in conn.execute(query, filters).fetchall()]


def save_agencies(conn: Connection, agencies: Iterable[tuple[Agency, str]]) -> None:
    """Insert agencies with the basis of their record, or correct them where they are known."""
    names = [name.strip() for name in _COLUMNS.split(",")] + ["basis"]
    changes = ", ".join(f"{name} = excluded.{name}" for name in names[2:])
    with conn.cursor() as cursor:
        cursor.executemany(
            f"""insert into agencies ({", ".join(names)}) values ({", ".join(["%s"] * len(names))})
            on conflict (code, valid_from) do update set {changes}
            where ({", ".join(f"agencies.{name}" for name in names[2:])})
            is distinct from ({", ".join(f"excluded.{name}" for name in names[2:])})""",  # noqa: S608  constants only
            [
                (a.code, a.valid_from, a.valid_to, a.kind, a.name, a.parent_code, a.unit_code, a.successor_code,
                 a.receives_dossiers, a.week_pattern, basis)
                for a, basis in agencies
            ],
        )  # fmt: skip


def calendar_of(conn: Connection, agency_code: str) -> WorkingCalendar:
    """Return the days an agency works, with the overrides for all agencies and its own; one query.

    An unknown agency has the standard week.
    """
    rows = conn.execute(
        """select o.day, o.working, o.basis, null from calendar_overrides o where o.agency_code in ('', %(code)s)
        and not (o.agency_code = '' and exists
            (select from calendar_overrides own where own.agency_code = %(code)s and own.day = o.day))
        union all
        (select null, null, null, a.week_pattern from agencies a where a.code = %(code)s
         order by a.valid_from desc limit 1)""",
        {"code": agency_code},
    ).fetchall()
    overrides = {row[0]: Override(row[0], row[1], row[2]) for row in rows if row[0] is not None}
    weeks = [row[3] for row in rows if row[3] is not None]
    return WorkingCalendar(WEEK_PATTERNS[weeks[0]] if weeks else STANDARD_WEEK, overrides)


def save_override(conn: Connection, agency_code: str, override: Override) -> None:
    """Decide a day for one agency, or for all with an empty code."""
    conn.execute(
        """insert into calendar_overrides (agency_code, day, working, basis) values (%s, %s, %s, %s)
        on conflict (agency_code, day) do update set working = excluded.working, basis = excluded.basis""",
        (agency_code, override.day, override.working, override.basis),
    )


def _agency(row: tuple[Any, ...]) -> Agency:
    code, valid_from, valid_to, kind, *rest = row
    return Agency(code, valid_from, valid_to, AgencyKind(kind), *rest)

"""SQL of facilities, declarations, contracts, practitioners and hours."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row
from psycopg.types.range import Range
from songcau_kit.database import Connection

from songcau_telehealth.facilities.model import (
    Contract,
    Declaration,
    Facility,
    FacilityKind,
    LocalSpan,
    Practitioner,
    PractitionerCard,
    WorkingHours,
)

_FACILITIES = """
select f.facility_code, f.kind, f.name, f.unit_code from facilities f
where f.facility_code > %(after)s
  and (%(kind)s::text is null or f.kind = %(kind)s)
  and (%(unit)s::text is null or f.unit_code = %(unit)s)
  and (%(service)s::text is null or exists (
      select from facility_declarations d where d.facility_code = f.facility_code and d.service_code = %(service)s
        and d.valid_from <= %(day)s and (d.withdrawn_on is null or d.withdrawn_on > %(day)s)))
order by f.facility_code limit %(limit)s
"""
_DECLARATIONS = """
select facility_code, service_code, valid_from, withdrawn_on - 1 as valid_to from facility_declarations
where facility_code = any(%(codes)s) and (withdrawn_on is null or withdrawn_on > %(day)s)
order by facility_code, service_code
"""
_CONTRACTS = """
select contract_id, number, supporting_facility_code, supported_facility_code, valid_from, valid_to
from facility_contracts
where (supporting_facility_code = any(%(codes)s) or supported_facility_code = any(%(codes)s))
  and (valid_to is null or valid_to >= %(day)s)
order by valid_from, number
"""
_PRACTITIONERS = """
select p.practitioner_no, p.practitioner_id, p.full_name, p.title, p.licence_number, p.service_codes
from practitioners p
where p.practitioner_no > %(after)s
  and (%(service)s::text is null or %(service)s = any(p.service_codes))
  and (%(facility)s::text is null or exists (
      select from practitioner_hours h
      where h.practitioner_no = p.practitioner_no and h.facility_code = %(facility)s and h.validity @> %(day)s::date))
order by p.practitioner_no limit %(limit)s
"""
_PRACTITIONER = """
select practitioner_no, practitioner_id, full_name, title, licence_number, service_codes
from practitioners where practitioner_id = %s
"""
_HOURS = """
select practitioner_no, facility_code, weekday, start_minute, end_minute,
    lower(validity) as valid_from, upper(validity) - 1 as valid_to
from practitioner_hours
where practitioner_no = any(%(numbers)s) and (upper(validity) is null or upper(validity) > %(day)s)
order by practitioner_no, weekday, start_minute
"""
_IS_DECLARED = """
select exists (select from facility_declarations
    where facility_code = %(facility)s and service_code = any(%(services)s)
      and valid_from <= %(day)s and (withdrawn_on is null or withdrawn_on > %(day)s))
"""
_HAS_CONTRACT = """
select exists (select from facility_contracts
    where supporting_facility_code = %(supporting)s and supported_facility_code = %(supported)s
      and valid_from <= %(day)s and (valid_to is null or valid_to >= %(day)s))
"""
# Neighbouring rows count together: 8–12 and 12–17 cover 11–13.
_COVERS = """
select coalesce(range_agg(int4range(start_minute, end_minute)) @> int4range(%(start)s, %(end)s), false)
from practitioner_hours
where practitioner_no = %(practitioner)s and facility_code = %(facility)s and weekday = %(weekday)s
  and validity @> %(day)s::date
"""


def list_facilities(
    connection: Connection, *, after: str, limit: int, day: date, filters: tuple[str | None, str | None, str | None]
) -> list[Facility]:
    """Return facilities after a code; `filters` are kind, unit and service, each optional."""
    kind, unit, service = filters
    parameters = {"after": after, "limit": limit, "day": day, "kind": kind, "unit": unit, "service": service}
    rows = connection.cursor(row_factory=dict_row).execute(_FACILITIES, parameters).fetchall()
    return _complete(connection, rows, day)


def find_facility(connection: Connection, facility_code: str, day: date) -> Facility | None:
    """Return one facility with what is in force on or after a day."""
    cursor = connection.cursor(row_factory=dict_row).execute(
        "select facility_code, kind, name, unit_code from facilities where facility_code = %s", (facility_code,)
    )
    found = _complete(connection, cursor.fetchall(), day)
    return found[0] if found else None


def has_facility(connection: Connection, facility_code: str) -> bool:
    """Say whether the facility exists."""
    return _truth(connection, "select exists (select from facilities where facility_code = %s)", (facility_code,))


def find_practitioner(connection: Connection, practitioner_id: UUID) -> Practitioner | None:
    """Return a practitioner without hours."""
    row = connection.cursor(row_factory=dict_row).execute(_PRACTITIONER, (practitioner_id,)).fetchone()
    return Practitioner(card_of(row), tuple(row["service_codes"])) if row else None


def list_practitioners(
    connection: Connection, *, after: int, limit: int, day: date, facility_code: str | None, service_code: str | None
) -> list[Practitioner]:
    """Return practitioners after a number, with the hours in force on or after a day."""
    parameters = {"after": after, "limit": limit, "day": day, "facility": facility_code, "service": service_code}
    rows = connection.cursor(row_factory=dict_row).execute(_PRACTITIONERS, parameters).fetchall()
    numbers = [row["practitioner_no"] for row in rows]
    hours: dict[int, list[WorkingHours]] = {number: [] for number in numbers}
    for row in connection.cursor(row_factory=dict_row).execute(_HOURS, {"numbers": numbers, "day": day}):
        hours[row.pop("practitioner_no")].append(WorkingHours(**row))
    return [
        Practitioner(card_of(row), tuple(row["service_codes"]), tuple(hours[row["practitioner_no"]])) for row in rows
    ]


def is_declared(connection: Connection, facility_code: str, service_codes: Sequence[str], day: date) -> bool:
    """Say whether at least one of the services is declared for remote care at the facility on a day."""
    parameters = {"facility": facility_code, "services": list(service_codes), "day": day}
    return _truth(connection, _IS_DECLARED, parameters)


def has_contract(connection: Connection, *, supporting: str, supported: str, day: date) -> bool:
    """Say whether a contract between the two facilities is in force on a day."""
    return _truth(connection, _HAS_CONTRACT, {"supporting": supporting, "supported": supported, "day": day})


def covers(connection: Connection, practitioner_no: int, facility_code: str, span: LocalSpan) -> bool:
    """Say whether the declared hours of that weekday contain the whole span."""
    parameters = {
        "practitioner": practitioner_no,
        "facility": facility_code,
        "weekday": span.weekday,
        "day": span.day,
        "start": span.start_minute,
        "end": span.end_minute,
    }
    return _truth(connection, _COVERS, parameters)


def has_hours(connection: Connection, practitioner_no: int, facility_code: str, day: date) -> bool:
    """Say whether the practitioner has any declared hours at the facility on or after a day."""
    query = """select exists (select from practitioner_hours
        where practitioner_no = %s and facility_code = %s and (upper(validity) is null or upper(validity) > %s))"""
    return _truth(connection, query, (practitioner_no, facility_code, day))


def save_facility(connection: Connection, facility: Facility) -> None:
    """Insert or update a facility, without its declarations."""
    connection.execute(
        """insert into facilities (facility_code, kind, name, unit_code) values (%s, %s, %s, %s)
        on conflict (facility_code) do update set kind = excluded.kind, name = excluded.name,
            unit_code = excluded.unit_code""",
        (facility.facility_code, facility.kind, facility.name, facility.unit_code),
    )


def save_declaration(
    connection: Connection, facility_code: str, service_code: str, *, receipt_slip_on: date, published_on: date | None
) -> None:
    """Insert or update the declaration of one service."""
    connection.execute(
        """insert into facility_declarations (facility_code, service_code, receipt_slip_on, published_on)
        values (%s, %s, %s, %s)
        on conflict (facility_code, service_code) do update set receipt_slip_on = excluded.receipt_slip_on,
            published_on = excluded.published_on""",
        (facility_code, service_code, receipt_slip_on, published_on),
    )


def save_contract(connection: Connection, contract: Contract) -> None:
    """Insert a contract; one with the same number stays as it is but for its validity."""
    connection.execute(
        """insert into facility_contracts
        (contract_id, number, supporting_facility_code, supported_facility_code, valid_from, valid_to)
        values (%s, %s, %s, %s, %s, %s)
        on conflict (number) do update set valid_from = excluded.valid_from, valid_to = excluded.valid_to""",
        (
            contract.contract_id,
            contract.number,
            contract.supporting_facility_code,
            contract.supported_facility_code,
            contract.valid_from,
            contract.valid_to,
        ),
    )


def save_practitioner(connection: Connection, practitioner: Practitioner) -> int:
    """Insert or update a practitioner and replace the declared hours; return the number."""
    card = practitioner.card
    row = connection.execute(
        """insert into practitioners (practitioner_id, full_name, title, licence_number, service_codes)
        values (%s, %s, %s, %s, %s)
        on conflict (practitioner_id) do update set full_name = excluded.full_name, title = excluded.title,
            licence_number = excluded.licence_number, service_codes = excluded.service_codes
        returning practitioner_no""",
        (card.practitioner_id, card.full_name, card.title, card.licence_number, list(practitioner.service_codes)),
    ).fetchone()
    number: int = row[0] if row else 0
    connection.execute("delete from practitioner_hours where practitioner_no = %s", (number,))
    for hours in practitioner.hours:
        connection.execute(
            """insert into practitioner_hours
            (practitioner_no, facility_code, weekday, start_minute, end_minute, validity)
            values (%s, %s, %s, %s, %s, %s)""",
            (
                number,
                hours.facility_code,
                hours.weekday,
                hours.start_minute,
                hours.end_minute,
                Range(hours.valid_from, hours.valid_to, "[]"),
            ),
        )
    return number


def card_of(row: dict[str, Any], prefix: str = "") -> PractitionerCard:
    """Return the card in a row whose columns may carry a prefix."""
    return PractitionerCard(
        row[f"{prefix}practitioner_id"],
        row[f"{prefix}practitioner_no"],
        row[f"{prefix}full_name"],
        row[f"{prefix}title"],
        row[f"{prefix}licence_number"],
    )


def _complete(connection: Connection, rows: Sequence[dict[str, Any]], day: date) -> list[Facility]:
    parameters = {"codes": [row["facility_code"] for row in rows], "day": day}
    declarations: dict[str, list[Declaration]] = {row["facility_code"]: [] for row in rows}
    for found in connection.cursor(row_factory=dict_row).execute(_DECLARATIONS, parameters):
        declarations[found.pop("facility_code")].append(Declaration(**found))
    contracts = [
        Contract(**row) for row in connection.cursor(row_factory=dict_row).execute(_CONTRACTS, parameters).fetchall()
    ]
    return [
        Facility(
            row["facility_code"],
            FacilityKind(row["kind"]),
            row["name"],
            row["unit_code"],
            tuple(declarations[row["facility_code"]]),
            tuple(
                c for c in contracts if row["facility_code"] in (c.supporting_facility_code, c.supported_facility_code)
            ),
        )
        for row in rows
    ]


def _truth(connection: Connection, query: str, parameters: Any) -> bool:
    row = connection.execute(query, parameters).fetchone()
    return bool(row and row[0])

"""SQL of signed summaries."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import dict_row
from songcau_kit.database import Connection

from songcau_telehealth.facilities.model import PractitionerCard
from songcau_telehealth.facilities.repository import card_of

_FIND = """
select s.code, s.consultation_id, s.object_address, s.pdf_bix, s.signed_at, s.responsible_facility_code, f.name,
    p.practitioner_no, p.practitioner_id, p.full_name, p.title, p.licence_number
from summaries s
join practitioners p on p.practitioner_no = s.practitioner_no
join facilities f on f.facility_code = s.responsible_facility_code
"""


@dataclass(frozen=True)
class Summary:
    """A signed summary, as the database has it."""

    code: str
    consultation_id: UUID
    object_address: str
    pdf_bix: bytes
    signed_at: datetime
    facility_code: str
    facility_name: str
    practitioner: PractitionerCard


@dataclass(frozen=True)
class NewSummary:
    """A signed summary to be written."""

    code: str
    consultation_id: UUID
    object_address: str
    pdf_bix: bytes
    size: int
    practitioner_no: int
    facility_code: str
    list_version: str
    signed_at: datetime


def insert_summary(connection: Connection, new: NewSummary) -> None:
    """Write a summary; its code and its consultation are each unique."""
    connection.execute(
        """insert into summaries (code, consultation_id, object_address, pdf_bix, size, practitioner_no,
            responsible_facility_code, list_version, signed_at)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            new.code,
            new.consultation_id,
            new.object_address,
            new.pdf_bix,
            new.size,
            new.practitioner_no,
            new.facility_code,
            new.list_version,
            new.signed_at,
        ),
    )


def find_by_consultation(connection: Connection, consultation_id: UUID) -> Summary | None:
    """Return the summary of a consultation."""
    return _find(connection, "where s.consultation_id = %s", consultation_id)


def find_by_code(connection: Connection, code: str) -> Summary | None:
    """Return the summary with a code."""
    return _find(connection, "where s.code = %s", code)


def _find(connection: Connection, condition: str, value: object) -> Summary | None:
    row = connection.cursor(row_factory=dict_row).execute(_FIND + condition, (value,)).fetchone()
    if row is None:
        return None
    return Summary(
        row["code"],
        row["consultation_id"],
        row["object_address"],
        row["pdf_bix"],
        row["signed_at"],
        row["responsible_facility_code"],
        row["name"],
        card_of(row),
    )

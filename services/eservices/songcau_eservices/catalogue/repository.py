"""The SQL that reads procedures: a version in force, a version by id, the history."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection
from songcau_kit.errors import DomainError

from songcau_eservices.catalogue.content import from_json
from songcau_eservices.catalogue.model import ProcedureSource, ProcedureVersion
from songcau_eservices.errors import PROCEDURE_NOT_FOUND

_COLUMNS = "id, number, source, valid_from, valid_to, content::text"


@dataclass(frozen=True)
class HistoryLine:
    """When a version held, without its content."""

    id: UUID
    number: int
    source: ProcedureSource
    valid_from: date
    valid_to: date | None


def find_current_version(conn: Connection, code: str, on: date) -> ProcedureVersion | None:
    """Return the version of a procedure in force on a date; the province's own text before the national record."""
    query = f"""select {_COLUMNS} from procedure_versions
        where procedure_code = %s and valid_from <= %s and (valid_to is null or valid_to > %s)
        order by source, number desc limit 1"""  # noqa: S608  constants only
    row = conn.execute(query, (code, on, on)).fetchone()
    return _version(row) if row else None


def find_version(conn: Connection, version_id: UUID) -> ProcedureVersion | None:
    """Return a version by its id, in force or not."""
    query = f"select {_COLUMNS} from procedure_versions where id = %s"  # noqa: S608  constants only
    row = conn.execute(query, (version_id,)).fetchone()
    return _version(row) if row else None


def get_version(conn: Connection, version_id: UUID) -> ProcedureVersion:
    """Return a version by its id, in force or not; raise PROCEDURE_NOT_FOUND."""
    version = find_version(conn, version_id)
    if version is None:
        raise DomainError(PROCEDURE_NOT_FOUND)
    return version


def find_history(conn: Connection, code: str) -> tuple[int, list[HistoryLine]] | None:
    """Return the row version of a procedure and its versions, newest first."""
    rows = conn.execute(
        """select p.row_version, v.id, v.number, v.source, v.valid_from, v.valid_to
        from procedures p join procedure_versions v on v.procedure_code = p.code
        where p.code = %s order by v.valid_from desc, v.number desc""",
        (code,),
    ).fetchall()
    if not rows:
        return None
    return rows[0][0], [HistoryLine(row[1], row[2], ProcedureSource(row[3]), row[4], row[5]) for row in rows]


def _version(row: tuple[Any, ...]) -> ProcedureVersion:
    return ProcedureVersion(row[0], row[1], ProcedureSource(row[2]), row[3], row[4], from_json(row[5]))

"""All SQL of signed papers; their content stands in the object store."""

from collections.abc import Callable
from dataclasses import astuple, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection

from songcau_eservices.results.paper import Paper, PaperKind

_NAMES = tuple(field.name for field in fields(Paper))
_COLUMNS = ", ".join(_NAMES)
_SELECT = f"select {_COLUMNS} from papers"  # noqa: S608 -- names of this module
_INSERT = (
    f"insert into papers ({_COLUMNS}) values ({', '.join(['%s'] * len(_NAMES))}) "  # noqa: S608
    "on conflict (dossier_id, kind) do nothing"
)


_IDS = ("id", "dossier_id", "citizen_id")
_MOMENTS = ("signed_at", "revoked_at")
_BYTES = ("sha256", "revocation_reason_enc")
# A value beside a row of dossiers; JSON has no bytes.
RESULT_OF_DOSSIER = """(select json_build_array(id, dossier_id, citizen_id, kind, code, address, encode(sha256, 'hex'),
    agency, agency_name, procedure_code, procedure_name, signer, signed_at, revoked_at,
    encode(revocation_reason_enc, 'hex')) from papers where dossier_id = dossiers.id and kind = 'RESULT')"""


def of_json(row: list[Any] | None) -> Paper | None:
    """Return the paper that RESULT_OF_DOSSIER gave."""
    if row is None:
        return None
    values = dict(zip(_NAMES, row, strict=True))
    for names, read in ((_IDS, UUID), (_MOMENTS, datetime.fromisoformat), (_BYTES, bytes.fromhex)):
        values |= {name: read(values[name]) for name in names if values[name] is not None}
    return _paper(tuple(values.values()))


def ask(conn: Connection, dossier_id: UUID, kind: PaperKind) -> Callable[[], Paper | None]:
    """Send the question for a dossier's paper and return how to take its answer."""
    cursor = conn.execute(f"{_SELECT} where dossier_id = %s and kind = %s", (dossier_id, kind))

    def answer() -> Paper | None:
        row = cursor.fetchone()
        return _paper(row) if row else None

    return answer


def find_by_code(conn: Connection, code: str) -> Paper | None:
    """Return the paper with this code, in its printed form."""
    row = conn.execute(f"{_SELECT} where code = %s", (code,)).fetchone()
    return _paper(row) if row else None


def add(conn: Connection, paper: Paper) -> None:
    """Insert a paper; a dossier that has one of this kind keeps it."""
    conn.execute(_INSERT, astuple(paper))


def revoke(conn: Connection, paper_id: UUID, *, at: datetime, reason_enc: bytes) -> None:
    """Write that and why a paper holds no more."""
    conn.execute(
        "update papers set revoked_at = %s, revocation_reason_enc = %s where id = %s", (at, reason_enc, paper_id)
    )


def _paper(row: tuple[Any, ...]) -> Paper:
    values = dict(zip(_NAMES, row, strict=True))
    return Paper(**{**values, "kind": PaperKind(values["kind"])})

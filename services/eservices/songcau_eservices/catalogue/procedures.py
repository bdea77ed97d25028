"""What people ask of the catalogue: find procedures, read one. Open to everybody."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from songcau_kit.cursors import CursorSigner, CursorValue
from songcau_kit.database import Database
from songcau_kit.errors import CURSOR_INVALID, DomainError, Violation
from songcau_kit.pages import Page
from songcau_kit.text import LegacyEncodingError, normalize

from songcau_eservices.catalogue import repository, repository_search
from songcau_eservices.catalogue.model import ProcedureVersion
from songcau_eservices.catalogue.repository import HistoryLine
from songcau_eservices.catalogue.search import BEFORE_ALL, Place, ProcedureFilter, ProcedureHit, plain_code
from songcau_eservices.errors import LEGACY_ENCODING, PROCEDURE_NOT_FOUND, PROCEDURE_NOT_VALID
from songcau_eservices.pages import invalid, position

LONGEST_TEXT = 200


@dataclass(frozen=True)
class Procedure:
    """A procedure with the version in force and all its versions; `row_version` grows with every change."""

    code: str
    row_version: int
    current: ProcedureVersion
    history: tuple[HistoryLine, ...]


class ProcedureCatalogue:
    """Answers questions about procedures; holds no state of its own."""

    def __init__(self, database: Database, cursors: CursorSigner) -> None:
        self._database = database
        self._cursors = cursors

    def search(self, wanted: ProcedureFilter, page: Page) -> tuple[list[ProcedureHit], str]:
        """Return a page of hits and the token of the next one, empty on the last.

        The day of the first page holds for all its pages. Raises INVALID_REQUEST for overlong words, LEGACY_ENCODING
        for words in an old encoding, CURSOR_INVALID for a token of another question.
        """
        self._check(wanted)
        kind = f"procedures/{wanted.fingerprint}"
        wanted, after = _resumed(wanted, position(self._cursors, page, kind))
        with self._database.transaction(pipeline=True) as conn:
            hits = repository_search.search_procedures(conn, wanted, after=after, limit=page.size + 1)
        shown = hits[: page.size]
        return shown, self._cursors.encode(_cursor(kind, wanted, shown[-1])) if len(hits) > page.size else ""

    def get(self, code: str, on: date) -> Procedure:
        """Return a procedure as it stands on a day. Raises PROCEDURE_NOT_FOUND, PROCEDURE_NOT_VALID."""
        code = plain_code(code)
        with self._database.read() as conn:
            current = repository.find_current_version(conn, code, on)
            history = repository.find_history(conn, code)
        if history is None:
            raise DomainError(PROCEDURE_NOT_FOUND)
        if current is None:
            raise DomainError(PROCEDURE_NOT_VALID, details={"on": on.isoformat()})
        return Procedure(code, history[0], current, tuple(history[1]))

    def _check(self, wanted: ProcedureFilter) -> None:
        for name, text in (("query", wanted.query), ("field", wanted.field), ("authority", wanted.authority)):
            if len(text) > LONGEST_TEXT or "\0" in text:
                raise invalid(f"/{name}", "LENGTH_OUT_OF_RANGE" if len(text) > LONGEST_TEXT else "MALFORMED")
            refuse_legacy(text, f"/{name}")


def refuse_legacy(text: str, pointer: str) -> None:
    """Raise LEGACY_ENCODING with the kit's sentence for text typed in TCVN3 or VNI."""
    try:
        normalize(text)
    except LegacyEncodingError as error:
        violation = Violation(pointer, LEGACY_ENCODING.code, str(error))
        raise DomainError(LEGACY_ENCODING, violations=[violation]) from None


def _resumed(wanted: ProcedureFilter, values: Mapping[str, CursorValue]) -> tuple[ProcedureFilter, Place]:
    if not values:
        return wanted, BEFORE_ALL
    match values:
        case {"on": str(on), "rank": int(rank), "list": int(list_rank), "code": str(code)}:
            return replace(wanted, on=date.fromisoformat(on)), Place(rank, list_rank, code)
    raise DomainError(CURSOR_INVALID)


def _cursor(kind: str, wanted: ProcedureFilter, last: ProcedureHit) -> dict[str, CursorValue]:
    place = last.place
    on = wanted.on.isoformat()
    return {"kind": kind, "on": on, "rank": place.rank, "list": place.list_rank, "code": place.code}

"""What people ask of units and agencies: lists, a unit with its history, the unit of an address. Open to everybody."""

from dataclasses import dataclass
from datetime import date

from songcau_kit.cursors import CursorSigner
from songcau_kit.database import Database
from songcau_kit.errors import CURSOR_INVALID, DomainError, Violation
from songcau_kit.pages import Page
from songcau_kit.text import LegacyEncodingError
from songcau_units.agencies import Agency, AgencyKind
from songcau_units.gazetteer import Gazetteer
from songcau_units.model import Unit, UnitKind, UnitLink
from songcau_units.resolving import Answer, resolve

from songcau_eservices.errors import LEGACY_ENCODING, UNIT_NOT_FOUND
from songcau_eservices.pages import invalid, position
from songcau_eservices.units import repository, repository_agencies

LONGEST_ADDRESS = 500


@dataclass(frozen=True)
class UnitHistory:
    """A unit, what it was formed from and what became of it."""

    unit: Unit
    predecessors: tuple[UnitLink, ...]
    successors: tuple[UnitLink, ...]


@dataclass(frozen=True)
class AgencyFilter:
    """Which agencies are wanted; empty text and None mean all."""

    on: date
    kind: AgencyKind | None = None
    unit_code: str = ""


class UnitDirectory:
    """Answers questions about units and agencies; keeps the names of all units in memory once they are read."""

    def __init__(self, database: Database, cursors: CursorSigner) -> None:
        self._database = database
        self._cursors = cursors
        self._gazetteer: Gazetteer | None = None

    def list_units(self, on: date, kind: UnitKind | None, page: Page) -> tuple[list[Unit], str]:
        """Return a page of the units of a day and the next token. Raises CURSOR_INVALID."""
        list_kind = f"units/{kind or ''}"
        with self._database.read() as conn:
            units = repository.list_units(conn, on, kind=kind, after=self._after(page, list_kind), limit=page.size + 1)
        return units[: page.size], self._next(list_kind, [unit.code for unit in units], page)

    def get_unit(self, code: str, on: date) -> UnitHistory:
        """Return the unit that carried the code on a day. Raises UNIT_NOT_FOUND."""
        with self._database.read() as conn:
            unit = repository.find_unit(conn, code, on)
            if unit is None:
                raise DomainError(UNIT_NOT_FOUND, details={"on": on.isoformat()})
            before, after = repository.predecessors(conn, unit), repository.successors(conn, unit)
        return UnitHistory(unit, tuple(before), tuple(after))

    def resolve(self, text: str, written_on: date) -> Answer:
        """Return today's unit for an address. Raises INVALID_REQUEST, LEGACY_ENCODING; the text is never kept."""
        if not text.strip() or len(text) > LONGEST_ADDRESS:
            raise invalid("/text", "REQUIRED" if not text.strip() else "LENGTH_OUT_OF_RANGE")
        try:
            return resolve(text, self._loaded(), written_on=written_on)
        except LegacyEncodingError as error:
            violation = Violation("/text", LEGACY_ENCODING.code, str(error))
            raise DomainError(LEGACY_ENCODING, violations=[violation]) from None

    def list_agencies(self, wanted: AgencyFilter, page: Page) -> tuple[list[Agency], str]:
        """Return a page of the agencies of a day and the next token. Raises CURSOR_INVALID."""
        list_kind = f"agencies/{wanted.kind or ''}/{wanted.unit_code}"
        after = self._after(page, list_kind)
        with self._database.read() as conn:
            agencies = repository_agencies.list_agencies(
                conn, wanted.on, kind=wanted.kind, unit_code=wanted.unit_code, after=after, limit=page.size + 1
            )
        return agencies[: page.size], self._next(list_kind, [agency.code for agency in agencies], page)

    def _loaded(self) -> Gazetteer:
        if self._gazetteer is None:
            with self._database.read() as conn:
                units, successions = repository.all_units(conn), repository.all_successions(conn)
            gazetteer = Gazetteer(units, successions)
            if not units:  # not seeded yet: look again at the next question
                return gazetteer
            self._gazetteer = gazetteer
        return self._gazetteer

    def _after(self, page: Page, kind: str) -> str:
        code = position(self._cursors, page, kind).get("code", "")
        if not isinstance(code, str):
            raise DomainError(CURSOR_INVALID)
        return code

    def _next(self, kind: str, codes: list[str], page: Page) -> str:
        return self._cursors.encode({"kind": kind, "code": codes[page.size - 1]}) if len(codes) > page.size else ""

"""Reads the register of breaches: one with its texts and steps, the list, who was touched, the notice as a form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from songcau_kit.clock import VIETNAM
from songcau_kit.cursors import CursorSigner
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.pdf import render_pdf

from songcau_identity.auditing import Access, Asker, require_agency, require_purpose
from songcau_identity.breaches import facts as words
from songcau_identity.breaches import repository
from songcau_identity.breaches.model import Breach, BreachFacts, BreachStep, TouchedPerson
from songcau_identity.errors import BREACH_NOT_FOUND
from songcau_identity.officers import Desk
from songcau_identity.positions import Position, page_size_of, read_position, write_position

TEMPLATE = Path(__file__).parent.parent / "templates" / "breach_notice.typ"
LIST = "breaches"
_DAY_AND_TIME = "%H:%M ngày %d/%m/%Y"


@dataclass(frozen=True)
class OpenedBreach:
    """A breach with its texts and its steps."""

    breach: Breach
    facts: BreachFacts
    steps: Sequence[BreachStep]


@dataclass(frozen=True)
class Controller:
    """Who answers for the data, as the notice names them."""

    name: str
    contact: str


class BreachReading:
    """The use cases GetBreach, ListBreaches, ListBreachPersons and GetBreachForm."""

    def __init__(self, desk: Desk, cursors: CursorSigner, controller: Controller) -> None:
        self._desk = desk
        self._cursors = cursors
        self._controller = controller

    def get(self, asker: Asker, breach_id: UUID | None) -> OpenedBreach:
        """Return one breach; raises BREACH_NOT_FOUND."""
        _admit(asker)
        with self._desk.database.read() as conn:
            breach = _get(conn, breach_id)
            data_key = self._desk.data_keys.get(conn, breach.breach_id)
            known = words.unseal(data_key, breach, repository.get_facts(conn, breach.breach_id))
            return OpenedBreach(breach, known, repository.list_steps(conn, breach.breach_id))

    def list_all(self, asker: Asker, *, page_size: int, cursor: str) -> tuple[Sequence[Breach], str]:
        """Return a page and the cursor of the next; raises CURSOR_INVALID."""
        _admit(asker)
        size = page_size_of(page_size)
        after = read_position(self._cursors, cursor, of=LIST)
        with self._desk.database.read() as conn:
            found = repository.list_breaches(conn, after=after, limit=size + 1)
        if len(found) <= size:
            return found, ""
        last = found[size - 1]
        return found[:size], write_position(self._cursors, Position(last.detected_at, last.breach_id), of=LIST)

    def list_persons(
        self, asker: Asker, breach_id: UUID | None, access: Access, *, page_size: int, cursor: str
    ) -> tuple[Sequence[TouchedPerson], str]:
        """Return a page of who was touched; each of them learns it. Raises BREACH_NOT_FOUND and CURSOR_INVALID."""
        _admit(asker)
        size = page_size_of(page_size)
        with self._desk.database.read() as conn:
            breach = _get(conn, breach_id)
            of = str(breach.breach_id)
            after = read_position(self._cursors, cursor, of=of)
            found = repository.list_persons(conn, breach.breach_id, after=after.id if after else None, limit=size + 1)
        page = found[:size]
        access.subjects.extend(person.citizen_id for person in page)
        if len(found) <= size:
            return page, ""
        return page, write_position(self._cursors, Position(breach.detected_at, page[-1].citizen_id), of=of)

    def form(self, asker: Asker, breach_id: UUID | None) -> bytes:
        """Return the notice to the authority as PDF/A; raises BREACH_NOT_FOUND."""
        opened = self.get(asker, breach_id)
        now = self._desk.clock.now()
        return render_pdf(TEMPLATE, form_of(opened, self._controller, made_at=now.astimezone(VIETNAM)), at=now)


def form_of(opened: OpenedBreach, controller: Controller, *, made_at: datetime) -> dict[str, object]:
    """Return what the template shows."""
    breach, known = opened.breach, opened.facts
    names = words.known_categories()

    def local(moment: datetime | None) -> str:
        return moment.astimezone(VIETNAM).strftime(_DAY_AND_TIME) if moment else ""

    return {
        "controller": {"name": controller.name, "contact": controller.contact},
        "breach": str(breach.breach_id),
        "day": made_at.strftime("%d"),
        "month": made_at.strftime("%m"),
        "year": made_at.strftime("%Y"),
        "detected_at": local(breach.detected_at),
        "due_at": local(breach.notice_due_at),
        "is_late": breach.is_overdue(made_at),
        "persons": breach.persons,
        "categories": [names.get(name, name) for name in breach.categories],
        "has_biometric_data": breach.has_biometric_data,
        "has_location_data": breach.has_location_data,
        "persons_told_at": local(breach.persons_told_at),
        "description": known.description,
        "consequences": known.consequences,
        "measures": known.measures,
    }


def _admit(asker: Asker) -> None:
    require_agency(asker)
    require_purpose(asker)


def _get(conn: Connection, breach_id: UUID | None) -> Breach:
    breach = repository.find_breach(conn, breach_id) if breach_id else None
    if breach is None:
        raise DomainError(BREACH_NOT_FOUND)
    return breach

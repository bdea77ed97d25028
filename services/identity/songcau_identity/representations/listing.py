"""Lists who stands for whom: people see their own, officers those of a citizen."""

from dataclasses import dataclass
from uuid import UUID

from songcau_kit.cursors import CursorSigner
from songcau_kit.database import Database
from songcau_kit.errors import CURSOR_INVALID, DomainError

from songcau_identity.auditing import Access, Asker, require_agency, require_purpose
from songcau_identity.errors import CITIZEN_NOT_FOUND
from songcau_identity.officers import refuse_own_record
from songcau_identity.positions import page_size_of
from songcau_identity.repositories import citizens
from songcau_identity.representations import repository
from songcau_identity.representations.model import Representation


@dataclass(frozen=True)
class RepresentationPage:
    """One page; the cursor of the next is empty on the last."""

    representations: tuple[Representation, ...]
    next_cursor: str


class RepresentationList:
    """The use cases ListOwnRepresentations and ListCitizenRepresentations."""

    def __init__(self, *, database: Database, cursors: CursorSigner) -> None:
        self._database = database
        self._cursors = cursors

    def list_own(self, asker: Asker, access: Access, *, page_size: int, cursor: str) -> RepresentationPage:
        """Return a page of the asker's own; raises CITIZEN_NOT_FOUND and CURSOR_INVALID."""
        return self._page(asker.own_citizen_id, access, page_size, cursor)

    def list_for_officer(
        self, asker: Asker, citizen_id: UUID | None, access: Access, *, page_size: int, cursor: str
    ) -> RepresentationPage:
        """Return a page of a citizen's; raises OFFICER_WITHOUT_AGENCY, PURPOSE_REQUIRED, OWN_RECORD too."""
        require_agency(asker)
        require_purpose(asker)
        return self._page(citizen_id, access, page_size, cursor, kept_from=asker)

    def _page(
        self, citizen_id: UUID | None, access: Access, page_size: int, cursor: str, *, kept_from: Asker | None = None
    ) -> RepresentationPage:
        size = page_size_of(page_size)
        with self._database.read() as conn:
            family = citizens.find_family(conn, citizen_id) if citizen_id else ()
            if not family:
                raise DomainError(CITIZEN_NOT_FOUND)
            access.subjects.append(family[0])
            if kept_from is not None:
                refuse_own_record(conn, kept_from, family[0])
            before = self._before(cursor, str(family[0]))
            found = repository.list_of(conn, family, before=before, limit=size + 1)
        page = tuple(found[:size])
        if len(found) <= size:
            return RepresentationPage(page, "")
        last = {"representation": str(page[-1].representation_id), "of": str(family[0])}
        return RepresentationPage(page, self._cursors.encode(last))

    def _before(self, cursor: str, of: str) -> UUID | None:
        if not cursor:
            return None
        place = self._cursors.decode(cursor)
        if place.get("of") != of or "representation" not in place:
            raise DomainError(CURSOR_INVALID)
        return UUID(str(place["representation"]))

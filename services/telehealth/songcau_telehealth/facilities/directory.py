"""The open directory: facilities and practitioners that anybody signed in may look up."""

from songcau_kit.clock import Clock, local_date
from songcau_kit.cursors import CursorSigner
from songcau_kit.database import Database
from songcau_kit.errors import DomainError
from songcau_kit.pages import Page

from songcau_telehealth.errors import FACILITY_NOT_FOUND
from songcau_telehealth.facilities import repository
from songcau_telehealth.facilities.model import Facility, FacilityKind, Practitioner
from songcau_telehealth.pages import position_of


class Directory:
    """Reads facilities and practitioners; nothing of a citizen is here, so nothing is audited."""

    def __init__(self, database: Database, clock: Clock, cursors: CursorSigner) -> None:
        self._database = database
        self._clock = clock
        self._cursors = cursors

    def list_facilities(
        self, page: Page, *, kind: FacilityKind | None, unit_code: str | None, service_code: str | None
    ) -> tuple[list[Facility], str]:
        """Return a page of facilities in the order of their codes, and the next page's token."""
        after = position_of(self._cursors, page, "facility", "")
        with self._database.transaction() as connection:
            found = repository.list_facilities(
                connection,
                after=after,
                limit=page.size + 1,
                day=local_date(self._clock.now()),
                filters=(kind, unit_code, service_code),
            )
        shown = found[: page.size]
        more = len(found) > page.size
        return shown, self._cursors.encode({"facility": shown[-1].facility_code}) if more else ""

    def get_facility(self, facility_code: str) -> Facility:
        """Return one facility; raise FACILITY_NOT_FOUND."""
        with self._database.transaction() as connection:
            facility = repository.find_facility(connection, facility_code, local_date(self._clock.now()))
        if facility is None:
            raise DomainError(FACILITY_NOT_FOUND, details={"facility_code": facility_code})
        return facility

    def list_practitioners(
        self, page: Page, *, facility_code: str | None, service_code: str | None
    ) -> tuple[list[Practitioner], str]:
        """Return a page of practitioners, and the next page's token."""
        after = position_of(self._cursors, page, "practitioner", 0)
        with self._database.transaction() as connection:
            found = repository.list_practitioners(
                connection,
                after=after,
                limit=page.size + 1,
                day=local_date(self._clock.now()),
                facility_code=facility_code,
                service_code=service_code,
            )
        shown = found[: page.size]
        more = len(found) > page.size
        return shown, self._cursors.encode({"practitioner": shown[-1].card.practitioner_no}) if more else ""

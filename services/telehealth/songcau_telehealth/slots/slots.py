"""Publishing and listing slots: only inside declared hours, only of declared services, capacity one."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from songcau_kit.clock import VIETNAM, Clock, local_date
from songcau_kit.cursors import CursorSigner
from songcau_kit.database import Connection, Database
from songcau_kit.errors import INVALID_REQUEST, DomainError, Violation
from songcau_kit.pages import Page
from songcau_kit.rpc_call import Call

from songcau_telehealth.errors import (
    FACILITY_NOT_DECLARED,
    FACILITY_NOT_FOUND,
    PRACTITIONER_NOT_FOUND,
    SLOT_OVERLAPS,
)
from songcau_telehealth.facilities import repository as facilities
from songcau_telehealth.facilities import rules
from songcau_telehealth.facilities.model import Practitioner
from songcau_telehealth.once import Once, Register
from songcau_telehealth.pages import position_of
from songcau_telehealth.slots import repository
from songcau_telehealth.slots.model import Period, Slot, SlotFilter

MOST_AT_ONCE = 200
FIRST_ID = UUID(int=0)


class Slots:
    """The slots of every facility."""

    def __init__(self, database: Database, clock: Clock, cursors: CursorSigner, register: Register) -> None:
        self._database = database
        self._clock = clock
        self._cursors = cursors
        self._register = register

    def publish(
        self,
        call: Call,
        once: Once[Sequence[Slot]],
        *,
        facility_code: str,
        practitioner_id: UUID,
        periods: Sequence[Period],
    ) -> bytes:
        """Publish slots, all or none; the caller manages the facility, else FACILITY_NOT_FOUND."""
        if facility_code not in call.known_caller.values("facility_codes"):
            raise DomainError(FACILITY_NOT_FOUND, details={"facility_code": facility_code})
        self._check(periods)
        with self._database.transaction() as connection:
            stored = self._register.find(connection, call, once)
            if stored is not None:
                return stored
            slots = self._insert(connection, facility_code, practitioner_id, periods)
            return self._register.keep(connection, call, once, slots)

    def publish_seeded(self, *, facility_code: str, practitioner_id: UUID, periods: Sequence[Period]) -> int:
        """Publish for a seed what begins after the practitioner's last slot; return how many slots that are."""
        with self._database.transaction() as connection:
            last = repository.find_last_end(connection, practitioner_id)
            new = [period for period in periods if last is None or period.starts_at >= last]
            if new:
                self._insert(connection, facility_code, practitioner_id, new)
        return len(new)

    def list_slots(self, page: Page, wanted: SlotFilter) -> tuple[Sequence[Slot], str]:
        """Return a page of slots that have not begun, and the next page's token."""
        place = position_of(self._cursors, page, "slot", "")
        after = (datetime.fromisoformat(place.split("|")[0]), UUID(place.split("|")[1])) if place else None
        with self._database.read() as connection:
            found = repository.list_slots(
                connection, wanted, after=after or (datetime.min.replace(tzinfo=UTC), FIRST_ID), limit=page.size + 1
            )
        shown = found[: page.size]
        if len(found) <= page.size:
            return shown, ""
        return shown, self._cursors.encode({"slot": f"{shown[-1].starts_at.isoformat()}|{shown[-1].slot_id}"})

    def _check(self, periods: Sequence[Period]) -> None:
        now = self._clock.now()
        violations = [
            Violation(f"/slots/{index}", fault) for index, period in enumerate(periods) for fault in period.faults(now)
        ]
        if not 1 <= len(periods) <= MOST_AT_ONCE:
            violations.append(Violation("/slots", "COUNT_OUT_OF_RANGE"))
        if violations:
            raise DomainError(INVALID_REQUEST, violations=violations)

    def _insert(
        self, connection: Connection, facility_code: str, practitioner_id: UUID, periods: Sequence[Period]
    ) -> list[Slot]:
        if not facilities.has_facility(connection, facility_code):
            raise DomainError(FACILITY_NOT_FOUND, details={"facility_code": facility_code})
        practitioner = facilities.find_practitioner(connection, practitioner_id)
        if practitioner is None:
            raise DomainError(PRACTITIONER_NOT_FOUND)
        for period in periods:
            _require_offerable(connection, facility_code, practitioner, period)
        ids = [self._clock.new_id() for _ in periods]
        number = practitioner.card.practitioner_no
        try:
            repository.insert_slots(
                connection,
                ids=ids,
                practitioner_no=number,
                facility_code=facility_code,
                periods=periods,
                now=self._clock.now(),
            )
        except repository.OverlapError as error:
            raise DomainError(SLOT_OVERLAPS, details=_blocking(error)) from None
        return [
            Slot(slot_id, facility_code, practitioner_id, period.starts_at, period.ends_at, True)
            for slot_id, period in zip(ids, periods, strict=True)
        ]


def _require_offerable(connection: Connection, facility_code: str, practitioner: Practitioner, period: Period) -> None:
    day = local_date(period.starts_at)
    if not facilities.is_declared(connection, facility_code, practitioner.service_codes, day):
        raise DomainError(FACILITY_NOT_DECLARED, details={"facility_code": facility_code, "day": str(day)})
    number = practitioner.card.practitioner_no
    rules.require_hours(connection, number, facility_code, starts_at=period.starts_at, ends_at=period.ends_at)


def _blocking(error: repository.OverlapError) -> dict[str, str]:
    # Two overlapping slots of the same request block each other, and then there is no slot to name.
    if error.slot_id is None or error.starts_at is None:
        return {}
    return {"slot_id": str(error.slot_id), "starts_at": error.starts_at.astimezone(VIETNAM).isoformat()}

"""Holding, confirming and freeing slots: who comes first wins, everybody else learns which slot stands in the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from songcau_kit.clock import VIETNAM, local_date
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.rpc_call import Call

from songcau_telehealth.citizens.model import Citizen
from songcau_telehealth.citizens.repository import list_numbers
from songcau_telehealth.consultations import repository_bookings as bookings
from songcau_telehealth.consultations.model import Actor, Step
from songcau_telehealth.consultations.records import CancellationReason, Consultation
from songcau_telehealth.consultations.repository_bookings import BlockedError, Blocking, NewHold
from songcau_telehealth.consultations.steps import Changes, Desk, Moment, Order
from songcau_telehealth.consultations.terms import Terms
from songcau_telehealth.errors import (
    CITIZEN_NOT_KNOWN_YET,
    HOLD_EXPIRED,
    HOLD_REPLACED,
    PATIENT_BUSY,
    PRACTITIONER_NOT_FOUND,
    PRACTITIONER_NOT_SHOWN,
    SLOT_ELSEWHERE,
    SLOT_IN_PAST,
    SLOT_NOT_FOUND,
    SLOT_TAKEN,
)
from songcau_telehealth.facilities import repository as facilities
from songcau_telehealth.facilities import rules
from songcau_telehealth.facilities.model import Practitioner
from songcau_telehealth.slots import repository as slots
from songcau_telehealth.slots.model import BookableSlot

NOTHING: Changes = {}


@dataclass(frozen=True)
class Shown:
    """What the patient was shown of the hold; without `starts_at` only the practitioner was."""

    licence_number: str
    starts_at: datetime | None = None


class Booking:
    """The booking desk."""

    def __init__(self, desk: Desk, terms: Terms) -> None:
        self._desk = desk
        self._terms = terms

    def offer(self, call: Call, order: Order, slot_id: UUID) -> bytes:
        """Hold a slot; raises SLOT_TAKEN or PATIENT_BUSY with the blocking slot, and the rules of remote care."""

        def hold(moment: Moment) -> Changes:
            slot = slots.lock_slot(moment.connection, slot_id)
            if slot is None:
                raise DomainError(SLOT_NOT_FOUND)
            # First what needs no further look: under the lock of a slot that many want, losers must be quick.
            numbers = list_numbers(moment.connection, _citizen(moment).citizen_id)
            _require_free(moment.connection, slot, numbers)
            self._require_offerable(moment, slot)
            self._hold(moment, slot, numbers[0])
            return {"practitioner_no": slot.practitioner_no}

        return self._desk.take(call, order, Step.OFFER, hold, books=True)

    def confirm(self, call: Call, order: Order, *, hold_id: UUID, shown: Shown) -> bytes:
        """Book the held slot, if it is still this hold, still alive, and the practitioner was shown (rule 9)."""

        def book(moment: Moment) -> Changes:
            consultation = moment.consultation
            booking, practitioner = consultation.booking, consultation.practitioner
            if booking is None or practitioner is None or booking.hold_id != hold_id:
                raise DomainError(HOLD_REPLACED)
            if shown.licence_number.strip() != practitioner.licence_number:
                raise DomainError(PRACTITIONER_NOT_SHOWN)
            slot = slots.lock_slot(moment.connection, booking.slot_id)
            if slot is not None and shown.starts_at not in (None, slot.starts_at):
                raise DomainError(HOLD_REPLACED)
            if slot is not None:
                _require_lawful(moment.connection, consultation, slot)
            if not bookings.confirm(moment.connection, hold_id, consultation.consultation_id):
                raise DomainError(HOLD_EXPIRED)
            return NOTHING

        return self._desk.take(call, order, Step.CONFIRM, book, books=True)

    def release_expired(self, consultation_id: UUID) -> bool:
        """Free the slot of a hold that ran out; say whether there was one."""

        def release(moment: Moment) -> Changes:
            # Asked again under the lock: a confirmation may have been faster, then the state no longer fits either.
            if not bookings.is_expired(moment.connection, consultation_id):
                raise _StillHeldError
            bookings.release(moment.connection, consultation_id)
            return {"practitioner_no": None}

        try:
            return self._desk.take_alone(consultation_id, Step.RELEASE_HOLD, release)
        except _StillHeldError:
            return False

    def expire(self, consultation_id: UUID) -> bool:
        """End a request that nobody scheduled in time; say whether it still waited."""
        return self._desk.take_alone(consultation_id, Step.EXPIRE, lambda _: NOTHING)

    def close_unheld(self, consultation_id: UUID) -> bool:
        """End a booking whose time has long passed without a word; say whether it still stood."""

        def close(moment: Moment) -> Changes:
            bookings.use_up(moment.connection, consultation_id)
            return {"cancelled_by": Actor.SYSTEM, "cancellation_reason": CancellationReason.NOT_HELD}

        return self._desk.take_alone(consultation_id, Step.CLOSE_UNHELD, close)

    def _require_offerable(self, moment: Moment, slot: BookableSlot) -> None:
        consultation = moment.consultation
        if slot.facility_code != consultation.facility_code:
            raise DomainError(SLOT_ELSEWHERE, details={"facility_code": slot.facility_code})
        if slot.starts_at <= self._desk.clock.now():
            raise DomainError(SLOT_IN_PAST)
        rules.require_scope(_practitioner(moment.connection, slot), consultation.service_code)
        _require_lawful(moment.connection, consultation, slot)

    def _hold(self, moment: Moment, slot: BookableSlot, citizen_no: int) -> None:
        new = NewHold(
            hold_id=self._desk.clock.new_id(),
            consultation_id=moment.consultation.consultation_id,
            citizen_no=citizen_no,
            lifetime=self._terms.hold,
        )
        try:
            bookings.hold(moment.connection, slot, new)
        except BlockedError as error:
            raise _blocked_by(error.blocking) from None


def _require_free(connection: Connection, slot: BookableSlot, citizen_nos: Sequence[int]) -> None:
    """Refuse what is taken already: by constraint under the surviving record's number, under the others' by this look.

    A merge waits for bookings under way, so what was booked under another record before it is seen here.
    """
    blocking = bookings.find_blocking(connection, slot.slot_id, citizen_nos)
    if blocking is not None:
        raise _blocked_by(blocking)


class _StillHeldError(Exception):
    """The hold is alive after all."""


def _blocked_by(blocking: Blocking) -> DomainError:
    """Return the refusal that names the slot in the way; whose booking it is stays untold."""
    details = {
        "slot_id": str(blocking.slot_id),
        "starts_at": blocking.starts_at.astimezone(VIETNAM).isoformat(),
    }
    return DomainError(SLOT_TAKEN if blocking.is_practitioner else PATIENT_BUSY, details=details)


def _require_lawful(connection: Connection, consultation: Consultation, slot: BookableSlot) -> None:
    """Check the rules that bind facility and practitioner on the day of the slot."""
    day = local_date(slot.starts_at)
    rules.require_declared(connection, consultation.facility_code, consultation.service_code, day)
    rules.require_contract(
        connection,
        supporting=consultation.facility_code,
        supported=consultation.receiving_facility_code,
        day=day,
    )
    rules.require_hours(
        connection, slot.practitioner_no, slot.facility_code, starts_at=slot.starts_at, ends_at=slot.ends_at
    )


def _practitioner(connection: Connection, slot: BookableSlot) -> Practitioner:
    found = facilities.find_practitioner(connection, slot.practitioner_id)
    if found is None:
        raise DomainError(PRACTITIONER_NOT_FOUND)
    return found


def _citizen(moment: Moment) -> Citizen:
    if moment.citizen is None:
        raise DomainError(CITIZEN_NOT_KNOWN_YET)
    return moment.citizen

"""The day of the consultation: who is there, who admits, who did not come, and calling it off."""

from collections.abc import Collection
from datetime import datetime, timedelta

from songcau_kit.clock import VIETNAM, local_date
from songcau_kit.errors import INVALID_REQUEST, DomainError, Violation
from songcau_kit.rpc_call import Call

from songcau_telehealth.consultations import access, repository
from songcau_telehealth.consultations import repository_bookings as bookings
from songcau_telehealth.consultations.model import Actor, State, Step
from songcau_telehealth.consultations.records import (
    LONGEST_TEXT,
    AbsentParty,
    Booking,
    CancellationReason,
    Consultation,
    IdentityProof,
)
from songcau_telehealth.consultations.steps import Changes, Desk, Moment, Order
from songcau_telehealth.consultations.terms import Terms
from songcau_telehealth.errors import (
    CHECK_IN_WINDOW,
    NOT_THE_PRACTITIONER,
    PROOF_NOT_ALLOWED,
    REPRESENTATIVE_REQUIRED,
    SLOT_NOT_FOUND,
    STEP_NOT_YOURS,
    TOO_EARLY_FOR_NO_SHOW,
)
from songcau_telehealth.facilities import rules

_MINUTE = timedelta(minutes=1)
ANYBODY = frozenset(Actor)


class Attendance:
    """The waiting room."""

    def __init__(self, desk: Desk, terms: Terms) -> None:
        self._desk = desk
        self._terms = terms

    def check_in(self, call: Call, order: Order, *, proof: IdentityProof, representative_present: bool) -> bytes:
        """Record that the patient is there and how identity was proved."""

        def record(moment: Moment) -> Changes:
            self._require_window(_booking(moment.consultation))
            # A citizen at home has nothing but the own session; at the station somebody has seen the person.
            if (moment.actor is Actor.CITIZEN) != (proof is IdentityProof.VNEID_SESSION):
                raise DomainError(PROOF_NOT_ALLOWED, details={"proof": proof})
            if moment.consultation.is_child and not representative_present:
                raise DomainError(REPRESENTATIVE_REQUIRED)
            return {
                "identity_proof": proof,
                "representative_present": representative_present,
                "checked_in_at": self._desk.clock.now(),
            }

        return self._desk.take(call, order, Step.CHECK_IN, record)

    def admit(self, call: Call, order: Order) -> bytes:
        """Claim the patient for the practitioner of the slot, inside declared hours and lawful today."""

        def claim(moment: Moment) -> Changes:
            require_practitioner(moment)
            consultation, now = moment.consultation, self._desk.clock.now()
            today = local_date(now)
            rules.require_declared(moment.connection, consultation.facility_code, consultation.service_code, today)
            rules.require_contract(
                moment.connection,
                supporting=consultation.facility_code,
                supported=consultation.receiving_facility_code,
                day=today,
            )
            minute = now.replace(second=0, microsecond=0)
            number = consultation.practitioner.practitioner_no if consultation.practitioner else 0
            rules.require_hours(
                moment.connection, number, consultation.facility_code, starts_at=minute, ends_at=minute + _MINUTE
            )
            return {}

        return self._desk.take(call, order, Step.ADMIT, claim)

    def cancel(self, call: Call, order: Order, *, reason: CancellationReason, note: str) -> bytes:
        """Call a consultation off and free its slot; a running call ends only for consent that was withdrawn."""
        if reason is CancellationReason.NOT_HELD:
            raise DomainError(INVALID_REQUEST, violations=[Violation("/reason", "UNKNOWN_VALUE")])
        if len(note) > LONGEST_TEXT:
            raise DomainError(INVALID_REQUEST, violations=[Violation("/note", "LENGTH_OUT_OF_RANGE")])
        return self._call_off(call, order, reason, note)

    def withdraw_consent(self, call: Call, order: Order) -> bytes:
        """Call a consultation off, also in the call, as its patient withdraws; staff do so as `cancel`."""
        return self._call_off(call, order, CancellationReason.CONSENT_WITHDRAWN, "", who=frozenset({Actor.CITIZEN}))

    def _call_off(
        self, call: Call, order: Order, reason: CancellationReason, note: str, *, who: Collection[Actor] = ANYBODY
    ) -> bytes:
        def call_off(moment: Moment) -> Changes:
            if moment.actor not in who:
                raise DomainError(STEP_NOT_YOURS)
            changes = {
                "cancelled_by": moment.actor,
                "cancellation_reason": reason,
                "cancellation_note_enc": moment.envelope.seal_text("cancellation_note_enc", note) if note else None,
            }
            return changes | _free_slot(moment)

        stops = reason is CancellationReason.CONSENT_WITHDRAWN and self._is_in_call(order)
        return self._desk.take(call, order, Step.STOP if stops else Step.CANCEL, call_off)

    def mark_no_show(self, call: Call, order: Order, absent: AbsentParty) -> bytes:
        """Record who did not come, once the slot has begun and the grace time is over."""

        def record(moment: Moment) -> Changes:
            opens = _booking(moment.consultation).starts_at + self._terms.no_show_grace
            if self._desk.clock.now() < opens:
                raise DomainError(TOO_EARLY_FOR_NO_SHOW, details={"from": _local(opens)})
            bookings.use_up(moment.connection, moment.consultation.consultation_id)
            return {}

        is_patient = absent is AbsentParty.PATIENT
        step = Step.MARK_PATIENT_MISSED if is_patient else Step.MARK_CLINICIAN_MISSED
        return self._desk.take(call, order, step, record)

    def _is_in_call(self, order: Order) -> bool:
        with self._desk.database.read() as connection:
            found = repository.find_consultation(connection, order.consultation_id)
        return found is not None and found.state is State.IN_CALL

    def _require_window(self, booking: Booking) -> None:
        opens, closes = booking.starts_at - self._terms.check_in_opens, booking.ends_at
        if not opens <= self._desk.clock.now() <= closes:
            raise DomainError(CHECK_IN_WINDOW, details={"opens_at": _local(opens), "closes_at": _local(closes)})


def _free_slot(moment: Moment) -> dict[str, object]:
    if moment.transition.step is Step.CANCEL:
        bookings.release(moment.connection, moment.consultation.consultation_id)
        return {"practitioner_no": None}
    # The time was used, and who was responsible stays on record.
    bookings.use_up(moment.connection, moment.consultation.consultation_id)
    return {}


def require_practitioner(moment: Moment) -> None:
    """Refuse everybody but the practitioner of the slot: responsibility is never empty and never two."""
    practitioner = moment.consultation.practitioner
    caller_is = access.find_practitioner_id(moment.call.known_caller) if moment.call else None
    if practitioner is None or caller_is != practitioner.practitioner_id:
        raise DomainError(NOT_THE_PRACTITIONER)


def _booking(consultation: Consultation) -> Booking:
    if consultation.booking is None:
        raise DomainError(SLOT_NOT_FOUND)
    return consultation.booking


def _local(moment: datetime) -> str:
    return moment.astimezone(VIETNAM).isoformat()

"""Facts become event messages: ids and codes only, and nothing from which an illness could be read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from songcau.telehealth.events.v1 import consultation_event_pb2 as messages
from songcau_kit.clock import Clock
from songcau_kit.events import Actor as EventActor
from songcau_kit.events import event_meta, to_outbox
from songcau_kit.outbox import OutboxEvent
from songcau_kit.rpc_call import Call

from songcau_telehealth.consultations.model import Actor, Fact
from songcau_telehealth.consultations.records import Booking, Consultation

CONSULTATION_TOPIC = "telehealth.consultation.v1"
SERVICE = "telehealth"

_KINDS = {Actor.CITIZEN: "CITIZEN", Actor.STATION: "STATION_OFFICER", Actor.CLINICIAN: "CLINICIAN"}


@dataclass(frozen=True)
class Origin:
    """Who made a fact happen, in the course of which request."""

    actor: EventActor
    correlation_id: str


def origin(call: Call, actor: Actor, organization: str) -> Origin:
    """Return the origin of what a caller does."""
    return Origin(EventActor(call.known_caller.subject, _KINDS[actor], organization), call.correlation_id)


def system_origin(correlation_id: str) -> Origin:
    """Return the origin of what the platform does by itself."""
    return Origin(EventActor(SERVICE, "SYSTEM"), correlation_id)


def fact(clock: Clock, kind: Fact, before: Consultation | None, after: Consultation, by: Origin) -> OutboxEvent:
    """Return the event of one step, from what the consultation was to what it is."""
    event = messages.ConsultationEvent(
        meta=event_meta(clock, after.consultation_id, after.version, by.actor, correlation_id=by.correlation_id),
        citizen_id=str(after.citizen_id),
        mode=after.mode,
        facility_code=after.facility_code,
        receiving_facility_code=after.receiving_facility_code or "",
        responsible_facility_code=after.responsible_facility_code,
        state=after.state,
    )
    name = kind.value.lower()
    # The empty facts tell all by their name; SetInParent is what makes them the chosen one.
    getattr(event, name).SetInParent()
    getattr(event, name).MergeFrom(_DETAILS[kind](before or after, after, by))
    return to_outbox(CONSULTATION_TOPIC, event)


def _requested(_: Consultation, after: Consultation, by: Origin) -> messages.ConsultationRequested:
    requested_by = "CITIZEN" if by.actor.kind == "CITIZEN" else "STATION"
    return messages.ConsultationRequested(requested_by=requested_by, consent_text_version=after.consent.text_version)


def _offered(_: Consultation, after: Consultation, __: Origin) -> messages.ConsultationOffered:
    booking = _booking(after)
    return messages.ConsultationOffered(
        hold_id=str(booking.hold_id),
        slot_id=str(booking.slot_id),
        practitioner_id=_practitioner(after),
        starts_at=_stamp(booking.starts_at),
        ends_at=_stamp(booking.ends_at),
        expires_at=_stamp(booking.expires_at) if booking.expires_at else None,
    )


def _hold_expired(before: Consultation, _: Consultation, __: Origin) -> messages.ConsultationHoldExpired:
    booking = _booking(before)
    return messages.ConsultationHoldExpired(hold_id=str(booking.hold_id), slot_id=str(booking.slot_id))


def _scheduled(_: Consultation, after: Consultation, __: Origin) -> messages.ConsultationScheduled:
    booking = _booking(after)
    return messages.ConsultationScheduled(
        slot_id=str(booking.slot_id),
        practitioner_id=_practitioner(after),
        starts_at=_stamp(booking.starts_at),
        ends_at=_stamp(booking.ends_at),
    )


def _cancelled(before: Consultation, after: Consultation, _: Origin) -> messages.ConsultationCancelled:
    return messages.ConsultationCancelled(
        cancelled_by=after.cancelled_by, reason=after.cancellation_reason, slot_id=_slot_id(before)
    )


_DETAILS: dict[Fact, Callable[[Consultation, Consultation, Origin], Message]] = {
    Fact.REQUESTED: _requested,
    Fact.TRIAGED: lambda *_: messages.ConsultationTriaged(),
    Fact.REDIRECTED: lambda *_: messages.ConsultationRedirected(),
    Fact.OFFERED: _offered,
    Fact.HOLD_EXPIRED: _hold_expired,
    Fact.SCHEDULED: _scheduled,
    Fact.CHECKED_IN: lambda _, after, __: messages.ConsultationCheckedIn(proof=after.identity_proof),
    Fact.ADMITTED: lambda _, after, __: messages.ConsultationAdmitted(practitioner_id=_practitioner(after)),
    Fact.COMPLETED: lambda _, after, __: messages.ConsultationCompleted(practitioner_id=_practitioner(after)),
    Fact.CANCELLED: _cancelled,
    Fact.PATIENT_MISSED: lambda before, *_: messages.ConsultationPatientMissed(slot_id=_slot_id(before)),
    Fact.CLINICIAN_MISSED: lambda before, *_: messages.ConsultationClinicianMissed(
        slot_id=_slot_id(before), practitioner_id=_practitioner(before)
    ),
    Fact.EXPIRED: lambda *_: messages.ConsultationExpired(),
}


def _booking(consultation: Consultation) -> Booking:
    if consultation.booking is None:
        raise ValueError("this fact needs a slot")
    return consultation.booking


def _slot_id(consultation: Consultation) -> str:
    return str(consultation.booking.slot_id) if consultation.booking else ""


def _practitioner(consultation: Consultation) -> str:
    return str(consultation.practitioner.practitioner_id) if consultation.practitioner else ""


def _stamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment.astimezone(UTC))
    return stamp

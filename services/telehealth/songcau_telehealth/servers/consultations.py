"""The gRPC door of consultations: message in, use case, message out."""

# ruff: noqa: ARG002, N802 -- gRPC names the methods and hands each a context

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import grpc
from songcau.telehealth.v1 import (
    consultation_pb2,
    consultation_service_pb2,
    consultation_service_pb2_grpc,
    facility_pb2,
)
from songcau_kit.errors import INVALID_REQUEST, DomainError, Violation
from songcau_kit.pages import Page

from songcau_telehealth.consultations.attendance import Attendance
from songcau_telehealth.consultations.booking import Booking, Shown
from songcau_telehealth.consultations.completion import Completion
from songcau_telehealth.consultations.model import State
from songcau_telehealth.consultations.own_consents import OwnConsents
from songcau_telehealth.consultations.reading import Reading
from songcau_telehealth.consultations.records import (
    AbsentParty,
    CancellationReason,
    ConsultationView,
    IdentityProof,
    Priority,
    Redirect,
    TriageNote,
)
from songcau_telehealth.consultations.requests import Requests
from songcau_telehealth.consultations.steps import Order
from songcau_telehealth.consultations.summaries import Summaries
from songcau_telehealth.consultations.triage import Triage
from songcau_telehealth.errors import CONSULTATION_NOT_FOUND
from songcau_telehealth.servers.directory import card_message, stamp
from songcau_telehealth.servers.gate import Gate
from songcau_telehealth.servers.messages import (
    consultation_consent_message,
    consultation_message,
    line_message,
    withdrawn_consent_message,
)
from songcau_telehealth.servers.reading import find_enum, once_of, read_enum, read_id, read_instant, read_target
from songcau_telehealth.servers.wishes import outcome_of, request_of

pb = consultation_service_pb2
VIEW_PREFIX = "CONSULTATION_VIEW_"


@dataclass(frozen=True)
class Rooms:
    """The use cases behind the door."""

    requests: Requests
    triage: Triage
    booking: Booking
    attendance: Attendance
    completion: Completion
    reading: Reading
    summaries: Summaries
    own_consents: OwnConsents


class ConsultationServer(consultation_service_pb2_grpc.ConsultationServiceServicer):
    """Answers for consultations."""

    def __init__(self, rooms: Rooms, gate: Gate) -> None:
        self._rooms = rooms
        self._gate = gate

    def RequestConsultation(self, request: pb.RequestConsultationRequest, context: grpc.ServicerContext) -> Any:
        """Ask for a consultation."""
        call = self._gate.admit(request)
        once = once_of(request, _answer(pb.RequestConsultationResponse))
        answer = self._rooms.requests.request(call, once, request_of(request))
        return pb.RequestConsultationResponse.FromString(answer)

    def GetConsultation(self, request: pb.GetConsultationRequest, context: grpc.ServicerContext) -> Any:
        """Return one consultation."""
        call = self._gate.admit(request)
        view = self._rooms.reading.get(call, _target(request))
        return pb.GetConsultationResponse(consultation=consultation_message(view))

    def ListConsultations(self, request: pb.ListConsultationsRequest, context: grpc.ServicerContext) -> Any:
        """List consultations, newest first."""
        call = self._gate.admit(request)
        name = pb.ConsultationView.Name(request.view) if request.view in pb.ConsultationView.values() else ""
        if not name:
            raise DomainError(INVALID_REQUEST, violations=[Violation("/view", "UNKNOWN_VALUE")])
        found, token = self._rooms.reading.list_consultations(
            call,
            Page.of(request.page_size, request.page_token),
            view=name.removeprefix(VIEW_PREFIX) if request.view else None,
            states=_states(request.states),
        )
        return pb.ListConsultationsResponse(consultations=map(line_message, found), next_page_token=token)

    def TriageConsultation(self, request: pb.TriageConsultationRequest, context: grpc.ServicerContext) -> Any:
        """Record what triage found."""
        call = self._gate.admit(request)
        found = TriageNote(
            tuple(request.red_flags),
            request.note,
            read_enum(request, "priority", Priority),
            find_enum(request, "redirect", Redirect),
        )
        order = _order(request, pb.TriageConsultationResponse)
        answer = self._rooms.triage.triage(call, order, found)
        return pb.TriageConsultationResponse.FromString(answer)

    def OfferSlot(self, request: pb.OfferSlotRequest, context: grpc.ServicerContext) -> Any:
        """Hold a slot."""
        call = self._gate.admit(request)
        order = _order(request, pb.OfferSlotResponse)
        answer = self._rooms.booking.offer(call, order, read_id(request.slot_id, "/slot_id"))
        return pb.OfferSlotResponse.FromString(answer)

    def ConfirmOffer(self, request: pb.ConfirmOfferRequest, context: grpc.ServicerContext) -> Any:
        """Confirm a held slot."""
        call = self._gate.admit(request)
        is_time_shown = request.HasField("shown_starts_at")
        starts_at = read_instant(request.shown_starts_at, "/shown_starts_at") if is_time_shown else None
        answer = self._rooms.booking.confirm(
            call,
            _order(request, pb.ConfirmOfferResponse),
            hold_id=read_id(request.hold_id, "/hold_id"),
            shown=Shown(request.shown_licence_number, starts_at),
        )
        return pb.ConfirmOfferResponse.FromString(answer)

    def CheckIn(self, request: pb.CheckInRequest, context: grpc.ServicerContext) -> Any:
        """Record that the patient is there."""
        call = self._gate.admit(request)
        answer = self._rooms.attendance.check_in(
            call,
            _order(request, pb.CheckInResponse),
            proof=read_enum(request, "proof", IdentityProof),
            representative_present=request.representative_present,
        )
        return pb.CheckInResponse.FromString(answer)

    def AdmitPatient(self, request: pb.AdmitPatientRequest, context: grpc.ServicerContext) -> Any:
        """Claim the patient."""
        call = self._gate.admit(request)
        answer = self._rooms.attendance.admit(call, _order(request, pb.AdmitPatientResponse))
        return pb.AdmitPatientResponse.FromString(answer)

    def CompleteConsultation(self, request: pb.CompleteConsultationRequest, context: grpc.ServicerContext) -> Any:
        """End the call with a signed summary."""
        call = self._gate.admit(request)
        order = _order(request, pb.CompleteConsultationResponse)
        answer = self._rooms.completion.complete(call, order, outcome_of(request.outcome))
        return pb.CompleteConsultationResponse.FromString(answer)

    def CancelConsultation(self, request: pb.CancelConsultationRequest, context: grpc.ServicerContext) -> Any:
        """Call a consultation off."""
        call = self._gate.admit(request)
        answer = self._rooms.attendance.cancel(
            call,
            _order(request, pb.CancelConsultationResponse),
            reason=read_enum(request, "reason", CancellationReason),
            note=request.note,
        )
        return pb.CancelConsultationResponse.FromString(answer)

    def MarkNoShow(self, request: pb.MarkNoShowRequest, context: grpc.ServicerContext) -> Any:
        """Record who did not come."""
        call = self._gate.admit(request)
        absent = read_enum(request, "absent", AbsentParty)
        answer = self._rooms.attendance.mark_no_show(call, _order(request, pb.MarkNoShowResponse), absent)
        return pb.MarkNoShowResponse.FromString(answer)

    def ListConsultationConsents(
        self, request: pb.ListConsultationConsentsRequest, context: grpc.ServicerContext
    ) -> Any:
        """List the consents the patient gave with each consultation."""
        call = self._gate.admit(request)
        page = Page.of(request.page_size, request.page_token)
        found, token = self._rooms.own_consents.list_own(call, page)
        consents = map(consultation_consent_message, found)
        return pb.ListConsultationConsentsResponse(consents=consents, next_page_token=token)

    def WithdrawConsultationConsent(
        self, request: pb.WithdrawConsultationConsentRequest, context: grpc.ServicerContext
    ) -> Any:
        """Take the consent to one consultation back."""
        call = self._gate.admit(request)
        once = once_of(request, _withdrawn)
        answer = self._rooms.own_consents.withdraw(call, _target(request), once)
        return pb.WithdrawConsultationConsentResponse.FromString(answer)

    def GetSummary(self, request: pb.GetSummaryRequest, context: grpc.ServicerContext) -> Any:
        """Return the signed summary."""
        call = self._gate.admit(request)
        signed = self._rooms.summaries.get(call, _target(request))
        return pb.GetSummaryResponse(pdf=signed.pdf, summary_code=signed.code, sha256=signed.sha256)

    def VerifySummary(self, request: pb.VerifySummaryRequest, context: grpc.ServicerContext) -> Any:
        """Say whether a summary is genuine."""
        found = self._rooms.summaries.verify(request.code, request.pdf)
        return pb.VerifySummaryResponse(
            verdict=f"SUMMARY_VERDICT_{found.verdict}",
            code=found.code,
            signed_at=stamp(found.signed_at),
            responsible_facility=facility_pb2.FacilityCard(facility_code=found.facility_code, name=found.facility_name),
            practitioner=card_message(found.practitioner),
        )


def _target(request: Any) -> UUID:
    """Return which consultation is meant; a malformed id names none."""
    target = read_target(request.consultation_id)
    if target is None:
        raise DomainError(CONSULTATION_NOT_FOUND)
    return target


def _order(request: Any, response: Callable[..., Any]) -> Order:
    return Order(_target(request), request.expected_version, once_of(request, _answer(response)))


def _withdrawn(view: ConsultationView) -> pb.WithdrawConsultationConsentResponse:
    return pb.WithdrawConsultationConsentResponse(consent=withdrawn_consent_message(view))


def _answer(response: Callable[..., Any]) -> Callable[[ConsultationView], Any]:
    return lambda view: response(consultation=consultation_message(view))


def _states(numbers: Any) -> list[State]:
    known = consultation_pb2.ConsultationState
    names = [known.Name(number) if number in known.values() else "" for number in numbers]
    if any(not name or name.endswith("_UNSPECIFIED") for name in names):
        raise DomainError(INVALID_REQUEST, violations=[Violation("/states", "UNKNOWN_VALUE")])
    return [State(name.removeprefix("CONSULTATION_STATE_")) for name in names]

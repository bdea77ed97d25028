"""Client of consultations: each step is one method, all of them answer with the consultation."""

from typing import Any
from uuid import UUID

from songcau.telehealth.v1 import consultation_service_pb2 as pb
from songcau.telehealth.v1.consultation_service_pb2_grpc import ConsultationServiceStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.codec import M, build, to_plain
from songcau_gateway.clients.facilities import facility_card, practitioner_card
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.assisted_answers import AssistedConsultation
from songcau_gateway.routes.consultation_answers import Consultation, ConsultationPage
from songcau_gateway.routes.consultation_schemas import (
    Absence,
    Arrival,
    CancellationWish,
    Completion,
    Confirmation,
    ConsultationQuery,
    NewConsultation,
    SlotChoice,
    TriageFindings,
)
from songcau_gateway.routes.fields import Body, split
from songcau_gateway.routes.result_schemas import SummaryVerdict


class ConsultationClient:
    """Consultations from the request to the signed summary."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._stub = ConsultationServiceStub(channel.channel)

    async def request(self, exchange: Exchange, new: NewConsultation) -> Consultation | AssistedConsultation:
        """Ask for a consultation."""
        request = build(pb.RequestConsultationRequest(request_id=exchange.request_id), new.plain())
        return await self._assistable(exchange, self._stub.RequestConsultation, request)

    async def get(self, exchange: Exchange, consultation_id: UUID) -> Consultation:
        """Return one consultation."""
        request = pb.GetConsultationRequest(consultation_id=str(consultation_id))
        return await self._consultation(exchange, self._stub.GetConsultation, request)

    async def page(self, exchange: Exchange, query: ConsultationQuery) -> ConsultationPage:
        """Return a page of consultations, newest first."""
        facts = {"view": query.view, "states": split(query.status)} | query.paging()
        request = build(pb.ListConsultationsRequest(), facts)
        plain = to_plain(await self._channel.call(exchange, self._stub.ListConsultations, request))
        items = [_shape(line) for line in plain["consultations"]]
        return ConsultationPage.model_validate({"items": items, "next_cursor": plain["next_page_token"]})

    async def triage(self, exchange: Exchange, consultation_id: UUID, found: TriageFindings) -> Consultation:
        """Record what triage found."""
        request = pb.TriageConsultationRequest()
        return await self._step(exchange, self._stub.TriageConsultation, request, consultation_id, found)

    async def offer(
        self, exchange: Exchange, consultation_id: UUID, choice: SlotChoice
    ) -> Consultation | AssistedConsultation:
        """Hold a slot."""
        request = _stepping(exchange, pb.OfferSlotRequest(), consultation_id, choice)
        return await self._assistable(exchange, self._stub.OfferSlot, request)

    async def confirm(
        self, exchange: Exchange, consultation_id: UUID, confirmed: Confirmation
    ) -> Consultation | AssistedConsultation:
        """Confirm a held slot."""
        request = _stepping(exchange, pb.ConfirmOfferRequest(), consultation_id, confirmed)
        return await self._assistable(exchange, self._stub.ConfirmOffer, request)

    async def check_in(self, exchange: Exchange, consultation_id: UUID, arrival: Arrival) -> Consultation:
        """Record that the patient is there."""
        return await self._step(exchange, self._stub.CheckIn, pb.CheckInRequest(), consultation_id, arrival)

    async def admit(self, exchange: Exchange, consultation_id: UUID) -> Consultation:
        """Claim the patient."""
        return await self._step(exchange, self._stub.AdmitPatient, pb.AdmitPatientRequest(), consultation_id)

    async def complete(self, exchange: Exchange, consultation_id: UUID, done: Completion) -> Consultation:
        """End the call with a signed summary."""
        request = pb.CompleteConsultationRequest()
        return await self._step(exchange, self._stub.CompleteConsultation, request, consultation_id, done)

    async def cancel(self, exchange: Exchange, consultation_id: UUID, wish: CancellationWish) -> Consultation:
        """Call a consultation off."""
        request = pb.CancelConsultationRequest()
        return await self._step(exchange, self._stub.CancelConsultation, request, consultation_id, wish)

    async def mark_no_show(self, exchange: Exchange, consultation_id: UUID, absence: Absence) -> Consultation:
        """Record who did not come."""
        return await self._step(exchange, self._stub.MarkNoShow, pb.MarkNoShowRequest(), consultation_id, absence)

    async def summary(self, exchange: Exchange, consultation_id: UUID) -> tuple[bytes, str]:
        """Return the signed summary and its code."""
        request = pb.GetSummaryRequest(consultation_id=str(consultation_id))
        answer = await self._channel.call(exchange, self._stub.GetSummary, request)
        return answer.pdf, answer.summary_code

    async def verify_summary(self, exchange: Exchange, code: str, pdf: bytes = b"") -> SummaryVerdict:
        """Say whether a summary is genuine."""
        request = pb.VerifySummaryRequest(code=code, pdf=pdf)
        plain = to_plain(await self._channel.call(exchange, self._stub.VerifySummary, request))
        cards = {
            "responsible_facility": facility_card(plain["responsible_facility"]),
            "practitioner": practitioner_card(plain["practitioner"]),
        }
        return SummaryVerdict.model_validate(plain | cards)

    async def _step(
        self, exchange: Exchange, method: Any, request: Any, consultation_id: UUID, body: Body | None = None
    ) -> Consultation:
        return await self._consultation(exchange, method, _stepping(exchange, request, consultation_id, body))

    async def _assistable(self, exchange: Exchange, method: Any, request: Any) -> Consultation | AssistedConsultation:
        if exchange.assisted_act is None:
            return await self._consultation(exchange, method, request)
        plain = to_plain((await self._channel.call(exchange, method, request)).consultation)
        shown = {"id": plain["consultation_id"], "practitioner": practitioner_card(plain["practitioner"])}
        return AssistedConsultation.model_validate(plain | shown)

    async def _consultation(self, exchange: Exchange, method: Any, request: Any) -> Consultation:
        plain = to_plain((await self._channel.call(exchange, method, request)).consultation)
        cards = {
            "responsible_facility": facility_card(plain["responsible_facility"]),
            "practitioner": practitioner_card(plain["practitioner"]),
            "local_practitioner": practitioner_card(plain["local_practitioner"]),
        }
        return Consultation.model_validate(_shape(plain) | cards)


def _stepping(exchange: Exchange, request: M, consultation_id: UUID, body: Body | None = None) -> M:
    facts = {
        "request_id": exchange.request_id,
        "consultation_id": str(consultation_id),
        "expected_version": exchange.expected_version,
    }
    return build(request, facts | (body.plain() if body else {}))


def _shape(plain: dict[str, Any]) -> dict[str, Any]:
    """Say the id and the state of a consultation in the words of the API."""
    called_off, triage = plain.get("cancellation") or {}, plain.get("triage") or {}
    status = {
        "code": plain["state"],
        "finished": plain["finished"],
        "reason": called_off.get("reason") or triage.get("redirect"),
        "next_actions": plain.get("next_actions", []),
        "since": plain["state_since"],
        "published": plain.get("published_state"),
    }
    return plain | {"id": plain["consultation_id"], "status": status}

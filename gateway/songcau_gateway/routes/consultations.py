"""Consultations at a distance, from the request to the signed summary."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request
from starlette.responses import Response

from songcau_gateway.answers import in_pieces, reply, reply_file, reply_unless_known
from songcau_gateway.auth import allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.consultation_answers import Consultation, ConsultationPage
from songcau_gateway.routes.consultation_schemas import ConsultationQuery, NewConsultation

routes = Routes("Khám bệnh từ xa · Consultations", "telehealth", activity="remote-care")
ConsultationId = Annotated[UUID, Path(description="id of the consultation")]
READERS = allow("citizen", "station-officer", "clinician", scope="consultation:read", on_behalf=True)
PATIENT_SIDE = allow("citizen", "station-officer", scope="consultation:write", on_behalf=True, assisted=True)
_SEEN = ("CONSULTATION_NOT_FOUND",)


@routes.add(
    "POST",
    "/v1/consultations",
    PATIENT_SIDE,
    activity="remote-examination",
    title="Yêu cầu khám bệnh từ xa",
    summary="Ask for a consultation: the citizen for themself, or a commune station for a citizen",
    answer=Consultation,
    status=201,
    location="/v1/consultations/{consultation_id}",
    reasons=(
        "CITIZEN_NOT_KNOWN_YET",
        "CITIZEN_NOT_ACTIVE",
        "PERSON_REQUIRED",
        "FACILITY_NOT_FOUND",
        "PRACTITIONER_NOT_FOUND",
        "FACILITY_NOT_DECLARED",
        "CONTRACT_NOT_IN_FORCE",
        "MODE_NOT_ALLOWED",
        "REPRESENTATIVE_REQUIRED",
        "CONSENT_REQUIRED",
        "INVALID_REQUEST",
    ),
    creates_or_moves=True,
    purpose="required",
)
async def request_consultation(new: NewConsultation, exchange: CurrentExchange, services: Services) -> Response:
    """Ask for a consultation."""
    consultation = await services.consultations.request(exchange, new)
    return reply(exchange, consultation, status=201, location=f"/v1/consultations/{consultation.id}")


@routes.add(
    "GET",
    "/v1/consultations",
    READERS,
    title="Danh sách lượt khám từ xa",
    summary="List consultations: the citizen's own, the station's, the hospital's queue, the clinician's; newest first",
    answer=ConsultationPage,
    reasons=("CURSOR_INVALID", "INVALID_REQUEST", "VIEW_NOT_YOURS"),
    purpose="required",
)
async def list_consultations(
    query: Annotated[ConsultationQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """Return a page of consultations."""
    return reply(exchange, await services.consultations.page(exchange, query))


@routes.add(
    "GET",
    "/v1/consultations/{consultation_id}",
    READERS,
    title="Xem một lượt khám từ xa",
    summary="Get one consultation: its state, who will see the patient, what may be done now",
    answer=Consultation,
    reasons=_SEEN,
    purpose="required",
)
async def get_consultation(
    consultation_id: ConsultationId, request: Request, exchange: CurrentExchange, services: Services
) -> Response:
    """Return one consultation."""
    return reply_unless_known(request, await services.consultations.get(exchange, consultation_id))


@routes.add(
    "GET",
    "/v1/consultations/{consultation_id}/summary",
    READERS,
    title="Tải phiếu tóm tắt khám từ xa",
    summary="Get the signed summary as PDF/A",
    reasons=(*_SEEN, "SUMMARY_NOT_FOUND", "RESULT_NOT_SHARED"),
    purpose="required",
    produces=("application/pdf",),
)
async def get_summary(consultation_id: ConsultationId, exchange: CurrentExchange, services: Services) -> Response:
    """Stream the summary."""
    pdf, code = await services.consultations.summary(exchange, consultation_id)
    return reply_file(in_pieces(pdf), media_type="application/pdf", name=f"{code}.pdf", inline=True)

"""The consents people gave with each consultation at a distance: the list, and taking one back."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from starlette.responses import Response

from songcau_gateway.answers import reply
from songcau_gateway.auth import allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.consultation_consent_schemas import ConsultationConsent, ConsultationConsentPage
from songcau_gateway.routes.fields import PageQuery

routes = Routes("Sự đồng ý · Consents", "telehealth", activity="consent-records")
ConsultationId = Annotated[UUID, Path(description="id of the consultation")]


@routes.add(
    "GET",
    "/v1/me/consents/consultations",
    allow("citizen", scope="consent:read", on_behalf=True),
    title="Xem những buổi khám từ xa tôi đã đồng ý",
    summary="List the consents given with each consultation, the newest first",
    answer=ConsultationConsentPage,
    reasons=("CURSOR_INVALID", "INVALID_REQUEST"),
)
async def list_consultation_consents(
    query: Annotated[PageQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """Return a page of the caller's consents to consultations."""
    return reply(exchange, await services.consultation_consents.page(exchange, query))


@routes.add(
    "POST",
    "/v1/me/consents/consultations/{consultation_id}/withdraw",
    allow("citizen", scope="consent:write", on_behalf=True),
    activity="remote-care",
    title="Rút lại sự đồng ý cho một buổi khám từ xa",
    summary="Withdraw the consent to one consultation, which calls it off, also in the call; without If-Match",
    answer=ConsultationConsent,
    reasons=("CONSULTATION_NOT_FOUND", "CONSULTATION_STATE_CONFLICT", "STEP_NOT_YOURS"),
    creates_or_moves=True,
)
async def withdraw_consultation_consent(
    consultation_id: ConsultationId, exchange: CurrentExchange, services: Services
) -> Response:
    """Withdraw the consent to one consultation."""
    return reply(exchange, await services.consultation_consents.withdraw(exchange, consultation_id))

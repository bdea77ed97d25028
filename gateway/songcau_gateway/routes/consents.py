"""Consent of people to the processing of their data: texts, own decisions, and what officers enter for citizens."""

from typing import Annotated

from fastapi import Path
from songcau_kit.processing import NO_PERSONAL_DATA
from starlette.responses import Response

from songcau_gateway.answers import reply
from songcau_gateway.auth import PUBLIC, allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.citizens import CitizenId
from songcau_gateway.routes.consent_schemas import (
    ConsentGrant,
    ConsentPurposes,
    OwnConsents,
    PurposeConsent,
    RecordedConsentGrant,
    RecordedConsentWithdrawal,
)

routes = Routes("Sự đồng ý · Consents", "identity", activity="consent-records")
PurposeCode = Annotated[
    str, Path(pattern=r"^[A-Z]+(_[A-Z]+)*$", max_length=60, description="one purpose", examples=["REMOTE_CARE"])
]
_OWN = ("CITIZEN_NOT_FOUND", "CONSENT_PURPOSE_UNKNOWN")
_GIVING = (*_OWN, "CITIZEN_NOT_ACTIVE", "CONSENT_TEXT_OUTDATED", "REPRESENTATIVE_CONSENT_REQUIRED")
_RECORDING = ("OFFICER_WITHOUT_AGENCY", "OWN_RECORD", "EVIDENCE_INVALID", "NOT_REPRESENTED")


@routes.add(
    "GET",
    "/v1/consent-purposes",
    PUBLIC,
    activity=NO_PERSONAL_DATA,
    title="Những việc cần bạn đồng ý",
    summary="List the purposes for which people are asked, with the texts in use; open to everybody",
    answer=ConsentPurposes,
    cached=True,
)
async def list_consent_purposes(exchange: CurrentExchange, services: Services) -> Response:
    """Return the texts."""
    return reply(exchange, await services.consents.purposes(exchange))


@routes.add(
    "GET",
    "/v1/me/consents",
    allow("citizen", scope="consent:read", on_behalf=True),
    title="Xem những gì tôi đã đồng ý",
    summary="List each purpose with what was decided by or for the citizen, what waits, every decision before, and the "
    "newest consents to single consultations",
    answer=OwnConsents,
    reasons=("CITIZEN_NOT_FOUND",),
)
async def list_own_consents(exchange: CurrentExchange, services: Services) -> Response:
    """Return the caller's decisions and, where telehealth tells, what was agreed with each consultation."""
    own = await services.consents.own(exchange)
    consultations = await services.consultation_consents.find_first_page(exchange)
    return reply(exchange, OwnConsents(items=own, consultations=consultations))


@routes.add(
    "POST",
    "/v1/me/consents",
    allow("citizen", scope="consent:write", on_behalf=True),
    title="Đồng ý cho một mục đích",
    summary="Give consent to one purpose under the text in use; from 7 until 18 a child and a representative both do",
    answer=PurposeConsent,
    status=201,
    location="/v1/me/consents",
    reasons=(*_GIVING, "CONSENT_NOT_EXPRESSED"),
    creates_or_moves=True,
)
async def give_consent(grant: ConsentGrant, exchange: CurrentExchange, services: Services) -> Response:
    """Give consent."""
    return reply(exchange, await services.consents.give(exchange, grant), status=201, location="/v1/me/consents")


@routes.add(
    "POST",
    "/v1/me/consents/{purpose}/withdraw",
    allow("citizen", scope="consent:write", on_behalf=True),
    title="Rút lại sự đồng ý",
    summary="Withdraw consent to one purpose, or refuse it beforehand; possible at any time, without If-Match",
    answer=PurposeConsent,
    reasons=_OWN,
    creates_or_moves=True,
)
async def withdraw_consent(purpose: PurposeCode, exchange: CurrentExchange, services: Services) -> Response:
    """Withdraw consent."""
    return reply(exchange, await services.consents.withdraw(exchange, purpose))


@routes.add(
    "POST",
    "/v1/citizens/{citizen_id}/consents",
    allow("officer", "station-officer", scope="consent:write"),
    title="Ghi nhận sự đồng ý bằng giấy hoặc cuộc gọi",
    summary="Enter consent to one purpose that a citizen declared on paper or in a recorded call",
    answer=PurposeConsent,
    status=201,
    reasons=(*_GIVING, *_RECORDING),
    creates_or_moves=True,
    purpose="required",
)
async def record_consent(
    citizen_id: CitizenId, grant: RecordedConsentGrant, exchange: CurrentExchange, services: Services
) -> Response:
    """Enter consent."""
    return reply(exchange, await services.consents.record(exchange, citizen_id, grant), status=201)


@routes.add(
    "POST",
    "/v1/citizens/{citizen_id}/consents/{purpose}/withdraw",
    allow("officer", "station-officer", scope="consent:write"),
    title="Ghi nhận việc rút lại sự đồng ý bằng giấy hoặc cuộc gọi",
    summary="Enter a withdrawal that a citizen declared on paper or in a recorded call",
    answer=PurposeConsent,
    reasons=(*_OWN, *_RECORDING),
    creates_or_moves=True,
    purpose="required",
)
async def record_consent_withdrawal(
    citizen_id: CitizenId,
    purpose: PurposeCode,
    withdrawal: RecordedConsentWithdrawal,
    exchange: CurrentExchange,
    services: Services,
) -> Response:
    """Enter a withdrawal."""
    return reply(exchange, await services.consents.record_withdrawal(exchange, citizen_id, purpose, withdrawal))

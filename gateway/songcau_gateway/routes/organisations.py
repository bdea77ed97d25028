"""Organisations: founded by their legal representatives, decided on by officers, read by their members."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from starlette.responses import Response

from songcau_gateway.answers import reply
from songcau_gateway.auth import allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.fields import PageQuery
from songcau_gateway.routes.organisation_schemas import (
    NewOrganisation,
    NewRepresentativeProposal,
    Organisation,
    OrganisationCasePage,
    OrganisationDecision,
    OrganisationFounded,
    OrganisationRead,
    OwnOrganisationPage,
    RepresentativeDecision,
    RepresentativeProposal,
    RepresentativeSettled,
)

routes = Routes("Tổ chức · Organisations", "identity", activity="organisations")
OrganisationId = Annotated[UUID, Path(description="id of the organisation")]
ProposalId = Annotated[UUID, Path(description="id of the proposal")]
_OFFICERS = allow("officer", "leader", "data-officer", scope="identity:lookup")
_OWN, _READ = allow("citizen", scope="identity:link"), allow("citizen", scope="identity:read")
_REPRESENTATIVE = (
    "CITIZEN_NOT_FOUND",
    "CITIZEN_NOT_ACTIVE",
    "IDENTITY_LEVEL_TOO_LOW",
    "REPRESENTATIVE_NOT_ADULT",
    "BIRTH_DATE_UNKNOWN",
)
_DECISION = (*_REPRESENTATIVE, "CITIZEN_MERGED", "OFFICER_WITHOUT_AGENCY", "OWN_RECORD", "EVIDENCE_INVALID")


@routes.add(
    "POST",
    "/v1/organisations",
    _OWN,
    title="Đăng ký tổ chức",
    summary="Enter an organisation as its legal representative, with an identity of level 2",
    answer=OrganisationFounded,
    status=201,
    location="/v1/organisations/{organisation_id}",
    reasons=(
        *_REPRESENTATIVE,
        "EVIDENCE_INVALID",
        "ORGANISATION_INVALID",
        "ORGANISATION_EXISTS",
        "ORGANISATION_NOT_IN_OPERATION",
        "ORGANISATION_LIMIT_REACHED",
    ),
    creates_or_moves=True,
    step_up=1,
)
async def create_organisation(new: NewOrganisation, exchange: CurrentExchange, services: Services) -> Response:
    """Enter an organisation."""
    made = await services.organisations.create(exchange, new)
    return reply(exchange, made, status=201, location=f"/v1/organisations/{made.id}")


@routes.add(
    "GET",
    "/v1/me/organisations",
    _READ,
    title="Xem các tổ chức của tôi",
    summary="List the organisations the signed-in citizen is, was or was asked to be a member of, newest first",
    answer=OwnOrganisationPage,
    reasons=("CITIZEN_NOT_FOUND", "CURSOR_INVALID"),
)
async def list_own_organisations(
    page: Annotated[PageQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """Return a page of the caller's."""
    return reply(exchange, await services.organisations.own(exchange, page))


@routes.add(
    "GET",
    "/v1/organisations/{organisation_id}",
    _READ,
    title="Xem một tổ chức",
    summary="Read an organisation the signed-in citizen is a member of or was invited into",
    answer=OrganisationRead,
    reasons=("CITIZEN_NOT_FOUND", "ORGANISATION_NOT_FOUND"),
)
async def get_organisation(organisation_id: OrganisationId, exchange: CurrentExchange, services: Services) -> Response:
    """Return one of the caller's."""
    return reply(exchange, await services.organisations.get(exchange, organisation_id))


@routes.add(
    "POST",
    "/v1/organisations/{organisation_id}/decide",
    _OFFICERS,
    title="Xác nhận, từ chối hoặc ghi nhận giải thể tổ chức",
    summary="Confirm or refuse a new organisation, or enter that one was dissolved, on a document",
    answer=Organisation,
    reasons=(
        *_DECISION,
        "ORGANISATION_INVALID",
        "ORGANISATION_NOT_FOUND",
        "ORGANISATION_STATE_CONFLICT",
        "ORGANISATION_NEEDS_REPRESENTATIVE",
    ),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def decide_organisation(
    organisation_id: OrganisationId, decision: OrganisationDecision, exchange: CurrentExchange, services: Services
) -> Response:
    """Decide about an organisation."""
    return reply(exchange, await services.organisations.decide(exchange, organisation_id, decision))


@routes.add(
    "POST",
    "/v1/organisation-proposals",
    _OWN,
    title="Đề nghị thay đổi người đại diện theo pháp luật",
    summary="State, on a document, to be the legal representative of an organisation that is here; an officer decides",
    answer=RepresentativeProposal,
    status=201,
    reasons=(
        *_REPRESENTATIVE,
        "EVIDENCE_INVALID",
        "ORGANISATION_INVALID",
        "ORGANISATION_NOT_FOUND",
        "ORGANISATION_OF_ITS_OWNER",
        "ORGANISATION_MEMBER_EXISTS",
        "ORGANISATION_PROPOSAL_EXISTS",
        "ORGANISATION_LIMIT_REACHED",
    ),
    creates_or_moves=True,
    step_up=1,
)
async def propose_organisation_representative(
    new: NewRepresentativeProposal, exchange: CurrentExchange, services: Services
) -> Response:
    """Put a claim before an officer."""
    return reply(exchange, await services.organisations.propose(exchange, new), status=201)


@routes.add(
    "POST",
    "/v1/organisation-proposals/{proposal_id}/decide",
    _OFFICERS,
    title="Quyết định về người đại diện theo pháp luật",
    summary="Accept or refuse a proposed legal representative; the former loses the role in the same step",
    answer=RepresentativeSettled,
    reasons=(
        *_DECISION,
        "ORGANISATION_INVALID",
        "ORGANISATION_MEMBER_EXISTS",
        "ORGANISATION_PROPOSAL_NOT_FOUND",
        "ORGANISATION_PROPOSAL_STATE_CONFLICT",
        "ORGANISATION_STATE_CONFLICT",
    ),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def decide_organisation_representative(
    proposal_id: ProposalId, decision: RepresentativeDecision, exchange: CurrentExchange, services: Services
) -> Response:
    """Decide about a claim."""
    return reply(exchange, await services.organisations.decide_proposal(exchange, proposal_id, decision))


@routes.add(
    "GET",
    "/v1/organisation-cases",
    _OFFICERS,
    title="Xem đề nghị về tổ chức đang chờ",
    summary="List organisations to confirm and proposed legal representatives, oldest first",
    answer=OrganisationCasePage,
    reasons=("OFFICER_WITHOUT_AGENCY", "CURSOR_INVALID"),
    purpose="required",
)
async def list_organisation_cases(
    page: Annotated[PageQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """Return a page of what waits."""
    return reply(exchange, await services.organisations.cases(exchange, page))

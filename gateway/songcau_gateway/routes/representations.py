"""Who may act for whom: entered by officers, given, answered and ended by people themselves."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from starlette.responses import Response

from songcau_gateway.answers import reply
from songcau_gateway.auth import allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.citizens import CitizenId
from songcau_gateway.routes.fields import PageQuery
from songcau_gateway.routes.representation_schemas import (
    ChildAnswer,
    NewAuthorisation,
    NewRepresentation,
    Representation,
    RepresentationEnding,
    RepresentationPage,
)

routes = Routes("Đại diện · Representation", "identity", activity="representation")
RepresentationId = Annotated[UUID, Path(description="id of the representation")]
_RECORDER = allow("officer", "leader", "data-officer", scope="identity:lookup")
_OWN = allow("citizen", scope="identity:link")
_PARTIES = (
    "CITIZEN_NOT_FOUND",
    "CITIZEN_NOT_ACTIVE",
    "CITIZEN_MERGED",
    "REPRESENTATION_INVALID",
    "REPRESENTATION_EXISTS",
    "REPRESENTATIVE_NOT_ADULT",
    "REPRESENTED_IS_A_CHILD",
    "BIRTH_DATE_UNKNOWN",
)
_ON_PAPER = ("OFFICER_WITHOUT_AGENCY", "OWN_RECORD", "EVIDENCE_INVALID")
_MOVE = ("REPRESENTATION_NOT_FOUND", "REPRESENTATION_STATE_CONFLICT")


@routes.add(
    "POST",
    "/v1/representations",
    _RECORDER,
    title="Ghi nhận người đại diện",
    summary="Enter on a document that somebody stands for another; a child of 7 or more is asked",
    answer=Representation,
    status=201,
    reasons=(*_PARTIES, *_ON_PAPER, "REPRESENTED_NOT_A_CHILD", "CITIZEN_NOT_DECEASED"),
    creates_or_moves=True,
    purpose="required",
    step_up=2,
)
async def grant_representation(new: NewRepresentation, exchange: CurrentExchange, services: Services) -> Response:
    """Enter a representation."""
    return reply(exchange, await services.representations.grant(exchange, new), status=201)


@routes.add(
    "POST",
    "/v1/representations/{representation_id}/answer",
    _OWN,
    title="Trẻ em trả lời về người đại diện",
    summary="The child's own answer to a parent or guardian who acts for it; until then only reading and care go on",
    answer=Representation,
    reasons=(*_MOVE, "REPRESENTATION_INVALID"),
    creates_or_moves=True,
    versioned="required",
    step_up=1,
)
async def answer_representation(
    representation_id: RepresentationId, given: ChildAnswer, exchange: CurrentExchange, services: Services
) -> Response:
    """Take a child's answer."""
    return reply(exchange, await services.representations.answer(exchange, representation_id, given))


@routes.add(
    "POST",
    "/v1/representations/{representation_id}/revoke",
    _OWN,
    title="Thu hồi ủy quyền hoặc thôi làm người đại diện",
    summary="Take an authorisation back, or give up standing for another; effective everywhere within a minute",
    answer=Representation,
    reasons=(*_MOVE, "REPRESENTATION_NOT_YOURS_TO_END"),
    creates_or_moves=True,
    versioned="required",
    step_up=1,
)
async def revoke_representation(
    representation_id: RepresentationId, exchange: CurrentExchange, services: Services
) -> Response:
    """Take back or give up."""
    return reply(exchange, await services.representations.revoke(exchange, representation_id))


@routes.add(
    "POST",
    "/v1/representations/{representation_id}/end",
    _RECORDER,
    title="Chấm dứt đại diện theo giấy tờ",
    summary="End a representation on a document: a court took it away, somebody died, it was entered wrongly",
    answer=Representation,
    reasons=(*_MOVE, *_ON_PAPER, "REPRESENTATION_INVALID"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def end_representation(
    representation_id: RepresentationId, ending: RepresentationEnding, exchange: CurrentExchange, services: Services
) -> Response:
    """End on a document."""
    return reply(exchange, await services.representations.end(exchange, representation_id, ending))


@routes.add(
    "POST",
    "/v1/me/authorisations",
    _OWN,
    title="Ủy quyền cho người khác",
    summary="Authorise another citizen for one purpose and a period of a year at most",
    answer=Representation,
    status=201,
    reasons=(*_PARTIES, "REPRESENTATIVE_NOT_FOUND", "NAMING_LIMIT_REACHED"),
    creates_or_moves=True,
    step_up=1,
)
async def authorise_representative(new: NewAuthorisation, exchange: CurrentExchange, services: Services) -> Response:
    """Authorise somebody."""
    return reply(exchange, await services.representations.authorise(exchange, new), status=201)


@routes.add(
    "GET",
    "/v1/me/representations",
    allow("citizen", scope="identity:read"),
    title="Xem tôi đại diện cho ai và ai đại diện cho tôi",
    summary="List for whom the signed-in citizen stands and who stands for the citizen, newest first",
    answer=RepresentationPage,
    reasons=("CITIZEN_NOT_FOUND", "CURSOR_INVALID"),
)
async def list_own_representations(
    page: Annotated[PageQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """Return a page of the caller's."""
    return reply(exchange, await services.representations.own(exchange, page))


@routes.add(
    "GET",
    "/v1/citizens/{citizen_id}/representations",
    _RECORDER,
    title="Xem đại diện của một công dân",
    summary="List who stands for a citizen and for whom the citizen stands, newest first",
    answer=RepresentationPage,
    reasons=("CITIZEN_NOT_FOUND", "CURSOR_INVALID", "OFFICER_WITHOUT_AGENCY", "OWN_RECORD"),
    purpose="required",
)
async def list_citizen_representations(
    citizen_id: CitizenId, page: Annotated[PageQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """Return a page of a citizen's."""
    return reply(exchange, await services.representations.of_citizen(exchange, citizen_id, page))

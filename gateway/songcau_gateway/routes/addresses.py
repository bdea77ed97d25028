"""Where citizens live: proposed by them, recorded, decided on and resolved by officers, with the history."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from starlette.responses import Response

from songcau_gateway.answers import reply
from songcau_gateway.auth import allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.address_schemas import (
    AddressAcceptance,
    AddressDoubtPage,
    AddressHolder,
    AddressRecording,
    AddressRefusal,
    AddressResolution,
    HeldAddresses,
    NewAddress,
)
from songcau_gateway.routes.citizens import CitizenId
from songcau_gateway.routes.fields import PageQuery

routes = Routes("Nơi cư trú · Addresses", "identity", activity="address-recording")
AddressId = Annotated[UUID, Path(description="id of the address")]
_OFFICERS = allow("officer", "data-officer", scope="identity:lookup")
_ACT = ("CITIZEN_NOT_FOUND", "OFFICER_WITHOUT_AGENCY", "OWN_RECORD", "EVIDENCE_INVALID", "CITIZEN_MERGED")
_DECISION = (*_ACT, "ADDRESS_NOT_FOUND", "ADDRESS_STATE_CONFLICT")
_WRITTEN = ("ADDRESS_INVALID", "PERSON_REQUIRED", "CITIZEN_NOT_ACTIVE")


@routes.add(
    "GET",
    "/v1/me/addresses",
    allow("citizen", scope="identity:read", on_behalf=True),
    title="Xem nơi cư trú của tôi",
    summary="List every address of the citizen or whom they stand for, as entered and with the unit of today",
    answer=HeldAddresses,
    reasons=("CITIZEN_NOT_FOUND",),
)
async def list_own_addresses(exchange: CurrentExchange, services: Services) -> Response:
    """List the caller's addresses."""
    return reply(exchange, await services.addresses.own(exchange))


@routes.add(
    "POST",
    "/v1/me/addresses",
    allow("citizen", scope="identity:link", on_behalf=True),
    title="Đề nghị ghi nhận nơi cư trú",
    summary="Propose an own address or a child's; it takes the place of a proposal of the same kind that waits",
    answer=AddressHolder,
    status=201,
    reasons=("CITIZEN_NOT_FOUND", *_WRITTEN),
    creates_or_moves=True,
)
async def propose_address(new: NewAddress, exchange: CurrentExchange, services: Services) -> Response:
    """Propose an address."""
    return reply(exchange, await services.addresses.propose(exchange, new), status=201)


@routes.add(
    "GET",
    "/v1/citizens/{citizen_id}/addresses",
    _OFFICERS,
    title="Xem nơi cư trú của công dân",
    summary="List every address a citizen has, had or proposed, those of merged records among them",
    answer=HeldAddresses,
    reasons=("OFFICER_WITHOUT_AGENCY", "CITIZEN_NOT_FOUND"),
    purpose="required",
)
async def list_addresses(citizen_id: CitizenId, exchange: CurrentExchange, services: Services) -> Response:
    """List a citizen's addresses."""
    return reply(exchange, await services.addresses.of_citizen(exchange, citizen_id))


@routes.add(
    "POST",
    "/v1/citizens/{citizen_id}/addresses",
    _OFFICERS,
    title="Ghi nhận nơi cư trú của công dân",
    summary="Record an address on evidence; the one of its kind before ends. If-Match names the citizen's version",
    answer=AddressHolder,
    status=201,
    reasons=(*_ACT, *_WRITTEN),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def record_address(
    citizen_id: CitizenId, new: AddressRecording, exchange: CurrentExchange, services: Services
) -> Response:
    """Record an address."""
    return reply(exchange, await services.addresses.record(exchange, citizen_id, new), status=201)


@routes.add(
    "GET",
    "/v1/address-doubts",
    _OFFICERS,
    title="Xem các nơi cư trú chưa rõ đơn vị hành chính",
    summary="List the addresses of the officer's communes whose unit of today is in doubt, the oldest first",
    answer=AddressDoubtPage,
    reasons=("OFFICER_WITHOUT_AGENCY", "AGENCY_WITHOUT_RESIDENTS", "CURSOR_INVALID"),
    purpose="required",
)
async def list_address_doubts(
    page: Annotated[PageQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """List addresses in doubt."""
    return reply(exchange, await services.addresses.doubts(exchange, page))


@routes.add(
    "POST",
    "/v1/addresses/{address_id}/accept",
    _OFFICERS,
    title="Chấp nhận nơi cư trú được đề nghị",
    summary="Take a proposed address over as it was written. If-Match names the citizen's version",
    answer=AddressHolder,
    reasons=(*_DECISION, "ADDRESS_INVALID"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def accept_address_proposal(
    address_id: AddressId, act: AddressAcceptance, exchange: CurrentExchange, services: Services
) -> Response:
    """Accept a proposal."""
    return reply(exchange, await services.addresses.accept(exchange, address_id, act))


@routes.add(
    "POST",
    "/v1/addresses/{address_id}/refuse",
    _OFFICERS,
    title="Từ chối nơi cư trú được đề nghị",
    summary="Refuse a proposed address; the citizen reads why. If-Match names the citizen's version",
    answer=AddressHolder,
    reasons=(*_DECISION, "ADDRESS_INVALID"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def refuse_address_proposal(
    address_id: AddressId, act: AddressRefusal, exchange: CurrentExchange, services: Services
) -> Response:
    """Refuse a proposal."""
    return reply(exchange, await services.addresses.refuse(exchange, address_id, act))


@routes.add(
    "POST",
    "/v1/addresses/{address_id}/resolve",
    _OFFICERS,
    title="Xác định đơn vị hành chính hiện nay của nơi cư trú",
    summary="Decide the unit of today of an address in doubt, by hamlet or point. If-Match names the citizen's version",
    answer=AddressHolder,
    reasons=(
        *_DECISION,
        "ADDRESS_INVALID",
        "ADDRESS_UNIT_INVALID",
        "HAMLET_ELSEWHERE",
        "BOUNDARIES_UNAVAILABLE",
    ),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def resolve_address(
    address_id: AddressId, act: AddressResolution, exchange: CurrentExchange, services: Services
) -> Response:
    """Resolve an address."""
    return reply(exchange, await services.addresses.resolve(exchange, address_id, act))

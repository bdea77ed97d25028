"""Citizens: the own profile, look-up by officers, blocks by data officers."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request
from starlette.responses import Response

from songcau_gateway.answers import reply, reply_unless_known
from songcau_gateway.auth import allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.citizen_schemas import Citizen, CitizenSearch, FoundCitizens, Profile

routes = Routes("Công dân · Citizens", "identity", activity="citizen-identification")
CitizenId = Annotated[UUID, Path(description="internal id of the citizen")]
_STATE = ("CITIZEN_NOT_FOUND", "CITIZEN_NOT_ACTIVE")
_MERGED = (*_STATE, "CITIZEN_MERGED")


@routes.add(
    "GET",
    "/v1/me",
    allow("citizen", scope="identity:read", on_behalf=True),
    title="Xem hồ sơ định danh của tôi",
    summary="Get the profile of the signed-in citizen",
    answer=Profile,
    reasons=_STATE,
)
async def get_own_profile(request: Request, exchange: CurrentExchange, services: Services) -> Response:
    """Return the caller's own profile."""
    return reply_unless_known(request, await services.citizens.own_profile(exchange))


@routes.add(
    "POST",
    "/v1/me/unlink",
    allow("citizen", scope="identity:link"),
    title="Hủy liên kết định danh của tôi",
    summary="End the link between the signed-in citizen and the platform",
    answer=Citizen,
    reasons=_STATE,
    creates_or_moves=True,
    versioned="required",
    step_up=1,
)
async def unlink_citizen(exchange: CurrentExchange, services: Services) -> Response:
    """End the caller's link."""
    return reply(exchange, await services.citizens.unlink(exchange))


@routes.add(
    "POST",
    "/v1/citizens/search",
    allow("officer", "leader", "station-officer", "data-officer", scope="identity:lookup"),
    activity="citizen-lookup",
    title="Tra cứu công dân theo số, số điện thoại hoặc họ tên",
    summary="Look citizens up by number, telephone number or exact name; a personal number never stands in an address",
    answer=FoundCitizens,
    reasons=("LOOK_UP_INVALID", "OFFICER_WITHOUT_AGENCY", "LOOK_UP_LIMIT_REACHED"),
    purpose="required",
)
async def search_citizens(search: CitizenSearch, exchange: CurrentExchange, services: Services) -> Response:
    """Return the citizens that match."""
    return reply(exchange, await services.citizens.search(exchange, search))


@routes.add(
    "POST",
    "/v1/citizens/{citizen_id}/block",
    allow("data-officer", scope="identity:lookup"),
    activity="citizen-blocking",
    title="Khóa một công dân",
    summary="Stop every service for a citizen, for example after the police locked the electronic identity",
    answer=Citizen,
    reasons=(*_MERGED, "OWN_RECORD"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def block_citizen(citizen_id: CitizenId, exchange: CurrentExchange, services: Services) -> Response:
    """Block a citizen."""
    return reply(exchange, await services.citizens.block(exchange, citizen_id))


@routes.add(
    "POST",
    "/v1/citizens/{citizen_id}/unblock",
    allow("data-officer", scope="identity:lookup"),
    activity="citizen-blocking",
    title="Gỡ khóa một công dân",
    summary="Lift the block of a citizen",
    answer=Citizen,
    reasons=("CITIZEN_NOT_FOUND", "CITIZEN_NOT_BLOCKED", "CITIZEN_MERGED", "OWN_RECORD"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def unblock_citizen(citizen_id: CitizenId, exchange: CurrentExchange, services: Services) -> Response:
    """Lift a block."""
    return reply(exchange, await services.citizens.unblock(exchange, citizen_id))

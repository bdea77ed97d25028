"""Facilities, practitioners and published slots of care at a distance."""

from typing import Annotated

from fastapi import Path, Query
from songcau_kit.processing import NO_PERSONAL_DATA
from starlette.responses import Response

from songcau_gateway.answers import reply
from songcau_gateway.auth import HELPERS, allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.facility_schemas import (
    Facility,
    FacilityPage,
    FacilityQuery,
    NewSlots,
    PractitionerPage,
    PractitionerQuery,
    PublishedSlots,
    SlotPage,
    SlotQuery,
)

routes = Routes("Cơ sở khám chữa bệnh từ xa · Facilities and slots", "telehealth", activity="practitioner-directory")
READERS = allow(
    "citizen",
    "clinician",
    "facility-manager",
    *sorted(HELPERS.roles),
    scope="consultation:read",
    or_scope="facility:manage",
)
_LIST = ("INVALID_REQUEST", "CURSOR_INVALID")


@routes.add(
    "GET",
    "/v1/facilities",
    READERS,
    activity=NO_PERSONAL_DATA,
    title="Danh sách cơ sở khám chữa bệnh từ xa",
    summary="List facilities with their declarations and contracts, ordered by code",
    answer=FacilityPage,
    reasons=_LIST,
)
async def list_facilities(
    query: Annotated[FacilityQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """Return a page of facilities."""
    return reply(exchange, await services.facilities.page(exchange, query))


@routes.add(
    "GET",
    "/v1/facilities/{code}",
    READERS,
    activity=NO_PERSONAL_DATA,
    title="Xem một cơ sở",
    summary="Get one facility",
    answer=Facility,
    reasons=("FACILITY_NOT_FOUND",),
)
async def get_facility(
    code: Annotated[str, Path(pattern=r"^[0-9A-Z]{5}$", examples=["19001"])],
    exchange: CurrentExchange,
    services: Services,
) -> Response:
    """Return one facility."""
    return reply(exchange, await services.facilities.get(exchange, code))


@routes.add(
    "GET",
    "/v1/practitioners",
    READERS,
    title="Danh sách người hành nghề",
    summary="List practitioners with licence number, scope and declared hours",
    answer=PractitionerPage,
    reasons=_LIST,
)
async def list_practitioners(
    query: Annotated[PractitionerQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """Return a page of practitioners."""
    return reply(exchange, await services.facilities.practitioners(exchange, query))


@routes.add(
    "GET",
    "/v1/slots",
    READERS,
    title="Danh sách khung giờ khám",
    summary="List published times of a facility that have not begun, ordered by start",
    answer=SlotPage,
    reasons=_LIST,
)
async def list_slots(query: Annotated[SlotQuery, Query()], exchange: CurrentExchange, services: Services) -> Response:
    """Return a page of slots."""
    return reply(exchange, await services.facilities.slots(exchange, query))


@routes.add(
    "POST",
    "/v1/slots",
    allow("facility-manager", scope="facility:manage"),
    title="Công bố khung giờ khám",
    summary="Publish times of one practitioner at one facility, all or none",
    answer=PublishedSlots,
    status=201,
    reasons=(
        "FACILITY_NOT_FOUND",
        "PRACTITIONER_NOT_FOUND",
        "INVALID_REQUEST",
        "OUTSIDE_DECLARED_HOURS",
        "FACILITY_NOT_DECLARED",
        "SLOT_OVERLAPS",
    ),
    creates_or_moves=True,
)
async def publish_slots(new: NewSlots, exchange: CurrentExchange, services: Services) -> Response:
    """Publish slots."""
    return reply(exchange, await services.facilities.publish(exchange, new), status=201)

"""Facilities, practitioners and published slots of care at a distance."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import AwareDatetime
from starlette.responses import Response

from songcau_gateway.answers import reply
from songcau_gateway.auth import allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.facility_schemas import (
    Facility,
    FacilityPage,
    NewSlots,
    PractitionerPage,
    PublishedSlots,
    SlotPage,
)
from songcau_gateway.routes.fields import Cursor, Limit

routes = Routes("Cơ sở khám chữa bệnh từ xa · Facilities and slots", "telehealth")
READERS = allow("citizen", "station-officer", "clinician", "facility-manager", scope="consultation:read")
_LIST = ("INVALID_REQUEST", "CURSOR_INVALID")
FACILITY = Query(pattern=r"^[0-9A-Z]{5}$", examples=["19001"])
FacilityFilter = Annotated[str | None, FACILITY]
ServiceFilter = Annotated[str | None, Query(pattern=r"^[A-Z][A-Z0-9_]{0,39}$", examples=["CARDIOLOGY"])]
UnitFilter = Annotated[str | None, Query(pattern=r"^[0-9]{5}$", examples=["05758"])]


@routes.add(
    "GET",
    "/v1/facilities",
    READERS,
    title="Danh sách cơ sở khám chữa bệnh từ xa",
    summary="List facilities with their declarations and contracts, ordered by code",
    answer=FacilityPage,
    reasons=_LIST,
)
async def list_facilities(
    exchange: CurrentExchange,
    services: Services,
    kind: Literal["HOSPITAL", "COMMUNE_STATION"] | None = None,
    unit_code: UnitFilter = None,
    service_code: ServiceFilter = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Return a page of facilities."""
    page = await services.facilities.page(
        exchange, kind=kind, unit_code=unit_code, service_code=service_code, page_size=limit, page_token=cursor
    )
    return reply(exchange, page)


@routes.add(
    "GET",
    "/v1/facilities/{code}",
    READERS,
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
    exchange: CurrentExchange,
    services: Services,
    facility_code: FacilityFilter = None,
    service_code: ServiceFilter = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Return a page of practitioners."""
    page = await services.facilities.practitioners(
        exchange, facility_code=facility_code, service_code=service_code, page_size=limit, page_token=cursor
    )
    return reply(exchange, page)


@routes.add(
    "GET",
    "/v1/slots",
    READERS,
    title="Danh sách khung giờ khám",
    summary="List published times of a facility that have not begun, ordered by start",
    answer=SlotPage,
    reasons=_LIST,
)
async def list_slots(
    facility_code: Annotated[str, FACILITY],
    exchange: CurrentExchange,
    services: Services,
    starts_at_gte: AwareDatetime | None = None,
    starts_at_lt: AwareDatetime | None = None,
    free_only: bool = False,
    service_code: ServiceFilter = None,
    practitioner_id: UUID | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Return a page of slots."""
    filters = {
        "facility_code": facility_code,
        "from": starts_at_gte,
        "to": starts_at_lt,
        "free_only": free_only,
        "service_code": service_code,
        "practitioner_id": practitioner_id,
    }
    return reply(exchange, await services.facilities.slots(exchange, **filters, page_size=limit, page_token=cursor))


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

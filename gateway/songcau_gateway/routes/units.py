"""Administrative units and the agencies that receive dossiers; open to everybody."""

from typing import Annotated

from fastapi import Path, Query
from songcau_kit.processing import NO_PERSONAL_DATA
from starlette.responses import Response

from songcau_gateway.answers import reply
from songcau_gateway.auth import PUBLIC
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.fields import On, iso
from songcau_gateway.routes.unit_schemas import (
    AddressSearch,
    AgencyPage,
    AgencyQuery,
    Resolution,
    UnitHistory,
    UnitPage,
    UnitQuery,
)

routes = Routes("Đơn vị hành chính · Units and agencies", "eservices", activity=NO_PERSONAL_DATA)
_LIST = ("INVALID_REQUEST", "CURSOR_INVALID")


@routes.add(
    "GET",
    "/v1/units",
    PUBLIC,
    title="Danh sách đơn vị hành chính",
    summary="List the administrative units valid on a date, ordered by code",
    answer=UnitPage,
    reasons=_LIST,
    cached=True,
)
async def list_units(query: Annotated[UnitQuery, Query()], exchange: CurrentExchange, services: Services) -> Response:
    """Return a page of units."""
    return reply(exchange, await services.catalogue.units(exchange, query))


@routes.add(
    "GET",
    "/v1/units/{code}",
    PUBLIC,
    title="Xem một đơn vị hành chính",
    summary="Get the unit that carried a code on a date, what it was formed from and what became of it",
    answer=UnitHistory,
    reasons=("UNIT_NOT_FOUND",),
    cached=True,
)
async def get_unit(
    code: Annotated[str, Path(pattern=r"^[0-9]{2,5}$", examples=["05740"])],
    exchange: CurrentExchange,
    services: Services,
    on: On = None,
) -> Response:
    """Return one unit."""
    return reply(exchange, await services.catalogue.unit(exchange, code, iso(on)))


@routes.add(
    "POST",
    "/v1/units/search",
    PUBLIC,
    title="Tìm đơn vị hành chính theo địa chỉ cũ hoặc mới",
    summary="Find today's unit for an address as somebody wrote it, old names included",
    answer=Resolution,
    reasons=("INVALID_REQUEST", "LEGACY_ENCODING"),
)
async def search_units(search: AddressSearch, exchange: CurrentExchange, services: Services) -> Response:
    """Return the units the address may mean."""
    return reply(exchange, await services.catalogue.resolve(exchange, search))


@routes.add(
    "GET",
    "/v1/agencies",
    PUBLIC,
    title="Danh sách cơ quan tiếp nhận",
    summary="List the agencies valid on a date, ordered by code",
    answer=AgencyPage,
    reasons=_LIST,
    cached=True,
)
async def list_agencies(
    query: Annotated[AgencyQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """Return a page of agencies."""
    return reply(exchange, await services.catalogue.agencies(exchange, query))

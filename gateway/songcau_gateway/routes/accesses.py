"""The citizen's own list of who touched their data."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from songcau_gateway.answers import reply
from songcau_gateway.auth import allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.access_schemas import AccessPage, AccessQuery

routes = Routes("Nhật ký truy cập dữ liệu · Accesses to data", "identity", activity="access-records")
_OWN = allow("citizen", scope="access:read", on_behalf=True)


@routes.add(
    "GET",
    "/v1/me/accesses",
    _OWN,
    title="Xem ai đã truy cập dữ liệu của tôi",
    summary="List who touched the signed-in citizen's data, why, through which app and how it ended; newest first",
    answer=AccessPage,
    reasons=("CITIZEN_NOT_FOUND", "CITIZEN_NOT_ACTIVE", "CURSOR_INVALID"),
)
async def list_own_accesses(
    query: Annotated[AccessQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """Return a page of the caller's access list."""
    return reply(exchange, await services.accesses.list_own(exchange, query))

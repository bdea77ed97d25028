"""The catalogue of administrative procedures; open to everybody."""

from typing import Annotated

from fastapi import Path, Query, Request
from songcau_kit.processing import NO_PERSONAL_DATA
from starlette.responses import Response

from songcau_gateway.answers import reply, reply_unless_known
from songcau_gateway.auth import PUBLIC
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.fields import On, iso
from songcau_gateway.routes.procedure_schemas import Procedure, ProcedurePage, ProcedureSearch

routes = Routes("Thủ tục hành chính · Procedures", "eservices", activity=NO_PERSONAL_DATA)


@routes.add(
    "GET",
    "/v1/procedures",
    PUBLIC,
    title="Tìm thủ tục hành chính",
    summary="Search procedures by code, by words with or without accents, by field, authority and level",
    answer=ProcedurePage,
    reasons=("INVALID_REQUEST", "CURSOR_INVALID", "LEGACY_ENCODING"),
    cached=True,
)
async def search_procedures(
    search: Annotated[ProcedureSearch, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """Return the procedures that match, best first."""
    return reply(exchange, await services.catalogue.search_procedures(exchange, search))


@routes.add(
    "GET",
    "/v1/procedures/{code}",
    PUBLIC,
    title="Xem một thủ tục hành chính",
    summary="Get a procedure: sub-cases, channels, deadlines, fees, conditional documents, results, law",
    answer=Procedure,
    reasons=("PROCEDURE_NOT_FOUND", "PROCEDURE_NOT_VALID"),
    cached=True,
)
async def get_procedure(
    code: Annotated[str, Path(pattern=r"^[0-9]\.[0-9]{6}(\.[0-9A-Z.]{1,24})?$", examples=["1.001193"])],
    request: Request,
    exchange: CurrentExchange,
    services: Services,
    on: On = None,
) -> Response:
    """Return one procedure."""
    return reply_unless_known(request, await services.catalogue.procedure(exchange, code, iso(on)))

"""The catalogue of administrative procedures; open to everybody."""

from typing import Annotated, Literal

from fastapi import Path, Query, Request
from starlette.responses import Response

from songcau_gateway.answers import reply, reply_unless_known
from songcau_gateway.auth import PUBLIC
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.fields import Cursor, Limit, On, iso
from songcau_gateway.routes.procedure_schemas import Procedure, ProcedurePage

routes = Routes("Thủ tục hành chính · Procedures", "eservices")
Words = Annotated[
    str | None,
    Query(min_length=1, max_length=200, description="a code or words, with or without accents", examples=["dang ky khai sinh"]),
]
FieldFilter = Annotated[str | None, Query(min_length=1, max_length=200, description="field code or name", examples=["G15-TP07"])]
AuthorityFilter = Annotated[str | None, Query(min_length=1, max_length=200, description="words of the deciding authority")]


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
    exchange: CurrentExchange,
    services: Services,
    q: Words = None,
    field: FieldFilter = None,
    authority: AuthorityFilter = None,
    authority_level: Literal["COMMUNE", "PROVINCE", "MINISTRY"] | None = None,
    service_level: Literal["FULL", "PARTIAL", "INFORMATION"] | None = None,
    online: bool | None = None,
    on: On = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Return the procedures that match, best first."""
    found = await services.catalogue.search_procedures(
        exchange,
        query=q,
        field=field,
        authority=authority,
        authority_level=authority_level,
        service_level=service_level,
        online=online,
        on=iso(on),
        page_size=limit,
        page_token=cursor,
    )
    return reply(exchange, found)


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

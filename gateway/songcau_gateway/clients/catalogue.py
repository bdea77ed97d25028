"""Client of the public catalogue: procedures, units and agencies."""

from typing import Any

from songcau.eservices.v1 import procedure_service_pb2 as pb
from songcau.eservices.v1 import unit_service_pb2 as unit_pb
from songcau.eservices.v1.procedure_service_pb2_grpc import ProcedureServiceStub
from songcau.eservices.v1.unit_service_pb2_grpc import UnitServiceStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.codec import build, to_plain
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.fields import dong, iso
from songcau_gateway.routes.procedure_schemas import Procedure, ProcedurePage, ProcedureSearch
from songcau_gateway.routes.unit_schemas import (
    AddressSearch,
    AgencyPage,
    AgencyQuery,
    Resolution,
    UnitHistory,
    UnitPage,
    UnitQuery,
)


class CatalogueClient:
    """Procedures, units and agencies; none of it needs a caller."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._procedures = ProcedureServiceStub(channel.channel)
        self._units = UnitServiceStub(channel.channel)

    async def search_procedures(self, exchange: Exchange, search: ProcedureSearch) -> ProcedurePage:
        """Return a page of procedures, best match first."""
        filters = search.model_dump(exclude={"q", "on", "limit", "cursor"})
        facts = filters | {"query": search.q, "on": iso(search.on)} | search.paging()
        request = build(pb.SearchProceduresRequest(), facts)
        plain = to_plain(await self._channel.call(exchange, self._procedures.SearchProcedures, request))
        return ProcedurePage.model_validate({"items": plain["procedures"], "next_cursor": plain["next_page_token"]})

    async def procedure(self, exchange: Exchange, code: str, on: str | None) -> Procedure:
        """Return a procedure with the version valid on a date."""
        request = pb.GetProcedureRequest(code=code, on=on or "")
        plain = to_plain(await self._channel.call(exchange, self._procedures.GetProcedure, request))["procedure"]
        current = plain["current"]
        fees = [current["fees"], *(case["fees"] for case in current["sub_cases"])]
        for fee in (fee for listed in fees for fee in listed):
            _price(fee)
        return Procedure.model_validate(plain)

    async def units(self, exchange: Exchange, query: UnitQuery) -> UnitPage:
        """Return a page of the units valid on a date."""
        facts = {"kind": query.kind, "on": iso(query.on)} | query.paging()
        request = build(unit_pb.ListUnitsRequest(), facts)
        plain = to_plain(await self._channel.call(exchange, self._units.ListUnits, request))
        return UnitPage.model_validate({"items": plain["units"], "next_cursor": plain["next_page_token"]})

    async def unit(self, exchange: Exchange, code: str, on: str | None) -> UnitHistory:
        """Return the unit that carried a code on a date."""
        request = unit_pb.GetUnitRequest(code=code, on=on or "")
        plain = to_plain(await self._channel.call(exchange, self._units.GetUnit, request))
        return UnitHistory.model_validate(plain["unit"] | plain)

    async def resolve(self, exchange: Exchange, search: AddressSearch) -> Resolution:
        """Return today's unit for an address."""
        request = build(unit_pb.ResolveUnitRequest(), search.plain())
        plain = to_plain(await self._channel.call(exchange, self._units.ResolveUnit, request))
        return Resolution.model_validate(plain | {"resolution": plain["resolution"] or "UNKNOWN"})

    async def agencies(self, exchange: Exchange, query: AgencyQuery) -> AgencyPage:
        """Return a page of the agencies valid on a date."""
        facts = {"kind": query.kind, "unit_code": query.unit_code, "on": iso(query.on)} | query.paging()
        request = build(unit_pb.ListAgenciesRequest(), facts)
        plain = to_plain(await self._channel.call(exchange, self._units.ListAgencies, request))
        return AgencyPage.model_validate({"items": plain["agencies"], "next_cursor": plain["next_page_token"]})


def _price(fee: dict[str, Any]) -> None:
    """Say the amounts of a fee as money; zero of a tier or cap means there is none."""
    fee["price"] = dong(fee["amount"])
    fee["tier_from"] = fee["tier_from"] or None
    fee["tier_price"] = dong(fee["tier_amount"]) if fee["tier_from"] else None
    fee["cap"] = dong(fee["cap"] or None)

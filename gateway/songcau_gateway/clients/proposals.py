"""Turns an act a helper proposes into the request of the ordinary route and into the facts the citizen reads."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from google.protobuf.message import Message
from songcau_kit.clock import VIETNAM
from songcau_kit.errors import INVALID_REQUEST, DomainError, Violation
from songcau_kit.short_codes import dossier_reference

from songcau_gateway.clients.catalogue import CatalogueClient
from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.consultations import ConsultationClient
from songcau_gateway.clients.dossiers import DossierClient
from songcau_gateway.clients.facilities import FacilityClient
from songcau_gateway.clients.recording import recorded, recording
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.assistance_schemas import (
    ConfirmOfferAct,
    CreateDossierAct,
    OfferSlotAct,
    RequestConsultationAct,
    SubmitDossierAct,
    SupplySupplementAct,
    UpdateDossierAct,
)
from songcau_gateway.routes.facility_schemas import SlotQuery
from songcau_gateway.routes.unit_schemas import AgencyQuery

PAGE = 200


@dataclass(frozen=True)
class Proposal:
    """An act as identity takes it: the RPC, its request, and what its summary names."""

    operation: str
    method: str
    request: Message
    facts: Mapping[str, str]


class ProposalClient:
    """Builds proposals; names come from the catalogues, never from the helper."""

    def __init__(self, eservices: ServiceChannel, telehealth: ServiceChannel) -> None:
        self._dossiers = DossierClient(recording(eservices))
        self._consultations = ConsultationClient(recording(telehealth))
        self._catalogue = CatalogueClient(eservices)
        self._facilities = FacilityClient(telehealth)

    async def build(self, exchange: Exchange, act: Any) -> Proposal:
        """Return the proposal of an act; raises what the catalogues raise, INVALID_REQUEST for a slot nobody has."""
        starting = replace(exchange, request_id="", expected_version=getattr(act, "version", 0))
        method, request = await recorded(self._call(starting, act))
        return Proposal(act.operation, method, request, await self._facts(exchange, act))

    async def _call(self, exchange: Exchange, act: Any) -> Any:  # noqa: PLR0911 -- one line for each kind  # noqa: PLR0911 -- one line for each kind
        dossiers, consultations = self._dossiers, self._consultations
        match act:
            case CreateDossierAct():
                return await dossiers.create(exchange, act.request)
            case UpdateDossierAct():
                return await dossiers.update(exchange, act.dossier_id, act.request)
            case SubmitDossierAct():
                return await dossiers.submit(exchange, act.dossier_id)
            case SupplySupplementAct():
                return await dossiers.supply_supplement(exchange, act.dossier_id)
            case RequestConsultationAct():
                return await consultations.request(exchange, act.request)
            case OfferSlotAct():
                return await consultations.offer(exchange, act.consultation_id, act.request)
            case ConfirmOfferAct():
                return await consultations.confirm(exchange, act.consultation_id, act.request)
        raise AssertionError(act)

    async def _facts(self, exchange: Exchange, act: Any) -> Mapping[str, str]:
        match act:
            case CreateDossierAct():
                procedure = await self._catalogue.procedure(exchange, act.request.procedure_code, None)
                agency = await self._agency_name(exchange, act.request.receiving_agency_code)
                answers = str(len(act.request.answers))
                return {"procedure": _line(procedure.current.name), "agency": _line(agency), "answers": answers}
            case UpdateDossierAct():
                return {"reference": _reference(act.dossier_id), "answers": str(len(act.request.answers))}
            case SubmitDossierAct() | SupplySupplementAct():
                return {"reference": _reference(act.dossier_id), "version": str(act.version)}
            case RequestConsultationAct():
                return {"facility": await self._facility_name(exchange, act.request.facility_code)}
            case OfferSlotAct():
                starts_at = await self._start_of(exchange, act.facility_code, act.request.slot_id)
                facility = await self._facility_name(exchange, act.facility_code)
                return {"starts_at": f"{starts_at.astimezone(VIETNAM):%H:%M %d/%m/%Y}", "facility": facility}
            case ConfirmOfferAct():
                return {"licence_number": act.request.shown_licence_number}
        raise AssertionError(act)

    async def _agency_name(self, exchange: Exchange, code: str) -> str:
        query = AgencyQuery(limit=PAGE)
        while True:
            page = await self._catalogue.agencies(exchange, query)
            for agency in page.items:
                if agency.code == code:
                    return agency.name
            if not page.next_cursor:
                return code  # the route itself says that there is no such agency
            query = AgencyQuery(limit=PAGE, cursor=page.next_cursor)

    async def _facility_name(self, exchange: Exchange, code: str) -> str:
        return _line((await self._facilities.get(exchange, code)).name)

    async def _start_of(self, exchange: Exchange, facility_code: str, slot_id: Any) -> datetime:
        query = SlotQuery(facility_code=facility_code, limit=PAGE)
        while True:
            page = await self._facilities.slots(exchange, query)
            for slot in page.items:
                if str(slot.id) == str(slot_id):
                    return slot.starts_at
            if not page.next_cursor:
                raise DomainError(INVALID_REQUEST, violations=[Violation("/act/request/slot_id", "UNKNOWN")])
            query = SlotQuery(facility_code=facility_code, limit=PAGE, cursor=page.next_cursor)


def _reference(dossier_id: Any) -> str:
    return dossier_reference(dossier_id.int)


def _line(text: str) -> str:
    return " ".join(text.split())[:300]

"""Turns an act a helper proposes into the request of the ordinary route and into what the citizen reads of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.message import Message

from songcau_gateway.clients.act_details import Detail, details_of
from songcau_gateway.clients.act_facts import ActFacts
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


@dataclass(frozen=True)
class Proposal:
    """An act as identity takes it: the RPC, its request, what its question names, and all else the request holds."""

    operation: str
    method: str
    request: Message
    facts: Mapping[str, str]
    details: Sequence[Detail]


class ProposalClient:
    """Builds proposals; whatever the citizen reads comes from the request and the catalogues."""

    def __init__(self, eservices: ServiceChannel, telehealth: ServiceChannel) -> None:
        self._dossiers = DossierClient(recording(eservices))
        self._consultations = ConsultationClient(recording(telehealth))
        self._facts = ActFacts(CatalogueClient(eservices), FacilityClient(telehealth))

    async def build(self, exchange: Exchange, act: Any) -> Proposal:
        """Return the proposal of an act; raises what the catalogues raise, INVALID_REQUEST for a slot nobody has."""
        starting = replace(exchange, request_id="", expected_version=getattr(act, "version", 0))
        method, request = await recorded(self._call(starting, act))
        asked = await self._facts.of(exchange, request, getattr(act, "facility_code", ""))
        return Proposal(act.operation, method, request, asked.facts, details_of(request, asked.catalogued))

    async def _call(self, exchange: Exchange, act: Any) -> Any:  # noqa: PLR0911 -- one line for each kind
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

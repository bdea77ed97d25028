"""What the question about an assisted act names: read from its request, put into words by the public catalogues."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from songcau.eservices.v1 import dossier_service_pb2 as dossiers
from songcau.telehealth.v1 import consultation_service_pb2 as consultations
from songcau_kit.clock import VIETNAM
from songcau_kit.errors import INVALID_REQUEST, DomainError, Violation
from songcau_kit.short_codes import dossier_reference

from songcau_gateway.clients.act_details import Catalogued
from songcau_gateway.clients.catalogue import CatalogueClient
from songcau_gateway.clients.facilities import FacilityClient
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.facility_schemas import SlotQuery
from songcau_gateway.routes.procedure_schemas import ProcedureVersion
from songcau_gateway.routes.unit_schemas import AgencyQuery

PAGE = 200


@dataclass(frozen=True)
class Asked:
    """What a question names by its code, and what the catalogues say of the rest of the request."""

    facts: Mapping[str, str]
    catalogued: Catalogued = field(default_factory=Catalogued)


class ActFacts:
    """Looks up what a request names; nothing here is a helper's word."""

    def __init__(self, catalogue: CatalogueClient, facilities: FacilityClient) -> None:
        self._catalogue = catalogue
        self._facilities = facilities

    async def of(self, exchange: Exchange, request: Any, slots_of: str) -> Asked:
        """Return the facts of a request; a slot is looked for at the facility `slots_of`.

        Raises what the catalogues raise, INVALID_REQUEST for a slot nobody has.
        """
        match request:
            case dossiers.CreateDossierRequest():
                return await self._new_dossier(exchange, request)
            case dossiers.UpdateDossierRequest():
                facts = {"reference": _reference(request), "answers": str(len(request.answers.fields))}
                return Asked(facts, await self._form(exchange, request.procedure_code))
            case dossiers.SubmitDossierRequest() | dossiers.SupplySupplementRequest():
                return Asked({"reference": _reference(request), "version": str(request.expected_version)})
            case consultations.RequestConsultationRequest():
                return await self._new_consultation(exchange, request)
            case consultations.OfferSlotRequest():
                starts_at = await self._start_of(exchange, slots_of, request.slot_id)
                facility = await self._facility_name(exchange, slots_of)
                return Asked({"starts_at": f"{starts_at.astimezone(VIETNAM):%H:%M %d/%m/%Y}", "facility": facility})
            case consultations.ConfirmOfferRequest():
                return Asked({"licence_number": request.shown_licence_number})
        raise AssertionError(request)

    async def _new_dossier(self, exchange: Exchange, request: Any) -> Asked:
        procedure = await self._procedure(exchange, request.procedure_code)
        agency = await self._agency_name(exchange, request.receiving_agency_code)
        facts = {"procedure": _line(procedure.name), "agency": agency, "answers": str(len(request.answers.fields))}
        names = {"sub_case_code": {case.code: _line(case.name) for case in procedure.sub_cases}}
        if request.helping_agency_code:
            helping = await self._agency_name(exchange, request.helping_agency_code)
            names["helping_agency_code"] = {request.helping_agency_code: helping}
        return Asked(facts, Catalogued(procedure.questions, names))

    async def _form(self, exchange: Exchange, code: str) -> Catalogued:
        """Return the questions of a dossier's procedure, none where it holds no longer: names are shown then."""
        try:
            procedure = await self._procedure(exchange, code)
        except DomainError as error:
            if error.reason.code != "PROCEDURE_NOT_VALID":
                raise
            return Catalogued()
        return Catalogued(procedure.questions, {"procedure_code": {code: _line(procedure.name)}})

    async def _new_consultation(self, exchange: Exchange, request: Any) -> Asked:
        facts = {"facility": await self._facility_name(exchange, request.facility_code)}
        receiving = request.receiving_facility_code
        name = await self._facility_name(exchange, receiving) if receiving else ""
        return Asked(facts, Catalogued(names={"receiving_facility_code": {receiving: name}}))

    async def _procedure(self, exchange: Exchange, code: str) -> ProcedureVersion:
        return (await self._catalogue.procedure(exchange, code, None)).current

    async def _agency_name(self, exchange: Exchange, code: str) -> str:
        query = AgencyQuery(limit=PAGE)
        while True:
            page = await self._catalogue.agencies(exchange, query)
            for agency in page.items:
                if agency.code == code:
                    return _line(agency.name)
            if not page.next_cursor:
                return code  # the route itself says that there is no such agency
            query = AgencyQuery(limit=PAGE, cursor=page.next_cursor)

    async def _facility_name(self, exchange: Exchange, code: str) -> str:
        return _line((await self._facilities.get(exchange, code)).name)

    async def _start_of(self, exchange: Exchange, facility_code: str, slot_id: str) -> datetime:
        query = SlotQuery(facility_code=facility_code, limit=PAGE)
        while True:
            page = await self._facilities.slots(exchange, query)
            for slot in page.items:
                if str(slot.id) == slot_id:
                    return slot.starts_at
            if not page.next_cursor:
                raise DomainError(INVALID_REQUEST, violations=[Violation("/act/request/slot_id", "UNKNOWN")])
            query = SlotQuery(facility_code=facility_code, limit=PAGE, cursor=page.next_cursor)


def _reference(request: Any) -> str:
    return dossier_reference(UUID(request.dossier_id).int)


def _line(text: str) -> str:
    return " ".join(text.split())[:300]

"""Client of facilities, practitioners and slots."""

from collections.abc import Mapping
from typing import Any

from songcau.telehealth.v1 import facility_service_pb2 as pb
from songcau.telehealth.v1 import slot_service_pb2 as slot_pb
from songcau.telehealth.v1.facility_service_pb2_grpc import FacilityServiceStub
from songcau.telehealth.v1.slot_service_pb2_grpc import SlotServiceStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.codec import build, to_plain
from songcau_gateway.exchange import Exchange
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
from songcau_gateway.routes.fields import PageQuery


class FacilityClient:
    """Who offers care at a distance, and when."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._facilities = FacilityServiceStub(channel.channel)
        self._slots = SlotServiceStub(channel.channel)

    async def page(self, exchange: Exchange, query: FacilityQuery) -> FacilityPage:
        """Return a page of facilities."""
        request = build(pb.ListFacilitiesRequest(), _filters(query))
        plain = to_plain(await self._channel.call(exchange, self._facilities.ListFacilities, request))
        items = [_facility(item) for item in plain["facilities"]]
        return FacilityPage.model_validate({"items": items, "next_cursor": plain["next_page_token"]})

    async def get(self, exchange: Exchange, code: str) -> Facility:
        """Return one facility."""
        request = pb.GetFacilityRequest(facility_code=code)
        answer = await self._channel.call(exchange, self._facilities.GetFacility, request)
        return Facility.model_validate(_facility(to_plain(answer.facility)))

    async def practitioners(self, exchange: Exchange, query: PractitionerQuery) -> PractitionerPage:
        """Return a page of practitioners."""
        request = build(pb.ListPractitionersRequest(), _filters(query))
        plain = to_plain(await self._channel.call(exchange, self._facilities.ListPractitioners, request))
        items = [item | (practitioner_card(item["card"]) or {}) for item in plain["practitioners"]]
        return PractitionerPage.model_validate({"items": items, "next_cursor": plain["next_page_token"]})

    async def slots(self, exchange: Exchange, query: SlotQuery) -> SlotPage:
        """Return a page of slots that have not begun."""
        facts = _filters(query)
        facts |= {"from": facts.pop("starts_at_gte"), "to": facts.pop("starts_at_lt")}
        request = build(slot_pb.ListSlotsRequest(), facts)
        plain = to_plain(await self._channel.call(exchange, self._slots.ListSlots, request))
        return SlotPage.model_validate({"items": _slots(plain), "next_cursor": plain["next_page_token"]})

    async def publish(self, exchange: Exchange, new: NewSlots) -> PublishedSlots:
        """Publish slots of one practitioner, all or none."""
        request = build(slot_pb.PublishSlotsRequest(request_id=exchange.request_id), new.plain())
        plain = to_plain(await self._channel.call(exchange, self._slots.PublishSlots, request))
        return PublishedSlots.model_validate({"items": _slots(plain)})


def _filters(query: PageQuery) -> dict[str, Any]:
    return query.model_dump(exclude={"limit", "cursor"}) | query.paging()


def facility_card(card: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Say a facility card in the words of the API."""
    return {**card, "code": card["facility_code"]} if card else None


def practitioner_card(card: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Say a practitioner card in the words of the API."""
    return {**card, "id": card["practitioner_id"]} if card else None


def _facility(plain: dict[str, Any]) -> dict[str, Any]:
    contracts = [contract | {"id": contract["contract_id"]} for contract in plain["contracts"]]
    return plain | {"code": plain["facility_code"], "contracts": contracts}


def _slots(plain: dict[str, Any]) -> list[dict[str, Any]]:
    return [slot | {"id": slot["slot_id"]} for slot in plain["slots"]]

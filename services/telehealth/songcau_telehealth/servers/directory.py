"""The gRPC door of the directory and of slots: message in, use case, message out."""

# ruff: noqa: ARG002, N802 -- gRPC names the methods and hands each a context

from datetime import datetime
from typing import Any

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from songcau.telehealth.v1 import (
    facility_pb2,
    facility_service_pb2,
    facility_service_pb2_grpc,
    slot_service_pb2,
    slot_service_pb2_grpc,
)
from songcau_kit.clock import Clock, iso_day
from songcau_kit.pages import Page
from songcau_kit.rpc_server import current_call

from songcau_telehealth.facilities.directory import Directory
from songcau_telehealth.facilities.model import Facility, FacilityKind, Practitioner, PractitionerCard
from songcau_telehealth.servers.reading import find_enum, find_id, invalid, once_of, read_id, read_instant
from songcau_telehealth.slots.model import Period, Slot, SlotFilter
from songcau_telehealth.slots.slots import Slots


class FacilityServer(facility_service_pb2_grpc.FacilityServiceServicer):
    """Answers for facilities and practitioners."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def ListFacilities(
        self, request: facility_service_pb2.ListFacilitiesRequest, context: grpc.ServicerContext
    ) -> facility_service_pb2.ListFacilitiesResponse:
        """List facilities."""
        found, token = self._directory.list_facilities(
            Page.of(request.page_size, request.page_token),
            kind=find_enum(request, "kind", FacilityKind),
            unit_code=request.unit_code or None,
            service_code=request.service_code or None,
        )
        return facility_service_pb2.ListFacilitiesResponse(
            facilities=map(facility_message, found), next_page_token=token
        )

    def GetFacility(
        self, request: facility_service_pb2.GetFacilityRequest, context: grpc.ServicerContext
    ) -> facility_service_pb2.GetFacilityResponse:
        """Return one facility."""
        facility = self._directory.get_facility(request.facility_code)
        return facility_service_pb2.GetFacilityResponse(facility=facility_message(facility))

    def ListPractitioners(
        self, request: facility_service_pb2.ListPractitionersRequest, context: grpc.ServicerContext
    ) -> facility_service_pb2.ListPractitionersResponse:
        """List practitioners."""
        found, token = self._directory.list_practitioners(
            Page.of(request.page_size, request.page_token),
            facility_code=request.facility_code or None,
            service_code=request.service_code or None,
        )
        return facility_service_pb2.ListPractitionersResponse(
            practitioners=map(_practitioner_message, found), next_page_token=token
        )


class SlotServer(slot_service_pb2_grpc.SlotServiceServicer):
    """Answers for slots."""

    def __init__(self, slots: Slots, clock: Clock) -> None:
        self._slots = slots
        self._clock = clock

    def PublishSlots(
        self, request: slot_service_pb2.PublishSlotsRequest, context: grpc.ServicerContext
    ) -> slot_service_pb2.PublishSlotsResponse:
        """Publish slots of one practitioner."""
        periods = [
            Period(
                read_instant(slot.starts_at, f"/slots/{index}/starts_at"),
                read_instant(slot.ends_at, f"/slots/{index}/ends_at"),
            )
            for index, slot in enumerate(request.slots)
        ]
        answer = self._slots.publish(
            current_call(),
            once_of(request, _published),
            facility_code=request.facility_code,
            practitioner_id=read_id(request.practitioner_id, "/practitioner_id"),
            periods=periods,
        )
        return slot_service_pb2.PublishSlotsResponse.FromString(answer)

    def ListSlots(
        self, request: slot_service_pb2.ListSlotsRequest, context: grpc.ServicerContext
    ) -> slot_service_pb2.ListSlotsResponse:
        """List slots that have not begun."""
        if not request.facility_code:
            raise invalid("/facility_code", "REQUIRED")
        now = self._clock.now()
        start = getattr(request, "from")
        wanted = SlotFilter(
            facility_code=request.facility_code,
            starts_from=max(now, read_instant(start, "/from")) if request.HasField("from") else now,
            starts_before=read_instant(request.to, "/to") if request.HasField("to") else None,
            free_only=request.free_only,
            service_code=request.service_code or None,
            practitioner_id=find_id(request.practitioner_id, "/practitioner_id"),
        )
        found, token = self._slots.list_slots(Page.of(request.page_size, request.page_token), wanted)
        return slot_service_pb2.ListSlotsResponse(slots=map(_slot_message, found), next_page_token=token)


def card_message(card: PractitionerCard) -> facility_pb2.PractitionerCard:
    """Return what must be shown of a practitioner."""
    return facility_pb2.PractitionerCard(
        practitioner_id=str(card.practitioner_id),
        full_name=card.full_name,
        title=card.title,
        licence_number=card.licence_number,
    )


def stamp(moment: datetime) -> Timestamp:
    """Return the message of an instant."""
    message = Timestamp()
    message.FromDatetime(moment)
    return message


def facility_message(facility: Facility) -> facility_pb2.Facility:
    """Return the message of a facility."""
    return facility_pb2.Facility(
        facility_code=facility.facility_code,
        kind=f"FACILITY_KIND_{facility.kind}",
        name=facility.name,
        unit_code=facility.unit_code,
        declarations=[
            facility_pb2.Declaration(
                service_code=each.service_code, valid_from=iso_day(each.valid_from), valid_to=iso_day(each.valid_to)
            )
            for each in facility.declarations
        ],
        contracts=[
            facility_pb2.Contract(
                contract_id=str(each.contract_id),
                number=each.number,
                supporting_facility_code=each.supporting_facility_code,
                supported_facility_code=each.supported_facility_code,
                valid_from=iso_day(each.valid_from),
                valid_to=iso_day(each.valid_to),
            )
            for each in facility.contracts
        ],
    )


def _practitioner_message(practitioner: Practitioner) -> facility_pb2.Practitioner:
    return facility_pb2.Practitioner(
        card=card_message(practitioner.card),
        service_codes=practitioner.service_codes,
        hours=[
            facility_pb2.WorkingHours(
                facility_code=each.facility_code,
                weekday=each.weekday,
                start_minute=each.start_minute,
                end_minute=each.end_minute,
                valid_from=iso_day(each.valid_from),
                valid_to=iso_day(each.valid_to),
            )
            for each in practitioner.hours
        ],
    )


def _published(slots: Any) -> slot_service_pb2.PublishSlotsResponse:
    return slot_service_pb2.PublishSlotsResponse(slots=map(_slot_message, slots))


def _slot_message(slot: Slot) -> slot_service_pb2.Slot:
    return slot_service_pb2.Slot(
        slot_id=str(slot.slot_id),
        facility_code=slot.facility_code,
        practitioner_id=str(slot.practitioner_id),
        starts_at=stamp(slot.starts_at),
        ends_at=stamp(slot.ends_at),
        free=slot.is_free,
    )

"""Client of the identity service for where citizens live."""

from typing import Any
from uuid import UUID

from google.protobuf.message import Message
from songcau.identity.v1 import address_pb2
from songcau.identity.v1 import address_service_pb2 as pb
from songcau.identity.v1.address_service_pb2_grpc import AddressServiceStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.citizen_records import document
from songcau_gateway.clients.citizens import flat
from songcau_gateway.clients.codec import build, to_plain
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.address_schemas import (
    AddressAcceptance,
    AddressDoubtPage,
    AddressHolder,
    AddressRecording,
    AddressRefusal,
    AddressResolution,
    HeldAddresses,
    NewAddress,
)
from songcau_gateway.routes.fields import PageQuery, iso


class AddressClient:
    """Addresses proposed, recorded, decided on, resolved, listed."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._addresses = AddressServiceStub(channel.channel)

    async def propose(self, exchange: Exchange, new: NewAddress) -> AddressHolder:
        """Propose an address in the caller's name."""
        request = pb.ProposeAddressRequest(request_id=exchange.request_id, address=_written(new))
        return _holder(await self._channel.call(exchange, self._addresses.ProposeAddress, request))

    async def record(self, exchange: Exchange, citizen_id: UUID, new: AddressRecording) -> AddressHolder:
        """Record where a citizen lives."""
        request = pb.RecordAddressRequest(
            request_id=exchange.request_id,
            citizen_id=str(citizen_id),
            expected_version=exchange.expected_version,
            address=_written(new.address),
            evidence=document(new.evidence),
        )
        return _holder(await self._channel.call(exchange, self._addresses.RecordAddress, request))

    async def accept(self, exchange: Exchange, address_id: UUID, act: AddressAcceptance) -> AddressHolder:
        """Take a proposal over."""
        request = pb.AcceptAddressProposalRequest(
            request_id=exchange.request_id,
            address_id=str(address_id),
            expected_citizen_version=exchange.expected_version,
            evidence=document(act.evidence),
        )
        return _holder(await self._channel.call(exchange, self._addresses.AcceptAddressProposal, request))

    async def refuse(self, exchange: Exchange, address_id: UUID, act: AddressRefusal) -> AddressHolder:
        """Refuse a proposal."""
        request = pb.RefuseAddressProposalRequest(
            request_id=exchange.request_id,
            address_id=str(address_id),
            expected_citizen_version=exchange.expected_version,
            refusal=f"ADDRESS_REFUSAL_{act.refusal}",
            evidence=document(act.evidence),
        )
        return _holder(await self._channel.call(exchange, self._addresses.RefuseAddressProposal, request))

    async def resolve(self, exchange: Exchange, address_id: UUID, act: AddressResolution) -> AddressHolder:
        """Decide the unit of today of an open address."""
        request = pb.ResolveAddressRequest(
            request_id=exchange.request_id,
            address_id=str(address_id),
            expected_citizen_version=exchange.expected_version,
            unit_code=act.unit_code,
            hamlet=act.hamlet or "",
            coordinates=build(address_pb2.Coordinates(), act.coordinates.plain()) if act.coordinates else None,
            evidence=document(act.evidence),
        )
        return _holder(await self._channel.call(exchange, self._addresses.ResolveAddress, request))

    async def of_citizen(self, exchange: Exchange, citizen_id: UUID) -> HeldAddresses:
        """Return every address of a citizen."""
        request = pb.ListAddressesRequest(citizen_id=str(citizen_id))
        return _listed(await self._channel.call(exchange, self._addresses.ListAddresses, request))

    async def doubts(self, exchange: Exchange, page: PageQuery) -> AddressDoubtPage:
        """Return a page of addresses in doubt of the communes of the caller's agencies."""
        request = pb.ListAddressDoubtsRequest(page_size=page.limit, page_token=page.cursor or "")
        plain = to_plain(await self._channel.call(exchange, self._addresses.ListAddressDoubts, request))
        items = [one | _flat(one["address"]) for one in plain["doubts"]]
        return AddressDoubtPage.model_validate({"items": items, "next_cursor": plain["next_page_token"]})

    async def own(self, exchange: Exchange) -> HeldAddresses:
        """Return every address of the calling citizen."""
        return _listed(
            await self._channel.call(exchange, self._addresses.ListOwnAddresses, pb.ListOwnAddressesRequest())
        )


def _written(new: NewAddress) -> address_pb2.WrittenAddress:
    days = {"written_on": iso(new.written_on), "valid_from": iso(new.valid_from), "valid_to": iso(new.valid_to)}
    return build(address_pb2.WrittenAddress(), new.plain() | days)


def _holder(answer: Message) -> AddressHolder:
    return AddressHolder.model_validate(flat(to_plain(answer)))


def _listed(answer: Message) -> HeldAddresses:
    return HeldAddresses.model_validate({"items": [_flat(one) for one in to_plain(answer)["addresses"]]})


def _flat(address: dict[str, Any]) -> dict[str, Any]:
    """Lift what was written to the top, where the API has it."""
    return address | (address["written"] or {}) | {"id": address["address_id"]}

"""The gRPC door of AddressService."""

from dataclasses import dataclass
from typing import Any, TypeVar

import grpc
from songcau.identity.v1 import address_pb2, address_service_pb2_grpc
from songcau.identity.v1 import address_service_pb2 as pb
from songcau_kit.clock import iso_day
from songcau_kit.errors import DomainError, Violation
from songcau_kit.personal import Personal

from songcau_identity.address_errors import ADDRESS_INVALID
from songcau_identity.addresses.doubt_list import AddressDoubtList, ShownDoubt
from songcau_identity.addresses.frame import AddressAnswer
from songcau_identity.addresses.listing import AddressList, ShownAddress
from songcau_identity.addresses.model import AddressKind, AddressRefusal, UnitRef
from songcau_identity.addresses.proposing import Proposing
from songcau_identity.addresses.recording import Recording
from songcau_identity.addresses.resolving import Finding, Resolving
from songcau_identity.addresses.writing import StatedAddress
from songcau_identity.auditing import Operation
from songcau_identity.officers import Seen
from songcau_identity.record_act import RecordAct
from songcau_identity.servers.admission import Admission, read_request_id
from songcau_identity.servers.citizens import find_uuid, write_citizen
from songcau_identity.servers.orders import ordered

KINDS: dict[int, AddressKind] = {getattr(address_pb2, f"ADDRESS_KIND_{one}"): one for one in AddressKind}
REFUSALS: dict[int, AddressRefusal] = {getattr(pb, f"ADDRESS_REFUSAL_{one}"): one for one in AddressRefusal}
R = TypeVar("R")


@dataclass(frozen=True)
class AddressUseCases:
    """What the door opens to."""

    proposing: Proposing
    recording: Recording
    resolving: Resolving
    listing: AddressList
    doubts: AddressDoubtList


class AddressServer(address_service_pb2_grpc.AddressServiceServicer):
    """Translates between messages and use cases; no rule lives here."""

    def __init__(self, *, admission: Admission, cases: AddressUseCases) -> None:
        self._admission = admission
        self._cases = cases

    def ProposeAddress(  # noqa: N802
        self, request: pb.ProposeAddressRequest, _: grpc.ServicerContext
    ) -> pb.ProposeAddressResponse:
        """Propose an address."""
        with self._admission.admitted(Operation.PROPOSE_ADDRESS) as (asker, access):
            stated = read_stated(request.address)
            answer = self._cases.proposing.propose(asker, read_request_id(request.request_id), stated, access)
        return _answered(pb.ProposeAddressResponse, answer)

    def RecordAddress(self, request: pb.RecordAddressRequest, _: grpc.ServicerContext) -> pb.RecordAddressResponse:  # noqa: N802
        """Record an address."""
        with ordered(self._admission, request, RecordAct.RECORD_ADDRESS, Operation.RECORD_ADDRESS) as order:
            seen = Seen(find_uuid(request.citizen_id), request.expected_version)
            answer = self._cases.recording.record(order, seen, read_stated(request.address))
        return _answered(pb.RecordAddressResponse, answer)

    def AcceptAddressProposal(  # noqa: N802
        self, request: pb.AcceptAddressProposalRequest, _: grpc.ServicerContext
    ) -> pb.AcceptAddressProposalResponse:
        """Take a proposal over."""
        act, operation = RecordAct.ACCEPT_ADDRESS_PROPOSAL, Operation.ACCEPT_ADDRESS_PROPOSAL
        with ordered(self._admission, request, act, operation) as order:
            address_id = find_uuid(request.address_id)
            answer = self._cases.recording.accept(order, address_id, request.expected_citizen_version)
        return _answered(pb.AcceptAddressProposalResponse, answer)

    def RefuseAddressProposal(  # noqa: N802
        self, request: pb.RefuseAddressProposalRequest, _: grpc.ServicerContext
    ) -> pb.RefuseAddressProposalResponse:
        """Refuse a proposal."""
        act, operation = RecordAct.REFUSE_ADDRESS_PROPOSAL, Operation.REFUSE_ADDRESS_PROPOSAL
        with ordered(self._admission, request, act, operation) as order:
            refusal = read_refusal(request.refusal)
            address_id = find_uuid(request.address_id)
            answer = self._cases.recording.refuse(order, address_id, request.expected_citizen_version, refusal)
        return _answered(pb.RefuseAddressProposalResponse, answer)

    def ResolveAddress(self, request: pb.ResolveAddressRequest, _: grpc.ServicerContext) -> pb.ResolveAddressResponse:  # noqa: N802
        """Decide the unit of today."""
        with ordered(self._admission, request, RecordAct.RESOLVE_ADDRESS, Operation.RESOLVE_ADDRESS) as order:
            finding = Finding(request.unit_code, Personal(request.hamlet), _coordinates(request))
            address_id = find_uuid(request.address_id)
            answer = self._cases.resolving.resolve(order, address_id, request.expected_citizen_version, finding)
        return _answered(pb.ResolveAddressResponse, answer)

    def ListAddresses(self, request: pb.ListAddressesRequest, _: grpc.ServicerContext) -> pb.ListAddressesResponse:  # noqa: N802
        """List a citizen's addresses."""
        with self._admission.admitted(Operation.LIST_ADDRESSES) as (asker, access):
            shown = self._cases.listing.of_citizen(asker, find_uuid(request.citizen_id), access)
        return pb.ListAddressesResponse(addresses=map(write_address, shown))

    def ListOwnAddresses(  # noqa: N802
        self, _request: pb.ListOwnAddressesRequest, _: grpc.ServicerContext
    ) -> pb.ListOwnAddressesResponse:
        """List the caller's addresses."""
        with self._admission.admitted(Operation.LIST_OWN_ADDRESSES) as (asker, access):
            shown = self._cases.listing.own(asker, access)
        return pb.ListOwnAddressesResponse(addresses=map(write_address, shown))

    def ListAddressDoubts(  # noqa: N802
        self, request: pb.ListAddressDoubtsRequest, _: grpc.ServicerContext
    ) -> pb.ListAddressDoubtsResponse:
        """List what waits for the officers of the caller's communes."""
        with self._admission.admitted(Operation.LIST_ADDRESS_DOUBTS) as (asker, access):
            size, cursor = request.page_size, request.page_token
            page = self._cases.doubts.list_waiting(asker, access, page_size=size, cursor=cursor)
        return pb.ListAddressDoubtsResponse(doubts=map(write_doubt, page.doubts), next_page_token=page.next_cursor)


def read_stated(address: address_pb2.WrittenAddress) -> StatedAddress:
    """Return an address as it was stated."""
    return StatedAddress(
        kind=KINDS.get(address.kind),
        text=Personal(address.text),
        hamlet=Personal(address.hamlet),
        written_on=address.written_on,
        coordinates=_coordinates(address),
        valid_from=address.valid_from,
        valid_to=address.valid_to,
    )


def read_refusal(refusal: int) -> AddressRefusal:
    """Return why a proposal is refused; raises ADDRESS_INVALID."""
    found = REFUSALS.get(refusal)
    if found is None:
        raise DomainError(ADDRESS_INVALID, violations=[Violation("/refusal", "REQUIRED")])
    return found


def write_address(shown: ShownAddress) -> pb.Address:
    """Return an address whole, as its citizen and officers may read it."""
    held, written, placement = shown.held, shown.value.written, shown.value.placement
    message = pb.Address(
        address_id=str(held.address_id),
        written=address_pb2.WrittenAddress(
            kind=f"ADDRESS_KIND_{held.kind}",
            text=written.text,
            hamlet=written.hamlet,
            written_on=written.written_on.isoformat(),
            valid_from=iso_day(written.valid_from),
            valid_to=iso_day(written.valid_to),
        ),
        state=f"ADDRESS_STATE_{held.state}",
        resolution=f"ADDRESS_RESOLUTION_{held.resolution}",
        unit_then=_unit(placement.then),
        unit_now=_unit(placement.now),
        basis=f"ADDRESS_BASIS_{placement.basis or 'UNSPECIFIED'}",
        candidates=[
            pb.AddressCandidate(unit_now=_unit(one.now), unit_then=_unit(one.then), partial=one.partial)
            for one in placement.candidates
        ],
        warnings=placement.warnings,
        entered_by=f"ADDRESS_ENTERED_BY_{held.entered_by}",
        refusal=f"ADDRESS_REFUSAL_{held.refusal or 'UNSPECIFIED'}",
        citizen_id=str(held.citizen_id),
    )
    if written.latitude is not None and written.longitude is not None:
        point = address_pb2.Coordinates(latitude=written.latitude, longitude=written.longitude)
        message.written.coordinates.CopyFrom(point)
    for name in ("entered_at", "recorded_at", "ended_at"):
        if (moment := getattr(held, name)) is not None:
            getattr(message, name).FromDatetime(moment)
    return message


def write_doubt(shown: ShownDoubt) -> pb.AddressDoubt:
    """Return an address that waits, as officers read it."""
    return pb.AddressDoubt(
        address=write_address(shown.address), doubts=shown.doubts, citizen_version=shown.citizen_version
    )


def _unit(unit: UnitRef | None) -> pb.AddressUnit | None:
    return pb.AddressUnit(code=unit.code, valid_from=unit.valid_from.isoformat(), name=unit.name) if unit else None


def _coordinates(message: Any) -> tuple[float, float] | None:
    if not message.HasField("coordinates"):
        return None
    return message.coordinates.latitude, message.coordinates.longitude


def _answered(form: type[R], answer: AddressAnswer) -> R:
    """Return the answer of a write; those of all five writes have the same fields."""
    fill: Any = form
    found: R = fill(
        citizen=write_citizen(answer.citizen),
        address_id=str(answer.address_id),
        resolution=f"ADDRESS_RESOLUTION_{answer.resolution}",
        warnings=answer.warnings,
    )
    return found

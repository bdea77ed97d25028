"""Addresses as a test has citizens propose and officers record, decide on and resolve them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from songcau.identity.v1 import address_pb2
from songcau.identity.v1 import address_service_pb2 as pb
from songcau_kit.clock import local_date
from support.identity_service import Identity
from support.record_acts import document

SPLIT = "Tổ 3, phường Cam Giá, thành phố Thái Nguyên"
"""The ward went to 05467 Gia Sàng and to 05500 Tích Lương."""


def written(text: str = SPLIT, kind: str = "PERMANENT", **changes: Any) -> address_pb2.WrittenAddress:
    """Return an address, one of a split ward where nothing else is said."""
    return address_pb2.WrittenAddress(kind=f"ADDRESS_KIND_{kind}", text=text, **changes)


def lodging(text: str = SPLIT, *, begins: int = 0, days: int = 365, **changes: Any) -> address_pb2.WrittenAddress:
    """Return a temporary residence that begins so many days from today and lasts so many days after the first."""
    first = local_date(datetime.now(UTC)) + timedelta(days=begins)
    period = {"valid_from": first.isoformat(), "valid_to": (first + timedelta(days=days)).isoformat()}
    return written(text, "TEMPORARY", **(period | changes))


def as_recorder(identity: Identity) -> Any:
    return identity.as_officer(acr="aal2", purpose="COUNTER_ASSISTANCE")


def propose(
    identity: Identity, citizen_id: str, address: Any, *, request_id: str | None = None, child_id: str | None = None
) -> Any:
    request = pb.ProposeAddressRequest(request_id=request_id or str(uuid4()), address=address)
    return identity.addresses.ProposeAddress(request, metadata=identity.as_citizen(citizen_id, on_behalf_of=child_id))


def record(identity: Identity, citizen: Any, address: Any, **changes: Any) -> Any:
    given = {
        "request_id": str(uuid4()),
        "citizen_id": citizen.citizen_id,
        "expected_version": citizen.version,
        "address": address,
        "evidence": document(),
    } | changes
    return identity.addresses.RecordAddress(pb.RecordAddressRequest(**given), metadata=as_recorder(identity))


def accept(identity: Identity, answer: Any) -> Any:
    return identity.addresses.AcceptAddressProposal(
        pb.AcceptAddressProposalRequest(**_about(answer)), metadata=as_recorder(identity)
    )


def refuse(identity: Identity, answer: Any, reason: str = "NOT_PROVED") -> Any:
    request = pb.RefuseAddressProposalRequest(refusal=f"ADDRESS_REFUSAL_{reason}", **_about(answer))
    return identity.addresses.RefuseAddressProposal(request, metadata=as_recorder(identity))


def resolve(identity: Identity, answer: Any, unit_code: str, **finding: Any) -> Any:
    request = pb.ResolveAddressRequest(unit_code=unit_code, **finding, **_about(answer))
    return identity.addresses.ResolveAddress(request, metadata=as_recorder(identity))


def doubts(
    identity: Identity, *agencies: str, page_size: int = 0, page_token: str = "", **claims: Any
) -> pb.ListAddressDoubtsResponse:
    request = pb.ListAddressDoubtsRequest(page_size=page_size, page_token=page_token)
    metadata = identity.as_officer(**({"purpose": "INSPECTION", "agency_codes": list(agencies)} | claims))
    answer: pb.ListAddressDoubtsResponse = identity.addresses.ListAddressDoubts(request, metadata=metadata)
    return answer


def own(identity: Identity, citizen_id: str, *, child_id: str | None = None) -> list[Any]:
    request, metadata = pb.ListOwnAddressesRequest(), identity.as_citizen(citizen_id, on_behalf_of=child_id)
    return list(identity.addresses.ListOwnAddresses(request, metadata=metadata).addresses)


def states(identity: Identity, citizen_id: str) -> list[str]:
    request = pb.ListAddressesRequest(citizen_id=citizen_id)
    listed = identity.addresses.ListAddresses(request, metadata=identity.as_officer()).addresses
    return [pb.AddressState.Name(one.state)[14:] for one in listed]


def _about(answer: Any) -> dict[str, Any]:
    return {
        "request_id": str(uuid4()),
        "address_id": answer.address_id,
        "expected_citizen_version": answer.citizen.version,
        "evidence": document(),
    }

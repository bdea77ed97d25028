"""Requests of people about their data as a test makes and answers them."""

from typing import Any
from uuid import uuid4

from songcau.identity.v1 import subject_request_service_pb2 as pb
from songcau_kit.clock import SystemClock, local_date
from support.identity_service import Identity
from support.record_acts import document

PURPOSE = "DATA_SUBJECT_REQUEST"
# What stops one activity names it.
STOPPED = {"RESTRICT": "remote-examination", "OBJECT": "remote-examination"}


def make(identity: Identity, citizen_id: str, kind: str, *, details: str = "", **changes: Any) -> Any:
    given = {
        "request_id": str(uuid4()),
        "kind": f"SUBJECT_REQUEST_KIND_{kind}",
        "activity": STOPPED.get(kind, ""),
        "details": details,
    } | changes
    metadata = given.pop("metadata", None) or identity.as_citizen(citizen_id)
    return identity.requests.MakeSubjectRequest(pb.MakeSubjectRequestRequest(**given), metadata=metadata).request


def record(identity: Identity, citizen_id: str, kind: str, **changes: Any) -> Any:
    """Let an officer enter a request that came on paper."""
    given = {
        "request_id": str(uuid4()),
        "citizen_id": citizen_id,
        "kind": f"SUBJECT_REQUEST_KIND_{kind}",
        "activity": STOPPED.get(kind, ""),
        "details": "Đơn viết tay.",
        "channel": "SUBJECT_REQUEST_CHANNEL_COUNTER",
        "received_on": local_date(SystemClock().now()).isoformat(),
        "evidence": document(kind="EVIDENCE_KIND_OFFICE_RECORD"),
    } | changes
    metadata = given.pop("metadata", None) or identity.as_officer(acr="aal2", purpose="COUNTER_ASSISTANCE")
    return identity.requests.RecordSubjectRequest(pb.RecordSubjectRequestRequest(**given), metadata=metadata).request


def get_own(identity: Identity, citizen_id: str, subject_request_id: str) -> Any:
    request = pb.GetOwnSubjectRequestRequest(subject_request_id=subject_request_id)
    return identity.requests.GetOwnSubjectRequest(request, metadata=identity.as_citizen(citizen_id)).details


def list_own(identity: Identity, citizen_id: str, **page: Any) -> Any:
    request = pb.ListOwnSubjectRequestsRequest(**page)
    return identity.requests.ListOwnSubjectRequests(request, metadata=identity.as_citizen(citizen_id))


def withdraw(identity: Identity, request: Any, **changes: Any) -> Any:
    metadata = identity.as_citizen(changes.pop("citizen_id", request.citizen_id))
    wanted = pb.WithdrawSubjectRequestRequest(**(step_of(request) | changes))
    return identity.requests.WithdrawSubjectRequest(wanted, metadata=metadata).request


def queue(identity: Identity, **page: Any) -> Any:
    request = pb.ListSubjectRequestsRequest(**page)
    return identity.requests.ListSubjectRequests(request, metadata=identity.as_data_officer(purpose=PURPOSE))


def get(identity: Identity, subject_request_id: str) -> Any:
    request = pb.GetSubjectRequestRequest(subject_request_id=subject_request_id)
    metadata = identity.as_data_officer(purpose=PURPOSE)
    return identity.requests.GetSubjectRequest(request, metadata=metadata).details


def act(identity: Identity, verb: str, request: Any, **changes: Any) -> Any:
    """Let a data officer take a step: Acknowledge, Extend, Refuse or Complete."""
    metadata = changes.pop("metadata", None) or identity.as_data_officer(purpose=PURPOSE)
    kind = getattr(pb, f"{verb}SubjectRequestRequest")
    call = getattr(identity.requests, f"{verb}SubjectRequest")
    return call(kind(**(step_of(request) | changes)), metadata=metadata).request


def step_of(request: Any) -> dict[str, Any]:
    return {
        "request_id": str(uuid4()),
        "subject_request_id": request.subject_request_id,
        "expected_version": request.version,
    }


def state_of(request: Any) -> str:
    return pb.SubjectRequestState.Name(request.state).removeprefix("SUBJECT_REQUEST_STATE_")


REFUSAL = {
    "refusal": pb.SUBJECT_REQUEST_REFUSAL_RETENTION_LAW,
    "legal_reference": "Thông tư 33/2025/TT-BYT",
    "answer": "Hồ sơ bệnh án phải lưu 10 năm.",
}

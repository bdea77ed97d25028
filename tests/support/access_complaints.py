"""Complaints about accesses as a test makes and answers them."""

from typing import Any
from uuid import uuid4

from songcau.identity.v1 import access_complaint_service_pb2 as pb
from support.identity_service import Identity

WORDS = "Tôi không nộp hồ sơ nào ở đây."
ANSWER = "Lượt tra cứu không có căn cứ."
PURPOSE = "DATA_SUBJECT_REQUEST"


def looked_up(identity: Identity, citizen_id: str) -> str:
    listed = identity.own_accesses(citizen_id, actor_kinds=["OFFICER"]).accesses
    return str(listed[0].entry_id)


def make(identity: Identity, citizen_id: str, entry_id: str, **changes: Any) -> Any:
    given = {"request_id": str(uuid4()), "entry_id": entry_id, "details": WORDS} | changes
    request = pb.MakeAccessComplaintRequest(**given)
    return identity.complaints.MakeAccessComplaint(request, metadata=identity.as_citizen(citizen_id)).complaint


def get_own(identity: Identity, citizen_id: str, complaint_id: str) -> Any:
    request = pb.GetOwnAccessComplaintRequest(access_complaint_id=complaint_id)
    return identity.complaints.GetOwnAccessComplaint(request, metadata=identity.as_citizen(citizen_id)).details


def get(identity: Identity, complaint: Any, **claims: Any) -> Any:
    request = pb.GetAccessComplaintRequest(access_complaint_id=complaint.access_complaint_id)
    return identity.complaints.GetAccessComplaint(request, metadata=officer(identity, **claims)).details


def queue(identity: Identity, **page: Any) -> Any:
    request = pb.ListAccessComplaintsRequest(**page)
    return identity.complaints.ListAccessComplaints(request, metadata=officer(identity))


def officer(identity: Identity, **claims: Any) -> Any:
    return identity.as_data_officer(purpose=PURPOSE, **claims)


def step_of(complaint: Any, **changes: Any) -> dict[str, Any]:
    return {
        "request_id": str(uuid4()),
        "access_complaint_id": complaint.access_complaint_id,
        "expected_version": complaint.version,
    } | changes


def acknowledge(identity: Identity, complaint: Any, **changes: Any) -> Any:
    metadata = changes.pop("metadata", None) or officer(identity)
    request = pb.AcknowledgeAccessComplaintRequest(**step_of(complaint, **changes))
    return identity.complaints.AcknowledgeAccessComplaint(request, metadata=metadata).complaint


def answer(identity: Identity, complaint: Any, **changes: Any) -> Any:
    given = {"finding": pb.ACCESS_COMPLAINT_FINDING_UNJUSTIFIED, "answer": ANSWER} | changes
    request = pb.AnswerAccessComplaintRequest(**step_of(complaint, **given))
    return identity.complaints.AnswerAccessComplaint(request, metadata=officer(identity)).complaint


def state_of(complaint: Any) -> str:
    return pb.AccessComplaintState.Name(complaint.state).removeprefix("ACCESS_COMPLAINT_STATE_")

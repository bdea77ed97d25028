"""Assisted sessions as tests go through them at identity's door, and a push provider that answers at once."""

import hashlib
from typing import Any
from uuid import UUID, uuid4

from songcau.identity.v1 import assistance_pb2 as shapes
from songcau.identity.v1 import assistance_service_pb2 as pb
from songcau_identity.assistance.pushing import PushState, Question
from support.identity_service import AGENCY, Identity, Person

DIGEST = hashlib.sha256(b"one request").digest()
SUBMIT_FACTS = {"reference": "HS-ABCDEFGHJK", "version": "2"}


def as_helper(identity: Identity, *, role: str = "digital-team", **claims: Any) -> Any:
    """Return the metadata of a helper's call."""
    given = {"sub": f"helper-{role}", "agency_codes": [AGENCY], "acr": "aal2", "azp": "officer-console"} | claims
    return identity.call_as(roles=[role], scopes=["assistance:act"], **given)


def start(identity: Identity, *, number: str = Person().number, purpose: str = "SUBMIT_DOSSIER", **given: Any) -> Any:
    """Start a session as a helper."""
    metadata = given.get("metadata") or as_helper(identity)
    request = pb.StartAssistedSessionRequest(
        request_id=given.get("request_id") or str(uuid4()),
        personal_number=number,
        purpose=f"ASSISTANCE_PURPOSE_{purpose}",
    )
    return identity.assistance.StartAssistedSession(request, metadata=metadata).session


def approve(identity: Identity, citizen_id: str, session_id: str, *, request_id: str | None = None) -> Any:
    """Approve a session as its citizen."""
    request = pb.ApproveAssistedSessionRequest(request_id=request_id or str(uuid4()), session_id=session_id)
    return identity.assistance.ApproveAssistedSession(request, metadata=identity.as_citizen(citizen_id)).session


def propose(identity: Identity, session_id: str, *, operation: str = "SUBMIT_DOSSIER", **given: Any) -> Any:
    """Propose an act as the helper."""
    facts = given.get("facts", SUBMIT_FACTS)
    request = pb.ProposeAssistedActRequest(
        request_id=given.get("request_id") or str(uuid4()),
        session_id=session_id,
        operation=f"ASSISTED_OPERATION_{operation}",
        digest=given.get("digest", DIGEST),
        facts=[pb.AssistedFact(code=code, value=value) for code, value in facts.items()],
        details=[
            shapes.AssistedDetail(label_vi=label, label_en=label, value=value)
            for label, value in given.get("details", {}).items()
        ],
    )
    metadata = given.get("metadata") or as_helper(identity)
    return identity.assistance.ProposeAssistedAct(request, metadata=metadata).act


def propose_opened(identity: Identity, citizen_id: str, *, number: str = Person().number) -> Any:
    """Start a session, approve it and propose an act; return the act."""
    session = start(identity, number=number)
    approve(identity, citizen_id, session.session_id)
    return propose(identity, session.session_id)


def confirm(identity: Identity, citizen_id: str, session_id: str, act_id: str, **given: Any) -> Any:
    """Confirm an act as the citizen."""
    request = pb.ConfirmAssistedActRequest(request_id=str(uuid4()), session_id=session_id, act_id=act_id)
    metadata = identity.as_citizen(citizen_id, **given)
    return identity.assistance.ConfirmAssistedAct(request, metadata=metadata).act


def decline(identity: Identity, citizen_id: str, session_id: str, act_id: str) -> Any:
    """Decline an act as the citizen."""
    request = pb.DeclineAssistedActRequest(request_id=str(uuid4()), session_id=session_id, act_id=act_id)
    return identity.assistance.DeclineAssistedAct(request, metadata=identity.as_citizen(citizen_id)).act


def end(identity: Identity, session_id: str, metadata: Any) -> Any:
    """End a session as whoever the metadata says."""
    request = pb.EndAssistedSessionRequest(request_id=str(uuid4()), session_id=session_id)
    return identity.assistance.EndAssistedSession(request, metadata=metadata).session


def get(identity: Identity, session_id: str, metadata: Any | None = None) -> Any:
    """Return a session as the helper sees it, or whoever the metadata says."""
    request = pb.GetAssistedSessionRequest(session_id=session_id)
    return identity.assistance.GetAssistedSession(request, metadata=metadata or as_helper(identity)).session


def status_of(session: Any) -> str:
    """Return the word for where a session stands."""
    return str(shapes.AssistedSessionStatus.Name(session.status)).removeprefix("ASSISTED_SESSION_STATUS_")


def cause_of(session: Any) -> str:
    """Return the word for why a session is over."""
    return str(shapes.AssistedSessionEndCause.Name(session.end_cause)).removeprefix("ASSISTED_SESSION_END_CAUSE_")


def act_status_of(act: Any) -> str:
    """Return the word for where an act stands."""
    return str(shapes.AssistedActStatus.Name(act.status)).removeprefix("ASSISTED_ACT_STATUS_")


class AnsweringProvider:
    """Puts questions to a person who gives the same answer to all."""

    def __init__(self, state: PushState) -> None:
        self.state = state
        self.asked: list[Question] = []

    def send(self, question: Question) -> PushState:
        self.asked.append(question)
        return self.state

    def look(self, push_id: UUID) -> PushState:
        return self.state

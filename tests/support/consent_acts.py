"""Decisions on consents as tests make them."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from songcau.identity.events.v1.consent_event_pb2 import ConsentEvent
from songcau.identity.v1 import consent_service_pb2 as pb
from support.identity_service import Identity
from support.record_acts import document

PURPOSE, VERSION = "REMOTE_CARE", "care-1"
OTHER_PURPOSE, OTHER_VERSION = "REUSE_PAPERS", "reuse-papers-1"


def give(identity: Identity, citizen_id: str, *, request_id: str | None = None, **changes: Any) -> Any:
    given = {"purpose": PURPOSE, "text_version": VERSION, "agreed": True} | changes
    request = pb.GiveConsentRequest(request_id=request_id or str(uuid4()), **given)
    return identity.consents.GiveConsent(request, metadata=identity.as_citizen(citizen_id)).consent


def withdraw(identity: Identity, citizen_id: str, purpose: str = PURPOSE, *, request_id: str | None = None) -> Any:
    request = pb.WithdrawConsentRequest(request_id=request_id or str(uuid4()), purpose=purpose)
    return identity.consents.WithdrawConsent(request, metadata=identity.as_citizen(citizen_id)).consent


def record(identity: Identity, subject_id: str, *, who: Any = None, **changes: Any) -> Any:
    given = {
        "request_id": str(uuid4()),
        "citizen_id": subject_id,
        "purpose": PURPOSE,
        "text_version": VERSION,
        "channel": "CONSENT_CHANNEL_PAPER",
        "evidence": document(),
    } | changes
    request = pb.RecordConsentRequest(**given)
    return identity.consents.RecordConsent(request, metadata=who or as_station(identity)).consent


def record_withdrawal(identity: Identity, citizen_id: str, **changes: Any) -> Any:
    given = {
        "request_id": str(uuid4()),
        "citizen_id": citizen_id,
        "purpose": PURPOSE,
        "channel": "CONSENT_CHANNEL_RECORDED_CALL",
        "evidence": document(),
    } | changes
    request = pb.RecordConsentWithdrawalRequest(**given)
    return identity.consents.RecordConsentWithdrawal(request, metadata=as_station(identity)).consent


def as_station(identity: Identity, *, purpose: str | None = "CARE", **claims: Any) -> Any:
    given = {"sub": "station-1", "facility_codes": ["19911"], "acr": "aal2", "azp": "officer-console"} | claims
    return identity.call_as(roles=["station-officer"], scopes=["consent:write"], purpose=purpose, **given)


def own_consents(identity: Identity, citizen_id: str) -> dict[str, Any]:
    answer = identity.consents.ListOwnConsents(pb.ListOwnConsentsRequest(), metadata=identity.as_citizen(citizen_id))
    return {one.purpose.purpose: one for one in answer.consents}


def consent_events(identity: Identity) -> Sequence[ConsentEvent]:
    rows = identity.rows("select payload from outbox where topic = 'identity.consent.v1' order by id")
    return [ConsentEvent.FromString(bytes(payload)) for (payload,) in rows]

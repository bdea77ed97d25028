"""Every row of the table of access about consultations, played by every role in every relation to a real one."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from songcau.telehealth.v1 import consultation_service_pb2 as calls
from songcau_kit.errors import DomainError
from support.access_table import ROLES, ROUTES, RPCS, was_allowed
from support.telehealth_service import (
    COLLEAGUE,
    DOCTOR,
    HOSPITAL,
    STATION,
    Telehealth,
    key,
    outcome_message,
    request_message,
)

PLAYED = ("own", "represented", "same-agency", "care", "none")
SERVICE = "songcau.telehealth.v1.ConsultationService/"
METHODS = [name for name, row in RPCS.items() if name.startswith(SERVICE) and not row.is_open]
SCOPES = sorted(frozenset().union(*(row.scopes for row in ROUTES.values())))
# What somebody is told who may not, whatever they asked.
DENIALS = {"PERMISSION_DENIED", "CONSULTATION_NOT_FOUND", "STEP_NOT_YOURS", "CITIZEN_NOT_LINKED", "FACILITY_NOT_FOUND"}
DENIALS |= {"ON_BEHALF_NOT_POSSIBLE", "NOT_REPRESENTED", "VIEW_NOT_YOURS"}
FIELDS: dict[str, Any] = {
    "TriageConsultation": {"priority": "PRIORITY_ROUTINE"},
    "OfferSlot": {"slot_id": str(uuid4())},
    "ConfirmOffer": {"hold_id": str(uuid4()), "shown_licence_number": "x"},
    "CheckIn": {"proof": "IDENTITY_PROOF_IDENTITY_CARD"},
    "CompleteConsultation": {"outcome": outcome_message()},
    "CancelConsultation": {"reason": "CANCELLATION_REASON_CANNOT_ATTEND"},
}


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.rpartition("/")[2])
def test_only_who_the_table_names_gets_past_the_relation(telehealth: Telehealth, method: str) -> None:
    site, citizen_id = telehealth, telehealth.link()
    make = scene(site, citizen_id, method.removeprefix(SERVICE))
    cases = [(role, relation) for role in ROLES for relation in PLAYED]
    wrong = []
    # Those who may not come first: they change nothing for those who may.
    for role, relation in sorted(cases, key=lambda case: RPCS[method].allows(*case)):
        allowed = was_allowed(
            lambda role=role, relation=relation: make(metadata(site, citizen_id, role, relation)), DENIALS
        )
        if allowed is not RPCS[method].allows(role, relation):
            wrong.append((role, relation, "allowed" if allowed else "denied"))
    assert wrong == []


def metadata(site: Telehealth, citizen_id: str, role: str, relation: str) -> Any:
    """Return the call of somebody with one role and every scope who stands so to the citizen's consultation.

    same-agency is the station that asked, care the doctor of the slot at the hospital.
    """
    facility = {"same-agency": STATION, "care": HOSPITAL, "own": STATION}.get(relation, "19912")
    caller_id = citizen_id if relation == "own" else site.link()
    if relation == "represented":
        site.represent(caller_id, citizen_id)
    return site.call_as(
        sub=f"account-{uuid4()}",
        roles=[role],
        scopes=SCOPES,
        citizen_id=caller_id,
        on_behalf_of=citizen_id if relation == "represented" else None,
        practitioner_id=str(DOCTOR if relation in ("care", "own") else COLLEAGUE),
        facility_codes=[facility],
        agency_codes=[facility],
        acr="aal2",
        purpose="CARE",
    )


def scene(site: Telehealth, citizen_id: str, name: str) -> Callable[[Any], bool | None]:
    """Return the call of the method about a consultation of the citizen that has come as far as the method needs."""
    stub = site.consultations
    if name in ("ListConsultationConsents", "WithdrawConsultationConsent"):
        return consent_scene(site, citizen_id, name)
    if name == "RequestConsultation":
        return lambda who: stub.RequestConsultation(request_for(citizen_id), metadata=who) and None
    if name in ("GetSummary", "GetConsultation", "ListConsultations"):
        consultation = site.complete(site.in_call(citizen_id))
        site.decide(citizen_id, "SHARE_CARE_RESULT", "GIVEN")
    else:
        consultation = stage(site, citizen_id, name)
    if name == "ListConsultations":
        request = calls.ListConsultationsRequest()
        return lambda who: (
            consultation.consultation_id
            in [one.consultation_id for one in stub.ListConsultations(request, metadata=who).consultations]
        )
    if name in ("GetSummary", "GetConsultation"):
        about = getattr(calls, f"{name}Request")(consultation_id=consultation.consultation_id)
        return lambda who: getattr(stub, name)(about, metadata=who) and None
    if name == "MarkNoShow":
        return lambda who: missed(site, consultation, who)
    return lambda who: site.step(name, consultation, who, **FIELDS.get(name, {})) and None


def consent_scene(site: Telehealth, citizen_id: str, name: str) -> Callable[[Any], bool | None]:
    """Return the call of the method about the consent the citizen gave with a consultation that was asked for."""
    asked, stub = site.request(citizen_id).consultation_id, site.consultations
    if name == "WithdrawConsultationConsent":
        return lambda who: (
            stub.WithdrawConsultationConsent(
                calls.WithdrawConsultationConsentRequest(request_id=key(), consultation_id=asked), metadata=who
            )
            and None
        )
    listing = calls.ListConsultationConsentsRequest()
    return lambda who: (
        asked in [one.consultation_id for one in stub.ListConsultationConsents(listing, metadata=who).consents]
    )


def missed(site: Telehealth, consultation: Any, who: Any) -> None:
    """Say that somebody did not come: staff say it of the patient, the patient's side of the clinician."""
    try:
        site.miss(consultation, "PATIENT", who)
    except DomainError as error:
        if error.reason.code != "STEP_NOT_YOURS":
            raise
        site.miss(consultation, "CLINICIAN", who)


def stage(site: Telehealth, citizen_id: str, name: str) -> Any:
    asked = site.request(citizen_id)
    if name in ("TriageConsultation", "CancelConsultation"):
        return asked
    triaged = site.triage(asked)
    if name == "OfferSlot":
        return triaged
    offered = site.offer(triaged, site.slot())
    if name == "ConfirmOffer":
        return offered
    scheduled = site.confirm(offered)
    if name in ("CheckIn", "MarkNoShow"):
        return scheduled
    waiting = site.check_in(scheduled)
    return waiting if name == "AdmitPatient" else site.admit(waiting)


def request_for(citizen_id: str) -> Any:
    message = request_message(citizen_id=citizen_id)
    message.request_id = key()
    return message

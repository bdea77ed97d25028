"""What waits while nobody vouches for the audit log is a closed list: a write of staff stands there or says why not."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from songcau_eservices.servers.sensitive import SENSITIVE as ESERVICES
from songcau_eservices.servers.step_ups import STEP_UP_LEVELS as ESERVICES_STEP_UPS
from songcau_identity.servers.sensitive import SENSITIVE as IDENTITY
from songcau_telehealth.servers.sensitive import SENSITIVE as TELEHEALTH
from songcau_telehealth.servers.step_ups import STEP_UP_LEVELS as TELEHEALTH_STEP_UPS
from support.access_table import RPCS

SENSITIVE: Mapping[str, frozenset[str]] = {"identity": IDENTITY, "eservices": ESERVICES, "telehealth": TELEHEALTH}
READS = re.compile(r"(Get|List|LookUp|Verify|Search|Resolve(Unit)$)")
PEOPLE = {"citizen", "signed-in", "anyone"}

STEP = "a step on the way; the decision at its end waits"
DEADLINE = "a legal deadline runs, and nothing is lost or given away by it"
PROTECTS = "it ends somebody's right over somebody else, or protects whom it is about"
CARE = "somebody who is ill waits"
SUPERVISION = "who watches over look-ups works when the log does not, too"
OWN_DOOR = "the call belongs to an act that waited at its beginning"
HELP = "nothing is done before the citizen confirms it"
NOT_STAFF = "no person of the staff calls it"

# Writes of staff that go on while nobody vouches for the log, and why.
GOES_ON: Mapping[str, str] = {
    "identity.v1.CitizenService/LinkCitizen": NOT_STAFF,
    "identity.v1.SubjectRequestService/RecordSubjectRequest": DEADLINE,
    "identity.v1.SubjectRequestService/AcknowledgeSubjectRequest": DEADLINE,
    "identity.v1.SubjectRequestService/ExtendSubjectRequest": DEADLINE,
    "identity.v1.SubjectRequestService/RefuseSubjectRequest": DEADLINE,
    "identity.v1.AccessComplaintService/AcknowledgeAccessComplaint": DEADLINE,
    "identity.v1.AccessComplaintService/AnswerAccessComplaint": DEADLINE,
    "identity.v1.AnomalyService/AskAboutAnomaly": SUPERVISION,
    "identity.v1.AnomalyService/DecideAnomaly": SUPERVISION,
    "identity.v1.AnomalyService/ExplainAnomaly": SUPERVISION,
    "identity.v1.AnomalyService/WatchCitizen": SUPERVISION,
    "identity.v1.AnomalyService/UnwatchCitizen": SUPERVISION,
    "identity.v1.RepresentationService/EndRepresentation": PROTECTS,
    "identity.v1.ConsentService/RecordConsentWithdrawal": PROTECTS,
    "identity.v1.AssistanceService/StartAssistedSession": HELP,
    "identity.v1.AssistanceService/ProposeAssistedAct": HELP,
    "identity.v1.AssistanceService/EndAssistedSession": PROTECTS,
    "identity.v1.AccountService/FinishAccountAction": OWN_DOOR,
    "identity.v1.AccountService/RecordAccountView": "it enters a read",
    "identity.v1.BreachService/OpenBreach": DEADLINE,
    "identity.v1.BreachService/AmendBreach": DEADLINE,
    "identity.v1.BreachService/AssessBreach": DEADLINE,
    "identity.v1.BreachService/RecordBreachNotice": DEADLINE,
    "identity.v1.BreachService/CloseBreach": DEADLINE,
    "eservices.v1.DossierService/AcceptDossier": STEP,
    "eservices.v1.DossierService/RequestSupplement": STEP,
    "eservices.v1.DossierService/RequirePayment": STEP,
    "eservices.v1.DossierService/StartProcessing": STEP,
    "eservices.v1.DossierService/ProposeDecision": STEP,
    "eservices.v1.DossierService/ReturnResult": "it hands over what was decided",
    "eservices.v1.DossierService/CreateDossier": HELP,
    "eservices.v1.DossierService/UpdateDossier": HELP,
    "eservices.v1.DossierService/SubmitDossier": HELP,
    "eservices.v1.DossierService/SupplySupplement": HELP,
    "telehealth.v1.SlotService/PublishSlots": "it is about no patient",
    "telehealth.v1.ConsultationService/RequestConsultation": CARE,
    "telehealth.v1.ConsultationService/TriageConsultation": CARE,
    "telehealth.v1.ConsultationService/OfferSlot": CARE,
    "telehealth.v1.ConsultationService/ConfirmOffer": CARE,
    "telehealth.v1.ConsultationService/CheckIn": CARE,
    "telehealth.v1.ConsultationService/AdmitPatient": CARE,
    "telehealth.v1.ConsultationService/CancelConsultation": CARE,
    "telehealth.v1.ConsultationService/MarkNoShow": CARE,
}


def is_write_of_staff(method: str) -> bool:
    return not READS.match(method.rpartition("/")[2]) and bool(RPCS[method].who.keys() - PEOPLE)


@pytest.mark.parametrize("service", SENSITIVE)
def test_what_waits_is_an_rpc_of_its_service(service: str) -> None:
    assert SENSITIVE[service] <= {method for method in RPCS if method.startswith(f"songcau.{service}.")}
    assert SENSITIVE[service]


def test_every_write_of_staff_waits_or_says_why_it_goes_on() -> None:
    waits = frozenset().union(*SENSITIVE.values())
    goes_on = {f"songcau.{name}" for name in GOES_ON}
    assert waits.isdisjoint(goes_on)
    assert {method for method in RPCS if is_write_of_staff(method)} == goes_on | {
        method for method in waits if is_write_of_staff(method)
    }


def test_the_one_thing_of_citizens_that_waits_is_the_copy_of_everything() -> None:
    waits = frozenset().union(*SENSITIVE.values())
    citizens_own = {method for method in waits if not RPCS[method].who.keys() - PEOPLE}
    assert citizens_own == {"songcau.identity.v1.SubjectRequestService/GetDataCopy"}


def test_what_decides_on_somebody_or_is_signed_for_them_asks_for_a_fresh_sign_in_with_a_second_factor() -> None:
    decisions = {"DossierService/RefuseDossier", "DossierService/ResolveDossier", "DossierService/StopDossier"}
    decisions |= {"ResultService/RevokeResult"}
    assert {f"songcau.eservices.v1.{name}": 2 for name in decisions} == ESERVICES_STEP_UPS
    assert TELEHEALTH_STEP_UPS == {"songcau.telehealth.v1.ConsultationService/CompleteConsultation": 2}

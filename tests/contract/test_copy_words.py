"""The readable form of a copy has a word for every code that any service can put into it."""

import re
from collections.abc import Iterable

import pytest
from songcau_eservices.catalogue.model import Channel
from songcau_eservices.dossiers.model import State as DossierState
from songcau_eservices.payments.payment import PaymentState
from songcau_eservices.results.paper import PaperKind as SignedPaperKind
from songcau_identity.addresses.model import AddressKind, AddressState
from songcau_identity.assistance.model import ActStatus, AssistancePurpose, AssistedOperation, SessionStatus
from songcau_identity.complaints.model import ComplaintState, Finding
from songcau_identity.consent.model import ConsentChannel, ConsentState, Decider
from songcau_identity.documents import EvidenceKind
from songcau_identity.evidence import METHODS
from songcau_identity.model import (
    AccountKind,
    CitizenStatus,
    Doubt,
    IdentifierKind,
    IdentifierStatus,
    PaperKind,
    PaperSource,
    PaperStatus,
    PaperWithdrawal,
)
from songcau_identity.newborn_states import NewbornState, VoidReason
from songcau_identity.organisations.model import MemberEnd, MemberState, ProposalState, Role
from songcau_identity.record_act import RecordAct
from songcau_identity.representations.model import EndCause, Kind, RepresentedKind, Scope, Status
from songcau_identity.rights.copy_paper import shown
from songcau_identity.rights.copy_words import copy_words, in_words, title_in_words
from songcau_identity.rights.model import Refusal, RequestAct, RequestChannel, RequestKind, RequestState
from songcau_kit.data_copy import field, record
from songcau_telehealth.consents.model import ConsentState as FollowedState
from songcau_telehealth.consultations.model import State as ConsultationState
from songcau_telehealth.consultations.records import ConsentChannel as CareChannel
from songcau_telehealth.consultations.records import OutcomeKind, Priority
from songcau_telehealth.consultations.wanted import SEXES
from songcau_telehealth.facilities.model import RemoteMode

CODED: dict[str, Iterable[str]] = {
    "identity.profile.account_kind": AccountKind,
    "identity.profile.status": CitizenStatus,
    "identity.verifications.method": METHODS,
    "identity.identifiers.kind": IdentifierKind,
    "identity.identifiers.status": IdentifierStatus,
    "identity.papers.kind": PaperKind,
    "identity.papers.source": PaperSource,
    "identity.papers.status": PaperStatus,
    "identity.papers.withdrawal": PaperWithdrawal,
    "identity.newborns.state": NewbornState,
    "identity.newborns.void_reason": VoidReason,
    "identity.addresses.kind": AddressKind,
    "identity.addresses.state": AddressState,
    "identity.consents.state": ConsentState,
    "identity.consents.channel": ConsentChannel,
    "identity.consents.decided_as": Decider,
    "identity.consents.evidence.kind": EvidenceKind,
    "identity.representations.kind": Kind,
    "identity.representations.represented_kind": RepresentedKind,
    "identity.representations.granted": Scope,
    "identity.representations.status": Status,
    "identity.representations.end_cause": EndCause,
    "identity.assisted_sessions.purpose": AssistancePurpose,
    "identity.assisted_sessions.operation": AssistedOperation,
    "identity.assisted_sessions.status": [*SessionStatus, *ActStatus],
    "identity.organisations.role": Role,
    "identity.organisations.state": MemberState,
    "identity.organisations.end_cause": MemberEnd,
    "identity.organisation_proposals.state": ProposalState,
    "identity.requests.kind": RequestKind,
    "identity.requests.state": RequestState,
    "identity.requests.channel": RequestChannel,
    "identity.requests.refusal": Refusal,
    "identity.requests.steps": RequestAct,
    "identity.complaints.state": ComplaintState,
    "identity.complaints.finding": Finding,
    "identity.record_acts.act": RecordAct,
    "identity.doubts.doubt": Doubt,
    "eservices.dossiers.state": DossierState,
    "eservices.dossiers.channel": Channel,
    "eservices.papers.kind": SignedPaperKind,
    "eservices.payments.state": PaymentState,
    "telehealth.consultations.state": ConsultationState,
    "telehealth.consultations.mode": RemoteMode,
    "telehealth.consultations.patient_sex": SEXES,
    "telehealth.consultations.triage_priority": Priority,
    "telehealth.consultations.outcome_kind": OutcomeKind,
    "telehealth.consents.channel": CareChannel,
    "telehealth.followed_consents.state": FollowedState,
}


@pytest.mark.parametrize("place", CODED)
def test_every_code_of_a_field_has_a_word_and_no_other_has(place: str) -> None:
    holder, section, code = place.split(".", 2)
    assert copy_words()[(holder, section, code)].keys() == {str(one) for one in CODED[place]}


def test_no_word_of_a_copy_is_a_code() -> None:
    words = [word for table in copy_words().values() for word in table.values()]
    assert [word for word in words if not word or re.search(r"[A-Z]{2,}_", word)] == []


def test_a_list_of_codes_and_the_steps_of_a_request_are_told_in_words_and_in_the_time_of_vietnam() -> None:
    scopes = field("granted", "Phạm vi", "DOSSIER_READ, DOSSIER_WRITE")
    assert shown(scopes, copy_words()[("identity", "representations", "granted")]) == "xem hồ sơ, làm hồ sơ"
    steps = field("steps", "Các bước", "MAKE 2026-11-27T02:00:01+00:00; COMPLETE 2026-11-27T03:00:01+00:00")
    told = shown(steps, copy_words()[("identity", "requests", "steps")])
    assert told == "Gửi 09:00:01 27/11/2026; Giải quyết xong 10:00:01 27/11/2026"


def test_a_title_is_told_in_the_words_of_its_own_fields_and_a_name_in_it_stays() -> None:
    one = record("1", "ADMINISTRATOR Hợp tác xã ACTIVE", [field("role", "Vai trò", "ADMINISTRATOR")])
    assert title_in_words("identity", "organisations", one) == "Người quản trị Hợp tác xã ACTIVE"


def test_a_code_of_a_later_release_stays_as_it_is() -> None:
    assert in_words("NEWER", copy_words()[("identity", "requests", "state")]) == "NEWER"

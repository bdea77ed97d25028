"""Every row of the table of access about a citizen, played by every role in every relation to that citizen."""

from typing import Any
from uuid import uuid4

import pytest
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau_kit.assisted_acts import HELPER_ROLES
from songcau_kit.errors import DomainError
from support.access_table import ROLES, RPCS, was_allowed
from support.identity_plays import OF_A_SESSION, PLAYED, Cast, Scene, metadata, relations_of, request_of
from support.identity_service import Identity

STUBS = {
    "CitizenService": "citizens",
    "AccessListService": "accesses",
    "CitizenRecordService": "records",
    "SubjectRequestService": "requests",
    "CitizenRegistrationService": "registrations",
    "AccessComplaintService": "complaints",
    "AnomalyService": "anomalies",
    "PaperService": "papers",
    "AddressService": "addresses",
    "OrganisationService": "organisations",
    "RepresentationService": "representations",
    "AssistanceService": "assistance",
    "AccountService": "accounts",
    "ConsentService": "consents",
    "BreachService": "breaches",
}
# What somebody is told who may not, whatever they asked.
DENIALS = {"PERMISSION_DENIED", "OWN_RECORD", "OWN_ACCOUNT", "ON_BEHALF_NOT_POSSIBLE", "NOT_REPRESENTED"}
DENIALS |= {f"{kind}_NOT_FOUND" for kind in ("CITIZEN", "SUBJECT_REQUEST", "ACCESS", "ACCESS_COMPLAINT", "ANOMALY")}
DENIALS |= {
    f"{kind}_NOT_FOUND" for kind in ("ORGANISATION", "ORGANISATION_MEMBER", "REPRESENTATION", "ASSISTED_SESSION")
}
# What says nothing about who may: such a request would be refused whoever made it.
UNREAD = {"INVALID_REQUEST", "INTERNAL", "UNAUTHENTICATED", "PURPOSE_REQUIRED", "AUTHENTICATION_INSUFFICIENT"}


@pytest.mark.parametrize("method", PLAYED, ids=lambda method: method.rpartition("/")[2])
def test_only_who_the_table_names_gets_past_the_relation(identity: Identity, method: str) -> None:
    cast = Cast.of(identity)
    scene = PLAYED[method](identity, cast)
    wrong = []
    # Those who may not come first: they change nothing for those who may.
    for case in sorted(cases_of(method), key=lambda case: RPCS[method].allows(*case)):
        told: list[str] = []
        allowed = was_allowed(lambda case=case, told=told: call(identity, cast, (method, scene), case, told), DENIALS)
        if allowed is not RPCS[method].allows(*case) or not UNREAD.isdisjoint(told):
            wrong.append((*case, "allowed" if allowed else "denied", *told))
    assert not wrong, wrong


def cases_of(method: str) -> list[tuple[str, str]]:
    return [
        (role, relation)
        for role in ROLES
        for relation in relations_of(method)
        # A helper begins no session with themself.
        if not (method in OF_A_SESSION and role in HELPER_ROLES and relation == "own")
    ]


def call(
    identity: Identity, cast: Cast, asked: tuple[str, Scene], case: tuple[str, str], told: list[str]
) -> bool | None:
    """Make the call; return False where its answer shows nothing of the citizen, note what a refusal says."""
    method, scene = asked
    service, _, name = method.rpartition(".")[2].partition("/")
    stub = getattr(identity, STUBS[service])
    try:
        answer = getattr(stub, name)(request_of(method, scene.said), metadata=metadata(identity, cast, asked, case))
    except DomainError as error:
        told.append(error.reason.code)
        raise
    return scene.shows in str(answer) if scene.shows and name.startswith(("List", "Get")) else None


def test_a_data_officer_does_not_lift_their_own_block_and_is_entered_for_trying(identity: Identity) -> None:
    citizen = identity.link().citizen

    def act(kind: Any, version: int) -> Any:
        return kind(request_id=str(uuid4()), citizen_id=citizen.citizen_id, expected_version=version)

    request = act(citizens.BlockCitizenRequest, citizen.version)
    blocked = identity.citizens.BlockCitizen(request, metadata=identity.as_data_officer()).citizen
    own = identity.as_data_officer(citizen_id=citizen.citizen_id)
    with pytest.raises(DomainError) as caught:
        identity.citizens.UnblockCitizen(act(citizens.UnblockCitizenRequest, blocked.version), metadata=own)
    assert caught.value.reason.code == "OWN_RECORD"
    assert identity.audit()[-1][3:] == ("UNBLOCK_CITIZEN", "INSPECTION", "DENIED", "OWN_RECORD")

"""The rows of the table of access about one citizen's record, played for the caller's own record and another's."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from songcau.identity.v1 import access_complaint_service_pb2 as complaints
from songcau.identity.v1 import address_service_pb2 as addresses
from songcau.identity.v1 import citizen_record_service_pb2 as records
from songcau.identity.v1 import citizen_registration_service_pb2 as registrations
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau.identity.v1 import paper_service_pb2 as papers
from songcau.identity.v1 import subject_request_service_pb2 as requests
from songcau_kit.errors import DomainError
from support.access_complaints import make as complain
from support.access_table import ROLES, ROUTES, RPCS, was_allowed
from support.address_acts import propose, written
from support.identity_service import Identity, Person
from support.paper_acts import paper, record_paper
from support.record_acts import document
from support.registration_acts import certificate
from support.subject_requests import make

CITIZENS, RECORDS = "songcau.identity.v1.CitizenService/", "songcau.identity.v1.CitizenRecordService/"
ADDRESSES = "songcau.identity.v1.AddressService/"
PAPERS = "songcau.identity.v1.PaperService/"
REGISTRATIONS = "songcau.identity.v1.CitizenRegistrationService/"
SCOPES = sorted(frozenset().union(*(row.scopes for row in ROUTES.values())))
DENIALS = {"PERMISSION_DENIED", "OWN_RECORD", "CITIZEN_NOT_FOUND"}
NUMBER, OTHER_NUMBER = "019185000001", "019185000002"


def act(request: type[Any], citizen: Any, **fields: Any) -> Any:
    return request(request_id=str(uuid4()), citizen_id=citizen.citizen_id, expected_version=citizen.version, **fields)


def on_address(request: type[Any], citizen: Any, address_id: str, **fields: Any) -> Any:
    return request(
        request_id=str(uuid4()),
        address_id=address_id,
        expected_citizen_version=citizen.version,
        evidence=document(),
        **fields,
    )


# RPC → the request about a citizen; `other` is a second record, of somebody else.
REQUESTS: dict[str, Callable[[Any, Any], Any]] = {
    f"{CITIZENS}LookUpCitizen": lambda citizen, other: citizens.LookUpCitizenRequest(number=NUMBER),
    f"{CITIZENS}BlockCitizen": lambda citizen, other: act(citizens.BlockCitizenRequest, citizen),
    f"{CITIZENS}UnblockCitizen": lambda citizen, other: act(citizens.UnblockCitizenRequest, citizen),
    f"{RECORDS}ReplaceIdentifier": lambda citizen, other: act(
        records.ReplaceIdentifierRequest, citizen, number="019185000003", evidence=document()
    ),
    f"{RECORDS}CorrectCitizen": lambda citizen, other: act(
        records.CorrectCitizenRequest, citizen, full_name="Hoàng Thị Thử Thách", evidence=document()
    ),
    f"{RECORDS}MergeCitizens": lambda citizen, other: records.MergeCitizensRequest(
        request_id=str(uuid4()),
        surviving_citizen_id=other.citizen_id,
        expected_surviving_version=other.version,
        merged_citizen_id=citizen.citizen_id,
        expected_merged_version=citizen.version,
        evidence=document(),
    ),
    f"{RECORDS}UnmergeCitizens": lambda citizen, other: records.UnmergeCitizensRequest(
        request_id=str(uuid4()),
        merged_citizen_id=citizen.citizen_id,
        expected_version=citizen.version,
        evidence=document(),
    ),
    f"{RECORDS}ListIdentifiers": lambda citizen, other: records.ListIdentifiersRequest(citizen_id=citizen.citizen_id),
    f"{PAPERS}RecordPaper": lambda citizen, other: act(
        papers.RecordPaperRequest, citizen, paper=paper(), evidence=document()
    ),
    f"{PAPERS}WithdrawPaper": lambda citizen, other: papers.WithdrawPaperRequest(
        request_id=str(uuid4()),
        paper_id=other,
        expected_citizen_version=citizen.version,
        withdrawal=papers.PAPER_WITHDRAWAL_LOST,
        evidence=document(),
    ),
    f"{REGISTRATIONS}RegisterNewborn": lambda citizen, other: registrations.RegisterNewbornRequest(
        request_id=str(uuid4()),
        mother_citizen_id=citizen.citizen_id,
        expected_mother_version=citizen.version,
        full_name="Hoàng Thị Sao Băng",
        birth_date="2026-11-19",
        sex=records.SEX_FEMALE,
        birth_order=1,
        evidence=certificate(),
    ),
    f"{REGISTRATIONS}IssuePersonalNumber": lambda citizen, other: act(
        registrations.IssuePersonalNumberRequest, citizen, number="019326000001", evidence=document()
    ),
    f"{REGISTRATIONS}VoidNewborn": lambda citizen, other: act(
        registrations.VoidNewbornRequest,
        citizen,
        reason=registrations.VOID_REASON_DECEASED,
        evidence=document(),
    ),
    f"{ADDRESSES}RecordAddress": lambda citizen, other: act(
        addresses.RecordAddressRequest, citizen, address=written(), evidence=document()
    ),
    f"{ADDRESSES}AcceptAddressProposal": lambda citizen, other: on_address(
        addresses.AcceptAddressProposalRequest, citizen, other
    ),
    f"{ADDRESSES}RefuseAddressProposal": lambda citizen, other: on_address(
        addresses.RefuseAddressProposalRequest, citizen, other, refusal=addresses.ADDRESS_REFUSAL_INCOMPLETE
    ),
    f"{ADDRESSES}ResolveAddress": lambda citizen, other: on_address(
        addresses.ResolveAddressRequest, citizen, other, unit_code="05500", hamlet="Xóm Thử"
    ),
    f"{ADDRESSES}ListAddresses": lambda citizen, other: addresses.ListAddressesRequest(citizen_id=citizen.citizen_id),
    f"{PAPERS}ListPapers": lambda citizen, other: papers.ListPapersRequest(citizen_id=citizen.citizen_id),
}


def stub_of(identity: Identity, method: str) -> Any:
    services = {
        CITIZENS: identity.citizens,
        RECORDS: identity.records,
        PAPERS: identity.papers,
        ADDRESSES: identity.addresses,
        REGISTRATIONS: identity.registrations,
    }
    return services[method.rpartition("/")[0] + "/"]


@pytest.mark.parametrize("method", REQUESTS, ids=lambda method: method.rpartition("/")[2])
def test_only_who_the_table_names_gets_past_the_relation(identity: Identity, method: str) -> None:
    citizen = identity.link().citizen
    other = identity.link(Person(number=OTHER_NUMBER, full_name="Nông Văn Thử")).citizen
    if method.endswith("WithdrawPaper"):
        recorded = record_paper(identity, citizen)
        citizen, other = recorded.citizen, recorded.paper_id
    if method.endswith(("AddressProposal", "ResolveAddress")):
        other = propose(identity, citizen.citizen_id, written()).address_id
    stub = stub_of(identity, method)
    wrong = []
    cases = [(role, relation) for role in ROLES for relation in ("own", "none")]
    # Those who may not come first: they change nothing for those who may.
    for role, relation in sorted(cases, key=lambda case: RPCS[method].allows(*case)):
        metadata = identity.call_as(
            sub=f"account-{uuid4()}",
            roles=[role],
            scopes=SCOPES,
            citizen_id=citizen.citizen_id if relation == "own" else str(uuid4()),
            agency_codes=["H55"],
            acr="aal2",
            purpose="INSPECTION",
        )
        request = REQUESTS[method](citizen, other)
        allowed = was_allowed(
            lambda m=metadata, r=request: getattr(stub, method.rpartition("/")[2])(r, metadata=m), DENIALS
        )
        if allowed is not RPCS[method].allows(role, relation):
            wrong.append((role, relation, "allowed" if allowed else "denied"))
    assert wrong == []


def request_made(identity: Identity, citizen_id: str) -> dict[str, str]:
    return {"subject_request_id": make(identity, citizen_id, "VIEW").subject_request_id}


def complaint_made(identity: Identity, citizen_id: str) -> dict[str, str]:
    entry_id = identity.own_accesses(citizen_id).accesses[0].entry_id
    return {"access_complaint_id": complain(identity, citizen_id, entry_id).access_complaint_id}


# What data officers do with what a citizen made: stub, messages, how it is made.
CASES_OF_OFFICERS = {
    **{
        f"{verb}SubjectRequest": ("requests", requests, request_made)
        for verb in ("Get", "Acknowledge", "Extend", "Refuse", "Complete")
    },
    **{
        f"{verb}AccessComplaint": ("complaints", complaints, complaint_made)
        for verb in ("Get", "Acknowledge", "Answer")
    },
}


@pytest.mark.parametrize("name", CASES_OF_OFFICERS)
def test_only_who_the_table_names_works_on_a_case_of_somebody_else(identity: Identity, name: str) -> None:
    stub, messages, case_made = CASES_OF_OFFICERS[name]
    citizen = identity.link().citizen
    made = case_made(identity, citizen.citizen_id)
    method = next(method for method in RPCS if method.endswith(f"/{name}"))
    request = getattr(messages, f"{name}Request")
    wrong = []
    for role, relation in [(role, relation) for role in ROLES for relation in ("own", "none")]:
        metadata = identity.call_as(
            sub=f"account-{uuid4()}",
            roles=[role],
            scopes=SCOPES,
            citizen_id=citizen.citizen_id if relation == "own" else str(uuid4()),
            agency_codes=["H55"],
            acr="aal2",
            purpose="INSPECTION",
        )
        # Version 99 ends whoever gets past the rules, so that the case stays as it is for the next.
        fields = made | ({} if name.startswith("Get") else {"request_id": str(uuid4()), "expected_version": 99})
        words = {"answer": "x", "legal_reference": "x", "refusal": 1, "finding": 1}
        fields |= {word: words[word] for word in words if word in request.DESCRIPTOR.fields_by_name}
        call, wanted = getattr(getattr(identity, stub), name), request(**fields)
        allowed = was_allowed(lambda c=call, m=metadata, r=wanted: c(r, metadata=m), DENIALS)
        if allowed is not RPCS[method].allows(role, relation):
            wrong.append((role, relation, "allowed" if allowed else "denied"))
    assert wrong == []


def test_a_data_officer_does_not_lift_their_own_block_and_is_entered_for_trying(identity: Identity) -> None:
    citizen = identity.link().citizen
    request = act(citizens.BlockCitizenRequest, citizen)
    blocked = identity.citizens.BlockCitizen(request, metadata=identity.as_data_officer()).citizen
    own = identity.as_data_officer(citizen_id=citizen.citizen_id)
    with pytest.raises(DomainError) as caught:
        identity.citizens.UnblockCitizen(act(citizens.UnblockCitizenRequest, blocked), metadata=own)
    assert caught.value.reason.code == "OWN_RECORD"
    assert identity.audit()[-1][3:] == ("UNBLOCK_CITIZEN", "INSPECTION", "DENIED", "OWN_RECORD")

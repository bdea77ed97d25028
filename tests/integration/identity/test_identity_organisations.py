"""Organisations in the running service: founded, confirmed, joined, left, represented, and what each role lets do."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from songcau.identity.v1 import access_list_service_pb2 as lists
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau.identity.v1 import organisation_pb2 as shapes
from songcau.identity.v1 import organisation_service_pb2 as pb
from songcau_kit.errors import DomainError
from support.identity_service import Identity, Person, reason_of
from support.organisations import (
    CLERK,
    ENDED,
    NAME,
    OF_ANOTHER,
    REGISTERED,
    UNREGISTERED,
    Company,
    answer,
    cases,
    change_role,
    decide,
    end_of,
    found,
    invite,
    join,
    leave,
    members,
    own,
    people,
    propose,
    read,
    remove,
    role_of,
    settle,
    state_of,
)
from support.record_acts import document, merge
from support.representations import FATHER, MOTHER, end, representation_events, representation_facts, revoke

READ = {"IDENTITY_READ", "DOSSIER_READ"}
FILE = READ | {"DOSSIER_WRITE"}


def profile(identity: Identity, who: str, company: Company) -> Any:
    on_behalf = identity.as_citizen(who, on_behalf_of=company.organisation.organisation_id)
    return identity.citizens.GetOwnProfile(citizens.GetOwnProfileRequest(), metadata=on_behalf)


def organisation_accesses(identity: Identity, who: str, company: Company) -> Any:
    on_behalf = identity.as_citizen(who, on_behalf_of=company.organisation.organisation_id)
    return identity.accesses.ListOwnAccesses(lists.ListOwnAccessesRequest(), metadata=on_behalf).accesses


def scopes_now(identity: Identity, company: Company, citizen_id: str) -> set[str]:
    rows = identity.rows(
        """select granted_scopes from representations where represented_id = %s and representative_id = %s
        and status = 'ACTIVE'""",
        company.organisation.organisation_id,
        citizen_id,
    )
    return {scope for (scopes,) in rows for scope in scopes}


def test_whom_the_register_names_founds_at_once_and_acts_for_the_organisation(identity: Identity, company: Company):
    assert state_of(company.organisation) == "ACTIVE"
    assert scopes_now(identity, company, company.head) == FILE | {"ACCESS_READ"}
    shown = profile(identity, company.head, company)
    assert (shown.full_name, shown.masked_number, shown.birth_date) == (NAME, REGISTERED, "")
    assert shown.citizen.account_kind == 2
    (event,) = representation_events(identity)
    assert event.representation.represented_id == company.organisation.organisation_id


def test_a_level_1_identity_founds_nothing(identity: Identity):
    weak = identity.link(Person(number=MOTHER.number, full_name="Hoàng Thị Thử Mẹ", level=1)).citizen.citizen_id
    assert reason_of(lambda: found(identity, weak)) == "IDENTITY_LEVEL_TOO_LOW"
    assert identity.rows("select count(*) from organisations") == [(0,)]


def test_founding_asks_for_a_fresh_sign_in(identity: Identity):
    head, *_ = people(identity)
    old = identity.as_citizen(head, auth_time=1)
    assert reason_of(lambda: found(identity, head, metadata=old)) == "AUTHENTICATION_INSUFFICIENT"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"identifier": "4600123001"}, "ORGANISATION_INVALID"),
        ({"identifier": "4600123000-001"}, "ORGANISATION_INVALID"),
        ({"identifier": MOTHER.number}, "ORGANISATION_INVALID"),
        ({"kind": 0}, "ORGANISATION_INVALID"),
        ({"name": " "}, "ORGANISATION_INVALID"),
        ({"unit_code": "00000"}, "ORGANISATION_INVALID"),
        ({"identifier": ENDED}, "ORGANISATION_NOT_IN_OPERATION"),
        ({"evidence": document(issuer="")}, "EVIDENCE_INVALID"),
        ({"kind": shapes.ORGANISATION_KIND_HOUSEHOLD_BUSINESS, "identifier": FATHER.number}, "ORGANISATION_INVALID"),
    ],
)
def test_what_does_not_fit_is_refused_and_leaves_nothing(identity: Identity, changes: dict[str, Any], reason: str):
    head, *_ = people(identity)
    assert reason_of(lambda: found(identity, head, **changes)) == reason
    assert identity.rows("select count(*) from organisations") == [(0,)]
    assert representation_facts(identity) == []


def test_a_founder_the_register_does_not_name_waits_for_an_officer_who_sees_the_document(identity: Identity):
    head, *_ = people(identity)
    founded = found(identity, head, UNREGISTERED)
    assert (state_of(founded.organisation), state_of(founded.member)) == ("AWAITING_CONFIRMATION",) * 2
    assert founded.organisation.register_finding == shapes.REGISTER_FINDING_NOT_FOUND
    (waiting,) = cases(identity).cases
    assert (waiting.full_name, waiting.name, waiting.identifier) == (MOTHER.full_name, NAME, UNREGISTERED)
    assert waiting.evidence.issuer == "Sở Tài chính"
    company = Company(founded.organisation, head, "", "")
    assert reason_of(lambda: profile(identity, head, company)) == "NOT_REPRESENTED"
    assert state_of(decide(identity, founded.organisation, "CONFIRM")) == "ACTIVE"
    assert profile(identity, head, company).full_name == NAME
    assert list(cases(identity).cases) == []


def test_whom_an_officer_refuses_blocks_nobody(identity: Identity):
    head, other, _ = people(identity)
    founded = found(identity, head, OF_ANOTHER)
    assert founded.organisation.register_finding == shapes.REGISTER_FINDING_REPRESENTATIVE_DIFFERS
    assert reason_of(lambda: found(identity, other, OF_ANOTHER)) == "ORGANISATION_EXISTS"
    assert state_of(decide(identity, founded.organisation, "REFUSE")) == "REFUSED"
    assert end_of(own(identity, head).organisations[0].member) == "ORGANISATION_REFUSED"
    assert state_of(found(identity, other, OF_ANOTHER).organisation) == "ACTIVE"


def test_of_many_who_found_the_same_organisation_at_once_one_does(identity: Identity):
    head, other, _ = people(identity)

    def attempt(number: int) -> str:
        try:
            found(identity, head if number % 2 else other, UNREGISTERED)
        except DomainError as error:
            return error.reason.code
        return "FOUNDED"

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(attempt, range(8)))
    assert outcomes == ["FOUNDED"] + ["ORGANISATION_EXISTS"] * 7
    assert identity.rows("select count(*) from organisation_members") == [(1,)]


def test_a_repeated_founding_gets_the_first_answer(identity: Identity):
    head, *_ = people(identity)
    key = str(uuid4())
    first = found(identity, head, request_id=key)
    assert found(identity, head, request_id=key) == first
    assert representation_facts(identity) == ["representation_granted"]


def test_a_household_business_is_known_by_its_owner_s_number_which_nobody_is_shown(identity: Identity):
    head, other, _ = people(identity)
    kind = shapes.ORGANISATION_KIND_HOUSEHOLD_BUSINESS
    founded = found(identity, head, MOTHER.number, kind=kind).organisation
    assert MOTHER.number not in read(identity, founded, head).identifier
    assert reason_of(lambda: propose(identity, other, MOTHER.number)) == "ORGANISATION_OF_ITS_OWNER"
    assert reason_of(lambda: propose(identity, other, FATHER.number)) == "ORGANISATION_OF_ITS_OWNER"


def test_the_invited_joins_by_the_own_hand_and_acts_within_the_role(identity: Identity, company: Company):
    invited = invite(identity, company.organisation, company.head, CLERK, "VIEWER")
    assert state_of(invited) == "INVITED"
    assert scopes_now(identity, company, company.clerk) == set()
    assert reason_of(lambda: answer(identity, invited, company.other)) == "ORGANISATION_MEMBER_NOT_FOUND"
    joined = answer(identity, invited, company.clerk)
    assert scopes_now(identity, company, company.clerk) == READ
    assert profile(identity, company.clerk, company).full_name == NAME
    assert reason_of(lambda: organisation_accesses(identity, company.clerk, company)) == "NOT_REPRESENTED"
    promoted = change_role(identity, joined, company.head, "SUBMITTER")
    assert scopes_now(identity, company, company.clerk) == FILE
    assert end_of(own(identity, company.clerk).organisations[1].member) == "ROLE_CHANGED"
    assert end_of(leave(identity, promoted, company.clerk)) == "LEFT"
    assert reason_of(lambda: profile(identity, company.clerk, company)) == "NOT_REPRESENTED"


def test_who_declines_is_no_member_and_may_be_invited_again(identity: Identity, company: Company):
    invited = invite(identity, company.organisation, company.head, CLERK, "VIEWER")
    again = lambda: invite(identity, company.organisation, company.head, CLERK, "SUBMITTER")  # noqa: E731
    assert reason_of(again) == "ORGANISATION_MEMBER_EXISTS"
    declined = answer(identity, invited, company.clerk, pb.INVITATION_ANSWER_DECLINED)
    assert end_of(declined) == "DECLINED"
    assert state_of(again()) == "INVITED"


def test_nobody_gives_or_takes_more_than_the_own_role_manages(identity: Identity, company: Company):
    head_member = own(identity, company.head).organisations[0].member
    manager = join(identity, company.organisation, company.head, (FATHER, company.other), "ADMINISTRATOR")
    for name in ("ADMINISTRATOR", "LEGAL_REPRESENTATIVE"):
        attempt = lambda wanted=name: invite(identity, company.organisation, company.other, CLERK, wanted)  # noqa: E731
        assert reason_of(attempt) == "ORGANISATION_ROLE_TOO_LOW"
    clerk = join(identity, company.organisation, company.other, (CLERK, company.clerk), "SUBMITTER")
    assert (
        reason_of(lambda: change_role(identity, clerk, company.other, "ADMINISTRATOR")) == "ORGANISATION_ROLE_TOO_LOW"
    )
    assert (
        reason_of(lambda: change_role(identity, clerk, company.clerk, "ADMINISTRATOR")) == "ORGANISATION_ROLE_TOO_LOW"
    )
    for who in (company.other, company.clerk, company.head):
        assert reason_of(lambda who=who: remove(identity, head_member, who)) == "ORGANISATION_ROLE_TOO_LOW"
    assert reason_of(lambda: remove(identity, manager, company.clerk)) == "ORGANISATION_ROLE_TOO_LOW"
    assert reason_of(lambda: members(identity, company.organisation, company.clerk)) == "ORGANISATION_ROLE_TOO_LOW"
    assert reason_of(lambda: leave(identity, head_member, company.head)) == "ORGANISATION_NEEDS_REPRESENTATIVE"
    assert end_of(remove(identity, clerk, company.other)) == "REMOVED"


def test_strangers_learn_of_no_organisation_and_of_no_member(identity: Identity, company: Company):
    head_member = own(identity, company.head).organisations[0].member
    assert reason_of(lambda: read(identity, company.organisation, company.other)) == "ORGANISATION_NOT_FOUND"
    assert reason_of(lambda: members(identity, company.organisation, company.other)) == "ORGANISATION_NOT_FOUND"
    assert reason_of(lambda: remove(identity, head_member, company.other)) == "ORGANISATION_MEMBER_NOT_FOUND"
    invited = lambda: invite(identity, company.organisation, company.other, CLERK, "VIEWER")  # noqa: E731
    assert reason_of(invited) == "ORGANISATION_NOT_FOUND"
    assert list(own(identity, company.other).organisations) == []


def test_managers_see_the_names_of_members_and_members_find_it_on_their_lists(identity: Identity, company: Company):
    join(identity, company.organisation, company.head, (CLERK, company.clerk), "VIEWER")
    listed = members(identity, company.organisation, company.head)
    assert [(one.full_name, role_of(one.member)) for one in listed] == [
        (CLERK.full_name, "VIEWER"),
        (MOTHER.full_name, "LEGAL_REPRESENTATIVE"),
    ]
    seen = {one.operation for one in identity.own_accesses(company.clerk).accesses}
    assert {"LIST_ORGANISATION_MEMBERS", "INVITE_ORGANISATION_MEMBER", "ANSWER_ORGANISATION_INVITATION"} <= seen


def test_an_act_for_an_organisation_stands_on_its_list_and_on_the_member_s_own_acts(
    identity: Identity, company: Company
):
    join(identity, company.organisation, company.head, (CLERK, company.clerk), "VIEWER")
    profile(identity, company.clerk, company)
    newest, *older = organisation_accesses(identity, company.head, company)
    assert (newest.operation, newest.on_behalf_of, newest.object_kind) == (
        "GET_OWN_PROFILE",
        company.organisation.organisation_id,
        "organisation",
    )
    assert {"CREATE_ORGANISATION", "INVITE_ORGANISATION_MEMBER"} <= {one.operation for one in older}
    acts = identity.own_accesses(company.clerk, for_others=True).accesses
    # One entry for the organisation and one for its legal representative, whose name the profile shows.
    assert sorted((one.operation, one.object_kind) for one in acts) == [
        ("GET_OWN_PROFILE", "citizen"),
        ("GET_OWN_PROFILE", "organisation"),
    ]


def test_another_legal_representative_takes_the_place_of_the_former_in_one_step(identity: Identity, company: Company):
    clerk = join(identity, company.organisation, company.head, (CLERK, company.clerk), "SUBMITTER")
    proposal = propose(identity, company.other)
    assert reason_of(lambda: propose(identity, company.other)) == "ORGANISATION_PROPOSAL_EXISTS"
    assert reason_of(lambda: propose(identity, company.head)) == "ORGANISATION_MEMBER_EXISTS"
    settled = settle(identity, proposal)
    assert (state_of(settled.proposal), state_of(settled.organisation)) == ("ACCEPTED", "ACTIVE")
    assert scopes_now(identity, company, company.head) == set()
    assert scopes_now(identity, company, company.other) == FILE | {"ACCESS_READ"}
    assert reason_of(lambda: profile(identity, company.head, company)) == "NOT_REPRESENTED"
    assert end_of(own(identity, company.head).organisations[0].member) == "REPRESENTATIVE_CHANGED"
    told = {one.operation for one in identity.own_accesses(company.head).accesses}
    assert "DECIDE_ORGANISATION_REPRESENTATIVE" in told
    assert scopes_now(identity, company, company.clerk) == FILE
    assert end_of(remove(identity, clerk, company.other)) == "REMOVED"
    assert reason_of(lambda: settle(identity, proposal)) == "VERSION_CONFLICT"


def test_a_member_who_becomes_the_legal_representative_has_one_membership(identity: Identity, company: Company):
    join(identity, company.organisation, company.head, (FATHER, company.other), "VIEWER")
    settle(identity, propose(identity, company.other))
    memberships = [(role_of(one.member), state_of(one.member)) for one in own(identity, company.other).organisations]
    assert memberships == [("LEGAL_REPRESENTATIVE", "ACTIVE"), ("VIEWER", "ENDED")]


def test_who_was_a_member_under_two_records_becomes_the_legal_representative_once(identity: Identity, company: Company):
    join(identity, company.organisation, company.head, (FATHER, company.other), "VIEWER")
    join(identity, company.organisation, company.head, (CLERK, company.clerk), "SUBMITTER")
    merge(identity, *(identity.link(person).citizen for person in (FATHER, CLERK)))
    settle(identity, propose(identity, company.other))
    assert [role_of(one.member) for one in own(identity, company.other).organisations if not one.member.end_cause] == [
        "LEGAL_REPRESENTATIVE"
    ]
    assert scopes_now(identity, company, company.clerk) == set()


def test_a_refused_proposal_changes_nothing(identity: Identity, company: Company):
    settled = settle(identity, propose(identity, company.other), "REFUSE")
    assert state_of(settled.proposal) == "REFUSED"
    assert scopes_now(identity, company, company.head) == FILE | {"ACCESS_READ"}
    assert state_of(own(identity, company.other).proposals[0]) == "REFUSED"


def test_of_two_changes_of_representative_at_once_each_leaves_exactly_one(identity: Identity, company: Company):
    proposals = [propose(identity, who) for who in (company.other, company.clerk)]

    def attempt(proposal: Any) -> str:
        return state_of(settle(identity, proposal).proposal)

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(attempt, proposals)) == ["ACCEPTED", "ACCEPTED"]
    rows = identity.rows(
        "select count(*) from organisation_members where role = 'LEGAL_REPRESENTATIVE' and state = 'ACTIVE'"
    )
    assert rows == [(1,)]
    represented = [bool(scopes_now(identity, company, who)) for who in (company.head, company.other, company.clerk)]
    assert sorted(represented) == [False, False, True]
    assert not represented[0]


def test_of_many_who_decide_the_same_proposal_at_once_one_does(identity: Identity, company: Company):
    proposal = propose(identity, company.other)

    def attempt(number: int) -> str:
        try:
            return state_of(settle(identity, proposal, "ACCEPT" if number % 2 else "REFUSE").proposal)
        except DomainError as error:
            return error.reason.code

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(attempt, range(6)))
    assert outcomes.count("VERSION_CONFLICT") == 5


def test_a_removed_member_does_not_come_back_by_a_change_of_role_at_the_same_time(identity: Identity, company: Company):
    clerk = join(identity, company.organisation, company.head, (CLERK, company.clerk), "VIEWER")

    def attempt(act: Any) -> str:
        try:
            act()
        except DomainError as error:
            return error.reason.code
        return "DONE"

    acts = [
        lambda: remove(identity, clerk, company.head),
        lambda: change_role(identity, clerk, company.head, "SUBMITTER"),
        lambda: leave(identity, clerk, company.clerk),
    ]
    with ThreadPoolExecutor(3) as pool:
        outcomes = sorted(pool.map(attempt, acts))
    assert outcomes == ["DONE", "ORGANISATION_MEMBER_STATE_CONFLICT", "ORGANISATION_MEMBER_STATE_CONFLICT"]
    rows = identity.rows("select count(*) from organisation_members where state = 'ACTIVE' and role <> 'VIEWER'")
    assert rows[0][0] == (2 if scopes_now(identity, company, company.clerk) else 1)


def test_officers_decide_nothing_about_organisations_of_their_own(identity: Identity, company: Company):
    proposal = propose(identity, company.other)
    for own_id in (company.head, company.other):
        officer = identity.as_officer(acr="aal2", citizen_id=own_id)
        assert reason_of(lambda officer=officer: settle(identity, proposal, metadata=officer)) == "OWN_RECORD"
    weak = identity.as_officer(acr="aal1")
    assert reason_of(lambda: settle(identity, proposal, metadata=weak)) == "AUTHENTICATION_INSUFFICIENT"


def test_an_officer_who_claims_an_organisation_sees_and_decides_nothing_about_it(identity: Identity, company: Company):
    propose(identity, company.other)
    rival = propose(identity, company.clerk)
    officer = identity.as_officer(acr="aal2", citizen_id=company.other)
    assert reason_of(lambda: settle(identity, rival, "REFUSE", metadata=officer)) == "OWN_RECORD"
    assert reason_of(lambda: decide(identity, company.organisation, "DISSOLVE", metadata=officer)) == "OWN_RECORD"
    listed = identity.organisations.ListOrganisationCases(pb.ListOrganisationCasesRequest(), metadata=officer)
    assert list(listed.cases) == []
    assert len(cases(identity).cases) == 2


def test_an_officer_ends_no_right_of_another_member_of_the_own_organisation(identity: Identity, company: Company):
    join(identity, company.organisation, company.head, (FATHER, company.other), "ADMINISTRATOR")
    (granted, *_) = representation_events(identity)
    officer = identity.as_officer(acr="aal2", citizen_id=company.other)
    assert reason_of(lambda: end(identity, granted.representation, metadata=officer, cause=7)) == "OWN_RECORD"
    assert scopes_now(identity, company, company.head) == FILE | {"ACCESS_READ"}


def test_a_dissolved_organisation_leaves_nobody_a_right_and_its_identifier_free(identity: Identity, company: Company):
    join(identity, company.organisation, company.head, (CLERK, company.clerk), "SUBMITTER")
    waiting = propose(identity, company.other)
    assert state_of(decide(identity, company.organisation, "DISSOLVE")) == "DISSOLVED"
    for who in (company.head, company.clerk):
        assert scopes_now(identity, company, who) == set()
    assert reason_of(lambda: settle(identity, waiting)) == "VERSION_CONFLICT"
    assert state_of(found(identity, company.head).organisation) == "ACTIVE"


def test_a_death_an_officer_enters_lets_the_organisation_wait_for_another(identity: Identity, company: Company):
    join(identity, company.organisation, company.head, (CLERK, company.clerk), "SUBMITTER")
    (granted, *_) = representation_events(identity)
    end(identity, granted.representation, cause=7)
    listed = own(identity, company.clerk).organisations[0]
    assert state_of(listed.organisation) == "AWAITING_REPRESENTATIVE"
    assert scopes_now(identity, company, company.clerk) == FILE
    invited = lambda: invite(identity, company.organisation, company.clerk, FATHER, "VIEWER")  # noqa: E731
    assert reason_of(invited) == "ORGANISATION_ROLE_TOO_LOW"
    assert state_of(settle(identity, propose(identity, company.other)).organisation) == "ACTIVE"


def test_members_do_not_end_their_membership_behind_the_organisation_s_back(identity: Identity, company: Company):
    (granted,) = representation_events(identity)
    made = granted.representation
    assert reason_of(lambda: revoke(identity, made, company.head)) == "REPRESENTATION_NOT_YOURS_TO_END"


def block(identity: Identity, citizen_id: str) -> None:
    request = citizens.BlockCitizenRequest(request_id=str(uuid4()), citizen_id=citizen_id, expected_version=1)
    identity.citizens.BlockCitizen(request, metadata=identity.as_data_officer())


def test_a_blocked_member_acts_for_nobody(identity: Identity, company: Company):
    join(identity, company.organisation, company.head, (CLERK, company.clerk), "SUBMITTER")
    block(identity, company.clerk)
    assert reason_of(lambda: profile(identity, company.clerk, company)) == "CITIZEN_NOT_ACTIVE"


def test_a_blocked_manager_manages_nobody_and_sees_no_members(identity: Identity, company: Company):
    clerk = join(identity, company.organisation, company.head, (CLERK, company.clerk), "VIEWER")
    block(identity, company.head)
    for act in (
        lambda: invite(identity, company.organisation, company.head, FATHER, "ADMINISTRATOR"),
        lambda: change_role(identity, clerk, company.head, "ADMINISTRATOR"),
        lambda: remove(identity, clerk, company.head),
        lambda: members(identity, company.organisation, company.head),
    ):
        assert reason_of(act) == "CITIZEN_NOT_ACTIVE"


def test_names_and_documents_lie_sealed(identity: Identity):
    head, *_ = people(identity)
    found(identity, head, UNREGISTERED)
    (row,) = identity.rows("select name_enc, identifier_enc, evidence_enc, identifier_bix from organisations")
    for blob in row:
        assert NAME.encode() not in bytes(blob)
        assert UNREGISTERED.encode() not in bytes(blob)
    stored = identity.rows("select * from audit_entries") + identity.rows("select * from outbox")
    assert NAME not in str(stored)
    assert UNREGISTERED not in str(stored)

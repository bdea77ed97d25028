"""Invitations and proposals end with what they rest on: the membership they were made in, the person as they were."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from songcau_kit.errors import DomainError
from support.identity_service import Identity, Person, reason_of
from support.organisations import (
    CLERK,
    Company,
    answer,
    end_of,
    invite,
    join,
    own,
    propose,
    remove,
    settle,
    state_of,
)
from support.record_acts import merge
from support.representations import FATHER

OVER = "ORGANISATION_MEMBER_STATE_CONFLICT"
OTHERS = [Person(number=f"01929500020{one}", full_name=f"Triệu Văn Thử {one}") for one in range(3)]


def refusal_of_answer(identity: Identity, invited: Any, by: str) -> DomainError:
    with pytest.raises(DomainError) as caught:
        answer(identity, invited, by)
    return caught.value


def rights_of(identity: Identity, citizen_id: str) -> int:
    ((number,),) = identity.rows(
        "select count(*) from representations where representative_id = %s and status = 'ACTIVE'", citizen_id
    )
    return int(number)


def test_what_a_replaced_representative_invited_is_withdrawn_and_cannot_be_accepted(
    identity: Identity, company: Company
):
    invited = invite(identity, company.organisation, company.head, CLERK, "ADMINISTRATOR")
    settle(identity, propose(identity, company.other))
    refused = refusal_of_answer(identity, invited, company.clerk)
    assert (refused.reason.code, refused.details["end_cause"]) == (OVER, "REPRESENTATIVE_CHANGED")
    assert rights_of(identity, company.clerk) == 0
    (listed,) = own(identity, company.clerk).organisations
    assert end_of(listed.member) == "REPRESENTATIVE_CHANGED"
    told = {one.operation for one in identity.own_accesses(company.clerk).accesses}
    assert "END_ORGANISATION_MEMBERSHIP" in told
    again = invite(identity, company.organisation, company.other, CLERK, "VIEWER")
    assert state_of(answer(identity, again, company.clerk)) == "ACTIVE"


def test_what_an_administrator_invited_outlives_the_representative_and_ends_with_the_administrator(
    identity: Identity, company: Company
):
    manager = join(identity, company.organisation, company.head, (CLERK, company.clerk), "ADMINISTRATOR")
    first, second = ((one, identity.link(one).citizen.citizen_id) for one in OTHERS[:2])
    accepted = invite(identity, company.organisation, company.clerk, first[0], "VIEWER")
    invited = invite(identity, company.organisation, company.clerk, second[0], "VIEWER")
    settle(identity, propose(identity, company.other))
    assert state_of(answer(identity, accepted, first[1])) == "ACTIVE"
    remove(identity, manager, company.other)
    refused = refusal_of_answer(identity, invited, second[1])
    assert (refused.reason.code, refused.details["end_cause"]) == (OVER, "REMOVED")
    assert (rights_of(identity, first[1]), rights_of(identity, second[1])) == (1, 0)


def test_an_invitation_of_which_nobody_wrote_down_who_made_it_ends_with_the_representative(
    identity: Identity, company: Company
):
    invited = invite(identity, company.organisation, company.head, CLERK, "VIEWER")
    with psycopg.connect(identity.url) as connection:
        connection.execute("update organisation_members set invited_in = null")
    settle(identity, propose(identity, company.other))
    assert reason_of(lambda: answer(identity, invited, company.clerk)) == OVER


def test_who_accepts_while_the_representative_is_replaced_is_a_member_or_hears_why_not(
    identity: Identity, company: Company
):
    ids = [identity.link(one).citizen.citizen_id for one in OTHERS]
    invited = [invite(identity, company.organisation, company.head, one, "SUBMITTER") for one in OTHERS]
    proposal = propose(identity, company.other)

    def accept(number: int) -> str:
        try:
            return state_of(answer(identity, invited[number], ids[number]))
        except DomainError as error:
            return f"{error.reason.code} {error.details['end_cause']}"

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(accept, 0)
        change = pool.submit(settle, identity, proposal)
        outcomes = [first.result(), *pool.map(accept, (1, 2))]
        assert state_of(change.result().proposal) == "ACCEPTED"
    assert set(outcomes) <= {"ACTIVE", f"{OVER} REPRESENTATIVE_CHANGED"}
    assert [rights_of(identity, one) for one in ids] == [int(outcome == "ACTIVE") for outcome in outcomes]
    assert identity.rows("select count(*) from organisation_members where state = 'INVITED'") == [(0,)]


def test_an_earlier_proposal_of_the_same_person_lapses_when_one_is_accepted(identity: Identity, company: Company):
    kept, earlier = propose(identity, company.other), propose(identity, company.clerk)
    merge(identity, *(identity.link(person).citizen for person in (FATHER, CLERK)))
    settle(identity, kept)
    assert reason_of(lambda: settle(identity, earlier)) == "VERSION_CONFLICT"
    states = [state_of(one) for one in own(identity, company.other).proposals]
    assert sorted(states) == ["ACCEPTED", "LAPSED"]

"""Somebody names so many other people by number and name, and no more: names are not tried for a number."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau.identity.v1.citizen_pb2 import Citizen
from songcau_kit.errors import DomainError
from support.identity_service import Identity, Person
from support.organisations import CLERK, Company, invite
from support.representations import FATHER, MOTHER, authorise
from support.told_assistance import outcomes

REACHED = "NAMING_LIMIT_REACHED"
Naming = Callable[[Person], Any]
WRONG = replace(FATHER, full_name="Nông Văn Thử Chả")


@pytest.fixture(params=["AuthoriseRepresentative", "InviteOrganisationMember"])
def name(request: pytest.FixtureRequest, identity: Identity) -> Naming:
    """Return what names somebody as MOTHER does, once by each door."""
    if request.param == "AuthoriseRepresentative":
        mother = identity.link(MOTHER).citizen
        identity.link(FATHER)
        return lambda person: authorise(identity, mother, person)
    company: Company = request.getfixturevalue("company")
    return lambda person: invite(identity, company.organisation, company.head, person, "SUBMITTER")


def refusal_of(name: Naming, person: Person) -> DomainError:
    with pytest.raises(DomainError) as caught:
        name(person)
    return caught.value


def test_wrong_names_use_the_limit_up_and_then_the_right_one_waits_too(identity: Identity, name: Naming):
    limit = identity.settings.namings_per_minute
    told = [refusal_of(name, WRONG).reason.code for _ in range(limit)]
    assert told == ["REPRESENTATIVE_NOT_FOUND"] * limit
    error = refusal_of(name, FATHER)
    assert error.reason.code == REACHED
    assert (error.details["per"], error.details["limit"]) == ("MINUTE", str(limit))
    assert 1 <= int(error.details["retry_after"]) <= 60


def test_a_right_pair_within_the_limit_is_taken_after_wrong_ones(identity: Identity, name: Naming):
    for _ in range(identity.settings.namings_per_minute - 1):
        refusal_of(name, WRONG)
    assert name(FATHER).version == 1


def test_callers_at_once_name_exactly_as_many_as_the_limit_allows(identity: Identity, name: Naming):
    limit = identity.settings.namings_per_minute
    told = Counter(outcomes([lambda: name(WRONG)] * (limit + 6)))
    assert told == {"REPRESENTATIVE_NOT_FOUND": limit, REACHED: 6}
    assert identity.rows("select max(taken) from look_up_counts where span = 'MINUTE'") == [(limit,)]


def test_a_malformed_number_tells_nothing_and_counts_nothing(identity: Identity, name: Naming):
    refusal_of(name, replace(FATHER, number="12"))
    assert identity.rows("select count(*) from look_up_counts") == [(0,)]


def test_both_doors_share_one_limit_that_is_not_the_one_of_look_ups(identity: Identity, company: Company):
    head, officer = Citizen(citizen_id=company.head), identity.as_officer(sub=f"account-of-{company.head}")
    limit = identity.settings.namings_per_minute
    for _ in range(limit - 1):
        refusal_of(lambda person: authorise(identity, head, person), WRONG)
    refusal_of(lambda person: invite(identity, company.organisation, company.head, person, "VIEWER"), WRONG)
    assert refusal_of(lambda person: authorise(identity, head, person), CLERK).reason.code == REACHED
    found = identity.citizens.LookUpCitizen(citizens.LookUpCitizenRequest(number=CLERK.number), metadata=officer)
    assert len(found.citizens) == 1


def test_the_refusal_stands_as_denied_on_the_own_list(identity: Identity, name: Naming):
    for _ in range(identity.settings.namings_per_minute):
        refusal_of(name, WRONG)
    refusal_of(name, FATHER)
    assert identity.audit()[-1][5:] == ("DENIED", REACHED)

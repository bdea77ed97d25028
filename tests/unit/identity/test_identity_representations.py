"""The lifecycle of a representation walked whole, what each kind may, and ages from birth dates known in part."""

from datetime import date
from itertools import product
from uuid import UUID

import pytest
from songcau_identity.representations.ages import day_of_age, is_of_age, last_possible_birth_day
from songcau_identity.representations.model import (
    KIND_RULES,
    LIFECYCLE,
    OVER,
    PURPOSE_SCOPES,
    UNHEARD_SCOPES,
    Act,
    Fact,
    Kind,
    Party,
    Period,
    Representation,
    Represented,
    RepresentedKind,
    Scope,
    Status,
    find_transition,
)

BEFORE = (None, *Status)


def made(status: Status, kind: Kind = Kind.PARENT) -> Representation:
    represented = Represented(RepresentedKind.CITIZEN, UUID(int=1))
    scopes = KIND_RULES[kind].scopes
    return Representation(UUID(int=9), kind, represented, UUID(int=2), scopes, status, Period(date(2026, 1, 1)), 1)


@pytest.mark.parametrize(("before", "act"), list(product(BEFORE, Act)))
def test_a_status_and_an_act_have_one_step_or_none(before: Status | None, act: Act) -> None:
    rows = [row for row in LIFECYCLE if row.before is before and row.act is act]
    assert len(rows) <= 1
    assert find_transition(before, act) is (rows[0] if rows else None)


def test_every_status_can_be_reached_and_every_fact_told() -> None:
    assert {row.after for row in LIFECYCLE} == set(Status)
    assert {row.fact for row in LIFECYCLE} == set(Fact)
    assert {row.act for row in LIFECYCLE} == set(Act)
    assert {party for row in LIFECYCLE for party in row.who} == set(Party)


def test_what_is_over_stays_over() -> None:
    assert not [row for row in LIFECYCLE if row.before in OVER]


def test_every_status_in_force_can_be_ended_by_an_officer_and_by_time() -> None:
    for status in set(Status) - OVER:
        for act in (Act.END, Act.RUN_OUT):
            step = find_transition(status, act)
            assert step is not None
            assert step.after is Status.ENDED


def test_what_is_over_lets_nobody_do_anything() -> None:
    assert all(made(status).scopes == () for status in OVER)


@pytest.mark.parametrize("status", [Status.AWAITING_CHILD, Status.OBJECTED])
def test_a_child_that_was_not_heard_or_objects_is_still_cared_for_but_nothing_is_disposed_of(status: Status) -> None:
    assert set(made(status).scopes) == UNHEARD_SCOPES
    assert Scope.DOSSIER_WRITE not in UNHEARD_SCOPES
    assert Scope.CONSENT_WRITE not in UNHEARD_SCOPES


def test_every_kind_has_scopes_and_documents_but_the_one_that_rests_on_a_membership() -> None:
    assert KIND_RULES.keys() == set(Kind)
    by_membership = KIND_RULES[Kind.ORGANISATION]
    assert not by_membership.scopes
    assert not by_membership.documents
    assert not by_membership.enders
    assert all(rule.scopes and rule.documents for kind, rule in KIND_RULES.items() if kind is not Kind.ORGANISATION)


def test_purposes_of_an_authorisation_share_no_scope() -> None:
    given = [scope for scopes in PURPOSE_SCOPES.values() for scope in scopes]
    assert len(given) == len(set(given))
    assert set(given) == set(KIND_RULES[Kind.AUTHORISATION].scopes)


@pytest.mark.parametrize(
    ("birth_date", "last"),
    [
        ("2008-05-30", date(2008, 5, 30)),
        ("2008-05", date(2008, 5, 31)),
        ("2008-02", date(2008, 2, 29)),
        ("2009-02", date(2009, 2, 28)),
        ("2008", date(2008, 12, 31)),
    ],
)
def test_an_unknown_day_or_month_means_the_last_possible_one(birth_date: str, last: date) -> None:
    assert last_possible_birth_day(birth_date) == last


@pytest.mark.parametrize(
    ("birth_date", "years", "day"),
    [
        ("2019-11-27", 7, date(2026, 11, 27)),
        ("2008-11-27", 18, date(2026, 11, 27)),
        ("2008-02-29", 18, date(2026, 3, 1)),
        ("2020-02-29", 7, date(2027, 3, 1)),
        ("2008-02-29", 20, date(2028, 2, 29)),
        ("2008-02", 18, date(2026, 3, 1)),
        ("2008", 18, date(2026, 12, 31)),
    ],
)
def test_an_age_is_reached_on_the_birthday(birth_date: str, years: int, day: date) -> None:
    assert day_of_age(birth_date, years) == day
    assert is_of_age(birth_date, years, day)
    assert not is_of_age(birth_date, years, date.fromordinal(day.toordinal() - 1))


def test_a_court_alone_limits_capacity_and_says_in_what_and_no_office_makes_an_heir() -> None:
    assert {kind for kind, rule in KIND_RULES.items() if rule.are_scopes_named} == {Kind.LIMITED_CAPACITY}
    assert KIND_RULES[Kind.LIMITED_CAPACITY].documents == {"COURT_DECISION"}
    assert not KIND_RULES[Kind.HEIR].documents & {"OFFICE_RECORD", "CIVIL_STATUS_RECORD", "DEATH_RECORD"}
    assert set(KIND_RULES[Kind.HEIR].scopes) == {Scope.IDENTITY_READ, Scope.DOSSIER_READ, Scope.DOSSIER_WRITE}

"""Identifiers of organisations, the roles, the register and three lifecycles walked whole."""

import json
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from songcau_identity.identifiers import IdentifierInvalidError
from songcau_identity.organisations import model
from songcau_identity.organisations.identifiers import parse_organisation_identifier, show_identifier
from songcau_identity.organisations.model import (
    MEMBER_LIFECYCLE,
    OPEN_STATES,
    ORGANISATION_LIFECYCLE,
    PROPOSAL_LIFECYCLE,
    REPRESENTATION_ENDS,
    ROLES,
    MemberState,
    OrganisationKind,
    OrganisationState,
    ProposalState,
    RegisterFinding,
    Role,
    find_step,
)
from songcau_identity.organisations.register import FileRegister, NoRegister, compare
from songcau_identity.representations.model import Scope

WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
KINDS = tuple(OrganisationKind)
LIFECYCLES = (
    (ORGANISATION_LIFECYCLE, OrganisationState, model.OrganisationAct),
    (MEMBER_LIFECYCLE, MemberState, model.MemberAct),
    (PROPOSAL_LIFECYCLE, ProposalState, model.ProposalAct),
)


def check_digit(nine: str) -> int | None:
    """Return the check digit of domain reference 1.3: 10 − (sum mod 11); none where the remainder is 0."""
    rest = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, nine, strict=True)) % 11
    return 10 - rest if rest else None


def refusal(kind: OrganisationKind, text: str) -> str:
    with pytest.raises(IdentifierInvalidError) as caught:
        parse_organisation_identifier(kind, text)
    return caught.value.code


@given(st.from_regex(r"[0-9]{9}", fullmatch=True), st.integers(0, 9))
def test_of_ten_digits_those_with_their_check_digit_are_an_enterprise(nine: str, last: int) -> None:
    if last == check_digit(nine) and int(nine[2:]):  # a serial number of zeros is none
        assert parse_organisation_identifier(OrganisationKind.ENTERPRISE, f"{nine}{last}") == f"{nine}{last}"
    else:
        assert refusal(OrganisationKind.ENTERPRISE, f"{nine}{last}") == "CHECK_DIGIT_WRONG"


@given(st.sampled_from(KINDS), st.from_regex(r"[0-9]{12}", fullmatch=True))
def test_twelve_digits_are_a_household_business_and_nothing_else(kind: OrganisationKind, number: str) -> None:
    if kind is OrganisationKind.HOUSEHOLD_BUSINESS:
        assert parse_organisation_identifier(kind, number) == number
        assert number not in show_identifier(number)
    else:
        assert refusal(kind, number) == "NOT_FOR_THIS_KIND_OF_ORGANISATION"


@given(st.sampled_from(KINDS), st.text(max_size=16))
def test_no_text_is_read_as_anything_but_a_code_in_its_one_form(kind: OrganisationKind, text: str) -> None:
    try:
        code = parse_organisation_identifier(kind, text)
    except IdentifierInvalidError:
        return
    assert code.isascii()
    assert parse_organisation_identifier(kind, code) == code


@pytest.mark.parametrize(
    ("kind", "text", "read"),
    [
        ("ENTERPRISE", "0100109106", "0100109106"),
        ("DEPENDENT_UNIT", "0100109106-001", "0100109106-001"),
        ("DEPENDENT_UNIT", "0100109106001", "0100109106-001"),
        ("COOPERATIVE", "4600123000", "4600123000"),
        ("HOUSEHOLD_BUSINESS", "4600123000", "4600123000"),
        ("OTHER", "0100109106-001", "0100109106-001"),
    ],
)
def test_each_kind_has_its_form(kind: str, text: str, read: str) -> None:
    assert parse_organisation_identifier(OrganisationKind(kind), text) == read
    assert show_identifier(read) == read


@pytest.mark.parametrize(("kind", "text"), [("ENTERPRISE", "0100109106-001"), ("DEPENDENT_UNIT", "0100109106")])
def test_a_branch_is_no_enterprise_and_an_enterprise_no_branch(kind: str, text: str) -> None:
    assert refusal(OrganisationKind(kind), text) == "NOT_FOR_THIS_KIND_OF_ORGANISATION"


def test_digits_of_other_scripts_are_no_code() -> None:
    assert refusal(OrganisationKind.ENTERPRISE, "٤٦٠٠١٢٣٠٠٠") == "NOT_A_TAX_CODE"


def test_nobody_manages_a_role_that_may_do_more_than_their_own() -> None:
    assert ROLES.keys() == set(Role)
    for rule in ROLES.values():
        for managed in rule.manages:
            assert set(ROLES[managed].scopes) <= set(rule.scopes)
            assert ROLES[managed].manages < rule.manages
    assert not any(Role.LEGAL_REPRESENTATIVE in rule.manages for rule in ROLES.values())


def test_no_role_takes_part_in_care_or_consents() -> None:
    foreign = {Scope.CONSULTATION_READ, Scope.CONSULTATION_WRITE, Scope.CONSENT_WRITE}
    assert not any(foreign & set(rule.scopes) for rule in ROLES.values())
    assert Scope.DOSSIER_WRITE not in ROLES[Role.VIEWER].scopes


@pytest.mark.parametrize(("lifecycle", "states", "acts"), LIFECYCLES)
def test_a_lifecycle_has_one_step_of_an_act_from_a_state_and_leaves_no_state_or_act_out(
    lifecycle, states, acts
) -> None:
    for before, act in product((None, *states), acts):
        rows = [step for step in lifecycle if step.before is before and step.act is act]
        assert len(rows) <= 1
        assert find_step(lifecycle, before, act) == (rows[0] if rows else None)
    assert {step.after for step in lifecycle} == set(states)
    assert {step.act for step in lifecycle} == set(acts)
    assert all(step.who for step in lifecycle)


@pytest.mark.parametrize(
    ("lifecycle", "over"),
    [
        (ORGANISATION_LIFECYCLE, {OrganisationState.REFUSED, OrganisationState.DISSOLVED}),
        (MEMBER_LIFECYCLE, {MemberState.ENDED}),
        (PROPOSAL_LIFECYCLE, {ProposalState.ACCEPTED, ProposalState.REFUSED, ProposalState.LAPSED}),
    ],
)
def test_what_is_over_stays_over(lifecycle, over) -> None:
    assert not [step for step in lifecycle if step.before in over]


def test_every_open_organisation_can_have_another_representative() -> None:
    act = model.OrganisationAct.CHANGE_REPRESENTATIVE
    assert all(find_step(ORGANISATION_LIFECYCLE, state, act) for state in OPEN_STATES)


def test_the_services_learn_why_a_membership_in_force_ended() -> None:
    never_in_force = {model.MemberEnd.DECLINED, model.MemberEnd.ORGANISATION_REFUSED}
    by_an_officer = {model.MemberEnd.REPRESENTATION_ENDED}
    assert REPRESENTATION_ENDS.keys() == set(model.MemberEnd) - never_in_force - by_an_officer


def test_the_register_names_finds_nothing_or_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "register.json"
    file.write_text(json.dumps([{"identifier": "1", "representative_number": "2", "operating": False}]))
    register = FileRegister(file)
    entry = register.find("1")
    assert entry is not None
    assert (entry.representative_number, entry.is_operating) == ("2", False)
    assert "2" not in repr(entry)
    assert compare(register, entry, is_representative=True) is RegisterFinding.CONFIRMED
    assert compare(register, entry, is_representative=False) is RegisterFinding.REPRESENTATIVE_DIFFERS
    assert compare(register, register.find("9"), is_representative=False) is RegisterFinding.NOT_FOUND
    assert compare(NoRegister(), NoRegister().find("1"), is_representative=False) is RegisterFinding.NOT_CONNECTED

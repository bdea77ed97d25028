"""Verified facts: what is refused, what is doubted, what becomes canonical."""

from datetime import UTC, date, datetime, timedelta

import pytest
from songcau_identity.errors import IDENTITY_FACTS_INVALID
from songcau_identity.evidence import verify_evidence
from songcau_identity.facts import FactInvalidError, StatedFacts, is_within, parse_birth_date, verify_form
from songcau_identity.model import AccountKind, AuthenticationLevel, Doubt, Evidence, IdentifierKind, IdentityLevel
from songcau_kit.errors import DomainError
from songcau_kit.personal import Personal

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def stated(**changes: object) -> StatedFacts:
    facts = {
        "account_kind": AccountKind.CITIZEN,
        "number": Personal("019185000001"),
        "full_name": Personal("Hoàng Thị Thử"),
        "birth_date": Personal("1985-03-02"),
        "identity_level": IdentityLevel.LEVEL_2,
        "phone_number": Personal(""),
    }
    return StatedFacts(**(facts | changes))  # type: ignore[arg-type]


def test_good_facts_become_canonical():
    facts = verify_form(
        stated(full_name=Personal("  HOA\u0300NG  Thị   Thử "), phone_number=Personal("0912345678")), today=TODAY
    )
    assert facts.full_name == Personal("HOÀNG Thị Thử")
    assert facts.phone_number == Personal("+84912345678")
    assert facts.identifier_kind is IdentifierKind.PERSONAL_NUMBER
    assert facts.doubts == ()


def test_every_wrong_fact_is_named_at_once_and_none_is_repeated():
    wrong = stated(
        number=Personal("12"),
        full_name=Personal(" "),
        birth_date=Personal("31/12/1985"),
        phone_number=Personal("7"),
        identity_level=None,
        account_kind=None,
    )
    with pytest.raises(DomainError) as caught:
        verify_form(wrong, today=TODAY)
    assert caught.value.reason is IDENTITY_FACTS_INVALID
    assert {(v.pointer, v.code) for v in caught.value.violations} == {
        ("/facts/number", "NOT_TWELVE_DIGITS"),
        ("/facts/full_name", "REQUIRED"),
        ("/facts/birth_date", "NOT_A_DATE"),
        ("/facts/phone_number", "NOT_A_PHONE_NUMBER"),
        ("/facts/identity_level", "REQUIRED"),
        ("/facts/account_kind", "REQUIRED"),
    }
    assert all(v.detail == "" for v in caught.value.violations)


def test_a_birth_year_beside_the_number_is_a_doubt_for_an_officer():
    assert verify_form(stated(birth_date=Personal("1986")), today=TODAY).doubts == (Doubt.BIRTH_YEAR_MISMATCH,)


def test_an_organisation_has_a_tax_code_and_needs_no_birth_date():
    facts = verify_form(
        stated(
            account_kind=AccountKind.ORGANISATION,
            number=Personal("0100109106001"),
            full_name=Personal("Hợp tác xã Thử Nghiệm"),
            birth_date=Personal(""),
        ),
        today=TODAY,
    )
    assert facts.identifier_kind is IdentifierKind.TAX_CODE
    assert facts.number == Personal("0100109106-001")


def test_a_household_business_may_carry_its_owner_s_number_as_tax_code():
    facts = verify_form(stated(account_kind=AccountKind.ORGANISATION), today=TODAY)
    assert facts.identifier_kind is IdentifierKind.TAX_CODE


def test_one_word_is_a_name_and_legacy_letters_are_not():
    assert verify_form(stated(full_name=Personal("Giàng")), today=TODAY).full_name == Personal("Giàng")
    with pytest.raises(DomainError) as caught:
        verify_form(stated(full_name=Personal("x" * 201)), today=TODAY)
    assert caught.value.violations[0].code == "NOT_A_NAME"


@pytest.mark.parametrize("text", ["1950", "1950-07", "1950-07-31", "2026-11-23", "2026"])
def test_a_birth_date_is_as_exact_as_people_know_it(text):
    assert parse_birth_date(text, today=TODAY) == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-11-24", "IN_THE_FUTURE"),
        ("2027", "IN_THE_FUTURE"),
        ("1950-02-30", "NOT_A_DATE"),
        ("1950-13", "NOT_A_DATE"),
        ("0000-01-01", "NOT_A_DATE"),
        ("19500101", "NOT_A_DATE"),
        ("", "NOT_A_DATE"),
        ("١٩٥٠", "NOT_A_DATE"),
    ],
)
def test_what_is_no_past_day_of_the_calendar_is_no_birth_date(text, code):
    with pytest.raises(FactInvalidError) as caught:
        parse_birth_date(text, today=TODAY)
    assert caught.value.code == code


def test_a_year_may_be_any_day_of_it():
    assert is_within("1950", "1950-07-31")
    assert is_within("1950-07-31", "1950")
    assert not is_within("1950-07-31", "1950-08")
    assert is_within("", "")


def evidence(**changes: object) -> Evidence:
    given = {
        "method": "VNEID",
        "verified_at": NOW,
        "transaction_id": "019b-1",
        "authentication_level": AuthenticationLevel.LEVEL_2,
    }
    return Evidence(**(given | changes))  # type: ignore[arg-type]


def test_good_evidence_passes():
    verify_evidence(evidence(), now=NOW)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"method": "TRUST_ME"}, "/evidence/method"),
        ({"transaction_id": ""}, "/evidence/transaction_id"),
        ({"transaction_id": "mã số"}, "/evidence/transaction_id"),
        ({"verified_at": NOW + timedelta(minutes=6)}, "/evidence/verified_at"),
    ],
)
def test_evidence_that_proves_nothing_is_refused(change, pointer):
    with pytest.raises(DomainError) as caught:
        verify_evidence(evidence(**change), now=NOW)
    assert [v.pointer for v in caught.value.violations] == [pointer]

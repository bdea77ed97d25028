"""Numbers of people and organisations, telephone numbers, masking."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from songcau_identity.identifiers import (
    IdentifierInvalidError,
    Sex,
    mask,
    parse_cmnd,
    parse_personal_number,
    parse_phone_number,
    parse_tax_code,
    possible_identifiers,
)
from songcau_identity.model import Doubt, IdentifierKind
from songcau_identity.places import PLACES


def test_a_number_of_thai_nguyen_says_place_sex_and_year():
    number = parse_personal_number("019309000001")
    assert (number.place_code, number.place, number.sex, number.birth_year) == ("019", "Thái Nguyên", Sex.FEMALE, 2009)
    assert number.doubts() == ()


def test_a_number_of_the_former_bac_kan_stays_valid_after_the_merger():
    number = parse_personal_number("006185123456")
    assert (number.place, number.sex, number.birth_year) == ("Bắc Kạn", Sex.FEMALE, 1985)
    assert number.doubts() == ()


def test_an_unassigned_place_code_is_a_doubt_and_no_refusal():
    number = parse_personal_number("003099000001")
    assert number.place is None
    assert number.doubts() == (Doubt.PLACE_CODE_UNASSIGNED,)


def test_a_birth_abroad_carries_a_country_code_and_is_only_doubted():
    assert parse_personal_number("125099000001").doubts() == (Doubt.PLACE_CODE_UNASSIGNED,)


def test_sex_and_birth_year_that_differ_from_the_number_are_doubts():
    number = parse_personal_number("019309000001")
    assert set(number.doubts(sex=Sex.MALE, birth_year=2010)) == {Doubt.SEX_MISMATCH, Doubt.BIRTH_YEAR_MISMATCH}
    assert number.doubts(sex=Sex.FEMALE, birth_year=2009) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "01930900000",
        "0193090000011",
        "٠١٩٣٠٩٠٠٠٠٠١",
        "０１９３０９００００01",
        "019 309 000 001",
        "01930900000x",
        "019309000001\n",
    ],
)
def test_what_is_not_twelve_ascii_digits_is_rejected(text):
    with pytest.raises(IdentifierInvalidError) as caught:
        parse_personal_number(text)
    assert caught.value.code == "NOT_TWELVE_DIGITS"
    assert not text.strip() or text not in str(caught.value)


@given(st.text(alphabet="0123456789", min_size=12, max_size=12))
def test_any_twelve_digits_have_the_shape_as_there_is_no_check_digit(text):
    number = parse_personal_number(text)
    assert number.digits == text
    assert 1900 <= number.birth_year <= 2399
    assert number.birth_year % 100 == int(text[4:6])
    assert (number.sex is Sex.MALE) == (int(text[3]) % 2 == 0)
    assert (number.place is None) == (text[:3] not in PLACES)


@given(st.text(max_size=14).filter(lambda text: not re.fullmatch("[0-9]{12}", text)))
def test_no_other_text_is_a_personal_number(text):
    with pytest.raises(IdentifierInvalidError):
        parse_personal_number(text)


def test_a_parsed_number_never_shows_in_its_repr():
    assert "019" not in repr(parse_personal_number("019309000001"))


def test_the_sixty_three_places_of_decision_124_are_known():
    assert len(PLACES) == 63
    assert PLACES["019"] == "Thái Nguyên"
    assert PLACES["006"] == "Bắc Kạn"
    assert "003" not in PLACES


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("0100109106", "0100109106"),
        ("0100109106-001", "0100109106-001"),
        ("0100109106001", "0100109106-001"),
        ("019309000001", "019309000001"),
    ],
)
def test_tax_codes_are_kept_as_authorities_write_them(text, canonical):
    assert parse_tax_code(text) == canonical


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0100233480", "CHECK_DIGIT_WRONG"),
        ("01001091", "NOT_A_TAX_CODE"),
        ("٠١٠٠١٠٩١٠٦", "NOT_A_TAX_CODE"),
        ("0100109106-01", "NOT_A_TAX_CODE"),
    ],
)
def test_wrong_tax_codes_are_rejected_with_their_cause(text, code):
    with pytest.raises(IdentifierInvalidError) as caught:
        parse_tax_code(text)
    assert caught.value.code == code


def test_the_twelve_digit_rule_comes_before_the_check_digit():
    assert parse_tax_code("010010910600") == "010010910600"


def test_an_old_card_number_is_nine_digits_and_nothing_more():
    assert parse_cmnd("090123456") == "090123456"
    with pytest.raises(IdentifierInvalidError):
        parse_cmnd("0901234567")


def test_typed_digits_are_searched_as_everything_they_may_be():
    assert [kind for kind, _ in possible_identifiers("019309000001")] == [
        IdentifierKind.PERSONAL_NUMBER,
        IdentifierKind.TAX_CODE,
    ]
    assert possible_identifiers("090123456") == ()
    assert possible_identifiers("0100109106001") == ((IdentifierKind.TAX_CODE, "0100109106-001"),)


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("0842345678", "+84842345678"),
        ("+84842345678", "+84842345678"),
        ("0912 345 678", "+84912345678"),
        ("02083855555", "+842083855555"),
    ],
)
def test_phone_numbers_become_e164_and_keep_an_84_that_is_their_own(text, e164):
    assert parse_phone_number(text) == e164


@pytest.mark.parametrize("text", ["", "12345", "٠٩١٢٣٤٥٦٧٨", "0112345678", "số của tôi"])
def test_what_nobody_can_dial_is_no_phone_number(text):
    with pytest.raises(IdentifierInvalidError):
        parse_phone_number(text)


def test_a_masked_number_shows_three_and_four_characters():
    assert mask("019309000001") == "019•••••0001"
    assert mask("0100109106-001") == "010•••••••-001"


@given(st.text(alphabet="0123456789", min_size=9, max_size=14))
def test_masking_hides_the_middle_of_every_number(number):
    shown = mask(number)
    assert shown.count("•") >= 3 or len(number) == 9
    assert number not in shown

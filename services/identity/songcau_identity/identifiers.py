"""Reads the numbers of people and organisations: shape and meaning, never an invented check digit."""

import re
from dataclasses import dataclass, field

import phonenumbers
from stdnum.exceptions import ValidationError
from stdnum.vn import mst

from songcau_identity.model import Doubt, IdentifierKind, Sex
from songcau_identity.places import PLACES

PERSONAL_NUMBER_FORM = re.compile(r"[0-9]{12}")  # [0-9], not \d: Arabic or full-width digits are no number
FOREIGNER_EID_FORM = re.compile(r"[0-9A-Z]{6,20}")
CMND_FORM = re.compile(r"[0-9]{9}")
TAX_CODE_FORM = re.compile(r"[0-9]{10}(-?[0-9]{3})?")


class IdentifierInvalidError(ValueError):
    """The text is not a number of its kind; `code` says what is wrong and the text itself is never repeated."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class PersonalNumber:
    """What the twelve digits say of a person."""

    digits: str = field(repr=False)
    place_code: str = field(repr=False)
    sex: Sex = field(repr=False)
    birth_year: int = field(repr=False)

    @property
    def place(self) -> str | None:
        """The place of birth registration, None where the code is not assigned (a birth abroad, maybe)."""
        return PLACES.get(self.place_code)

    def doubts(self, *, sex: Sex | None = None, birth_year: int | None = None) -> tuple[Doubt, ...]:
        """Return what an officer should look at when the number is held against the declared facts."""
        found = {
            Doubt.PLACE_CODE_UNASSIGNED: self.place is None,
            Doubt.SEX_MISMATCH: sex is not None and sex is not self.sex,
            Doubt.BIRTH_YEAR_MISMATCH: birth_year is not None and birth_year != self.birth_year,
        }
        return tuple(doubt for doubt, applies in found.items() if applies)


def parse_personal_number(text: str) -> PersonalNumber:
    """Read a personal identification number: place, century and sex, birth year, six random digits.

    There is no check digit. Raises IdentifierInvalidError unless the text is twelve ASCII digits.
    """
    if not PERSONAL_NUMBER_FORM.fullmatch(text):
        raise IdentifierInvalidError("NOT_TWELVE_DIGITS")
    century_and_sex = int(text[3])
    return PersonalNumber(
        digits=text,
        place_code=text[:3],
        sex=Sex.FEMALE if century_and_sex % 2 else Sex.MALE,
        birth_year=(19 + century_and_sex // 2) * 100 + int(text[4:6]),
    )


def parse_tax_code(text: str) -> str:
    """Return a tax code as authorities write it: 12 digits of a person, or 10 digits, or 10-3 with its dash.

    Since July 2025 the personal number is the tax code of individuals and household businesses (Circular 86/2024),
    so twelve digits follow the personal number's rule. Raises IdentifierInvalidError.
    """
    if PERSONAL_NUMBER_FORM.fullmatch(text):
        return text
    if not TAX_CODE_FORM.fullmatch(text):
        raise IdentifierInvalidError("NOT_A_TAX_CODE")
    try:
        digits = str(mst.validate(text))
    except ValidationError:
        raise IdentifierInvalidError("CHECK_DIGIT_WRONG") from None
    return digits if len(digits) == 10 else f"{digits[:10]}-{digits[10:]}"


def parse_foreigner_eid(text: str) -> str:
    """Return the number of a foreigner's electronic identity, of which no more than its letters and digits is known.

    Raises IdentifierInvalidError.
    """
    if not FOREIGNER_EID_FORM.fullmatch(text):
        raise IdentifierInvalidError("NOT_A_FOREIGNER_EID")
    return text


def parse_cmnd(text: str) -> str:
    """Return a number of the old identity card: nine digits without any structure."""
    if not CMND_FORM.fullmatch(text):
        raise IdentifierInvalidError("NOT_NINE_DIGITS")
    return text


def possible_identifiers(text: str) -> tuple[tuple[IdentifierKind, str], ...]:
    """Return every identifier a typed number may be; raises IdentifierInvalidError where it can be none."""
    if PERSONAL_NUMBER_FORM.fullmatch(text):
        return ((IdentifierKind.PERSONAL_NUMBER, text), (IdentifierKind.TAX_CODE, text))
    if CMND_FORM.fullmatch(text):
        return ()  # a paper: no citizen is known by those nine digits
    return ((IdentifierKind.TAX_CODE, parse_tax_code(text)),)


def parse_phone_number(text: str) -> str:
    """Return a telephone number as E.164; a number without country is Vietnamese. Raises IdentifierInvalidError."""
    if not text.isascii():
        raise IdentifierInvalidError("NOT_A_PHONE_NUMBER")
    try:
        number = phonenumbers.parse(text, "VN")
    except phonenumbers.NumberParseException:
        raise IdentifierInvalidError("NOT_A_PHONE_NUMBER") from None
    if not phonenumbers.is_valid_number(number):
        raise IdentifierInvalidError("NOT_A_PHONE_NUMBER")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def mask(number: str) -> str:
    """Return a number as it may be shown: three characters, dots, the last four."""
    hidden = max(len(number) - 7, 3)
    return f"{number[:3]}{'•' * hidden}{number[-4:]}"

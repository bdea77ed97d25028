"""Reads the numbers of people and organisations: shape and meaning, never an invented check digit."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

import phonenumbers
from stdnum.exceptions import ValidationError
from stdnum.vn import mst

from songcau_identity.model import Doubt, IdentifierKind

PERSONAL_NUMBER_FORM = re.compile(r"[0-9]{12}")  # [0-9], not \d: Arabic or full-width digits are no number
CMND_FORM = re.compile(r"[0-9]{9}")
TAX_CODE_FORM = re.compile(r"[0-9]{10}(-?[0-9]{3})?")

# Places of birth registration (Decision 124/2004). The merger of 2025 renumbered nobody.
PLACES: Mapping[str, str] = MappingProxyType(
    dict(
        entry.split(" ", 1)
        for entry in (
            "001 Hà Nội|002 Hà Giang|004 Cao Bằng|006 Bắc Kạn|008 Tuyên Quang|010 Lào Cai|011 Điện Biên|012 Lai Châu|"
            "014 Sơn La|015 Yên Bái|017 Hòa Bình|019 Thái Nguyên|020 Lạng Sơn|022 Quảng Ninh|024 Bắc Giang|"
            "025 Phú Thọ|026 Vĩnh Phúc|027 Bắc Ninh|030 Hải Dương|031 Hải Phòng|033 Hưng Yên|034 Thái Bình|"
            "035 Hà Nam|036 Nam Định|037 Ninh Bình|038 Thanh Hóa|040 Nghệ An|042 Hà Tĩnh|044 Quảng Bình|"
            "045 Quảng Trị|046 Thừa Thiên Huế|048 Đà Nẵng|049 Quảng Nam|051 Quảng Ngãi|052 Bình Định|054 Phú Yên|"
            "056 Khánh Hòa|058 Ninh Thuận|060 Bình Thuận|062 Kon Tum|064 Gia Lai|066 Đắk Lắk|067 Đắk Nông|"
            "068 Lâm Đồng|070 Bình Phước|072 Tây Ninh|074 Bình Dương|075 Đồng Nai|077 Bà Rịa–Vũng Tàu|079 TP.HCM|"
            "080 Long An|082 Tiền Giang|083 Bến Tre|084 Trà Vinh|086 Vĩnh Long|087 Đồng Tháp|089 An Giang|"
            "091 Kiên Giang|092 Cần Thơ|093 Hậu Giang|094 Sóc Trăng|095 Bạc Liêu|096 Cà Mau"
        ).split("|")
    )
)


class Sex(StrEnum):
    """The sex a personal number states."""

    MALE = "MALE"
    FEMALE = "FEMALE"


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
        return ((IdentifierKind.CMND_9, text),)
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

"""Reads the numbers of papers people show beside their personal number: by form, never by an invented check digit."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from songcau_kit.errors import DomainError, Violation
from songcau_kit.personal import Personal
from songcau_kit.text import LegacyEncodingError, normalize

from songcau_identity.errors import PAPER_INVALID
from songcau_identity.identifiers import (
    CMND_FORM,
    PERSONAL_NUMBER_FORM,
    IdentifierInvalidError,
    parse_cmnd,
    parse_personal_number,
)
from songcau_identity.issuing_states import find_state
from songcau_identity.model import RECORDED_PAPERS, PaperKind

PASSPORT_FORM = re.compile(r"[0-9A-Z]{5,9}")  # ICAO Doc 9303 part 4: nine places; states differ in how many they fill
SOCIAL_INSURANCE_FORM = re.compile(r"[0-9]{10}")
HEALTH_INSURANCE_FORM = re.compile(r"[A-Z]{2}[0-9]{13}")
CERTIFICATE_FORM = re.compile(r"(?=.*[0-9])[0-9A-ZĐ]+(?:[-/.][0-9A-ZĐ]+)*")
LONGEST_CERTIFICATE = 30
UNIT_FORM = re.compile(r"[0-9]{5}")
_BETWEEN = re.compile(r"[ .-]")


@dataclass(frozen=True)
class StatedPaper:
    """A paper as somebody typed it; `issuer` is empty but for passports and birth certificates."""

    kind: PaperKind | None
    number: Personal
    issuer: str


@dataclass(frozen=True)
class PaperNumber:
    """A paper in canonical form.

    `issuer` is the state of a passport (three letters) or the administrative unit that registered a birth (five
    digits): their numbers are unique only together with it.
    """

    kind: PaperKind
    number: Personal
    issuer: str

    def whole(self) -> Personal:
        """Return issuer and number as one text, which is equal for equal papers only."""
        return Personal(f"{self.issuer} {self.number.reveal()}")


def split_whole(kind: PaperKind, whole: Personal) -> PaperNumber:
    """Return the paper of which `whole` made one text."""
    issuer, _, number = whole.reveal().partition(" ")
    return PaperNumber(kind, Personal(number), issuer)


def parse_passport(text: str) -> str:
    """Return a passport number in capitals without blanks; raises IdentifierInvalidError."""
    return _matching(_together(text), PASSPORT_FORM, "NOT_A_PASSPORT_NUMBER")


def parse_social_insurance(text: str) -> str:
    """Return a social insurance number, ten digits; raises IdentifierInvalidError."""
    return _matching(_together(text), SOCIAL_INSURANCE_FORM, "NOT_TEN_DIGITS")


def parse_health_insurance(text: str) -> str:
    """Return the code of a health insurance card: two letters of the group and thirteen digits.

    What the digits mean is not judged. Raises IdentifierInvalidError.
    """
    return _matching(_together(text), HEALTH_INSURANCE_FORM, "NOT_A_HEALTH_INSURANCE_CODE")


def parse_certificate(text: str) -> str:
    """Return the number of a birth certificate, such as 12/2026; raises IdentifierInvalidError."""
    try:
        number = normalize(text).upper().replace(" ", "")
    except LegacyEncodingError:
        number = ""
    if len(number) > LONGEST_CERTIFICATE:
        raise IdentifierInvalidError("NOT_A_CERTIFICATE_NUMBER")
    return _matching(number, CERTIFICATE_FORM, "NOT_A_CERTIFICATE_NUMBER")


def parse_state(text: str) -> str:
    """Return the code of the state that issued a passport; raises IdentifierInvalidError."""
    state = find_state(text)
    if state is None:
        raise IdentifierInvalidError("NOT_A_STATE")
    return state


def parse_unit(text: str) -> str:
    """Return the code of an administrative unit, of today or of before; raises IdentifierInvalidError."""
    return _matching(text, UNIT_FORM, "NOT_A_UNIT_CODE")


def refuse_issuer(text: str) -> str:
    """Return nothing, as the number says everything; raises IdentifierInvalidError where an issuer is named."""
    if text:
        raise IdentifierInvalidError("ISSUER_NOT_EXPECTED")
    return ""


NUMBERS: Mapping[PaperKind, Callable[[str], str]] = {
    PaperKind.CMND_9: parse_cmnd,
    PaperKind.CCCD: lambda text: parse_personal_number(text).digits,
    PaperKind.HO_CHIEU: parse_passport,
    PaperKind.GIAY_KHAI_SINH: parse_certificate,
    PaperKind.SO_BHXH: parse_social_insurance,
    PaperKind.THE_BHYT: parse_health_insurance,
}
ISSUERS: Mapping[PaperKind, Callable[[str], str]] = {
    PaperKind.HO_CHIEU: parse_state,
    PaperKind.GIAY_KHAI_SINH: parse_unit,
}


def read_paper(stated: StatedPaper, *, at: str = "") -> PaperNumber:
    """Return a paper in canonical form; raises PAPER_INVALID with the wrong fields below the pointer `at`."""
    kind = stated.kind
    if kind is None or kind not in RECORDED_PAPERS:
        raise DomainError(PAPER_INVALID, violations=[Violation(f"{at}/kind", "INVALID")])
    violations: list[Violation] = []

    def read(field: str, parse: Callable[[str], str], text: str) -> str:
        try:
            return parse(text)
        except IdentifierInvalidError as error:
            violations.append(Violation(f"{at}/{field}", error.code))
            return ""

    issuer = read("issuer", ISSUERS.get(kind, refuse_issuer), stated.issuer)
    number = read("number", NUMBERS[kind], stated.number.reveal())
    if violations:
        raise DomainError(PAPER_INVALID, violations=violations)
    return PaperNumber(kind, Personal(number), issuer)


def possible_papers(text: str) -> tuple[PaperNumber, ...]:
    """Return every paper that a typed number alone may be."""
    forms = {PaperKind.CCCD: PERSONAL_NUMBER_FORM, PaperKind.CMND_9: CMND_FORM}
    return tuple(PaperNumber(kind, Personal(text), "") for kind, form in forms.items() if form.fullmatch(text))


def mask_paper(number: str) -> str:
    """Return a number as it may be shown: dots and the last three; of eight or more the first one, too."""
    first = number[:1] if len(number) >= 8 else ""
    shown = number[-3:] if len(number) >= 5 else ""
    return f"{first}{'•' * max(len(number) - len(first) - len(shown), 3)}{shown}"


def _together(text: str) -> str:
    # Only ASCII: capitals of other letters may be ASCII, and no paper carries those.
    return _BETWEEN.sub("", text).upper() if text.isascii() else ""


def _matching(text: str, form: re.Pattern[str], code: str) -> str:
    if not form.fullmatch(text):
        raise IdentifierInvalidError(code)
    return text

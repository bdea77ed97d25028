"""What an identity provider confirmed about one person or organisation: read strictly, kept in canonical form."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from songcau_kit.errors import DomainError, Violation
from songcau_kit.personal import Personal
from songcau_kit.text import LegacyEncodingError, normalize

from songcau_identity.errors import IDENTITY_FACTS_INVALID
from songcau_identity.identifiers import (
    IdentifierInvalidError,
    parse_foreigner_eid,
    parse_personal_number,
    parse_phone_number,
    parse_tax_code,
)
from songcau_identity.issuing_states import VIETNAM
from songcau_identity.model import AccountKind, Doubt, IdentifierKind, IdentityLevel
from songcau_identity.paper_numbers import PaperNumber, StatedPaper, parse_state, read_paper

BIRTH_DATE_FORM = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")  # elders may know only the year
NAME_LENGTH = 200
NOT_KNOWN = Personal("")
PAPERS = 20  # taken from one statement at most


class FactInvalidError(ValueError):
    """A stated fact cannot be true; `code` says why and the fact itself is never repeated."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class StatedFacts:
    """Facts as they arrive, before anybody looked at them."""

    account_kind: AccountKind | None
    number: Personal
    full_name: Personal
    birth_date: Personal
    identity_level: IdentityLevel | None
    phone_number: Personal
    papers: tuple[StatedPaper, ...] = ()
    nationality: str = ""


@dataclass(frozen=True)
class VerifiedFacts:
    """Facts in canonical form. An empty birth date or phone number is unknown, an empty nationality Vietnamese."""

    account_kind: AccountKind
    number: Personal
    full_name: Personal
    birth_date: Personal
    identity_level: IdentityLevel
    phone_number: Personal
    doubts: tuple[Doubt, ...]
    papers: tuple[PaperNumber, ...] = ()
    nationality: Personal = NOT_KNOWN

    @property
    def identifier_kind(self) -> IdentifierKind:
        """What the number is."""
        if self.account_kind is AccountKind.ORGANISATION:
            return IdentifierKind.TAX_CODE
        return IdentifierKind.FOREIGNER_EID if self.nationality.reveal() else IdentifierKind.PERSONAL_NUMBER


def parse_birth_date(text: str, *, today: date) -> str:
    """Return YYYY-MM-DD, YYYY-MM or YYYY; raises FactInvalidError for no calendar date or one to come."""
    match = BIRTH_DATE_FORM.fullmatch(text)
    if match is None:
        raise FactInvalidError("NOT_A_DATE")
    try:
        first_possible_day = date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        raise FactInvalidError("NOT_A_DATE") from None
    if first_possible_day > today:
        raise FactInvalidError("IN_THE_FUTURE")
    return text


def parse_full_name(text: str) -> str:
    """Return a name in canonical spelling; one word is a name, too. Raises FactInvalidError."""
    try:
        name = normalize(text)
    except LegacyEncodingError:
        raise FactInvalidError("LEGACY_ENCODING") from None
    if not name:
        raise FactInvalidError("REQUIRED")
    if len(name) > NAME_LENGTH or not name.replace(" ", "").isprintable():
        raise FactInvalidError("NOT_A_NAME")
    return name


def verify_form(stated: StatedFacts, *, today: date) -> VerifiedFacts:
    """Return the facts in canonical form with what looks odd; raises IDENTITY_FACTS_INVALID naming each wrong one."""
    violations: list[Violation] = []

    def read(pointer: str, parse: Callable[[str], str], value: Personal) -> Personal:
        try:
            return Personal(parse(value.reveal()))
        except (FactInvalidError, IdentifierInvalidError) as error:
            violations.append(Violation(f"/facts/{pointer}", error.code))
            return Personal("")

    kind, level = stated.account_kind, stated.identity_level
    is_person = kind is not AccountKind.ORGANISATION
    nationality = read("nationality", parse_nationality, Personal(stated.nationality if is_person else ""))
    parse_number = parse_foreigner_eid if nationality.reveal() else personal_digits
    number = read("number", parse_number if is_person else parse_tax_code, stated.number)
    full_name = read("full_name", parse_full_name, stated.full_name)
    birth_date, phone_number = stated.birth_date, stated.phone_number
    if is_person or birth_date.reveal():
        birth_date = read("birth_date", lambda text: parse_birth_date(text, today=today), birth_date)
    if phone_number.reveal():
        phone_number = read("phone_number", parse_phone_number, phone_number)
    violations += [Violation("/facts/account_kind", "REQUIRED")] if kind is None else []
    violations += [Violation("/facts/identity_level", "REQUIRED")] if level is None else []
    if violations or kind is None or level is None:
        raise DomainError(IDENTITY_FACTS_INVALID, violations=violations)
    doubts = doubts_of(number, birth_date) if is_person and not nationality.reveal() else ()
    papers = read_told_papers(stated.papers) if is_person else ()
    return VerifiedFacts(kind, number, full_name, birth_date, level, phone_number, doubts, papers, nationality)


def parse_nationality(text: str) -> str:
    """Return the code of a foreign state, nothing for a Vietnamese; raises IdentifierInvalidError for no state."""
    state = parse_state(text) if text else VIETNAM
    return "" if state == VIETNAM else state


def read_told_papers(stated: Sequence[StatedPaper]) -> tuple[PaperNumber, ...]:
    """Return the papers a provider states, each once, without the malformed: those are not the person's fault."""
    papers: list[PaperNumber] = []
    for one in stated[:PAPERS]:
        with suppress(DomainError):
            papers.append(read_paper(one))
    return tuple(dict.fromkeys(papers))


def personal_digits(text: str) -> str:
    """Return the digits of a personal number; raises IdentifierInvalidError."""
    return parse_personal_number(text).digits


def doubts_of(number: Personal, birth_date: Personal) -> tuple[Doubt, ...]:
    """Return what an officer should look at: never a reason to refuse."""
    return parse_personal_number(number.reveal()).doubts(birth_year=int(birth_date.reveal()[:4]))


def is_within(birth_date: str, searched: str) -> bool:
    """Say whether a birth date, known as far as it is, may be the searched one."""
    return birth_date.startswith(searched) or searched.startswith(birth_date)

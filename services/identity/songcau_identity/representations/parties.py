"""The two people of a representation as a grant needs them: active, of the right age, not the officer's own."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from songcau_kit.database import Connection
from songcau_kit.errors import DomainError, Violation
from songcau_kit.personal import Personal

from songcau_identity.errors import (
    BIRTH_DATE_UNKNOWN,
    CITIZEN_NOT_ACTIVE,
    CITIZEN_NOT_DECEASED,
    CITIZEN_NOT_FOUND,
    REPRESENTATION_INVALID,
    REPRESENTATIVE_NOT_ADULT,
    REPRESENTATIVE_NOT_FOUND,
    REPRESENTED_IS_A_CHILD,
    REPRESENTED_NOT_A_CHILD,
)
from songcau_identity.identifiers import parse_personal_number
from songcau_identity.model import AccountKind, Citizen, CitizenStatus, IdentifierKind
from songcau_identity.officers import Desk, refuse_merged
from songcau_identity.repositories import citizens
from songcau_identity.representations.ages import ADULT_FROM, HEARD_FROM, is_of_age
from songcau_identity.representations.model import OF_CHILDREN, Act, Kind, Representation, RepresentedKind


@dataclass(frozen=True)
class Named:
    """Somebody as another person names them: digests of number and name."""

    number_digest: bytes
    name_digest: bytes


class Parties:
    """Looks at both parties inside the transaction of a grant."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def hold(self, conn: Connection, wanted: Representation) -> None:
        """Hold the rows of both.

        Raises CITIZEN_NOT_FOUND, CITIZEN_MERGED, CITIZEN_NOT_ACTIVE and, where somebody is to be an heir,
        CITIZEN_NOT_DECEASED.
        """
        held = citizens.hold_citizens(conn, wanted.parties)
        if not held.keys() >= set(wanted.parties):
            raise DomainError(CITIZEN_NOT_FOUND)
        for citizen in held.values():
            refuse_merged(citizen)
            is_left = wanted.kind is Kind.HEIR and citizen.citizen_id == wanted.represented.id
            _require(citizen, CitizenStatus.DECEASED if is_left else CitizenStatus.ACTIVE)

    def first_act(self, conn: Connection, wanted: Representation, today: date) -> Act:
        """Return how the representation begins: in force at once, or with a child to be heard.

        Raises REPRESENTATIVE_NOT_ADULT, REPRESENTED_NOT_A_CHILD, REPRESENTED_IS_A_CHILD, BIRTH_DATE_UNKNOWN.
        """
        self.require_adult(conn, wanted.representative_id, today)
        if wanted.represented.kind is RepresentedKind.ORGANISATION or wanted.kind is Kind.HEIR:
            return Act.GRANT
        birth_date = self._known_birth_date(conn, wanted.represented.id)
        is_adult = is_of_age(birth_date, ADULT_FROM, today)
        if wanted.kind not in OF_CHILDREN:
            if not is_adult:
                raise DomainError(REPRESENTED_IS_A_CHILD)
            return Act.GRANT
        if is_adult:
            raise DomainError(REPRESENTED_NOT_A_CHILD)
        return Act.GRANT_UNHEARD if is_of_age(birth_date, HEARD_FROM, today) else Act.GRANT

    def require_adult(self, conn: Connection, citizen_id: UUID, today: date) -> None:
        """Raise REPRESENTATIVE_NOT_ADULT or BIRTH_DATE_UNKNOWN unless somebody is 18."""
        if not is_of_age(self._known_birth_date(conn, citizen_id), ADULT_FROM, today):
            raise DomainError(REPRESENTATIVE_NOT_ADULT)

    def named(self, number: Personal, full_name: Personal) -> Named:
        """Return somebody as they were named; raises IdentifierInvalidError for what is no number."""
        digits = parse_personal_number(number.reveal()).digits
        vault = self._desk.vault
        digest = vault.number_digest(IdentifierKind.PERSONAL_NUMBER, digits)
        return Named(digest, vault.exact_name_digest(full_name.reveal()))

    def find_named(self, conn: Connection, named: Named) -> UUID:
        """Return the citizen of a number if the name is theirs; raises REPRESENTATIVE_NOT_FOUND.

        Whoever guesses learns nothing from the refusal.
        """
        for record in citizens.find_by_number(conn, IdentifierKind.PERSONAL_NUMBER, named.number_digest):
            is_open = record.citizen.status is CitizenStatus.ACTIVE
            if is_open and record.profile.name_exact_bix == named.name_digest:
                return record.citizen.survivor_id
        raise DomainError(REPRESENTATIVE_NOT_FOUND)

    def find_birth_date(self, conn: Connection, citizen_id: UUID) -> str:
        """Return a birth date as far as it is known, empty where it is not; raises DATA_KEY_DESTROYED after erasure."""
        record = citizens.find_record(conn, citizen_id)
        if record is None:
            return ""
        data_key = self._desk.data_keys.get(conn, citizen_id)
        return self._desk.vault.open(data_key, record.profile).birth_date.reveal()

    def _known_birth_date(self, conn: Connection, citizen_id: UUID) -> str:
        birth_date = self.find_birth_date(conn, citizen_id)
        if not birth_date:
            raise DomainError(BIRTH_DATE_UNKNOWN)
        return birth_date


def invalid(pointer: str, code: str) -> DomainError:
    """Return the refusal of one field."""
    return DomainError(REPRESENTATION_INVALID, violations=[Violation(pointer, code)])


def _require(citizen: Citizen, status: CitizenStatus) -> None:
    if citizen.account_kind is not AccountKind.CITIZEN:
        raise DomainError(CITIZEN_NOT_FOUND)
    if citizen.status is not status:
        reason = CITIZEN_NOT_DECEASED if status is CitizenStatus.DECEASED else CITIZEN_NOT_ACTIVE
        raise DomainError(reason, details={"state": citizen.status})

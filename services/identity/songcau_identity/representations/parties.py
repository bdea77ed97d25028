"""The two people of a representation as a grant needs them: active, of the right age, not the officer's own."""

from datetime import date
from uuid import UUID

from songcau_kit.database import Connection
from songcau_kit.errors import DomainError, Violation

from songcau_identity.errors import (
    BIRTH_DATE_UNKNOWN,
    CITIZEN_NOT_ACTIVE,
    CITIZEN_NOT_FOUND,
    REPRESENTATION_INVALID,
    REPRESENTATIVE_NOT_ADULT,
    REPRESENTED_IS_A_CHILD,
    REPRESENTED_NOT_A_CHILD,
)
from songcau_identity.model import AccountKind, Citizen, CitizenStatus
from songcau_identity.officers import Desk, refuse_merged
from songcau_identity.repositories import citizens
from songcau_identity.representations.ages import ADULT_FROM, HEARD_FROM, is_of_age
from songcau_identity.representations.model import OF_CHILDREN, Act, Kind, Representation, RepresentedKind


class Parties:
    """Looks at both parties inside the transaction of a grant."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def hold(self, conn: Connection, wanted: Representation) -> None:
        """Hold the rows of both and raise what keeps either out.

        Raises CITIZEN_NOT_FOUND, CITIZEN_MERGED, CITIZEN_NOT_ACTIVE; REPRESENTATION_INVALID for a person entered as an
        organisation, as the copies of the services know ids only and would let the representative act for the person.
        """
        held = citizens.hold_citizens(conn, {wanted.represented.id, *wanted.parties})
        if not held.keys() >= set(wanted.parties):
            raise DomainError(CITIZEN_NOT_FOUND)
        for citizen in held.values():
            if citizen.citizen_id not in wanted.parties:
                _refuse_person(citizen)
                continue
            refuse_merged(citizen)
            is_dead = wanted.kind is Kind.HEIR and citizen.citizen_id == wanted.represented.id
            _require_open(citizen, is_dead=is_dead)

    def first_act(self, conn: Connection, wanted: Representation, today: date) -> Act:
        """Return how the representation begins: in force at once, or with a child to be heard.

        Raises REPRESENTATIVE_NOT_ADULT, REPRESENTED_NOT_A_CHILD, REPRESENTED_IS_A_CHILD, BIRTH_DATE_UNKNOWN.
        """
        if not is_of_age(self._known_birth_date(conn, wanted.representative_id), ADULT_FROM, today):
            raise DomainError(REPRESENTATIVE_NOT_ADULT)
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


def _refuse_person(citizen: Citizen) -> None:
    if citizen.account_kind is AccountKind.CITIZEN:
        raise DomainError(REPRESENTATION_INVALID, violations=[Violation("/represented_id", "NOT_FOR_THIS_KIND")])


def _require_open(citizen: Citizen, *, is_dead: bool) -> None:
    if citizen.account_kind is not AccountKind.CITIZEN:
        raise DomainError(CITIZEN_NOT_FOUND)
    if not is_dead and citizen.status is not CitizenStatus.ACTIVE:
        raise DomainError(CITIZEN_NOT_ACTIVE, details={"state": citizen.status})

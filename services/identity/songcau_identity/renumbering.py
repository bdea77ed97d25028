"""Enters the number issued in place of another, and shows every number a citizen has or had."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit.database import Connection, UniqueViolation
from songcau_kit.errors import DomainError, Violation
from songcau_kit.personal import Personal

from songcau_identity.auditing import Access, Asker, Operation, require_agency, require_purpose
from songcau_identity.doubts import judge_again
from songcau_identity.errors import (
    CITIZEN_NOT_ACTIVE,
    CITIZEN_NOT_FOUND,
    IDENTIFIER_CANCELLED,
    IDENTIFIER_INVALID,
    IDENTIFIER_TAKEN,
    NOTHING_TO_CHANGE,
    NUMBER_MISSING,
)
from songcau_identity.facts import personal_digits
from songcau_identity.identifiers import IdentifierInvalidError, mask, parse_foreigner_eid, parse_tax_code
from songcau_identity.model import Citizen, CitizenStatus, Doubt, IdentifierKind, IdentifierStatus
from songcau_identity.officers import Desk, Entry, OfficerActs, Order, Seen
from songcau_identity.repositories import citizens, identifiers
from songcau_identity.repositories.identifiers import HeldIdentifier, IdentifierHolder, NewIdentifier

PARSERS: Mapping[IdentifierKind, Callable[[str], str]] = {
    IdentifierKind.PERSONAL_NUMBER: personal_digits,
    IdentifierKind.TAX_CODE: parse_tax_code,
    IdentifierKind.FOREIGNER_EID: parse_foreigner_eid,
}


@dataclass(frozen=True)
class RecordAnswer:
    """A record after an act, and what looks odd about it now."""

    citizen: Citizen
    doubts: tuple[Doubt, ...]
    # None in the answer to a request that an earlier release did and keeps.
    act_id: UUID | None = None

    @property
    def subjects(self) -> Sequence[UUID]:
        """Return whose data the write met."""
        return [self.citizen.citizen_id]


RECORD_ANSWER = TypeAdapter(RecordAnswer)


@dataclass(frozen=True)
class ShownIdentifier:
    """A number as it may be shown, with its history."""

    held: HeldIdentifier
    masked: Personal


class Renumbering:
    """The use cases ReplaceIdentifier and ListIdentifiers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._acts = OfficerActs(desk)

    def replace(self, order: Order, seen: Seen, number: Personal) -> RecordAnswer:
        """Cancel the citizen's present number and enter the one issued in its place.

        Raises IDENTIFIER_INVALID, IDENTIFIER_TAKEN, IDENTIFIER_CANCELLED, NOTHING_TO_CHANGE, NUMBER_MISSING,
        CITIZEN_NOT_ACTIVE and what every act of an officer raises.
        """
        asked = f"{seen} ".encode() + self._desk.vault.number_digest(IdentifierKind.PERSONAL_NUMBER, number.reveal())

        def act(conn: Connection) -> RecordAnswer:
            before = self._acts.hold_one(conn, order, seen.citizen_id, seen.version)
            refuse_unlinked(before)
            kind, value = read_number(self._present_kind(conn, before), number)
            self._enter(conn, before, kind, value)
            citizen = replace(before, version=before.version + 1)
            citizens.update_citizen(conn, citizen, self._desk.clock.now())
            told = (order.asker.actor, order.asker.correlation_id)
            event = self._desk.events.identifier_replaced(citizen, *told, kind=kind)
            act_id = self._acts.finish(conn, order, Entry(citizen.citizen_id), event)
            return RecordAnswer(citizen, judge_again(self._desk, conn, citizen, act_id))

        return self._acts.run(order, Operation.REPLACE_IDENTIFIER, asked, act=act, form=RECORD_ANSWER)

    def _present_kind(self, conn: Connection, citizen: Citizen) -> IdentifierKind:
        record = citizens.find_record(conn, citizen.citizen_id)
        if record is None or record.number is None:
            raise DomainError(NUMBER_MISSING)
        return record.number.kind

    def _enter(self, conn: Connection, citizen: Citizen, kind: IdentifierKind, value: Personal) -> None:
        now, vault = self._desk.clock.now(), self._desk.vault
        digest = vault.number_digest(kind, value.reveal())
        identifiers.lock_number(conn, digest)
        holder = identifiers.find_holder(conn, kind, digest)
        if holder is not None:
            raise _refusal(holder, citizen)
        data_key, identifier_id = self._desk.data_keys.get(conn, citizen.citizen_id), self._desk.clock.new_id()
        closed = vault.seal_number(data_key, identifier_id, value)
        identifiers.cancel_identifiers(conn, citizen.citizen_id, kind, now)
        try:
            new = NewIdentifier(identifier_id, citizen.citizen_id, kind, closed, digest)
            identifiers.insert_identifier(conn, new, now)
        except UniqueViolation:
            raise DomainError(IDENTIFIER_TAKEN) from None

    def list_identifiers(self, asker: Asker, citizen_id: UUID | None, access: Access) -> list[ShownIdentifier]:
        """Return every number of a citizen and of the records merged into theirs; raises CITIZEN_NOT_FOUND."""
        require_agency(asker)
        require_purpose(asker)
        with self._desk.database.read() as conn:
            family = citizens.find_family(conn, citizen_id) if citizen_id else ()
            if not family:
                raise DomainError(CITIZEN_NOT_FOUND)
            access.subjects.extend(family)
            return [self._show(conn, held) for held in identifiers.list_identifiers(conn, family)]

    def _show(self, conn: Connection, held: HeldIdentifier) -> ShownIdentifier:
        data_key = self._desk.data_keys.get(conn, held.citizen_id)
        number = self._desk.vault.open_number(data_key, held.identifier_id, held.value_enc)
        return ShownIdentifier(held, Personal(mask(number.reveal())))


def read_number(kind: IdentifierKind, number: Personal) -> tuple[IdentifierKind, Personal]:
    """Return a number in canonical form and what it is; raises IDENTIFIER_INVALID."""
    try:
        return kind, Personal(PARSERS[kind](number.reveal()))
    except IdentifierInvalidError as error:
        raise DomainError(IDENTIFIER_INVALID, violations=[Violation("/number", error.code)]) from None


def refuse_unlinked(citizen: Citizen) -> None:
    """Raise CITIZEN_NOT_ACTIVE for somebody who left the platform."""
    if citizen.status is CitizenStatus.UNLINKED:
        raise DomainError(CITIZEN_NOT_ACTIVE, details={"state": citizen.status})


def _refusal(holder: IdentifierHolder, citizen: Citizen) -> DomainError:
    if holder.citizen_id != citizen.citizen_id:
        return DomainError(IDENTIFIER_TAKEN, details={"citizen_id": str(holder.citizen_id)})
    is_present = holder.status is IdentifierStatus.ACTIVE
    return DomainError(NOTHING_TO_CHANGE if is_present else IDENTIFIER_CANCELLED)

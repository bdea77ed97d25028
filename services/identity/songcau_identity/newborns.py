"""Registers children without a number under a temporary key, until the personal number is issued."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit.clock import local_date
from songcau_kit.database import Connection, UniqueViolation
from songcau_kit.errors import DomainError, Violation
from songcau_kit.personal import Personal

from songcau_identity.auditing import Operation
from songcau_identity.documents import DocumentEvidence, EvidenceKind
from songcau_identity.doubts import judge_again
from songcau_identity.errors import (
    CITIZEN_NOT_ACTIVE,
    EVIDENCE_INVALID,
    NEWBORN_INVALID,
    NEWBORN_NOT_FOUND,
    NEWBORN_NOT_TEMPORARY,
    NEWBORN_NUMBER_TAKEN,
    NEWBORN_REGISTERED,
)
from songcau_identity.facts import FactInvalidError, parse_birth_date, parse_full_name
from songcau_identity.identifiers import IdentifierInvalidError
from songcau_identity.model import (
    Citizen,
    CitizenAct,
    CitizenFact,
    Doubt,
    IdentifierKind,
    Sex,
    find_transition,
)
from songcau_identity.new_records import begin_record, registered_citizen
from songcau_identity.newborn_states import NewbornAct, NewbornState, VoidReason, find_newborn_step
from songcau_identity.officers import Desk, Entry, OfficerActs, Order, Seen, refuse_own_record
from songcau_identity.paper_numbers import parse_certificate
from songcau_identity.papers import refuse_organisation
from songcau_identity.renumbering import read_number, refuse_unlinked
from songcau_identity.repositories import citizens, identifiers
from songcau_identity.repositories import newborns as repository
from songcau_identity.repositories.identifiers import NewIdentifier
from songcau_identity.repositories.newborns import ClosedCertificate, Newborn
from songcau_identity.vault import Profile

KEY_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no letter is taken for a digit
MOST_CHILDREN = 9  # of one birth


@dataclass(frozen=True)
class Birth:
    """What the birth certificate says of a child, as it was typed; the order of birth tells twins apart."""

    full_name: Personal
    birth_date: Personal
    sex: Sex | None
    birth_order: int

    def fingerprint(self) -> bytes:
        """Return what tells two births apart."""
        parts = (self.full_name.reveal(), self.birth_date.reveal(), str(self.sex), str(self.birth_order))
        return "\x00".join(parts).encode()


@dataclass(frozen=True)
class NewbornAnswer:
    """A child after an act, and what looks odd about it now."""

    citizen: Citizen
    newborn: Newborn
    doubts: tuple[Doubt, ...] = ()

    @property
    def subjects(self) -> Sequence[UUID]:
        """Return whose data the write met."""
        return [self.citizen.citizen_id, self.newborn.mother_id]


NEWBORN_ANSWER = TypeAdapter(NewbornAnswer)


class Newborns:
    """The use cases RegisterNewborn, IssuePersonalNumber and VoidNewborn."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._acts = OfficerActs(desk)

    def register(self, order: Order, mother: Seen, birth: Birth) -> NewbornAnswer:
        """Enter a child of a mother; the evidence is its birth certificate.

        Raises NEWBORN_INVALID, NEWBORN_REGISTERED, PERSON_REQUIRED, CITIZEN_NOT_ACTIVE and what every act of an
        officer raises.
        """
        profile = read_birth(birth, today=local_date(self._desk.clock.now()))
        certificate = read_certificate(order.evidence)
        digest = self._desk.vault.certificate_digest(certificate)

        def act(conn: Connection) -> NewbornAnswer:
            identifiers.lock_number(conn, digest)
            held = self._acts.hold_one(conn, order, mother.citizen_id, mother.version)
            refuse_unlinked(held)
            refuse_organisation(held)
            refuse_registered(repository.find_registered(conn, held.citizen_id, digest, birth.birth_order))
            citizen = registered_citizen(self._desk, self._desk.clock.new_id())
            data_key = begin_record(self._desk, conn, citizen, profile)
            newborn = self._new(citizen.citizen_id, held.citizen_id, birth.birth_order)
            closed = ClosedCertificate(self._desk.vault.seal_certificate(data_key, certificate), digest)
            try:
                repository.insert_newborn(conn, newborn, closed)
            except UniqueViolation:
                raise DomainError(NEWBORN_REGISTERED) from None
            told = (order.asker.actor, order.asker.correlation_id)
            event = self._desk.events.registered(citizen, *told)
            self._acts.finish(conn, order, Entry(citizen.citizen_id, held.citizen_id), event)
            return NewbornAnswer(citizen, newborn)

        asked = f"{mother} ".encode() + birth.fingerprint()
        return self._acts.run(order, Operation.REGISTER_NEWBORN, asked, act=act, form=NEWBORN_ANSWER)

    def issue_number(self, order: Order, child: Seen, number: Personal) -> NewbornAnswer:
        """Enter the personal number issued to a child; the citizen stays, the temporary key has served.

        Raises NEWBORN_NOT_FOUND, NEWBORN_NOT_TEMPORARY, IDENTIFIER_INVALID, NEWBORN_NUMBER_TAKEN and what every act
        of an officer raises.
        """
        kind, value = read_number(IdentifierKind.PERSONAL_NUMBER, number)
        digest = self._desk.vault.number_digest(kind, value.reveal())

        def act(conn: Connection) -> NewbornAnswer:
            identifiers.lock_number(conn, digest)
            before, newborn = self._hold_child(conn, order, child)
            ended = self._end(conn, newborn, NewbornAct.ISSUE_NUMBER)
            self._enter(conn, before, value, digest)
            citizen = replace(before, version=before.version + 1)
            citizens.update_citizen(conn, citizen, self._desk.clock.now())
            told = (order.asker.actor, order.asker.correlation_id)
            event = self._desk.events.personal_number_issued(citizen, *told)
            act_id = self._acts.finish(conn, order, Entry(citizen.citizen_id, newborn.mother_id), event)
            return NewbornAnswer(citizen, ended, judge_again(self._desk, conn, citizen, act_id))

        return self._acts.run(
            order, Operation.ISSUE_PERSONAL_NUMBER, f"{child} ".encode() + digest, act=act, form=NEWBORN_ANSWER
        )

    def void(self, order: Order, child: Seen, reason: VoidReason) -> NewbornAnswer:
        """Let the entry of a child count no more.

        Raises NEWBORN_NOT_FOUND, NEWBORN_NOT_TEMPORARY, CITIZEN_NOT_ACTIVE and what every act of an officer raises.
        """

        def act(conn: Connection) -> NewbornAnswer:
            before, newborn = self._hold_child(conn, order, child)
            ended = self._end(conn, newborn, NewbornAct.VOID, reason=reason)
            step = find_transition(before.status, CitizenAct.VOID)
            if step is None:
                raise DomainError(CITIZEN_NOT_ACTIVE, details={"state": before.status})
            citizen = replace(before, status=step.after, version=before.version + 1)
            citizens.update_citizen(conn, citizen, self._desk.clock.now())
            told = (order.asker.actor, order.asker.correlation_id)
            event = self._desk.events.moved(citizen, *told, fact=CitizenFact.NEWBORN_VOIDED)
            self._acts.finish(conn, order, Entry(citizen.citizen_id, newborn.mother_id), event)
            return NewbornAnswer(citizen, ended)

        return self._acts.run(order, Operation.VOID_NEWBORN, f"{child} {reason}".encode(), act=act, form=NEWBORN_ANSWER)

    def _hold_child(self, conn: Connection, order: Order, child: Seen) -> tuple[Citizen, Newborn]:
        citizen = self._acts.hold_one(conn, order, child.citizen_id, child.version)
        newborn = repository.find_newborn(conn, citizen.citizen_id)
        if newborn is None:
            raise DomainError(NEWBORN_NOT_FOUND)
        order.access.subjects.append(newborn.mother_id)
        refuse_own_record(conn, order.asker, newborn.mother_id)
        return citizen, newborn

    def _end(self, conn: Connection, newborn: Newborn, act: NewbornAct, *, reason: VoidReason | None = None) -> Newborn:
        step = find_newborn_step(newborn.state, act)
        if step is None:
            raise DomainError(NEWBORN_NOT_TEMPORARY, details={"state": newborn.state})
        repository.end_newborn(conn, newborn.citizen_id, step.after, self._desk.clock.now(), reason=reason)
        return replace(newborn, state=step.after)

    def _enter(self, conn: Connection, child: Citizen, value: Personal, digest: bytes) -> None:
        holder = identifiers.find_holder(conn, IdentifierKind.PERSONAL_NUMBER, digest)
        if holder is not None:
            raise DomainError(NEWBORN_NUMBER_TAKEN, details={"citizen_id": str(holder.citizen_id)})
        desk, identifier_id = self._desk, self._desk.clock.new_id()
        closed = desk.vault.seal_number(desk.data_keys.get(conn, child.citizen_id), identifier_id, value)
        new = NewIdentifier(identifier_id, child.citizen_id, IdentifierKind.PERSONAL_NUMBER, closed, digest)
        identifiers.insert_identifier(conn, new, desk.clock.now())

    def _new(self, citizen_id: UUID, mother_id: UUID, birth_order: int) -> Newborn:
        now = self._desk.clock.now()
        return Newborn(citizen_id, mother_id, birth_order, new_temporary_key(), NewbornState.TEMPORARY, now)


def new_temporary_key() -> str:
    """Return a key of 40 random bits that nobody takes for a personal number."""
    letters = "".join(secrets.choice(KEY_LETTERS) for _ in range(8))
    return f"SS-{letters[:4]}-{letters[4:]}"


def refuse_registered(newborn: Newborn | None) -> None:
    """Raise NEWBORN_REGISTERED where there is one."""
    if newborn is not None:
        details = {"citizen_id": str(newborn.citizen_id), "temporary_key": newborn.temporary_key}
        raise DomainError(NEWBORN_REGISTERED, details=details)


def read_birth(birth: Birth, *, today: date) -> Profile:
    """Return the profile of a child; raises NEWBORN_INVALID naming each wrong fact."""
    violations: list[Violation] = []

    def read(pointer: str, parse: Callable[[str], str], value: Personal) -> Personal:
        try:
            return Personal(parse(value.reveal()))
        except FactInvalidError as error:
            violations.append(Violation(pointer, error.code))
            return value

    name = read("/full_name", parse_full_name, birth.full_name)
    birth_date = read("/birth_date", lambda text: parse_day_of_birth(text, today=today), birth.birth_date)
    violations += [Violation("/sex", "REQUIRED")] if birth.sex is None else []
    if not 1 <= birth.birth_order <= MOST_CHILDREN:
        violations.append(Violation("/birth_order", "OUT_OF_RANGE"))
    if violations or birth.sex is None:
        raise DomainError(NEWBORN_INVALID, violations=violations)
    return Profile(name, birth_date, Personal(""), Personal(birth.sex))


def parse_day_of_birth(text: str, *, today: date) -> str:
    """Return a whole date of birth; raises FactInvalidError."""
    parsed = parse_birth_date(text, today=today)
    if len(parsed) != len("2026-11-27"):
        raise FactInvalidError("NOT_A_DATE")
    return parsed


def read_certificate(evidence: DocumentEvidence) -> Personal:
    """Return the number of the birth certificate an act rests on; raises EVIDENCE_INVALID."""
    violations = []
    if evidence.kind is not EvidenceKind.BIRTH_CERTIFICATE:
        violations.append(Violation("/evidence/kind", "INVALID"))
    try:
        number = parse_certificate(evidence.document_number.reveal())
    except IdentifierInvalidError as error:
        violations.append(Violation("/evidence/document_number", error.code))
    if violations:
        raise DomainError(EVIDENCE_INVALID, violations=violations)
    return Personal(number)

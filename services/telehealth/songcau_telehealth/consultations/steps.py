"""The way every step takes: who may, from which state and version, then the move, its event, its audit, its answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from songcau_kit import assisted_acts, audit, outbox
from songcau_kit.audit import AuditJournal
from songcau_kit.clock import Clock, local_date
from songcau_kit.data_keys import DataKey, DataKeys
from songcau_kit.database import Connection, Database
from songcau_kit.errors import VERSION_CONFLICT, VERSION_REQUIRED, DomainError
from songcau_kit.protection_errors import DATA_KEY_NOT_FOUND
from songcau_kit.rpc_call import Call

from songcau_telehealth import events
from songcau_telehealth.citizens.model import Citizen
from songcau_telehealth.citizens.representations import WRITE
from songcau_telehealth.consultations import access, repository
from songcau_telehealth.consultations.access import CARE, Standing, Trace
from songcau_telehealth.consultations.consenting import (
    may_see_result,
    require_standing_consent,
    with_withdrawal,
)
from songcau_telehealth.consultations.grounds import rests_on_consent
from songcau_telehealth.consultations.model import Actor, Step, Transition, find_transition
from songcau_telehealth.consultations.parties import find_party, hold_open_parties, require_covered
from songcau_telehealth.consultations.records import Consultation, ConsultationView, TakenStep
from songcau_telehealth.consultations.sealing import Envelope, open_view
from songcau_telehealth.errors import CONSULTATION_NOT_FOUND, CONSULTATION_STATE_CONFLICT, STEP_NOT_YOURS
from songcau_telehealth.once import Once, Register


@dataclass(frozen=True)
class Order:
    """What every step is asked with; without an expected version it is taken from whatever version there is."""

    consultation_id: UUID
    expected_version: int | None
    once: Once[ConsultationView]


@dataclass(frozen=True)
class Moment:
    """A step being taken: everything its own rules may look at, inside its transaction."""

    connection: Connection
    consultation: Consultation
    transition: Transition
    actor: Actor
    call: Call | None = None
    data_key: DataKey | None = field(default=None, repr=False)
    citizen: Citizen | None = None

    @property
    def envelope(self) -> Envelope:
        """Seals what a person writes with the step; the platform's own steps write nothing and have no key."""
        if self.data_key is None:
            raise DomainError(DATA_KEY_NOT_FOUND)
        return Envelope(self.data_key, self.consultation.consultation_id)


Changes = Mapping[str, object]
Rules = Callable[[Moment], Changes]


class Seen:
    """How far a call got, for the access list of whom it was about."""

    def __init__(self) -> None:
        self.subject_id: UUID | None = None
        self.consultation_id = ""
        self.standing: Standing | None = None
        self.citizen: Citizen | None = None

    def note(self, subject_id: UUID, consultation_id: str) -> None:
        """Remember whom and what the call is about."""
        self.subject_id = subject_id
        self.consultation_id = consultation_id

    @property
    def known_standing(self) -> Standing:
        """How the caller stands to it; raises CONSULTATION_NOT_FOUND for a stranger."""
        if self.standing is None:
            raise DomainError(CONSULTATION_NOT_FOUND)
        return self.standing


@dataclass(frozen=True)
class Desk:
    """What taking steps needs."""

    database: Database
    clock: Clock
    data_keys: DataKeys
    register: Register
    journal: AuditJournal
    staff_level: int

    def take(self, call: Call, order: Order, step: Step, rules: Rules, *, books: bool = False) -> bytes:
        """Take one step for a caller and return its answer, the stored one when the request came before.

        `books` also keeps the citizen's link as it is until the end. Raises what the contract names.
        """
        seen = Seen()
        try:
            with self.database.transaction() as connection:
                return self._take(connection, call, order, (step, rules, books), seen)
        except DomainError as error:
            self.refuse(call, seen, f"{step}_CONSULTATION", error)
            raise

    def take_alone(self, consultation_id: UUID, step: Step, rules: Rules) -> bool:
        """Take one step of the platform's own; say whether it still applied."""
        with self.database.transaction() as connection:
            repository.lock(connection, consultation_id)
            consultation = repository.find_consultation(connection, consultation_id)
            transition = find_transition(consultation.state, step) if consultation else None
            if consultation is None or transition is None:
                return False
            moment = Moment(connection, consultation, transition, Actor.SYSTEM)
            correlation_id = str(self.clock.new_id())
            self._move(moment, rules(moment), events.system_origin(correlation_id))
            trace = Trace(f"{step}_CONSULTATION", str(consultation_id), consultation.citizen_id)
            audit.record(connection, access.system_entry(trace, correlation_id), clock=self.clock)
        return True

    def refuse(self, call: Call, seen: Seen, operation: str, error: DomainError) -> None:
        """Enter a refusal in the access list of the citizen it was about, when it got so far."""
        if seen.subject_id is None:
            return
        trace = Trace(operation, seen.consultation_id, seen.subject_id)
        self.journal.write(access.refused_entry(call, seen.standing, trace, error))

    def _take(
        self, connection: Connection, call: Call, order: Order, what: tuple[Step, Rules, bool], seen: Seen
    ) -> bytes:
        step, rules, books = what
        citizen_id = repository.find_citizen_of(connection, order.consultation_id)
        if citizen_id is None:
            # Whoever names somebody they do not stand for does not learn which consultations there are.
            require_covered(find_party(connection, call, WRITE, local_date(self.clock.now())))
            raise DomainError(CONSULTATION_NOT_FOUND)
        seen.note(citizen_id, str(order.consultation_id))
        assisted_acts.take(connection, call, order.once.key(call), self.clock.now())
        stored = self.register.find(connection, call, order.once)
        consultation = self._reach(
            connection, call, order.consultation_id, (citizen_id, books and stored is None), seen
        )
        standing = seen.known_standing
        purpose = access.purpose_of(call, standing, default=CARE)
        trace = Trace(f"{step}_CONSULTATION", str(order.consultation_id), citizen_id, purpose)
        audit.record(connection, access.audit_entry(call, standing, trace), clock=self.clock)
        if stored is not None:
            return stored
        transition = _allowed(consultation, step, standing)
        if rests_on_consent(step):
            require_standing_consent(connection, consultation)
        _require_version(consultation, order.expected_version)
        moment = Moment(
            connection,
            consultation,
            transition,
            standing.acting_in(transition.who),
            call,
            self.data_keys.get(connection, citizen_id),
            seen.citizen,
        )
        moved = self._move(moment, rules(moment), events.origin(call, moment.actor, standing.organization))
        return self.register.keep(
            connection, call, order.once, self.view(connection, moved, standing), subject_id=citizen_id
        )

    def _reach(
        self, connection: Connection, call: Call, consultation_id: UUID, citizen: tuple[UUID, bool], seen: Seen
    ) -> Consultation:
        """Lock and return the consultation for somebody who stands to it, the citizen's row first where it books."""
        citizen_id, books = citizen
        found = repository.find_consultation(connection, consultation_id)
        caller = call.known_caller
        party = find_party(connection, call, WRITE, local_date(self.clock.now()), lock=True)
        seen.standing = access.find_standing(caller, found, party) if found else None
        require_covered(party)
        if found is None or seen.standing is None:
            raise DomainError(CONSULTATION_NOT_FOUND)
        access.require_second_factor(caller, seen.standing, self.staff_level)
        if books:
            seen.citizen = hold_open_parties(connection, call, citizen_id)
        repository.lock(connection, consultation_id)
        fresh = repository.find_consultation(connection, consultation_id)
        return fresh or found

    def _move(self, moment: Moment, changes: Changes, origin: events.Origin) -> Consultation:
        before, transition, now = moment.consultation, moment.transition, self.clock.now()
        repository.move(moment.connection, before, end=transition.end, at=now, changes=changes)
        taken = TakenStep(before.version + 1, before.state, transition.end, moment.actor, now)
        repository.insert_step(moment.connection, before.consultation_id, taken)
        after = repository.find_consultation(moment.connection, before.consultation_id)
        if after is None:
            raise repository.LostRaceError
        outbox.append(moment.connection, events.fact(self.clock, transition.fact, before, after, origin))
        return after

    def view(self, connection: Connection, consultation: Consultation, standing: Standing) -> ConsultationView:
        """Open a consultation for its answer."""
        data_key = self.data_keys.get(connection, consultation.citizen_id)
        steps = tuple(repository.list_steps(connection, consultation.consultation_id))
        shows = may_see_result(connection, consultation, standing)
        return open_view(
            with_withdrawal(connection, consultation), data_key, standing, steps=steps, shows_outcome=shows
        )


def _allowed(consultation: Consultation, step: Step, standing: Standing) -> Transition:
    transition = find_transition(consultation.state, step)
    details = {"state": consultation.state.value, "version": str(consultation.version)}
    if transition is None:
        raise DomainError(CONSULTATION_STATE_CONFLICT, details=details)
    if transition.who.isdisjoint(standing.actors):
        raise DomainError(STEP_NOT_YOURS, details=details)
    return transition


def _require_version(consultation: Consultation, expected: int | None) -> None:
    if expected is None:
        return
    if expected == 0:
        raise DomainError(VERSION_REQUIRED)
    if expected != consultation.version:
        raise DomainError(VERSION_CONFLICT, details={"current_version": str(consultation.version)})

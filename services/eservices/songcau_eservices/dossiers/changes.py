"""The frame of every change of a dossier: one transaction, at most one answer per request, one step on record.

Everything a change reads leaves in one round trip, everything it writes in another together with COMMIT.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit import assisted_acts, audit, outbox
from songcau_kit.clock import Clock, local_date
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Connection, Database
from songcau_kit.errors import INVALID_REQUEST, DomainError, Violation
from songcau_kit.events import Actor
from songcau_kit.idempotency import Claim, IdempotencyKey, IdempotencyRegister
from songcau_kit.rpc_call import Call, mark_replayed
from songcau_kit.sealed_responses import SealedResponse

from songcau_eservices.dossiers import access, parties, repository, repository_citizens
from songcau_eservices.dossiers.access import PROCESSING, Capacity, Trace
from songcau_eservices.dossiers.dossier import Dossier, DossierView, HistoryEntry
from songcau_eservices.dossiers.facts import Fact
from songcau_eservices.dossiers.loading import ask_whole, check_standing, check_step, check_version
from songcau_eservices.dossiers.model import Action, ActorKind, State, Synchronisation
from songcau_eservices.dossiers.procedures import ProcedureVersions
from songcau_eservices.dossiers.repository_citizens import Citizen
from songcau_eservices.dossiers.sealing import Seal
from songcau_eservices.dossiers.views import Views, Whole
from songcau_eservices.events import dossier_event

VIEW = TypeAdapter(DossierView)
REQUEST_ID = re.compile(r"[!-~]{1,255}")
CITIZENS_STEPS = frozenset(
    {
        Action.CREATE,
        Action.UPDATE,
        Action.ATTACH,
        Action.REUSE_PAPER,
        Action.SUBMIT,
        Action.PAY,
        Action.SUPPLY_SUPPLEMENT,
        Action.WITHDRAW,
    }
)


@dataclass(frozen=True)
class Ticket:
    """What makes a repeated request the same: its method, the client's key and a digest of its content."""

    method: str
    request_id: str
    fingerprint: bytes

    def key(self, call: Call) -> IdempotencyKey:
        """Return the register's key; raise INVALID_REQUEST where the client gave none that can be used."""
        if not REQUEST_ID.fullmatch(self.request_id):
            raise DomainError(INVALID_REQUEST, violations=[Violation("/request_id", "REQUIRED")])
        caller = call.known_caller
        return IdempotencyKey(f"{caller.subject}|{caller.client_id}", self.method, self.request_id)


@dataclass(frozen=True)
class Change:
    """Who wants to do what to which dossier; `expected_version` None asks for no version, 0 is a missing one."""

    call: Call
    ticket: Ticket
    dossier_id: UUID
    action: Action
    expected_version: int | None = 0


@dataclass(frozen=True)
class Scene:
    """What a step has before it."""

    conn: Connection
    whole: Whole
    seal: Seal
    capacity: Capacity
    citizen: Citizen | None
    now: datetime
    is_heir: bool = False

    @property
    def dossier(self) -> Dossier:
        """The dossier before the step."""
        return self.whole.dossier


@dataclass(frozen=True)
class Step:
    """What a step makes of it: the dossier after, without its version and times, the fact, the reason given."""

    dossier: Dossier
    fact: Fact | None = None
    reason: str = ""
    writes: Sequence[Callable[[Connection], None]] = ()
    whole: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Met:
    """A dossier a call has met, and how its caller stands to it."""

    dossier: Dossier
    capacity: Capacity | None


Act = Callable[[Scene], Step]
T = TypeVar("T")


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What a change answers, made of the dossier after it, and the form in which it is kept for a repetition."""

    form: TypeAdapter[T]
    make: Callable[[DossierView], T]


@dataclass(frozen=True)
class Room:
    """What all use cases of dossiers share; `first_number` is where an agency's count of a day starts."""

    database: Database
    clock: Clock
    keys: DataKeys
    register: IdempotencyRegister
    journal: audit.AuditJournal
    versions: ProcedureVersions
    views: Views
    first_number: int = 1


class Changes:
    """Runs steps."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def run(self, change: Change, act: Act) -> DossierView:
        """Take one step and return the dossier after it."""
        return self.run_for(change, act, Answer(VIEW, lambda view: view))

    def run_for(self, change: Change, act: Act, answer: Answer[T]) -> T:
        """Take one step and return its answer; a repeated request gets the first one's.

        Raises DOSSIER_NOT_FOUND for a stranger, NOT_REPRESENTED, CITIZEN_BLOCKED, CITIZEN_DECEASED, CITIZEN_NOT_LINKED,
        AUTHENTICATION_INSUFFICIENT, VERSION_REQUIRED, VERSION_CONFLICT, DOSSIER_STATE_CONFLICT and ACTION_NOT_YOURS,
        and what `act` raises. A refused step leaves nothing but its audit entry.
        """
        key = change.ticket.key(change.call)
        met: list[Met] = []
        try:
            with self._room.database.transaction(pipeline=True) as conn:
                scene, claim = self._scene(conn, change, key, met)
                return self._run(change, scene, claim, act, answer)
        except DomainError as error:
            self._note_refusal(change, met, error)
            raise

    def _run(self, change: Change, scene: Scene, claim: Claim, act: Act, answer: Answer[T]) -> T:
        key = change.ticket.key(change.call)
        assisted_acts.take(scene.conn, change.call, key, scene.now)
        cipher = SealedResponse(scene.seal.data_key, key)
        if (stored := claim.stored(cipher=cipher)) is not None:
            mark_replayed()
            self._record(change, scene)
            return answer.form.validate_json(stored.response)
        if change.action in CITIZENS_STEPS and scene.capacity.kind is ActorKind.CITIZEN:
            check_standing(scene.citizen)
        check_version(scene.dossier, change.expected_version)
        check_step(scene.whole, change.action, scene.capacity)
        step = act(scene)
        step = replace(step, dossier=self._finish(scene, step))
        self._write(change, scene, step)
        whole = replace(scene.whole, dossier=step.dossier, **step.whole)  # type: ignore[arg-type]
        made = answer.make(self._room.views.whole(scene.conn, whole, scene.seal, scene.capacity))
        self._room.register.finish(scene.conn, key, answer.form.dump_json(made), cipher=cipher)
        return made

    def _scene(self, conn: Connection, change: Change, key: IdempotencyKey, met: list[Met]) -> tuple[Scene, Claim]:
        claim = self._room.register.claim(conn, key, change.ticket.fingerprint)
        call, now = change.call, self._room.clock.now()
        caller = call.known_caller
        claimed_id = call.on_behalf_of or access.find_citizen_id(caller)
        own_id = claimed_id if change.action in CITIZENS_STEPS else None
        take_standing = repository_citizens.ask_standing(conn, claimed_id)
        take_party = parties.ask(conn, call, parties.Asked(parties.WRITE, local_date(now), lock=True))
        take_key = self._room.keys.ask(conn, own_id) if own_id else None
        take_acting = parties.ask_acting(conn, call) if own_id else None
        take_whole = ask_whole(conn, change.dossier_id)
        whole = take_whole()
        standing = take_standing()
        party = take_party(standing.own_ids)
        if whole is None:
            raise DomainError(parties.refusal_of(party))
        capacity = access.find_capacity(caller, whole.dossier, party)
        met.append(Met(whole.dossier, capacity))
        if capacity is None:
            raise DomainError(parties.refusal_of(party))
        access.require_second_factor(caller, capacity, now)
        access.purpose_of(call, capacity, default=PROCESSING)
        is_first = own_id == whole.dossier.citizen_id  # not one of a record merged into the caller's
        data_key = take_key() if take_key and is_first else self._room.keys.get(conn, whole.dossier.citizen_id)
        is_theirs = whole.dossier.citizen_id in party.ids
        citizen = take_acting(standing.citizen, party) if take_acting and is_theirs else None
        return Scene(conn, whole, Seal(data_key), capacity, citizen, now, party.is_heir), claim

    def _finish(self, scene: Scene, step: Step) -> Dossier:
        after, before = step.dossier, scene.dossier
        axes = after.axes
        if after.state is not State.DRAFT:
            axes = replace(axes, synchronisation=Synchronisation.PENDING)
        sealed = after.sealed
        if after.state is not before.state:
            # A decision drafted before a supplement or a payment is not one about the dossier as it is after it.
            sealed = replace(sealed, reason=scene.seal.reason(after.id, step.reason), proposal=None)
        times = replace(after.times, updated_at=scene.now)
        return replace(after, version=before.version + 1, axes=axes, sealed=sealed, times=times)

    def _write(self, change: Change, scene: Scene, step: Step) -> None:
        conn, dossier, capacity = scene.conn, step.dossier, scene.capacity
        repository.save(conn, dossier)
        repository.add_history(conn, _history_entry(change, scene, step))
        for write in step.writes:
            write(conn)
        if step.fact is not None:
            by = Actor(change.call.known_caller.subject, str(capacity.kind), capacity.agency)
            correlation = change.call.correlation_id
            outbox.append(conn, dossier_event(self._room.clock, dossier, step.fact, by, correlation_id=correlation))
        self._record(change, scene)

    def _record(self, change: Change, scene: Scene) -> None:
        trace = _trace(change, scene.dossier, access.purpose_of(change.call, scene.capacity, default=PROCESSING))
        audit.record(scene.conn, access.audit_entry(change.call, scene.capacity, trace), clock=self._room.clock)

    def _note_refusal(self, change: Change, met: Sequence[Met], error: DomainError) -> None:
        if not met:
            return
        dossier, capacity = met[0].dossier, met[0].capacity
        outcome = access.outcome_of_refusal(capacity, error.reason)
        trace = _trace(change, dossier, access.declared_purpose(change.call, capacity) or PROCESSING)
        entry = access.audit_entry(change.call, capacity, trace, outcome, error.reason.code)
        self._room.journal.write(entry)


def _trace(change: Change, dossier: Dossier, purpose: str) -> Trace:
    return Trace(f"{change.action}_DOSSIER", "dossier", str(dossier.id), dossier.citizen_id, purpose)


def _history_entry(change: Change, scene: Scene, step: Step) -> HistoryEntry:
    dossier = step.dossier
    return HistoryEntry(
        dossier.id,
        dossier.version,
        change.action,
        scene.dossier.state,
        dossier.state,
        scene.now,
        str(scene.capacity.kind),
        scene.capacity.agency,
        reason_enc=scene.seal.step_reason(dossier.id, dossier.version, step.reason),
    )

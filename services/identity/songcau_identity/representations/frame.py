"""What beginnings and moves share: the answer, the step of the table, the row, the event."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit import outbox
from songcau_kit.clock import Clock
from songcau_kit.database import Connection, UniqueViolation
from songcau_kit.errors import DomainError
from songcau_kit.events import Actor

from songcau_identity.errors import REPRESENTATION_EXISTS, REPRESENTATION_STATE_CONFLICT
from songcau_identity.representations import repository
from songcau_identity.representations.events import representation_event
from songcau_identity.representations.model import Act, End, EndCause, Representation, find_transition
from songcau_identity.representations.repository import Proof


@dataclass(frozen=True)
class Answer:
    """A representation after a write; nothing personal, so that a repetition may get it from the register."""

    representation: Representation

    @property
    def subjects(self) -> Sequence[UUID]:
        """Return whose data the write met: both parties'."""
        return self.representation.parties


ANSWER = TypeAdapter(Answer)


@dataclass(frozen=True)
class By:
    """Who makes a step happen, in which request."""

    actor: Actor
    correlation_id: str


def begin(conn: Connection, clock: Clock, wanted: Representation, what: tuple[Act, Proof], by: By) -> Representation:
    """Let a representation begin by an act of the table, on its proof; raises REPRESENTATION_EXISTS."""
    act, proof = what
    step = find_transition(None, act)
    if step is None:
        raise AssertionError("the table lets every representation begin")
    made = replace(wanted, status=step.after)
    try:
        repository.insert(conn, made, proof, clock.now())
    except UniqueViolation:
        raise DomainError(REPRESENTATION_EXISTS) from None
    outbox.append(conn, representation_event(clock, made, step.fact, by.actor, correlation_id=by.correlation_id))
    return made


def move(
    conn: Connection, clock: Clock, before: Representation, act: Act, by: By, *, cause: EndCause | None = None
) -> Representation:
    """Take a step of the table from a row that is held; raises REPRESENTATION_STATE_CONFLICT."""
    step = find_transition(before.status, act)
    if step is None:
        raise DomainError(REPRESENTATION_STATE_CONFLICT, details={"state": before.status})
    now = clock.now()
    end = End(cause, now) if cause else None
    is_heard = before.is_child_heard or act in (Act.CONFIRM, Act.OBJECT)
    after = replace(before, status=step.after, version=before.version + 1, end=end, is_child_heard=is_heard)
    repository.save(conn, after, now)
    outbox.append(conn, representation_event(clock, after, step.fact, by.actor, correlation_id=by.correlation_id))
    return after

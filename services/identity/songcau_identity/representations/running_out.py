"""Steps of representations that nobody takes, but time, death or erasure; both parties read of them on their lists."""

from collections.abc import Collection
from uuid import UUID

from songcau_kit import audit
from songcau_kit.audit import AuditEntry
from songcau_kit.clock import Clock
from songcau_kit.database import Connection
from songcau_kit.events import Actor

from songcau_identity.auditing import Operation
from songcau_identity.representations import repository
from songcau_identity.representations.frame import By, move
from songcau_identity.representations.model import Act, EndCause, Representation

SYSTEM = "identity"


def ask_child(conn: Connection, clock: Clock, one: Representation) -> None:
    """Let a representation that is held wait for the child's answer."""
    _step(conn, clock, one, (Act.ASK_CHILD, Operation.ASK_CHILD), None)


def end(conn: Connection, clock: Clock, one: Representation, cause: EndCause) -> None:
    """End a representation that is held."""
    _step(conn, clock, one, (Act.RUN_OUT, Operation.END_REPRESENTATION), cause)


def end_all_of(conn: Connection, clock: Clock, citizen_ids: Collection[UUID], cause: EndCause) -> None:
    """End every representation in which one of these citizens is either party."""
    for one in repository.hold_open_of(conn, citizen_ids):
        end(conn, clock, one, cause)


def _step(
    conn: Connection, clock: Clock, one: Representation, what: tuple[Act, Operation], cause: EndCause | None
) -> None:
    act, operation = what
    by = By(Actor(SYSTEM, "SYSTEM"), str(clock.new_id()))
    move(conn, clock, one, act, by, cause=cause)
    told = (operation, "representation", one.representation_id)
    audit.record(conn, *(system_entry(citizen_id, told, by) for citizen_id in one.parties), clock=clock)


def system_entry(
    subject_id: UUID, what: tuple[Operation, str, UUID], by: By, *, purpose: str = "REPRESENTATION"
) -> AuditEntry:
    """Return the entry of a step nobody took, on the list of whom it is about: operation, kind and id of the object."""
    operation, object_kind, object_id = what
    return AuditEntry(
        subject_id=subject_id,
        actor_id=SYSTEM,
        actor_kind="SYSTEM",
        actor_organization=None,
        on_behalf_of=None,
        client_id=SYSTEM,
        operation=operation,
        object_kind=object_kind,
        object_id=str(object_id),
        purpose=purpose,
        outcome="ALLOWED",
        reason=None,
        correlation_id=by.correlation_id,
    )

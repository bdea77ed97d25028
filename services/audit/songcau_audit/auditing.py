"""Writes who read proofs of which citizen's entries, before the answer leaves."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from songcau_kit.audit import AuditEntry, AuditJournal, Outcome
from songcau_kit.errors import INTERNAL, DomainError, Status
from songcau_kit.rpc_call import Call

OPERATION = "LIST_OWN_PROOFS"
PURPOSE = "OWN_USE"

T = TypeVar("T")


class Auditor:
    """Knows how a read of own proofs becomes an entry."""

    def __init__(self, journal: AuditJournal) -> None:
        self._journal = journal

    def own_read(self, call: Call, citizen_id: UUID, read: Callable[[], T]) -> T:
        """Return what is read once its entry is committed; a failure is entered, too."""
        try:
            found = read()
        except DomainError as error:
            outcome: Outcome = "DENIED" if error.reason.status is Status.PERMISSION_DENIED else "FAILED"
            self._journal.write(_entry(call, citizen_id, outcome, error.reason.code))
            raise
        except Exception:
            self._journal.write(_entry(call, citizen_id, "FAILED", INTERNAL.code))
            raise
        self._journal.write(_entry(call, citizen_id, "ALLOWED", None))
        return found

    def refused(self, call: Call, citizen_id: UUID, reason: str) -> None:
        """Enter that a citizen was turned away at the door."""
        self._journal.write(_entry(call, citizen_id, "DENIED", reason))


def own_citizen_id(call: Call) -> UUID | None:
    """Return the citizen the caller is, None where the token names none."""
    try:
        return UUID(call.known_caller.attribute("citizen_id") or "")
    except ValueError:
        return None


def _entry(call: Call, citizen_id: UUID, outcome: Outcome, reason: str | None) -> AuditEntry:
    caller = call.known_caller
    return AuditEntry(
        subject_id=citizen_id,
        actor_id=caller.subject,
        actor_kind="CITIZEN",
        actor_organization=None,
        on_behalf_of=None,
        client_id=caller.client_id,
        operation=OPERATION,
        object_kind="citizen",
        object_id=str(citizen_id),
        purpose=PURPOSE,
        outcome=outcome,
        reason=reason,
        correlation_id=call.correlation_id,
    )

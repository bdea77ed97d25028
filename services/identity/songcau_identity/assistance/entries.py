"""Access entries of what happens to a session outside of a call: answered in the app, run out, erased."""

from songcau_kit.audit import AuditEntry

from songcau_identity.assistance.model import AssistedSession, SessionStatus
from songcau_identity.auditing import Operation
from songcau_identity.representations.frame import By


def entry_of(session: AssistedSession, operation: Operation, by: By) -> list[AuditEntry]:
    """Return the entry on the citizen's list; none where the session is about nobody."""
    # Nobody stands beside who never said yes: the helper's own acts would tell that somebody has the number.
    was_open = session.status is SessionStatus.OPEN
    helper = session.helper if was_open or by.actor.kind == "CITIZEN" else None
    return [
        AuditEntry(
            subject_id=citizen_id,
            actor_id=by.actor.id,
            actor_kind=by.actor.kind,
            actor_organization=None,
            on_behalf_of=None,
            client_id="identity",
            operation=operation,
            object_kind="assisted-session",
            object_id=str(session.session_id),
            purpose="COUNTER_ASSISTANCE",
            outcome="ALLOWED",
            reason=None,
            correlation_id=by.correlation_id,
            assisted_by=helper.subject if helper else None,
            assisted_by_kind=helper.kind if helper else None,
            assisted_by_organization=helper.organization if helper else None,
        )
        for citizen_id in session.subjects
    ]

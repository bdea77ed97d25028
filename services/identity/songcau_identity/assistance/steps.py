"""The steps of a session that is held: opened, ended; of an act: confirmed, declined. Whoever takes them."""

from dataclasses import replace

from songcau_kit import outbox
from songcau_kit.clock import Clock
from songcau_kit.database import Connection, UniqueViolation
from songcau_kit.errors import DomainError

from songcau_identity.assistance import repository
from songcau_identity.assistance.events import confirmed_event, ended_event, started_event
from songcau_identity.assistance.model import ActStatus, AssistedSession, End, EndCause, ProposedAct, SessionStatus
from songcau_identity.errors import (
    ASSISTED_ACT_STATE_CONFLICT,
    ASSISTED_SESSION_EXISTS,
    ASSISTED_SESSION_NOT_OPEN,
)
from songcau_identity.representations.frame import By


def approve(conn: Connection, clock: Clock, before: AssistedSession, by: By) -> AssistedSession:
    """Open a session; raises ASSISTED_SESSION_NOT_OPEN and ASSISTED_SESSION_EXISTS."""
    if before.status is not SessionStatus.AWAITING_APPROVAL or clock.now() >= before.expires_at:
        raise not_open(before)
    after = replace(before, status=SessionStatus.OPEN, version=before.version + 1)
    try:
        with conn.transaction():
            repository.save(conn, after)
    except UniqueViolation:
        raise DomainError(ASSISTED_SESSION_EXISTS) from None
    outbox.append(conn, started_event(clock, after, by))
    return after


def end(conn: Connection, clock: Clock, before: AssistedSession, cause: EndCause, by: By) -> AssistedSession:
    """End a session, with what waits in it; raises ASSISTED_SESSION_NOT_OPEN where it is over."""
    if before.status is SessionStatus.ENDED:
        raise not_open(before)
    now = clock.now()
    after = replace(before, status=SessionStatus.ENDED, version=before.version + 1, end=End(cause, now))
    repository.save(conn, after)
    repository.lapse_acts(conn, after.session_id, now)
    outbox.append(conn, ended_event(clock, after, by))
    return after


def answer(
    conn: Connection, clock: Clock, session: AssistedSession, act: ProposedAct, status: ActStatus, by: By
) -> ProposedAct:
    """Confirm or decline an act; raises ASSISTED_SESSION_NOT_OPEN and ASSISTED_ACT_STATE_CONFLICT."""
    if not session.is_open(clock.now()):
        raise not_open(session)
    if not repository.answer_act(conn, act.act_id, status, clock.now()):
        raise DomainError(ASSISTED_ACT_STATE_CONFLICT, details={"state": act.status})
    after = replace(act, status=status)
    if status is ActStatus.CONFIRMED:
        outbox.append(conn, confirmed_event(clock, session, after, by))
    return after


def not_open(session: AssistedSession) -> DomainError:
    """Return the refusal of a step the session does not allow."""
    return DomainError(ASSISTED_SESSION_NOT_OPEN, details={"state": session.status})

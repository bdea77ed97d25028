"""Turns what happened to an assisted session into messages of `identity.assistance.v1`: ids, codes and digests only."""

from songcau.common.v1 import event_meta_pb2
from songcau.identity.events.v1 import assistance_event_pb2 as events
from songcau_kit.clock import Clock
from songcau_kit.events import Actor, event_meta, to_outbox
from songcau_kit.outbox import OutboxEvent

from songcau_identity.assistance.model import METHODS, AssistedSession, ProposedAct
from songcau_identity.representations.frame import By

TOPIC = "identity.assistance.v1"


def started_event(clock: Clock, session: AssistedSession, by: By) -> OutboxEvent:
    """Return the event of an approval."""
    fact = events.AssistedSessionStarted(purpose=session.purpose)
    return _event(clock, session, by, events.AssistanceEvent(assisted_session_started=fact))


def confirmed_event(clock: Clock, session: AssistedSession, act: ProposedAct, by: By) -> OutboxEvent:
    """Return the event of a confirmation."""
    fact = events.AssistedActConfirmed(act_id=str(act.act_id), method=METHODS[act.operation], digest=act.digest)
    return _event(clock, session, by, events.AssistanceEvent(assisted_act_confirmed=fact))


def ended_event(clock: Clock, session: AssistedSession, by: By) -> OutboxEvent:
    """Return the event of an end."""
    fact = events.AssistedSessionEnded(cause=session.end.cause if session.end else "")
    return _event(clock, session, by, events.AssistanceEvent(assisted_session_ended=fact))


def _event(clock: Clock, session: AssistedSession, by: By, message: events.AssistanceEvent) -> OutboxEvent:
    helper = session.helper
    message.citizen_id = str(session.citizen_id or "")
    message.helper.CopyFrom(event_meta_pb2.Actor(id=helper.subject, kind=helper.kind, organization=helper.organization))
    message.expires_at.FromDatetime(session.expires_at)
    meta = event_meta(clock, session.session_id, session.version, by.actor, correlation_id=by.correlation_id)
    message.meta.CopyFrom(meta)
    return to_outbox(TOPIC, message)


def citizen_actor(session: AssistedSession) -> Actor:
    """Return the citizen who answered elsewhere than here, where no account of theirs is known."""
    return Actor(str(session.citizen_id), "CITIZEN")

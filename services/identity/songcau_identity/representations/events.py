"""Turns what happened to a representation into messages of `identity.representation.v1`: ids and codes only."""

from songcau.identity.events.v1 import representation_event_pb2 as events
from songcau.identity.v1 import representation_pb2 as pb
from songcau_kit.clock import Clock, iso_day
from songcau_kit.events import Actor, event_meta, to_outbox
from songcau_kit.outbox import OutboxEvent

from songcau_identity.representations.model import EndCause, Fact, Representation

TOPIC = "identity.representation.v1"


def representation_event(
    clock: Clock, after: Representation, fact: Fact, actor: Actor, *, correlation_id: str
) -> OutboxEvent:
    """Return the event of a step with the whole state after it."""
    message = events.RepresentationEvent(representation=representation_message(after))
    getattr(message, fact.lower()).SetInParent()
    if after.end is not None and after.end.cause is EndCause.MAJORITY:
        message.representation_ended.consents_due = True
    meta = event_meta(clock, after.representation_id, after.version, actor, correlation_id=correlation_id)
    message.meta.CopyFrom(meta)
    return to_outbox(TOPIC, message)


def representation_message(one: Representation) -> pb.Representation:
    """Return a representation as messages show it."""
    message = pb.Representation(
        representation_id=str(one.representation_id),
        kind=f"REPRESENTATION_KIND_{one.kind}",
        represented_kind=f"REPRESENTED_KIND_{one.represented.kind}",
        represented_id=str(one.represented.id),
        representative_id=str(one.representative_id),
        scopes=[f"REPRESENTATION_SCOPE_{scope}" for scope in one.scopes],
        status=f"REPRESENTATION_STATUS_{one.status}",
        valid_from=one.period.first.isoformat(),
        valid_until=iso_day(one.period.last),
        version=one.version,
    )
    if one.end is not None:
        message.MergeFrom(pb.Representation(end_cause=f"REPRESENTATION_END_CAUSE_{one.end.cause}"))
        message.ended_at.FromDatetime(one.end.at)
    return message

"""Facts become records: the envelope every event carries, and its CloudEvents attributes as headers of the record."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Protocol
from uuid import UUID

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from songcau.common.v1 import event_meta_pb2

from songcau_kit.caller import Caller
from songcau_kit.clock import Clock
from songcau_kit.outbox import OutboxEvent

CONTENT_TYPE = "application/protobuf"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Actor:
    """Who made something happen: internal id, kind in UPPER_SNAKE, organisation or empty. Never a name."""

    id: str
    kind: str
    organization: str = ""


class Origin(Protocol):
    """What an event needs to know of the running call (`rpc_server.Call` fits)."""

    @property
    def caller(self) -> Caller | None:
        """Return the person or system that calls, None for an anonymous call."""

    @property
    def correlation_id(self) -> str:
        """Return the id that goes with the request through every service."""


SYSTEM = Actor("system", "SYSTEM")


def event_meta(
    clock: Clock, aggregate_id: UUID | str, version: int, by: Actor | Origin, *, correlation_id: str = ""
) -> event_meta_pb2.EventMeta:
    """Make the envelope of a fact that happens now.

    `by` is the running call or, where there is none or the service knows better what kind of actor it is, an Actor
    with the `correlation_id` beside it.
    """
    actor = by if isinstance(by, Actor) else _actor_of(by.caller)
    since = clock.now() - _EPOCH
    at = Timestamp(seconds=since.days * 86_400 + since.seconds, nanos=since.microseconds * 1000)
    return event_meta_pb2.EventMeta(
        id=str(clock.new_id()),
        occurred_at=at,
        aggregate_id=str(aggregate_id),
        aggregate_version=version,
        actor=event_meta_pb2.Actor(id=actor.id, kind=actor.kind, organization=actor.organization),
        correlation_id=correlation_id or ("" if isinstance(by, Actor) else by.correlation_id),
    )


def to_outbox(topic: str, message: Message) -> OutboxEvent:
    """Make the record of an event message, whose field `meta` is its envelope; the key is the aggregate's id."""
    meta: event_meta_pb2.EventMeta = message.meta  # type: ignore[attr-defined]
    if not meta.id or not meta.aggregate_id:
        raise ValueError(f"an event of {topic} needs an envelope with id and aggregate id")
    headers = {
        "ce_specversion": "1.0",
        "ce_id": meta.id,
        "ce_type": _type_of(message),
        "ce_source": f"/songcau/{topic.split('.', maxsplit=1)[0]}",
        "ce_subject": meta.aggregate_id,
        "ce_time": meta.occurred_at.ToJsonString(),
        "content-type": CONTENT_TYPE,
    }
    if meta.correlation_id:
        headers["ce_correlationid"] = meta.correlation_id
    return OutboxEvent(UUID(meta.id), topic, meta.aggregate_id, message.SerializeToString(), headers)


def _type_of(message: Message) -> str:
    """Return the full name of the fact: that of the oneof's message, or of the message itself where it has none."""
    descriptor = message.DESCRIPTOR
    if not _has_facts(descriptor):
        return str(descriptor.full_name)
    fact = message.WhichOneof("fact")
    if fact is None:
        raise ValueError(f"an event {descriptor.full_name} tells no fact")
    return str(getattr(message, fact).DESCRIPTOR.full_name)


@cache
def _has_facts(kind: Descriptor) -> bool:
    return any(oneof.name == "fact" for oneof in kind.oneofs)


def _actor_of(caller: Caller | None) -> Actor:
    if caller is None:
        return Actor("anonymous", "ANONYMOUS")
    return Actor(caller.subject, "SYSTEM" if caller.session_id is None else "USER")

from dataclasses import dataclass
from uuid import UUID

import pytest
from songcau.common.v1.access_event_pb2 import AccessEvent
from songcau.common.v1.event_meta_pb2 import EventMeta
from songcau_kit.caller import Caller
from songcau_kit.events import Actor, event_meta, to_outbox

THING = UUID(int=5)


@dataclass(frozen=True)
class Call:
    caller: Caller | None
    correlation_id: str = "c-9"


def test_the_envelope_says_what_when_who_and_why(fixed_clock):
    meta = event_meta(fixed_clock, THING, 3, Actor("o-1", "OFFICER", "H55.1"), correlation_id="c-1")
    assert UUID(meta.id).version == 7
    assert meta.occurred_at.ToJsonString() == "2026-11-23T02:00:00Z"
    assert (meta.aggregate_id, meta.aggregate_version, meta.correlation_id) == (str(THING), 3, "c-1")
    assert (meta.actor.id, meta.actor.kind, meta.actor.organization) == ("o-1", "OFFICER", "H55.1")


@pytest.mark.parametrize(
    ("caller", "kind"),
    [
        (Caller("sub-1", "app", session_id="s"), "USER"),
        (Caller("service", "bridge"), "SYSTEM"),
        (None, "ANONYMOUS"),
    ],
)
def test_the_running_call_gives_actor_and_correlation_id(fixed_clock, caller, kind):
    meta = event_meta(fixed_clock, THING, 1, Call(caller))
    assert (meta.actor.kind, meta.correlation_id) == (kind, "c-9")


def test_a_record_carries_the_attributes_of_cloudevents_and_the_aggregate_as_key(fixed_clock):
    meta = event_meta(fixed_clock, THING, 0, Actor("o-1", "OFFICER"), correlation_id="c-1")
    event = to_outbox("sample.access.v1", AccessEvent(meta=meta, subject_id=str(THING)))
    assert (event.topic, event.key, event.event_id) == ("sample.access.v1", str(THING), UUID(meta.id))
    assert event.headers == {
        "ce_specversion": "1.0",
        "ce_id": meta.id,
        "ce_type": "songcau.common.v1.AccessEvent",
        "ce_source": "/songcau/sample",
        "ce_subject": str(THING),
        "ce_time": "2026-11-23T02:00:00Z",
        "ce_correlationid": "c-1",
        "content-type": "application/protobuf",
    }
    assert AccessEvent.FromString(event.payload).meta == meta


def test_the_type_of_an_event_with_facts_is_its_fact(fixed_clock):
    from songcau.identity.events.v1 import citizen_event_pb2

    meta = event_meta(fixed_clock, THING, 1, Actor("o-1", "OFFICER"))
    linked = citizen_event_pb2.CitizenEvent(meta=meta, citizen_linked=citizen_event_pb2.CitizenLinked())
    assert to_outbox("identity.citizen.v1", linked).headers["ce_type"].endswith(".CitizenLinked")
    with pytest.raises(ValueError, match="tells no fact"):
        to_outbox("identity.citizen.v1", citizen_event_pb2.CitizenEvent(meta=meta))


def test_an_event_without_an_envelope_is_refused():
    with pytest.raises(ValueError, match="envelope"):
        to_outbox("sample.access.v1", AccessEvent(meta=EventMeta()))

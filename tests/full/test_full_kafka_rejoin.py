"""On a real broker: a member whose polls are shorter than a sharing-out gets its partitions all the same."""

import time
from contextlib import closing

import pytest
from kafka.coordinator.assignors.range import RangePartitionAssignor
from songcau_kit.bus import Record, open_bus
from songcau_kit.topics import TopicSpec
from support.bus_sites import REAL_BROKER

pytestmark = REAL_BROKER
POLL_SECONDS = 0.1
SHARING_OUT_SECONDS = 0.5
PATIENCE_SECONDS = 30
RECORDS = 24


def values_of(subscription, count: int) -> set[bytes]:
    got: set[bytes] = set()
    until = time.monotonic() + PATIENCE_SECONDS
    while len(got) < count and time.monotonic() < until:
        records = subscription.poll(POLL_SECONDS)
        got |= {record.value for record in records}
        if records:
            subscription.commit(records)
    return got


def write(bus, topic: str, prefix: str) -> set[bytes]:
    records = [Record(topic, f"key-{number}", f"{prefix}-{number}".encode()) for number in range(RECORDS)]
    bus.publish(records)
    return {record.value for record in records}


def test_new_partitions_are_read_although_every_poll_ends_before_they_are_shared_out(
    bus, kafka_broker, make_topic, monkeypatch: pytest.MonkeyPatch
):
    share_out = RangePartitionAssignor.assign

    def slowly(*arguments):
        time.sleep(SHARING_OUT_SECONDS)
        return share_out(*arguments)

    topic = make_topic(1)
    subscription = bus.subscribe("readers", [topic])
    first = write(bus, topic, "first")
    assert values_of(subscription, RECORDS) == first
    monkeypatch.setattr(RangePartitionAssignor, "assign", staticmethod(slowly))
    bus.ensure_topics([TopicSpec(topic, 6)])
    with closing(open_bus(f"kafka://{kafka_broker.address}", "writer")) as knows_six:
        second = write(knows_six, topic, "second")
    assert values_of(subscription, RECORDS) == second
    subscription.close()

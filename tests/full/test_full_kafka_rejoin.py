"""On a real broker: a member whose polls are shorter than a sharing-out gets its partitions all the same."""

import time
from collections.abc import Sequence
from contextlib import closing

import pytest
from kafka.coordinator.assignors.range import RangePartitionAssignor
from songcau_kit.bus import Record, open_bus
from songcau_kit.topics import TopicSpec
from support.bus_reading import drain, records_of
from support.bus_sites import REAL_BROKER

pytestmark = REAL_BROKER
# Several polls of `drain` long.
SHARING_OUT_SECONDS = 0.5
PATIENCE_SECONDS = 30


def values_of(records: Sequence[Record]) -> set[bytes]:
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
    records = records_of(topic, keys=24, each=2)
    first, second = records[:24], records[24:]
    bus.publish(first)
    assert values_of(drain(subscription, len(first))) == values_of(first)
    monkeypatch.setattr(RangePartitionAssignor, "assign", staticmethod(slowly))
    bus.ensure_topics([TopicSpec(topic, 6)])
    with closing(open_bus(f"kafka://{kafka_broker.address}", "writer")) as knows_six:
        knows_six.publish(second)
    assert values_of(drain(subscription, len(second), patience=PATIENCE_SECONDS)) == values_of(second)
    subscription.close()

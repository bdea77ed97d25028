"""What every bus must do, asked of each implementation through the same protocol.

A new implementation adds one entry to BUSES: a context manager over a `BusSite`, which is one fresh installation that
can be taken away and brought back. Nothing here knows which one it talks to.
"""

import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable

import pytest
from songcau_kit.bus import (
    MAX_RECORD_BYTES,
    Bus,
    BusError,
    BusUnavailableError,
    PartitionLostError,
    ReceivedRecord,
    Record,
    RecordTooLargeError,
    UnknownTopicError,
    open_bus,
)
from songcau_kit.topics import TopicSpec
from support.bus_reading import PATIENCE, drain, records_of

# Reads twenty records, commits none and waits for its end.
MEMBER = """
import sys, time
from songcau_kit.bus import open_bus
subscription = open_bus(sys.argv[1], "killed").subscribe("readers", [sys.argv[2]])
count = 0
while count < 20:
    count += len(subscription.poll(0.5))
print(count, flush=True)
time.sleep(60)
"""


def values_by_key(records: list[ReceivedRecord]) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = defaultdict(list)
    for record in records:
        found[record.key].append(record.value)
    return found


def wait_until(is_true: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not is_true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def test_a_group_reads_each_record_once_in_the_order_of_its_key(bus, topic):
    published = records_of(topic, keys=6, each=20)
    for start in range(0, len(published), 7):
        bus.publish(published[start : start + 7])
    subscription = bus.subscribe("readers", [topic])
    got = drain(subscription, len(published))
    subscription.close()
    assert len(got) == len(published)
    for key, values in values_by_key(got).items():
        assert values == [record.value for record in published if record.key == key]


def test_offsets_of_a_partition_ascend_by_one_from_zero(bus, topic):
    bus.publish(records_of(topic, keys=8, each=5))
    subscription = bus.subscribe("readers", [topic])
    offsets = defaultdict(list)
    for record in drain(subscription, 40):
        offsets[record.partition].append(record.offset)
    subscription.close()
    assert len(offsets) > 1
    assert all(found == list(range(len(found))) for found in offsets.values())


def test_a_record_arrives_as_it_was_published(bus, topic):
    sent = Record(topic, "khoá", bytes(range(256)), {"ce_id": "1", "chữ": "tiếng Việt", "empty": ""})
    bus.publish([sent])
    subscription = bus.subscribe("readers", [topic])
    (got,) = drain(subscription, 1)
    subscription.close()
    assert (got.topic, got.key, got.value, dict(got.headers)) == (sent.topic, sent.key, sent.value, dict(sent.headers))
    assert got.published_at.tzinfo is not None


def test_every_group_reads_everything(bus, topic):
    bus.publish(records_of(topic, keys=3, each=2))
    for group in ("first", "second"):
        subscription = bus.subscribe(group, [topic])
        assert len(drain(subscription, 6)) == 6
        subscription.close()


def test_a_subscription_reads_several_topics(bus, topic):
    other = topic.replace("thing", "other")
    bus.ensure_topics([TopicSpec(other, partitions=2)])
    bus.publish([Record(topic, "a", b"1"), Record(other, "a", b"2")])
    subscription = bus.subscribe("readers", [topic, other])
    assert {record.topic for record in drain(subscription, 2)} == {topic, other}
    subscription.close()


def test_a_waiting_poll_wakes_up_when_a_record_comes(bus, topic):
    subscription = bus.subscribe("readers", [topic])
    drain(subscription, 1, patience=3.0)  # the group has settled
    timer = threading.Timer(0.5, bus.publish, [[Record(topic, "a", b"1")]])
    timer.start()
    started = time.monotonic()
    got: list[ReceivedRecord] = []
    while not got and time.monotonic() - started < PATIENCE:
        got = subscription.poll(5.0)
    assert time.monotonic() - started < 3.0
    timer.join()
    subscription.close()


def test_a_poll_returns_no_more_than_asked(bus, topic):
    bus.publish(records_of(topic, keys=5, each=10))
    subscription = bus.subscribe("readers", [topic])
    sizes = []
    while sum(sizes) < 50:
        records = subscription.poll(1.0, 3)
        sizes.append(len(records))
        subscription.commit(records)
    subscription.close()
    assert max(sizes) == 3


def test_what_was_not_committed_comes_again_after_a_restart(bus, topic):
    bus.publish([Record(topic, "a", str(number).encode()) for number in range(10)])
    subscription = bus.subscribe("readers", [topic])
    got = drain(subscription, 10, is_committed=False)
    subscription.commit(got[:4])
    subscription.close()
    again = bus.subscribe("readers", [topic])
    assert [record.value for record in drain(again, 6)] == [str(number).encode() for number in range(4, 10)]
    again.close()


def test_committed_offsets_outlive_the_bus_client(site, bus, topic):
    bus.publish(records_of(topic, keys=1, each=3))
    subscription = bus.subscribe("readers", [topic])
    drain(subscription, 3)
    subscription.close()
    other = open_bus(site.url, "restarted")
    other.publish([Record(topic, "key-0", b"new")])
    subscription = other.subscribe("readers", [topic])
    assert [record.value for record in drain(subscription, 1)] == [b"new"]
    assert subscription.poll(0.3) == []
    subscription.close()
    other.close()


def test_a_member_that_is_killed_is_replaced_and_its_uncommitted_records_come_again(site, bus, topic):
    bus.publish(records_of(topic, keys=5, each=4))
    member = subprocess.Popen([sys.executable, "-c", MEMBER, site.url, topic], stdout=subprocess.PIPE, text=True)
    assert member.stdout is not None
    assert member.stdout.readline() == "20\n"
    member.kill()
    member.communicate()
    survivor = bus.subscribe("readers", [topic])
    assert len(drain(survivor, 20)) == 20
    survivor.close()


def test_the_members_of_a_group_share_the_partitions(bus, topic):
    members = [bus.subscribe("readers", [topic]) for _ in range(2)]
    seen: list[set[int]] = [set(), set()]

    def both_read() -> bool:
        bus.publish(records_of(topic, keys=16, each=1))
        for place, member in enumerate(members):
            records = member.poll(0.2)
            seen[place] |= {record.partition for record in records}
            if records:
                member.commit(records)
        return all(seen)

    wait_until(both_read)
    seen[:] = [set(), set()]
    for _ in range(5):
        both_read()
    assert not seen[0] & seen[1]
    assert len(seen[0] | seen[1]) == 4
    for member in members:
        member.close()


def test_members_come_and_go_while_records_flow_and_nothing_is_lost_or_out_of_order(site, bus, topic):
    keys, each = 8, 60
    handled: list[ReceivedRecord] = []
    guard = threading.Lock()
    stopping = [threading.Event() for _ in range(3)]

    def read(place: int) -> None:
        subscription = bus.subscribe("readers", [topic])
        while not stopping[place].is_set():
            for record in subscription.poll(0.1, 5):
                with guard:
                    handled.append(record)
                try:
                    subscription.commit([record])
                except PartitionLostError:
                    break
        subscription.close()

    threads = [threading.Thread(target=read, args=(place,)) for place in range(3)]
    threads[0].start()
    for number in range(each):
        bus.publish([Record(topic, f"key-{key}", f"{number}".encode()) for key in range(keys)])
        if number == 10:
            threads[1].start()
        if number == 25:
            threads[2].start()
        if number == 40:
            stopping[0].set()
        time.sleep(0.02)
    wait_until(lambda: len({(record.partition, record.offset) for record in handled}) == keys * each)
    for event, thread in zip(stopping, threads, strict=True):
        event.set()
        thread.join()
    for values in values_by_key(handled).values():
        firsts = list(dict.fromkeys(int(value) for value in values))
        assert firsts == list(range(each))


def test_a_commit_for_a_partition_that_went_to_another_member_is_refused(site, bus, topic):
    bus.publish([Record(topic, f"key-{number}", b"1") for number in range(40)])
    first = bus.subscribe("readers", [topic])
    got = drain(first, 40, is_committed=False)
    second = bus.subscribe("readers", [topic])
    taken: list[ReceivedRecord] = []

    def second_reads() -> bool:
        nonlocal taken
        first.poll(0.1)
        taken += second.poll(0.1)
        return bool(taken)

    wait_until(second_reads)
    lost = [record for record in got if record.partition == taken[0].partition]
    with pytest.raises(PartitionLostError):
        first.commit(lost)
    kept = [record for record in got if record.partition not in {record.partition for record in taken}]
    first.commit(kept[:1])
    first.close()
    second.close()


def test_a_record_over_the_limit_is_refused_and_one_at_the_limit_is_not(bus, topic):
    header = {"a": "b"}
    room = MAX_RECORD_BYTES - len("key") - 2
    with pytest.raises(RecordTooLargeError):
        bus.publish([Record(topic, "key", b"x" * (room + 1), header)])
    bus.publish([Record(topic, "key", b"x" * room, header)])
    subscription = bus.subscribe("readers", [topic])
    assert [len(record.value) for record in drain(subscription, 1)] == [room]
    subscription.close()


def test_a_member_tells_how_many_records_wait_for_it(bus, topic):
    bus.publish(records_of(topic, keys=4, each=5))
    subscription = bus.subscribe("readers", [topic])
    got: list[ReceivedRecord] = []
    wait_until(lambda: bool(got.extend(subscription.poll(0.5, 8)) or got))
    assert sum(subscription.lag().values()) == 20 - len(got)
    while len(got) < 20:
        got += subscription.poll(0.5)
    assert sum(subscription.lag().values()) == 0
    subscription.close()


def test_a_topic_nobody_declared_is_refused(bus):
    with pytest.raises(UnknownTopicError):
        bus.publish([Record("test.unknown.v1", "a", b"")])


def test_declaring_a_topic_again_keeps_its_records_and_never_takes_a_partition_away(bus, topic):
    bus.publish(records_of(topic, keys=8, each=1))
    bus.ensure_topics([TopicSpec(topic, partitions=1)])
    bus.ensure_topics([TopicSpec(topic, partitions=4)])
    bus.publish(records_of(topic, keys=8, each=1))
    subscription = bus.subscribe("readers", [topic])
    got = drain(subscription, 16)
    subscription.close()
    assert len(got) == 16
    assert all(len({record.partition for record in got if record.key == f"key-{key}"}) == 1 for key in range(8))


def test_topics_are_declared_by_several_processes_at_once(site, topic):
    buses = [open_bus(site.url, f"client-{number}") for number in range(4)]
    specs = [TopicSpec(topic, partitions=3), TopicSpec(topic.replace("thing", "other"), partitions=2)]
    failures: list[Exception] = []

    def declare(bus: Bus) -> None:
        try:
            bus.ensure_topics(specs)
        except BusError as error:
            failures.append(error)

    threads = [threading.Thread(target=declare, args=(bus,)) for bus in buses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for bus in buses:
        bus.close()
    assert failures == []


def test_publishers_in_parallel_leave_no_gap_and_lose_nothing(bus, topic):
    def publish(number: int) -> None:
        for turn in range(10):
            bus.publish([Record(topic, f"key-{key}", f"{number}/{turn}".encode()) for key in range(5)])

    threads = [threading.Thread(target=publish, args=(number,)) for number in range(4)]
    subscription = bus.subscribe("readers", [topic])
    for thread in threads:
        thread.start()
    got = drain(subscription, 200)
    for thread in threads:
        thread.join()
    subscription.close()
    assert len({(record.partition, record.offset) for record in got}) == len(got) == 200
    for values in values_by_key(got).values():
        for number in range(4):
            turns = [value for value in values if value.startswith(f"{number}/".encode())]
            assert turns == [f"{number}/{turn}".encode() for turn in range(10)]


def test_a_bus_that_is_away_is_unavailable_and_serves_again_when_it_is_back(site, bus, topic):
    bus.publish([Record(topic, "a", b"before")])
    subscription = bus.subscribe("readers", [topic])
    assert [record.value for record in drain(subscription, 1)] == [b"before"]
    with site.away():
        with pytest.raises(BusUnavailableError):
            bus.publish([Record(topic, "a", b"lost")])
        with pytest.raises(BusUnavailableError):
            while True:
                subscription.poll(0.1)
        with pytest.raises(BusUnavailableError):
            bus.check()

    def is_published() -> bool:
        try:
            bus.publish([Record(topic, "a", b"after")])
        except BusUnavailableError:
            return False
        return True

    wait_until(is_published)
    got: list[ReceivedRecord] = []

    def is_read() -> bool:
        try:
            got.extend(subscription.poll(0.2))
        except BusUnavailableError:
            return False
        return bool(got)

    wait_until(is_read)
    assert [record.value for record in got] == [b"after"]
    subscription.close()

"""On a real broker: nothing is lost, doubled or out of order, whatever dies on the way."""

import os
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from songcau_kit import dead_letters
from songcau_kit.bus import PartitionLostError, Record, open_bus
from songcau_kit.clock import SystemClock
from songcau_kit.consumer import Consumer, EventHandler
from songcau_kit.relay import Relay
from support.bus_sites import REAL_BROKER
from support.event_effects import (
    decode_numbered,
    effect_count,
    effects,
    effects_by_key,
    effects_of,
    has_read_all,
    members_of,
    recorder,
    running,
)
from support.outbox_events import NumberedWriter, numbered_event, numbers_by_key, waiting
from support.waiting import wait_patiently

pytestmark = REAL_BROKER
TESTS = Path(__file__).resolve().parents[1]
EVENTS = 5_000
CLOCK = SystemClock()


@pytest.fixture
def topic(make_topic):
    return make_topic(6)


def record_of(event):
    return Record(event.topic, event.key, event.payload, dict(event.headers))


def is_all_done(broker, database, group, topic):
    """Say whether everything written has reached the broker and everything there its reader."""
    return waiting(database) == 0 and has_read_all(broker.address, group, topic)


def read_all(bus, topic, group, wanted):
    subscription, got = bus.subscribe(group, [topic]), []
    wait_patiently(lambda: got.extend(subscription.poll(0.5, 500)) or len(got) >= wanted)
    subscription.close()
    return got


def test_a_broker_killed_while_events_are_written_loses_and_doubles_nothing(kafka_broker, bus, topic, database):
    writer = NumberedWriter(database, topic, at_least=EVENTS)
    consumer = Consumer(bus, database, group="killed", handlers=recorder(topic, "reader"))
    with running(Relay(database, bus), Relay(database, bus), consumer, writer):
        wait_patiently(lambda: effect_count(database) > 500)
        kafka_broker.kill()
        at_kill, depth = writer.written, waiting(database)
        wait_patiently(lambda: writer.written > at_kill + 1_000)  # accepted while nobody takes them
        assert waiting(database) > depth + 500
        assert effect_count(database) < writer.written
        kafka_broker.start()
        at_return = writer.written
        wait_patiently(lambda: writer.written > at_return)
        count = writer.finish()
        wait_patiently(lambda: is_all_done(kafka_broker, database, "killed", topic))
    assert count >= EVENTS
    assert effects_by_key(database) == numbers_by_key(count)


def test_a_relay_killed_in_mid_batch_is_followed_by_the_other_and_nothing_is_lost_or_doubled(
    kafka_broker, bus, topic, database, database_url
):
    writer = NumberedWriter(database, topic, at_least=EVENTS)
    consumer = Consumer(bus, database, group="failover", handlers=recorder(topic, "reader"))
    addresses = (database_url, f"kafka://{kafka_broker.address}")
    with relay_process(*addresses, "first") as first, relay_process(*addresses, "second") as second:
        with running(consumer, writer):
            wait_patiently(lambda: effect_count(database) > 500)
            wait_patiently(lambda: is_caught_in_mid_batch(first, database, "first"))
            assert waiting(database) > 0
            first.kill()
            assert first.wait(10) == -signal.SIGKILL
            count = writer.finish()
            wait_patiently(lambda: is_all_done(kafka_broker, database, "failover", topic))
        assert second.poll() is None
    assert count >= EVENTS
    assert effects_by_key(database) == numbers_by_key(count)


@contextmanager
def relay_process(database_url, bus_url, name) -> Iterator[subprocess.Popen]:
    command = [sys.executable, "-m", "support.relay_process", database_url, bus_url, name]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(TESTS)})
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


# The last a relay asked is what to publish, and its transaction waits for it: it has claimed events, not removed them.
IN_MID_BATCH = """select count(*) from pg_stat_activity where application_name = %s and xact_start is not null
    and wait_event = 'ClientRead' and query like 'select id, topic, key, payload, headers from outbox%%'"""


def is_caught_in_mid_batch(process, database, name):
    """Hold a relay still and say whether it is about to publish or to remove what it published; else let it go on."""
    process.send_signal(signal.SIGSTOP)
    with database.read() as connection:
        if connection.execute(IN_MID_BATCH, (name,)).fetchone() == (1,):
            return True
    process.send_signal(signal.SIGCONT)
    return False


def test_two_relays_and_one_that_stops_keep_the_order_of_each_key(bus, topic, database):
    first, second = Relay(database, bus), Relay(database, bus)
    writer = NumberedWriter(database, topic, at_least=1_000)
    with running(second, writer):
        first.start()
        wait_patiently(lambda: writer.written > 300)
        first.stop(5)
        count = writer.finish()
        wait_patiently(lambda: waiting(database) == 0)
    by_key = defaultdict(list)
    for record in read_all(bus, topic, "readers", count):
        key, number = decode_numbered(record.value)
        by_key[key].append(number)
    assert sum(map(len, by_key.values())) == count
    for numbers in by_key.values():
        assert all(before < after for before, after in pairwise(numbers))


def test_three_members_that_come_and_go_each_have_effects_and_together_every_one_once_and_in_order(
    kafka_broker, topic, bus, database
):
    names, published = ("first", "second", "third"), 0
    buses = [open_bus(f"kafka://{kafka_broker.address}", name) for name in names]
    members = [
        Consumer(own, database, group="effects", handlers=recorder(topic, name))
        for own, name in zip(buses, names, strict=True)
    ]

    def publish():
        nonlocal published
        bus.publish([record_of(numbered_event(topic, published))])
        published += 1
        return True

    for member, name in zip(members, names, strict=True):
        member.start()
        wait_patiently(lambda name=name: publish() and name in effects_of(database))
    members[0].stop(10)
    at_leave = effects_of(database)["first"]
    for _ in range(200):
        publish()
    wait_patiently(lambda: effect_count(database) >= published)
    wait_patiently(lambda: has_read_all(kafka_broker.address, "effects", topic))
    for member, own in zip(members, buses, strict=True):
        member.stop(10)
        own.close()
    assert effects_of(database).keys() == set(names)
    assert effects_of(database)["first"] == at_leave
    assert effects_by_key(database) == numbers_by_key(published)


def test_undecodable_records_are_dead_letters_at_once_and_can_be_listed(bus, topic, database):
    bus.publish([Record(topic, "a", b"not a number", {"ce_id": str(CLOCK.new_id())})])
    bus.publish([Record(topic, "a", b"a/1", {"ce_id": str(CLOCK.new_id())})])
    consumer = Consumer(bus, database, group="undecodable", handlers=recorder(topic, "reader"))
    with running(consumer):
        wait_patiently(lambda: effects(database) == [("a", 1)])
    (letter,) = dead_letters.list_dead_letters(bus, "undecodable")
    assert (letter.topic, letter.fault) == (topic, "UNDECODABLE")


class Straggler:
    """Stands still at the first event it meets, until it is let go."""

    def __init__(self):
        self.stands = threading.Event()
        self.go_on = threading.Event()

    def __call__(self):
        if not self.stands.is_set():
            self.stands.set()
            assert self.go_on.wait(120)


class WatchedBus:
    """A bus that notes how many commits of its members were refused because the partition had gone."""

    def __init__(self, bus):
        self._bus = bus
        self.refused = 0

    def subscribe(self, *args, **options):
        subscription = self._bus.subscribe(*args, **options)
        commit = subscription.commit

        def watched(records):
            try:
                commit(records)
            except PartitionLostError:
                self.refused += 1
                raise

        subscription.commit = watched
        return subscription

    def __getattr__(self, name):
        return getattr(self._bus, name)


@pytest.fixture
def short_poll_interval(monkeypatch):
    monkeypatch.setattr("songcau_kit._kafka_bus.subscription.POLL_LIMIT_MS", 6_500)


@pytest.fixture
def other_bus(kafka_broker):
    with closing(open_bus(f"kafka://{kafka_broker.address}", "other")) as bus:
        yield bus


@pytest.mark.usefixtures("short_poll_interval")
def test_what_a_member_slower_than_its_poll_interval_had_read_is_handled_by_another_and_not_doubled(
    kafka_broker, bus, other_bus, topic, database
):
    bus.publish([record_of(numbered_event(topic, number)) for number in range(20)])
    straggler, watched = Straggler(), WatchedBus(bus)
    handlers = recorder(topic, "slow")

    def decode(value):
        straggler()
        return decode_numbered(value)

    slow = Consumer(watched, database, group="slow", handlers={topic: EventHandler(decode, handlers[topic].handle)})
    other = Consumer(other_bus, database, group="slow", handlers=recorder(topic, "other"))
    with running(slow):
        wait_patiently(straggler.stands.is_set)
        with running(other):
            wait_patiently(lambda: effect_count(database) == 20)
            assert effects_of(database) == {"other": 20}  # also those the slow one holds in its hands
            assert watched.refused == 0
            straggler.go_on.set()
            wait_patiently(lambda: watched.refused > 0)
            wait_patiently(lambda: has_read_all(kafka_broker.address, "slow", topic))
    assert effects_of(database) == {"other": 20}
    assert effects_by_key(database) == numbers_by_key(20)


@pytest.mark.usefixtures("short_poll_interval")
def test_a_member_that_loses_its_partitions_in_the_middle_of_an_effect_has_it_once_and_its_commit_is_refused(
    kafka_broker, bus, other_bus, topic, database
):
    bus.publish([record_of(numbered_event(topic, number)) for number in range(20)])
    straggler, watched = Straggler(), WatchedBus(bus)
    slow = Consumer(watched, database, group="stuck", handlers=recorder(topic, "slow", before_effect=straggler))
    other = Consumer(other_bus, database, group="stuck", handlers=recorder(topic, "other"))
    with running(slow):
        wait_patiently(straggler.stands.is_set)
        with running(other):
            wait_patiently(lambda: members_of(kafka_broker.address, "stuck") == {"other"})
            assert "slow" not in effects_of(database)
            straggler.go_on.set()
            wait_patiently(lambda: effect_count(database) >= 20 and watched.refused > 0)
            wait_patiently(lambda: has_read_all(kafka_broker.address, "stuck", topic))
    assert "slow" in effects_of(database)
    assert effects_by_key(database) == numbers_by_key(20)

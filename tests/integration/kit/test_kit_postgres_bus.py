"""What only the bus over PostgreSQL does: stuck members, pruning, its own schema."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg
import pytest
from songcau_kit._postgres_bus import PostgresBus, membership, subscription
from songcau_kit.bus import PartitionLostError, Record
from songcau_kit.topics import TopicSpec
from support.round_trips import counting_proxy

TOPIC = TopicSpec("test.thing.v1", partitions=2, retention=timedelta(hours=1))


@pytest.fixture
def url(postgres_url_factory: Callable[[str], str]) -> str:
    return postgres_url_factory("bus")


@pytest.fixture
def bus(url: str) -> Iterator[PostgresBus]:
    bus = PostgresBus(url, "test")
    bus.ensure_topics([TOPIC])
    yield bus
    bus.close()


def publish(bus: PostgresBus, count: int) -> None:
    bus.publish([Record(TOPIC.name, f"key-{number}", b"%d" % number) for number in range(count)])


def run_sql(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


def test_a_member_that_hangs_loses_its_partitions_and_its_late_commit_is_refused(bus, monkeypatch):
    monkeypatch.setattr(membership, "LEASE_SECONDS", 1)
    monkeypatch.setattr(subscription, "LEASE_SECONDS", 1)
    monkeypatch.setattr(subscription, "POLL_LIMIT_SECONDS", 0.3)
    publish(bus, 10)
    stuck = bus.subscribe("readers", [TOPIC.name])
    held = stuck.poll(2.0)
    assert len(held) == 10
    other = bus.subscribe("readers", [TOPIC.name])
    got = []
    until = time.monotonic() + 10
    while len(got) < 10 and time.monotonic() < until:
        got += other.poll(0.3)
    assert sorted(record.value for record in got) == sorted(record.value for record in held)
    with pytest.raises(PartitionLostError):
        stuck.commit(held)
    other.commit(got)
    stuck.close()
    other.close()


def test_a_member_that_works_for_long_keeps_its_partitions(bus, monkeypatch):
    monkeypatch.setattr(membership, "LEASE_SECONDS", 1)
    monkeypatch.setattr(subscription, "LEASE_SECONDS", 1)
    publish(bus, 4)
    busy = bus.subscribe("readers", [TOPIC.name])
    held = busy.poll(2.0)
    other = bus.subscribe("readers", [TOPIC.name])
    until = time.monotonic() + 2.5
    while time.monotonic() < until:
        assert other.poll(0.2) == []
    busy.commit(held)
    busy.close()
    other.close()


def test_records_older_than_their_topic_keeps_are_pruned_from_the_old_end_only(bus, url):
    publish(bus, 10)
    run_sql(url, "update bus.records set published_at = now() - interval '2 hours' where record_offset < 3")
    kept = 10 - 2 * 3
    assert bus.prune() == 6
    assert bus.prune() == 0
    reader = bus.subscribe("late", [TOPIC.name])
    got = reader.poll(2.0)
    reader.close()
    assert len(got) == kept
    assert min(record.offset for record in got) == 3


def test_members_prune_while_they_live(bus, url, monkeypatch):
    monkeypatch.setattr(subscription, "LEASE_SECONDS", 0.3)
    monkeypatch.setattr(subscription, "TIDY_SECONDS", 0.1)
    publish(bus, 3)
    run_sql(url, "update bus.records set published_at = now() - interval '2 hours'")
    reader = bus.subscribe("readers", [TOPIC.name])
    time.sleep(0.6)
    reader.close()
    assert bus.prune() == 0
    late = bus.subscribe("late", [TOPIC.name])
    assert late.poll(0.3) == []
    late.close()


def test_a_topic_without_a_term_is_never_pruned(bus, url):
    bus.ensure_topics([TopicSpec(TOPIC.name, partitions=2, retention=None)])
    publish(bus, 3)
    run_sql(url, "update bus.records set published_at = now() - interval '20 years'")
    assert bus.prune() == 0


def test_a_published_batch_costs_two_round_trips(url):
    with counting_proxy(url) as proxy:
        bus = PostgresBus(proxy.url, "test")
        bus.ensure_topics([TOPIC])
        publish(bus, 1)
        with proxy.counting() as count:
            publish(bus, 20)
        assert (count.round_trips, count.commits) == (2, 1)
        bus.close()


def test_several_processes_may_be_the_first(url):
    failures: list[Exception] = []

    def open_and_publish(number: int) -> None:
        bus = PostgresBus(url, f"client-{number}")
        try:
            bus.ensure_topics([TOPIC])
            publish(bus, 2)
        except Exception as error:  # noqa: BLE001
            failures.append(error)
        bus.close()

    threads = [threading.Thread(target=open_and_publish, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []

import time
from datetime import timedelta
from uuid import UUID

import pytest
from prometheus_client import REGISTRY
from songcau_kit import inbox, outbox
from songcau_kit.bus import BusUnavailableError, Record, RecordTooLargeError
from songcau_kit.database import Database
from songcau_kit.housekeeping import Housekeeping
from songcau_kit.outbox import MAX_EVENT_BYTES, OutboxEvent
from songcau_kit.relay import BATCH, Relay


class ListBus:
    """Keeps what is published, or refuses it."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.is_away = False

    def publish(self, records: list[Record]) -> None:
        if self.is_away:
            raise BusUnavailableError
        self.records += records


def event(key: str, number: int, payload: bytes = b"") -> OutboxEvent:
    return OutboxEvent(UUID(int=number), "test.thing.v1", key, payload or b"%d" % number, {"ce_id": f"id {number}"})


def write(database: Database, *events: OutboxEvent) -> None:
    with database.transaction(pipeline=True) as connection:
        outbox.append(connection, *events)


def drain(relay: Relay) -> list[int]:
    sizes = []
    while size := relay.relay_batch():
        sizes.append(size)
    return sizes


def test_events_of_one_transaction_keep_their_order_and_their_content(database):
    bus = ListBus()
    write(database, *[event("a", number) for number in range(50)])
    drain(Relay(database, bus))
    assert [record.value for record in bus.records] == [b"%d" % number for number in range(50)]
    assert bus.records[3] == Record("test.thing.v1", "a", b"3", {"ce_id": "id 3"})


def test_appending_nothing_does_nothing(database):
    write(database)
    assert drain(Relay(database, ListBus())) == []


def test_events_of_a_transaction_that_rolled_back_are_never_published(database):
    bus = ListBus()
    with pytest.raises(KeyError), database.transaction(pipeline=True) as connection:
        outbox.append(connection, event("a", 1))
        raise KeyError
    assert drain(Relay(database, bus)) == []


def test_a_transaction_that_commits_later_than_a_younger_one_is_not_passed_over(database):
    bus = ListBus()
    relay = Relay(database, bus)
    with database.transaction() as slow:
        outbox.append(slow, event("slow", 1))
        write(database, event("fast", 2))
        drain(relay)
    drain(relay)
    assert [record.key for record in bus.records] == ["fast", "slow"]


def test_an_event_over_the_limit_is_refused_before_it_is_written(database):
    with pytest.raises(RecordTooLargeError, match=r"test\.thing\.v1"):
        write(database, event("a", 1, b"x" * MAX_EVENT_BYTES))
    assert drain(Relay(database, ListBus())) == []


def test_a_lane_that_another_relay_holds_is_left_alone(database):
    bus = ListBus()
    write(database, *[event(f"key-{number}", number) for number in range(20)])
    with database.transaction() as other:
        other.execute("select lane from outbox_lanes for update")
        assert Relay(database, bus).relay_batch() == 0
    assert sum(drain(Relay(database, bus))) == 20


def test_a_long_lane_is_taken_in_portions(database):
    bus = ListBus()
    write(database, *[event("a", number) for number in range(BATCH * 2 + 1)])
    assert drain(Relay(database, bus)) == [BATCH, BATCH, 1]


def test_when_the_bus_is_away_nothing_is_removed_and_depth_and_age_show_it(database):
    bus = ListBus()
    bus.is_away = True
    write(database, event("a", 1), event("b", 2))
    with database.transaction() as connection:
        connection.execute("update outbox set created_at = now() - interval '90 seconds'")
    relay = Relay(database, bus)
    with pytest.raises(BusUnavailableError):
        relay.relay_batch()
    relay._measure()
    assert REGISTRY.get_sample_value("songcau_kit_outbox_events") == 2
    assert 90 <= REGISTRY.get_sample_value("songcau_kit_outbox_age_seconds") < 120
    bus.is_away = False
    assert sum(drain(relay)) == 2


def test_housekeeping_removes_old_inbox_rows_and_keeps_young_ones(database):
    with database.transaction() as connection:
        for number in range(3):
            assert inbox.receive(connection, "readers", UUID(int=number))
        connection.execute(
            "update inbox set received_at = now() - %s where event_id <> %s", (inbox.KEEP * 2, UUID(int=1))
        )
    assert Housekeeping(database).tidy() == 2
    with database.transaction() as connection:
        assert not inbox.receive(connection, "readers", UUID(int=1))
        assert inbox.receive(connection, "readers", UUID(int=2))
        assert inbox.prune(connection, older_than=timedelta(days=1)) == 0


def test_a_topic_that_is_held_back_stays_whole_and_leaves_in_order(database):
    bus = ListBus()
    relay = Relay(database, bus)
    accesses = [OutboxEvent(UUID(int=100 + n), "kit.access.v1", "a", b"%d" % n, {}) for n in range(3)]
    write(database, accesses[0], event("a", 1), accesses[1], event("a", 2), accesses[2])
    assert relay.relay_batch(but="kit.access.v1") == 2
    assert [record.value for record in bus.records] == [b"1", b"2"]
    assert relay.relay_batch(but="kit.access.v1") == 0
    assert relay.relay_batch() == 3
    assert [record.value for record in bus.records[2:]] == [b"0", b"1", b"2"]


def test_a_running_relay_brings_accesses_too(database):
    bus = ListBus()
    relay = Relay(database, bus)
    relay.start()
    try:
        write(database, OutboxEvent(UUID(int=7), "kit.access.v1", "a", b"access", {}))
        until = time.monotonic() + 10
        while not bus.records and time.monotonic() < until:
            time.sleep(0.02)
    finally:
        relay.stop(5)
    assert [record.value for record in bus.records] == [b"access"]

import re
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from prometheus_client import REGISTRY
from psycopg.errors import UndefinedTable
from songcau_kit import inbox, outbox
from songcau_kit.bus import MAX_RECORD_BYTES, BusUnavailableError, Record, RecordTooLargeError, check_size
from songcau_kit.database import Database
from songcau_kit.housekeeping import Housekeeping
from songcau_kit.outbox import MAX_EVENT_BYTES, OutboxEvent
from songcau_kit.relay import BATCH, Relay
from songcau_kit.topics import TopicSpec

DEAD_LETTERS = Path(__file__).resolve().parents[3] / "docs/operations/dead-letters.md"


class ListBus:
    """Keeps what is published, or refuses it."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.is_away = False
        self.refused: set[tuple[str, str]] = set()

    def ensure_topics(self, topics: list[TopicSpec]) -> None:
        """Take any topic."""

    def publish(self, records: list[Record]) -> None:
        if self.is_away:
            raise BusUnavailableError
        if any((record.topic, record.key) in self.refused for record in records):
            raise RecordTooLargeError
        self.records += records


class LimitedBus(ListBus):
    """Refuses what is over the limit, as every bus does."""

    def publish(self, records: list[Record]) -> None:
        for record in records:
            check_size(record)
        super().publish(records)


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


def refused_events() -> float:
    return REGISTRY.get_sample_value("songcau_kit_events_refused_total") or 0


def test_a_refused_event_is_counted_once_and_its_dead_letter_holds_it_whole(database):
    bus = ListBus()
    relay = Relay(database, bus)
    before = refused_events()
    bus.refused = {("test.thing.v1", "b")}
    write(database, event("a", 1), event("b", 2, b"whole"), event("c", 3))
    drain(relay)
    assert refused_events() == before + 1
    assert [(record.topic, record.key) for record in bus.records] == [
        ("test.thing.v1", "a"),
        ("kit.dlq.v1", "b"),
        ("test.thing.v1", "c"),
    ]
    letter = bus.records[1]
    assert (letter.value, letter.headers["ce_id"]) == (b"whole", "id 2")
    assert letter.headers["dlq_reason"] == "TOO_LARGE"


def write_past_the_kit(database: Database, *events: OutboxEvent) -> None:
    """Write events as a script of a person would, which knows no limit."""
    with database.transaction() as connection:
        for one in events:
            connection.execute(
                "insert into outbox (event_id, topic, key, payload, headers) values (%s, %s, %s, %s, '{}')",
                (one.event_id, one.topic, one.key, one.payload),
            )


def set_aside(database: Database) -> list[tuple[UUID, str, str, int]]:
    with database.read() as connection:
        rows = connection.execute("select event_id, topic, key, length(payload) from refused_events").fetchall()
    return [tuple(row) for row in rows]


def test_an_event_that_not_even_the_dead_letters_take_stands_aside_and_its_lane_goes_on(database):
    bus = LimitedBus()
    relay = Relay(database, bus)
    before = refused_events()
    huge = event("a", 2, b"x" * (MAX_RECORD_BYTES + 1))
    write(database, event("a", 1))
    write_past_the_kit(database, huge)
    write(database, event("a", 3), *[event(f"key-{number}", number) for number in range(4, 40)])
    drain(relay)
    assert [record.value for record in bus.records if record.key == "a"] == [b"1", b"3"]
    assert len(bus.records) == 38
    assert set_aside(database) == [(huge.event_id, "test.thing.v1", "a", MAX_RECORD_BYTES + 1)]
    assert refused_events() == before + 1


def test_an_event_set_aside_goes_out_as_the_last_of_its_key_when_a_person_puts_it_back(database):
    bus = ListBus()
    relay = Relay(database, bus)
    bus.refused = {("test.thing.v1", "b"), ("kit.dlq.v1", "b")}
    write(database, event("b", 1, b"whole"), event("c", 2))
    drain(relay)
    bus.refused = set()
    write(database, event("b", 3))
    drain(relay)
    (runbook,) = re.findall(r"```sql\n(.+?)```", DEAD_LETTERS.read_text(), flags=re.DOTALL)
    with database.transaction() as connection:
        connection.execute(runbook.replace("EVENT", str(UUID(int=1))))
    drain(relay)
    assert [record.value for record in bus.records] == [b"2", b"3", b"whole"]
    assert bus.records[-1].headers == {"ce_id": "id 1"}
    assert set_aside(database) == []


def test_on_a_schema_without_room_for_it_a_refused_event_holds_up_its_own_lane_only(database):
    with database.transaction() as connection:
        connection.execute("drop table refused_events")
    bus = ListBus()
    relay = Relay(database, bus)
    bus.refused = {("test.thing.v1", "b"), ("kit.dlq.v1", "b")}
    write(database, event("b", 1), *[event(f"key-{number}", number) for number in range(2, 40)])
    for _ in range(60):
        with suppress(UndefinedTable):
            relay.relay_batch()
    with database.read() as connection:
        lanes = connection.execute("select distinct lane from outbox").fetchall()
        stays = connection.execute("select key from outbox order by id limit 1").fetchone()
    assert (len(lanes), stays) == (1, ("b",))


def test_a_relay_that_died_after_the_dead_letter_was_out_loses_nothing(database):
    class DyingBus(ListBus):
        def publish(self, records: list[Record]) -> None:
            super().publish(records)
            if records[0].topic == "kit.dlq.v1" and len(self.records) == 1:
                raise BusUnavailableError

    bus = DyingBus()
    relay = Relay(database, bus)
    bus.refused = {("test.thing.v1", "b")}
    write(database, event("b", 1))
    with pytest.raises(BusUnavailableError):
        relay.relay_batch()
    drain(relay)
    assert [record.topic for record in bus.records] == ["kit.dlq.v1", "kit.dlq.v1"]

"""What a real broker shows of the bus: lag and age while they last, sizes at the limit, the producer's promises."""

import re
import struct
import threading
import time
import urllib.request
from contextlib import closing

import pytest
import typer
from songcau_kit import dead_letters, outbox
from songcau_kit.bus import BusUnavailableError, Record, RecordTooLargeError, open_bus
from songcau_kit.clock import SystemClock
from songcau_kit.consumer import Consumer, EventHandler
from songcau_kit.database import Database
from songcau_kit.http_ops import OpsServer
from songcau_kit.outbox import MAX_EVENT_BYTES
from songcau_kit.relay import Relay
from songcau_kit.topics import TopicSpec
from songcau_local.commands import data
from songcau_local.ports import free_port
from support.bus_reading import values_on
from support.bus_sites import REAL_BROKER, set_topic
from support.outbox_events import outbox_event, write
from support.waiting import wait_patiently
from typer.testing import CliRunner

pytestmark = REAL_BROKER
CLOCK = SystemClock()
# Where a record batch (format 2) says which producer wrote it and with which sequence number.
PRODUCER_OF_BATCH = struct.Struct(">43xqhi")


@pytest.fixture
def topic(make_topic):
    return make_topic(1)


@pytest.fixture
def ops():
    address = f"127.0.0.1:{free_port()}"
    server = OpsServer(address, {})
    server.start()
    yield address
    server.stop(5)


@pytest.fixture
def command(kafka_broker):
    """Return `songcau dlq …` at the broker."""
    app = typer.Typer()
    data.add_to(app)
    bus = ("--bus", f"kafka://{kafka_broker.address}")
    return lambda *words: CliRunner(env={"COLUMNS": "200"}).invoke(app, ["dlq", *words, *bus])


def metric(address, name, service="promises"):
    """Return the sum of a metric as a process shows it at /metrics."""
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    wanted = re.compile(rf"songcau_{service}_{name}(\{{|\s)")
    return sum(float(line.rpartition(" ")[2]) for line in lines if wanted.match(line))


def count(database, table):
    with database.read() as connection:
        return connection.execute(f"select count(*) from {table}").fetchone()[0]


def test_age_and_depth_of_the_outbox_stand_in_the_metrics_while_the_broker_is_away(
    kafka_broker, bus, topic, database, ops, monkeypatch
):
    monkeypatch.setattr("songcau_kit.relay.MEASURE_S", 0.2)
    relay = Relay(database, bus)
    kafka_broker.kill()
    write(database, *(outbox_event(topic, b"%d" % number) for number in range(200)))
    relay.start()
    wait_patiently(lambda: metric(ops, "outbox_age_seconds") > 2)
    assert metric(ops, "outbox_events") == 200
    kafka_broker.start()
    wait_patiently(lambda: metric(ops, "outbox_age_seconds") == 0 == metric(ops, "outbox_events"))
    relay.stop(5)


def test_the_lag_of_a_consumer_stands_in_the_metrics_while_it_is_behind(bus, topic, database, ops, monkeypatch):
    monkeypatch.setattr("songcau_kit.consumer.MEASURE_S", 0.2)

    def handle(connection, number):
        time.sleep(0.01)
        connection.execute("insert into effects (number) values (%s)", (number,))

    bus.publish([Record(topic, "a", b"%d" % number, {"ce_id": str(CLOCK.new_id())}) for number in range(400)])
    consumer = Consumer(bus, database, group="lag", handlers={topic: EventHandler(int, handle)})
    consumer.start()
    wait_patiently(lambda: metric(ops, "consumer_lag_events") > 100)
    assert count(database, "effects") < 400
    wait_patiently(lambda: count(database, "effects") == 400 and metric(ops, "consumer_lag_events") == 0)
    consumer.stop(10)


def test_an_event_over_the_limit_is_refused_where_it_is_written_and_nothing_else_of_its_transaction_stays(
    database, topic
):
    with pytest.raises(RecordTooLargeError), database.transaction() as connection:
        connection.execute("insert into effects (number) values (1)")
        outbox.append(connection, outbox_event(topic, b"x" * MAX_EVENT_BYTES))
    assert count(database, "effects") == count(database, "outbox") == 0


def test_the_largest_event_passes_the_broker_and_fits_the_dead_letters_whole(bus, topic, database):
    largest = b"x" * (MAX_EVENT_BYTES - 100)
    write(database, outbox_event(topic, largest))
    relay = Relay(database, bus)
    relay.start()
    consumer = Consumer(bus, database, group="large", handlers={topic: EventHandler(int, lambda *_: None)})
    consumer.start()
    wait_patiently(lambda: count(database, "outbox") == 0)
    wait_patiently(lambda: dead_letters.list_dead_letters(bus, "large"))
    relay.stop(5)
    consumer.stop(10)
    (letter,) = dead_letters.replay_dead_letters(bus, "large")
    assert (letter.topic, letter.fault) == (topic, "UNDECODABLE")
    assert values_on(bus, topic, 2) == [largest, largest]


def test_a_record_the_broker_refuses_for_its_size_does_not_stop_the_producer(kafka_broker, bus, topic):
    other = topic.replace("thing", "other")
    bus.ensure_topics([TopicSpec(other, partitions=1)])
    set_topic(kafka_broker.address, topic, "max.message.bytes", 1_000)
    with pytest.raises(RecordTooLargeError):
        bus.publish([Record(topic, "a", b"x" * 5_000)])
    bus.publish([Record(other, "a", b"1")])
    set_topic(kafka_broker.address, topic, "max.message.bytes", 10_000)
    bus.publish([Record(topic, "a", b"x" * 5_000)])


def sending_threads(name):
    return [thread for thread in threading.enumerate() if thread.name.startswith(f"{name}-producer")]


def test_a_producer_whose_record_was_refused_is_gone_with_all_it_had_in_hand(kafka_broker, topic):
    with closing(open_bus(f"kafka://{kafka_broker.address}", "refused")) as bus:
        bus.publish([Record(topic, "a", b"1")])
        assert len(sending_threads("refused")) == 1
        set_topic(kafka_broker.address, topic, "max.message.bytes", 1_000)
        for _ in range(3):
            with pytest.raises(RecordTooLargeError):
                bus.publish([Record(topic, "a", b"x" * 5_000), Record(topic, "a", b"y" * 5_000)])
            assert sending_threads("refused") == []


def test_what_the_broker_did_not_take_in_time_does_not_come_later(kafka_broker, bus, topic):
    with closing(open_bus(f"kafka://{kafka_broker.address}", "late")) as late:
        late.publish([Record(topic, "a", b"first")])
        kafka_broker.kill()
        with pytest.raises(BusUnavailableError):
            late.publish([Record(topic, key, key.encode()) for key in "abcdef"])
        assert sending_threads("late") == []
        kafka_broker.start()
        late.publish([Record(topic, "a", b"last")])
    assert values_on(bus, topic, 2) == [b"first", b"last"]


def test_what_lies_on_the_broker_s_disk_came_from_an_idempotent_producer(kafka_broker, bus, topic):
    for number in range(3):
        bus.publish([Record(topic, "a", b"%d" % number)])
    (segment,) = (kafka_broker.folder / "data" / f"{topic}-0").glob("*.log")
    content, batches = segment.read_bytes(), []
    while content:
        batches.append(PRODUCER_OF_BATCH.unpack_from(content))
        content = content[12 + struct.unpack_from(">8xi", content)[0] :]
    assert len({(producer, epoch) for producer, epoch, _ in batches}) == 1
    assert batches[0][0] >= 0
    assert [sequence for _, _, sequence in batches] == [0, 1, 2]
    config = bus._sender().config
    assert (config["acks"], config["enable_idempotence"]) in ((-1, True), ("all", True))


def test_an_event_the_broker_refuses_for_its_size_is_a_dead_letter_an_operator_sees_and_puts_back(
    kafka_broker, bus, topic, database_url, ops, command
):
    set_topic(kafka_broker.address, topic, "max.message.bytes", 1_000)
    large = outbox_event(topic, b"x" * 5_000)
    with closing(Database(database_url, application_name="eservices-test")) as database:
        write(database, outbox_event(topic, b"1"), large, outbox_event(topic, b"2"))
        relay = Relay(database, bus)
        assert metric(ops, "events_refused_total", "eservices") == 0
        relay.start()
        wait_patiently(lambda: count(database, "outbox") == 0)
        relay.stop(5)
    assert metric(ops, "events_refused_total", "eservices") == 1
    listed = command("list").output
    assert all(word in listed for word in ("eservices", str(large.event_id), "TOO_LARGE")), listed
    assert str(large.event_id) in str(command("replay", "eservices").exception)
    set_topic(kafka_broker.address, topic, "max.message.bytes", 10_000)
    assert "1 events are back" in command("replay", "eservices").output
    assert "no dead letters" in command("list").output
    subscription = bus.subscribe("looker", [topic])
    got = []
    wait_patiently(lambda: got.extend(subscription.poll(0.5)) or any(record.value == large.payload for record in got))
    subscription.close()
    # Those beside the refused one may have come twice; where one stands for the first time is its place.
    assert list(dict.fromkeys(record.value for record in got)) == [b"1", b"2", large.payload]

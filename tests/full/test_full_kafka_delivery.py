"""On a real broker: nothing is lost, doubled or out of order, whatever dies on the way."""

import threading
import time
from collections import defaultdict
from contextlib import closing
from itertools import pairwise

import pytest
from songcau_kit import dead_letters, outbox
from songcau_kit.bus import Record, open_bus
from songcau_kit.clock import SystemClock
from songcau_kit.consumer import Consumer, EventHandler
from songcau_kit.database import Database
from songcau_kit.migrations import migrate
from songcau_kit.outbox import OutboxEvent
from songcau_kit.relay import Relay
from songcau_kit.topics import TopicSpec

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
]
EVENTS, KEYS, PATIENCE = 5_000, 20, 90.0
CLOCK = SystemClock()


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    from songcau_local.full.kafka import LocalKafka

    broker = LocalKafka(tmp_path_factory.mktemp("kafka"))
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def bus(broker):
    with closing(open_bus(f"kafka://{broker.address}", "test")) as bus:
        yield bus


@pytest.fixture
def topic(bus, request):
    name = f"test.thing{abs(hash(request.node.name)) % 10**8}.v1"
    bus.ensure_topics([TopicSpec(name, partitions=6)])
    return name


@pytest.fixture
def database(postgres_url_factory):
    url = postgres_url_factory("delivery")
    migrate(url, package="songcau_kit")
    database = Database(url, application_name="delivery-test", max_size=12)
    with database.transaction() as connection:
        connection.execute("create table effects (place bigserial primary key, key text, number int)")
    yield database
    database.close()


def write(database, topic, first, last):
    """Write events first..last, ten to a transaction, each numbered within its key."""
    for start in range(first, last, 10):
        events = []
        for number in range(start, min(start + 10, last)):
            event_id = CLOCK.new_id()
            payload, key = b"%d" % (number // KEYS), f"key-{number % KEYS}"
            events.append(OutboxEvent(event_id, topic, key, payload, {"ce_id": str(event_id)}))
        with database.transaction(pipeline=True) as connection:
            outbox.append(connection, *events)


def recorder(topic):
    def handle(connection, number):
        connection.execute("insert into effects (key, number) values (%s, %s)", number)

    def decode(value):
        key, _, number = value.partition(b"/")
        return key.decode(), int(number)

    return {topic: EventHandler(decode, handle)}


def effects(database):
    with database.read() as connection:
        return connection.execute("select key, number from effects order by place").fetchall()


def wait_until(is_true, patience=PATIENCE):
    until = time.monotonic() + patience
    while not is_true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)


def outbox_depth(database):
    with database.read() as connection:
        return connection.execute("select count(*) from outbox").fetchone()[0]


def read_all(bus, topic, group, count):
    subscription = bus.subscribe(group, [topic])
    got = []
    until = time.monotonic() + PATIENCE
    while len({record.headers["ce_id"] for record in got}) < count and time.monotonic() < until:
        records = subscription.poll(0.5, 500)
        got += records
        if records:
            subscription.commit(records)
    subscription.close()
    return got


def test_a_broker_killed_while_events_are_written_loses_and_doubles_nothing(broker, bus, topic, database):
    relays = [Relay(database, bus) for _ in range(2)]
    for relay in relays:
        relay.start()
    write(database, topic, 0, EVENTS // 2)
    broker.kill()
    write(database, topic, EVENTS // 2, EVENTS)  # accepted while nobody takes them
    assert outbox_depth(database) > 0
    broker.start()
    wait_until(lambda: outbox_depth(database) == 0)
    for relay in relays:
        relay.stop(5)
    got = read_all(bus, topic, "readers", EVENTS)
    by_key = defaultdict(dict)
    for record in got:
        by_key[record.key].setdefault(record.headers["ce_id"], int(record.value))
    assert sum(map(len, by_key.values())) == EVENTS
    for numbers in by_key.values():
        assert list(numbers.values()) == list(range(EVENTS // KEYS))


def test_two_relays_and_one_that_stops_keep_the_order_of_each_key(bus, topic, database):
    first, second = Relay(database, bus), Relay(database, bus)
    first.start()
    second.start()
    writer = threading.Thread(target=write, args=(database, topic, 0, 1_000))
    writer.start()
    time.sleep(0.3)
    first.stop(5)
    writer.join()
    wait_until(lambda: outbox_depth(database) == 0)
    second.stop(5)
    by_key = defaultdict(list)
    for record in read_all(bus, topic, "readers", 1_000):
        by_key[record.key].append(int(record.value))
    assert sum(map(len, by_key.values())) == 1_000
    for numbers in by_key.values():
        assert all(before < after for before, after in pairwise(numbers))


def test_three_members_that_come_and_go_have_each_effect_once_and_in_order(broker, topic, bus, database):
    buses = [open_bus(f"kafka://{broker.address}", f"member-{number}") for number in range(3)]
    members = [Consumer(bus, database, group="effects", handlers=recorder(topic)) for bus in buses]
    members[0].start()
    for number in range(600):
        key = f"key-{number % KEYS}"
        record = Record(topic, key, f"{key}/{number // KEYS}".encode(), {"ce_id": str(CLOCK.new_id())})
        bus.publish([record])
        if number == 100:
            members[1].start()
        if number == 200:
            members[2].start()
        if number == 400:
            members[0].stop(10)
    wait_until(lambda: len(effects(database)) >= 600)
    for member, own in zip(members[1:], buses[1:], strict=True):
        member.stop(10)
        own.close()
    buses[0].close()
    by_key = defaultdict(list)
    for key, number in effects(database):
        by_key[key].append(number)
    assert all(numbers == list(range(600 // KEYS)) for numbers in by_key.values())


def test_undecodable_records_are_dead_letters_at_once_and_can_be_listed(bus, topic, database):
    bus.publish([Record(topic, "a", b"not a number", {"ce_id": str(CLOCK.new_id())})])
    bus.publish([Record(topic, "a", b"a/1", {"ce_id": str(CLOCK.new_id())})])
    consumer = Consumer(bus, database, group="undecodable", handlers=recorder(topic))
    consumer.start()
    wait_until(lambda: effects(database) == [("a", 1)])
    consumer.stop(10)
    (letter,) = dead_letters.list_dead_letters(bus, "undecodable")
    assert (letter.topic, letter.fault) == (topic, "UNDECODABLE")


def test_a_member_slower_than_its_poll_interval_loses_its_partitions_and_doubles_nothing(
    broker, bus, topic, database, monkeypatch
):
    monkeypatch.setattr("songcau_kit._kafka_bus.subscription.POLL_LIMIT_MS", 6_500)
    records = [Record(topic, f"k{n}", f"k{n}/{n}".encode(), {"ce_id": str(CLOCK.new_id())}) for n in range(12)]
    bus.publish(records)
    slow_once = threading.Event()
    handlers = recorder(topic)
    plain = handlers[topic]

    def handle(connection, number):
        if not slow_once.is_set():
            slow_once.set()
            time.sleep(9)
        plain.handle(connection, number)

    slow = Consumer(bus, database, group="slow", handlers={topic: EventHandler(plain.decode, handle)})
    other_bus = open_bus(f"kafka://{broker.address}", "other")
    other = Consumer(other_bus, database, group="slow", handlers=recorder(topic))
    slow.start()
    wait_until(slow_once.is_set)
    other.start()
    wait_until(lambda: len(effects(database)) >= 12)
    time.sleep(4)
    slow.stop(10)
    other.stop(10)
    other_bus.close()
    assert sorted(effects(database)) == sorted((f"k{n}", n) for n in range(12))


def test_an_operator_sets_offsets_back_and_effects_are_not_doubled(broker, bus, topic, database):
    from kafka import TopicPartition
    from kafka.admin import KafkaAdminClient, OffsetSpec

    bus.publish([Record(topic, "a", f"a/{n}".encode(), {"ce_id": str(CLOCK.new_id())}) for n in range(5)])
    consumer = Consumer(bus, database, group="reset", handlers=recorder(topic))
    consumer.start()
    wait_until(lambda: len(effects(database)) == 5)
    consumer.stop(10)
    admin = KafkaAdminClient(bootstrap_servers=broker.address)
    with closing(admin):
        places = {TopicPartition(topic, number): OffsetSpec.EARLIEST for number in range(6)}
        admin.reset_group_offsets("reset", places)
    again = Consumer(bus, database, group="reset", handlers=recorder(topic))
    again.start()
    bus.publish([Record(topic, "a", b"a/5", {"ce_id": str(CLOCK.new_id())})])
    wait_until(lambda: len(effects(database)) >= 6)
    again.stop(10)
    assert effects(database) == [("a", n) for n in range(6)]

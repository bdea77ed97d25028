"""From the outbox over each bus to an effect: what the relay, the consumer and the dead letters promise together."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from songcau_kit import outbox
from songcau_kit.bus import Record, RecordTooLargeError, open_bus
from songcau_kit.clock import SystemClock
from songcau_kit.consumer import Consumer, DeadLetterLimitError, EventHandler
from songcau_kit.database import Connection, Database, service_of
from songcau_kit.dead_letters import list_dead_letters, replay_dead_letters
from songcau_kit.migrations import migrate
from songcau_kit.outbox import OutboxEvent
from songcau_kit.relay import Relay
from support.round_trips import counting_proxy

PATIENCE = 20.0
CLOCK = SystemClock()


@pytest.fixture
def database(postgres_url_factory: Callable[[str], str]) -> Iterator[Database]:
    url = postgres_url_factory("delivery")
    migrate(url, package="songcau_kit")
    # A service of its own for each test, as its dead letters are.
    database = Database(url, application_name=f"delivery{CLOCK.new_id().hex[-12:]}-test")
    with database.transaction() as connection:
        connection.execute("create table effects (id bigint generated always as identity, key text, number int)")
    yield database
    database.close()


@contextmanager
def running(*components: Relay | Consumer) -> Iterator[None]:
    for component in components:
        component.start()
    try:
        yield
    finally:
        for component in components:
            component.stop(10)


def wait_until(is_true: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not is_true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def event(topic: str, key: str, number: int, **changes: str) -> OutboxEvent:
    event_id = CLOCK.new_id()
    headers = {"ce_id": str(event_id), **changes}
    return OutboxEvent(event_id, topic, key, f"{key} {number}".encode(), headers)


def write(database: Database, *events: OutboxEvent) -> None:
    with database.transaction(pipeline=True) as connection:
        outbox.append(connection, *events)


def decode(value: bytes) -> tuple[str, int]:
    key, number = value.decode().split()
    return key, int(number)


def note(connection: Connection, message: tuple[str, int]) -> None:
    connection.execute("insert into effects (key, number) values (%s, %s)", message)


def effects(database: Database, key: str | None = None) -> list[int]:
    with database.read() as connection:
        rows = connection.execute(
            "select number from effects where key = coalesce(%s, key) order by id", (key,)
        ).fetchall()
    return [number for (number,) in rows]


def is_outbox_empty(database: Database) -> bool:
    with database.read() as connection:
        return connection.execute("select count(*) from outbox").fetchone() == (0,)


def test_an_event_of_the_outbox_has_its_effect_once_and_leaves_the_outbox(bus, database, topic):
    consumer = Consumer(bus, database, group="readers", handlers={topic: EventHandler(decode, note)})
    with running(Relay(database, bus), consumer):
        write(database, event(topic, "a", 1), event(topic, "a", 2))
        wait_until(lambda: len(effects(database)) == 2)
    assert effects(database) == [1, 2]
    assert is_outbox_empty(database)


def test_an_event_published_twice_has_its_effect_once(bus, database, topic):
    twice = event(topic, "a", 1)
    consumer = Consumer(bus, database, group="readers", handlers={topic: EventHandler(decode, note)})
    with running(Relay(database, bus), consumer):
        write(database, twice)
        write(database, twice, event(topic, "a", 2))
        wait_until(lambda: 2 in effects(database))
    assert effects(database) == [1, 2]


def test_two_relays_at_once_keep_the_order_of_each_key(site, bus, database, topic):
    other = open_bus(site.url, "other")
    keys, each = 6, 40

    def produce(key: str) -> None:
        for number in range(each):
            write(database, event(topic, key, number))

    threads = [threading.Thread(target=produce, args=(f"key-{key}",)) for key in range(keys)]
    consumer = Consumer(bus, database, group="readers", handlers={topic: EventHandler(decode, note)})
    with running(Relay(database, bus), Relay(database, other), consumer):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wait_until(lambda: len(effects(database)) >= keys * each)
    other.close()
    for key in range(keys):
        assert effects(database, f"key-{key}") == list(range(each))


def test_two_relays_at_once_double_nothing_while_both_live(site, bus, database, topic):
    relays = [Relay(database, bus), Relay(database, bus)]
    write(database, *[event(topic, f"key-{number}", number) for number in range(300)])
    with running(*relays):
        wait_until(lambda: is_outbox_empty(database))
    subscription = bus.subscribe("counter", [topic])
    values: list[bytes] = []
    while records := subscription.poll(1.0, 500):
        values += [record.value for record in records]
    subscription.close()
    assert len(values) == len(set(values)) == 300


def test_while_the_bus_is_away_the_outbox_grows_and_afterwards_everything_arrives(site, bus, database, topic):
    relay = Relay(database, bus)
    consumer = Consumer(bus, database, group="readers", handlers={topic: EventHandler(decode, note)})
    with running(relay, consumer):
        write(database, event(topic, "a", 0))
        wait_until(lambda: effects(database) == [0])
        with site.away():
            write(database, *[event(topic, "a", number) for number in range(1, 6)])
            time.sleep(0.5)
            assert not is_outbox_empty(database)
            relay.check()
        wait_until(lambda: len(effects(database)) == 6)
    assert effects(database) == list(range(6))


def test_a_record_that_cannot_be_decoded_is_a_dead_letter_at_once_and_the_next_one_is_handled(bus, database, topic):
    consumer = Consumer(bus, database, group="undecoding", handlers={topic: EventHandler(decode, note)})
    broken = event(topic, "a", 1)
    with running(Relay(database, bus), consumer):
        write(database, OutboxEvent(broken.event_id, topic, "a", b"\xff", broken.headers), event(topic, "a", 2))
        wait_until(lambda: effects(database) == [2])
        consumer.check()
    (letter,) = list_dead_letters(bus, "undecoding")
    assert (letter.topic, letter.key, letter.fault) == (topic, "a", "UNDECODABLE")
    assert letter.event_id == str(broken.event_id)
    assert letter.cause == "UnicodeDecodeError"


def test_a_record_without_an_id_is_a_dead_letter(bus, database, topic):
    consumer = Consumer(bus, database, group="idless", handlers={topic: EventHandler(decode, note)})
    with running(Relay(database, bus), consumer):
        write(database, event(topic, "a", 1, ce_id="not an id"), event(topic, "a", 2))
        wait_until(lambda: effects(database) == [2])
    assert [letter.fault for letter in list_dead_letters(bus, "idless")] == ["ID_MISSING"]


def test_a_failing_handler_is_retried_with_nothing_left_of_the_failed_attempts(bus, database, topic):
    attempts = []

    def fail_twice(connection: Connection, message: tuple[str, int]) -> None:
        note(connection, message)
        attempts.append(message)
        if len(attempts) < 3:
            raise RuntimeError("not yet")

    consumer = Consumer(bus, database, group="retrying", handlers={topic: EventHandler(decode, fail_twice)})
    with running(Relay(database, bus), consumer):
        write(database, event(topic, "a", 1))
        wait_until(lambda: len(attempts) == 3)
        wait_until(lambda: effects(database) == [1])
    assert list_dead_letters(bus, "retrying") == []


def test_an_event_that_never_succeeds_is_a_dead_letter_and_has_its_effect_when_it_is_replayed(bus, database, topic):
    is_mended = False

    def handle(connection: Connection, message: tuple[str, int]) -> None:
        if message[1] == 1 and not is_mended:
            raise RuntimeError("a text that must not leave with the dead letter")
        note(connection, message)

    consumer = Consumer(bus, database, group="failing", handlers={topic: EventHandler(decode, handle)}, retries=1)
    with running(Relay(database, bus), consumer):
        write(database, event(topic, "a", 1), event(topic, "a", 2))
        wait_until(lambda: effects(database) == [2])
        (letter,) = list_dead_letters(bus, "failing")
        assert (letter.fault, letter.cause) == ("HANDLER_FAILED", "RuntimeError")
        is_mended = True
        assert len(replay_dead_letters(bus, "failing")) == 1
        wait_until(lambda: effects(database) == [2, 1])
        assert list_dead_letters(bus, "failing") == []


def test_dead_letters_that_are_not_wanted_are_discarded(bus, database, topic):
    consumer = Consumer(bus, database, group="discarding", handlers={topic: EventHandler(decode, note)})
    with running(Relay(database, bus), consumer):
        write(database, *[OutboxEvent(CLOCK.new_id(), topic, "a", b"\xff", {"ce_id": str(CLOCK.new_id())})] * 3)
        wait_until(lambda: is_outbox_empty(database))
        wait_until(lambda: len(list_dead_letters(bus, "discarding")) == 3)
        assert replay_dead_letters(bus, "discarding", is_wanted=lambda _: False) == []
    assert list_dead_letters(bus, "discarding") == []


def test_too_many_dead_letters_in_a_row_stop_the_consumer_and_lose_nothing(bus, database, topic):
    handlers = {topic: EventHandler(decode, note)}
    consumer = Consumer(bus, database, group="stopping", handlers=handlers, dead_letter_limit=2)

    def has_stopped() -> bool:
        try:
            consumer.check()
        except DeadLetterLimitError:
            return True
        return False

    with running(Relay(database, bus), consumer):
        ids = [CLOCK.new_id() for _ in range(4)]
        write(database, *[OutboxEvent(event_id, topic, "a", b"\xff", {"ce_id": str(event_id)}) for event_id in ids])
        wait_until(has_stopped)
    assert len(list_dead_letters(bus, "stopping")) == 2
    again = Consumer(bus, database, group="stopping", handlers=handlers, dead_letter_limit=20)
    with running(again):
        wait_until(lambda: len(list_dead_letters(bus, "stopping")) == 4)


def test_a_database_that_is_away_uses_up_no_attempt(bus, database, topic):
    with database.read() as connection:
        info = connection.info
        url = f"postgresql://{info.user}@{info.host}:{info.port}/{info.dbname}"
    with counting_proxy(url) as line:
        apart = Database(line.url, application_name="delivery-test", wait_seconds=0.2)
        consumer = Consumer(bus, apart, group="waiting", handlers={topic: EventHandler(decode, note)}, retries=0)
        with running(consumer):
            time.sleep(0.3)
            line.cut()
            bus.publish([Record(topic, "a", b"a 1", {"ce_id": str(CLOCK.new_id())})])
            time.sleep(1.5)
            line.mend()
            wait_until(lambda: effects(database) == [1])
        apart.close()
    assert list_dead_letters(bus, "waiting") == []


def test_an_event_its_topic_refuses_for_its_size_is_a_dead_letter_and_the_next_of_its_key_goes_out(
    site, bus, database, topic
):
    narrow = site.narrow(bus, topic, 1_000)
    consumer = Consumer(bus, database, group="refusing", handlers={topic: EventHandler(decode, note)})
    large = event(topic, "a", 2, ballast="x" * 2_000)
    with running(Relay(database, narrow), consumer):
        write(database, event(topic, "a", 1), event(topic, "b", 1), large, event(topic, "a", 3), event(topic, "b", 2))
        wait_until(lambda: is_outbox_empty(database))
        wait_until(lambda: len(effects(database)) == 4)
    assert (effects(database, "a"), effects(database, "b")) == ([1, 3], [1, 2])
    (letter,) = list_dead_letters(bus, service_of(database.application_name))
    assert (letter.topic, letter.event_id, letter.key) == (topic, str(large.event_id), "a")
    assert (letter.fault, letter.cause) == ("TOO_LARGE", "RecordTooLargeError")
    assert (letter.partition, letter.offset) == (-1, -1)


def test_a_refused_event_comes_last_of_its_key_when_its_topic_takes_it_and_it_is_replayed(site, bus, database, topic):
    narrow, service = site.narrow(bus, topic, 1_000), service_of(database.application_name)
    consumer = Consumer(bus, database, group="replaying", handlers={topic: EventHandler(decode, note)})
    with running(Relay(database, narrow), consumer):
        write(database, event(topic, "a", 1, ballast="x" * 2_000), event(topic, "a", 2))
        wait_until(lambda: effects(database) == [2])
        with pytest.raises(RecordTooLargeError, match=topic):
            replay_dead_letters(narrow, service)
        assert len(list_dead_letters(bus, service)) == 1
        wide = site.narrow(bus, topic, 10_000)
        assert [letter.key for letter in replay_dead_letters(wide, service)] == ["a"]
        wait_until(lambda: effects(database) == [2, 1])
    assert list_dead_letters(bus, service) == []


def test_many_refused_events_among_many_leave_every_other_one_once_and_in_order(site, bus, database, topic):
    narrow, service = site.narrow(bus, topic, 1_000), service_of(database.application_name)
    consumer = Consumer(bus, database, group="sifting", handlers={topic: EventHandler(decode, note)})
    written = [
        event(topic, f"key-{number % 5}", number, **({"ballast": "x" * 2_000} if number % 17 == 3 else {}))
        for number in range(120)
    ]
    write(database, *written)
    with running(Relay(database, narrow), consumer):
        wait_until(lambda: is_outbox_empty(database))
        good = [number for number in range(120) if number % 17 != 3]
        wait_until(lambda: len(effects(database)) >= len(good))
    for key in range(5):
        assert effects(database, f"key-{key}") == [number for number in good if number % 5 == key]
    letters = list_dead_letters(bus, service)
    assert [letter.event_id for letter in letters] == [
        str(large.event_id) for number, large in enumerate(written) if number % 17 == 3
    ]

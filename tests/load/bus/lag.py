"""How long an event takes from its commit to its effect, beside kafka-python from produce to consume."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from kafka import KafkaConsumer, KafkaProducer
from songcau_kit import outbox
from songcau_kit.bus import open_bus
from songcau_kit.consumer import Consumer, EventHandler
from songcau_kit.database import Connection, Database

from load.bus.drain import raw_options
from load.bus.ground import Ground, event
from load.measures import Round

ARRIVES_WITHIN_S = 20.0


class NotingDatabase(Database):
    """A consumer's database that notes when the transaction of an effect has committed."""

    def __init__(self, url: str, *, application_name: str, effects: dict[UUID, float]) -> None:
        super().__init__(url, application_name=application_name)
        self._effects = effects
        self._pending: list[UUID] = []

    def handle(self, connection: Connection, name: UUID) -> None:
        """Have an effect."""
        connection.execute("insert into effects (event_id, at) values (%s, clock_timestamp())", (name,))
        self._pending.append(name)

    @contextmanager
    def transaction(self, *, pipeline: bool = False) -> Iterator[Connection]:
        """Do as any database, and note what was committed."""
        with super().transaction(pipeline=pipeline) as connection:
            yield connection
        now = time.perf_counter()
        self._effects.update((name, now) for name in self._pending)
        self._pending.clear()


def raw_round(ground: Ground, topic: str, *, per_second: int, seconds: float) -> Round:
    """Produce at a steady pace, consume in a group; raises TimeoutError where records stay away."""
    count = int(per_second * seconds)
    sent: dict[bytes, float] = {}
    seen: dict[bytes, float] = {}
    ready, over = threading.Event(), threading.Event()

    def consume() -> None:
        options = {"group_id": f"raw-{topic}", "fetch_max_wait_ms": 100, "auto_offset_reset": "earliest"}
        consumer = KafkaConsumer(topic, bootstrap_servers=ground.brokers, **options)
        while not over.is_set():
            for batch in consumer.poll(timeout_ms=100).values():
                now = time.perf_counter()
                seen.update((record.value[:36], now) for record in batch)
            if consumer.assignment():
                ready.set()
        consumer.close()

    thread = threading.Thread(target=consume)
    thread.start()
    producer = KafkaProducer(**raw_options(ground))
    try:
        ready.wait(ARRIVES_WITHIN_S)
        began = time.perf_counter()

        def send(number: int) -> None:
            one = event(topic, number)
            name = str(one.event_id).encode()
            sent[name] = time.perf_counter()
            producer.send(topic, key=one.key.encode(), value=name + one.payload[36:])

        _at_pace(count, per_second, send)
        _wait(lambda: len(seen) >= count)
        return Round(time.perf_counter() - began, [seen[name] - at for name, at in sent.items()])
    finally:
        over.set()
        thread.join()
        producer.close()


def our_round(ground: Ground, topic: str, *, per_second: int, seconds: float) -> Round:
    """Commit at a steady pace and note when each effect has committed; the relay runs in a process of its own."""
    count = int(per_second * seconds)
    committed: dict[UUID, float] = {}
    effects: dict[UUID, float] = {}
    bus = open_bus(ground.bus_url, "load-work")

    with_effects = NotingDatabase(ground.url, application_name="load-work", effects=effects)
    handlers = {topic: EventHandler(lambda value: UUID(value[:36].decode()), with_effects.handle)}
    consumer = Consumer(bus, with_effects, group=f"load-{topic.replace('.', '-')}", handlers=handlers)
    consumer.start()
    try:
        _wait_for_assignment(ground, topic, effects)
        began = time.perf_counter()

        def commit(number: int) -> None:
            committed[_write(ground, topic, number)] = time.perf_counter()

        _at_pace(count, per_second, commit)
        _wait(lambda: all(name in effects for name in list(committed)))
        return Round(time.perf_counter() - began, [effects[name] - at for name, at in committed.items()])
    finally:
        consumer.stop(5)
        with_effects.close()
        bus.close()


def _write(ground: Ground, topic: str, number: int) -> UUID:
    one = event(topic, number)
    value = str(one.event_id).encode() + one.payload[36:]
    with ground.database.transaction(pipeline=True) as connection:
        outbox.append(connection, outbox.OutboxEvent(one.event_id, one.topic, one.key, value, one.headers))
    return one.event_id


def _wait_for_assignment(ground: Ground, topic: str, effects: dict[UUID, float]) -> None:
    first = _write(ground, topic, 0)
    _wait(lambda: first in effects)


def _at_pace(count: int, per_second: int, act: Callable[[int], None]) -> None:
    began = time.perf_counter()
    for number in range(count):
        ahead = began + number / per_second - time.perf_counter()
        if ahead > 0:
            time.sleep(ahead)
        act(number)


def _wait(is_there: Callable[[], bool]) -> None:
    until = time.monotonic() + ARRIVES_WITHIN_S
    while not is_there():
        if time.monotonic() > until:
            raise TimeoutError("records stayed away")
        time.sleep(0.01)

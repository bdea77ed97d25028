"""How long an event takes from its commit to its effect."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from songcau_kit import outbox
from songcau_kit.bus import open_bus
from songcau_kit.consumer import Consumer, EventHandler
from songcau_kit.database import Connection, Database

from load.bus.ground import Ground, event
from load.measures import Round
from load.pace import act_at_pace, wait_for_arrival


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

        act_at_pace(count, per_second, commit)
        wait_for_arrival(lambda: all(name in effects for name in list(committed)))
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
    wait_for_arrival(lambda: first in effects)

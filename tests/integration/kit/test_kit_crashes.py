"""A process that dies at any named point, and is started again, loses no event and doubles no effect."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from songcau_kit.crash import POINTS
from songcau_kit.database import Database
from songcau_kit.migrations import migrate

# Makes things, each with its event, relays the events and handles them, until every effect is there.
PROGRAM = """
import sys, time
from songcau_kit import outbox
from songcau_kit.bus import open_bus
from songcau_kit.clock import SystemClock
from songcau_kit.consumer import Consumer, EventHandler
from songcau_kit.crash import arm_crash
from songcau_kit.database import Database
from songcau_kit.idempotency import IdempotencyKey, IdempotencyRegister
from songcau_kit.outbox import OutboxEvent
from songcau_kit.relay import Relay
from songcau_kit.topics import TopicSpec

url, bus_url, crash_at = sys.argv[1:]
clock, register = SystemClock(), IdempotencyRegister()
database, bus = Database(url, application_name="crash-test"), open_bus(bus_url, "crash-test")
bus.ensure_topics([TopicSpec("crash.thing.v1", partitions=2)])
arm_crash(crash_at)

def make(number):
    key = IdempotencyKey("tester", "make", str(number))
    with database.transaction(pipeline=True) as connection:
        if register.begin(connection, key, b"") is not None:
            return
        event_id = clock.new_id()
        connection.execute("insert into things (number) values (%s)", (number,))
        headers = {"ce_id": str(event_id)}
        outbox.append(connection, OutboxEvent(event_id, "crash.thing.v1", f"key-{number % 2}", b"%d" % number, headers))
        register.finish(connection, key, b"made")

def handle(connection, number):
    connection.execute("insert into effects (number) values (%s)", (number,))

consumer = Consumer(bus, database, group="crash", handlers={"crash.thing.v1": EventHandler(int, handle)})
relay = Relay(database, bus)
for number in range(10):
    make(number)
relay.start()
consumer.start()
while True:
    with database.read() as connection:
        if connection.execute("select count(*) from effects").fetchone()[0] >= 10:
            break
    time.sleep(0.05)
relay.stop(5)
consumer.stop(5)
print("done")
"""


@pytest.mark.parametrize("point", POINTS)
def test_a_crash_at_a_named_point_loses_nothing_and_doubles_nothing(
    postgres_url_factory: Callable[[str], str], bus_url_factory: Callable[[str], str], tmp_path: Path, point: str
) -> None:
    url, bus_url = postgres_url_factory("crash"), bus_url_factory("crash_bus")
    migrate(url, package="songcau_kit")
    database = Database(url, application_name="crash-look")
    with database.transaction() as connection:
        connection.execute("create table things (number int)")
        connection.execute("create table effects (id bigint generated always as identity, number int)")

    program = [sys.executable, "-c", PROGRAM, url, bus_url, f"{point}@{tmp_path / 'crashed'}"]
    first = subprocess.run(program, capture_output=True, text=True, check=False, timeout=40)
    assert first.returncode == -9, first.stderr
    started = time.monotonic()
    second = subprocess.run(program, capture_output=True, text=True, check=False, timeout=40)
    assert (second.returncode, second.stdout) == (0, "done\n"), second.stderr
    assert time.monotonic() - started < 20

    with database.read() as connection:
        things = [number for (number,) in connection.execute("select number from things order by number")]
        effects = [number for (number,) in connection.execute("select number from effects order by id")]
        assert connection.execute("select count(*) from outbox").fetchone() == (0,)
    database.close()
    assert things == list(range(10))
    assert sorted(effects) == list(range(10))
    for parity in (0, 1):
        assert [number for number in effects if number % 2 == parity] == list(range(parity, 10, 2))

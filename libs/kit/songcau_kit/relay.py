"""Takes the outbox to the bus: each key in order, every event at least once, several relays at a time."""

import time
from collections.abc import Sequence
from typing import Any

from songcau_kit.audit import access_topic
from songcau_kit.bus import Bus, Record
from songcau_kit.crash import crash_point
from songcau_kit.database import Connection, Database, service_of
from songcau_kit.loop import Loop, Looping
from songcau_kit.metrics import counter, gauge
from songcau_kit.refused_events import RefusedEvents

BATCH = 1000
LONGEST_IDLE_S = 0.25
LONGEST_REST_S = 0.01
PATIENCE_S = 0.25
NO_TOPIC = ""
# As many as migration 0001 makes.
ALL_LANES = 8
CAREFUL_S = 30.0
MEASURE_S = 5.0
MOST_COUNTED = 100_000

_IS_WAITING = "select exists (select from outbox where topic <> %s)"
# Whoever holds a lane publishes it alone. Which one is left to chance where not all are taken, so that none starves.
_CLAIM = """select lane from outbox_lanes
    where exists (select from outbox where outbox.lane = outbox_lanes.lane and topic <> %s)
    order by random() limit %s for update skip locked"""
# A statement of its own: it must see what the lanes' last holder has removed.
_NEXT = """select id, topic, key, payload, headers from outbox where lane = any(%s) and topic <> %s
    order by id limit %s"""
# A removal that a crash of the database forgets makes events come twice, which the inbox knows; nobody waits for disks.
_HURRY = "set local synchronous_commit = off"
_REMOVE = "delete from outbox where id = any(%s)"
_MEASURE = """select (select count(*) from (select from outbox limit %s) as counted),
    coalesce((select extract(epoch from now() - created_at) from outbox order by id limit 1), 0)"""


class Relay(Looping):
    """A component of `work`. When the bus is away the outbox grows, its age shows in the metrics, nothing is lost."""

    def __init__(self, database: Database, bus: Bus, *, poll_interval: float = 0.005) -> None:
        service = service_of(database.application_name)
        self._database = database
        self._refused = RefusedEvents(bus, service)
        self._poll_interval = poll_interval
        self._idle = poll_interval
        # There is one such event for every answer, and nobody waits for it.
        self._patient_topic = access_topic(service)
        self._all_at = 0.0
        self._measure_at = 0.0
        self._careful_until = 0.0
        self._loop = Loop(f"{service}-relay", self._step)
        self._published = counter(service, "outbox_published", "Events taken from the outbox to the bus.")
        self._depth = gauge(service, "outbox", "events", description="Events that wait for the bus.")
        self._age = gauge(service, "outbox_age", "seconds", description="Age of the oldest event that waits.")

    def relay_batch(self, *, but: str = NO_TOPIC) -> int:
        """Publish what the free lanes hold and remove it; return how many events that were. Raises BusError.

        Events of the topic `but` stay, all of them, so that their order does. An event the bus refuses for its size
        becomes a dead letter of the service, one that not even the dead letters take stands aside in the database,
        and the next of its key goes out. After an error one lane is taken at a time for a while, so that a record
        that cannot be published for another reason holds up its own only.
        """
        with self._database.read() as connection:
            if connection.execute(_IS_WAITING, (but,)).fetchone() == (False,):
                return 0
        try:
            return self._publish(1 if time.monotonic() < self._careful_until else ALL_LANES, but)
        except Exception:
            self._careful_until = time.monotonic() + CAREFUL_S
            raise

    def _publish(self, lanes: int, but: str) -> int:
        with self._database.transaction(pipeline=True) as connection:
            connection.execute(_HURRY)
            rows = _claim(connection, lanes, but)
            if not rows:
                return 0
            crash_point("relay.before_publish")
            done = self._refused.publish([Record(*row[1:]) for row in rows])
            crash_point("relay.after_publish")
            if done:
                connection.execute(_REMOVE, ([row[0] for row in rows[:done]],))
            else:
                self._refused.set_aside(connection, rows[0][0])
        self._published.inc(done)
        return done or 1

    def _step(self) -> float:
        self._measure()
        began = time.monotonic()
        is_all = began >= self._all_at
        count = self.relay_batch(but=NO_TOPIC if is_all else self._patient_topic)
        if count >= BATCH:
            return 0.0
        if is_all:
            self._all_at = time.monotonic() + PATIENCE_S
        if count:
            # It rests as long as it worked: on a busy machine batches become larger instead of more.
            self._idle = self._poll_interval
            return min(time.monotonic() - began, LONGEST_REST_S)
        self._idle = min(self._idle * 1.5, max(LONGEST_IDLE_S, self._poll_interval))
        return min(self._idle, max(0.0, self._all_at - time.monotonic()))

    def _measure(self) -> None:
        if time.monotonic() >= self._measure_at:
            self._measure_at = time.monotonic() + MEASURE_S
            with self._database.read() as connection:
                depth, age = connection.execute(_MEASURE, (MOST_COUNTED,)).fetchone() or (0, 0)
            self._depth.set(depth)
            self._age.set(age)


def _claim(connection: Connection, lanes: int, but: str) -> Sequence[tuple[Any, ...]]:
    held = [lane for (lane,) in connection.execute(_CLAIM, (but, lanes)).fetchall()]
    return connection.execute(_NEXT, (held, but, BATCH)).fetchall() if held else []

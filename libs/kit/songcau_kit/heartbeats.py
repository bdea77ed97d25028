"""A service says every few seconds until when it has told everything; whoever keeps copies of it notes what it heard.

A heartbeat takes the way of every other event, through outbox, relay, bus and consumer. Where any of them stands still
none arrives, and where events wait it says since when.
"""

from datetime import UTC, datetime, timedelta

from songcau.common.v1.heartbeat_event_pb2 import HeartbeatEvent

from songcau_kit import outbox
from songcau_kit.clock import Clock
from songcau_kit.consumer import EventHandler
from songcau_kit.database import Connection, Database, has_table, service_of
from songcau_kit.events import SYSTEM, event_meta, to_outbox
from songcau_kit.loop import Loop, Looping
from songcau_kit.metrics import gauge

EVERY_S = 10.0

TABLE = "heartbeats"
_TOLD_UNTIL = "select told_until from heartbeats where service = %s"
# The oldest event that waits says how far everything was told; whoever comes second within a pause says nothing.
_BEAT = """insert into heartbeats as known (service, told_until)
    select %(service)s, coalesce((select created_at from outbox order by id limit 1), now())
    on conflict (service) do update set told_until = excluded.told_until, noted_at = now()
        where known.noted_at <= now() - %(pause)s
    returning told_until"""
_NOTE = """insert into heartbeats as known (service, told_until) values (%s, %s)
    on conflict (service) do update set told_until = excluded.told_until, noted_at = now()
        where known.told_until < excluded.told_until
    returning told_until"""


def heartbeat_topic(service: str) -> str:
    """Return the topic on which a service says until when it has told everything."""
    return f"{service}.heartbeat.v1"


class Heartbeat(Looping):
    """A component of `work`; of several processes one speaks at a time."""

    def __init__(self, database: Database, clock: Clock, *, every: float = EVERY_S) -> None:
        self._database = database
        self._clock = clock
        self._every = every
        self._service = service_of(database.application_name)
        self._loop = Loop(f"{self._service}-heartbeat", self._step)

    def beat(self) -> bool:
        """Say until when everything was told; return False where another process just did."""
        pause = timedelta(seconds=self._every / 2)
        with self._database.transaction() as conn:
            if not has_table(conn, TABLE):
                return False
            row = conn.execute(_BEAT, {"service": self._service, "pause": pause}).fetchone()
            if row is None:
                return False
            event = HeartbeatEvent(meta=event_meta(self._clock, self._service, 0, SYSTEM))
            event.told_until.FromDatetime(row[0])
            outbox.append(conn, to_outbox(heartbeat_topic(self._service), event))
        return True

    def _step(self) -> float:
        self.beat()
        return self._every


def find_told_until(conn: Connection, service: str) -> datetime | None:
    """Return until when a service has told everything, None where nothing was heard of it."""
    row = conn.execute(_TOLD_UNTIL, (service,)).fetchone() if has_table(conn, TABLE) else None
    return row[0] if row else None


def note_heartbeat(conn: Connection, event: HeartbeatEvent) -> None:
    """Note until when a service has told everything, unless a later moment was heard of before."""
    if not has_table(conn, TABLE):
        return
    told_until = event.told_until.ToDatetime(tzinfo=UTC)
    row = conn.execute(_NOTE, (event.meta.aggregate_id, told_until)).fetchone()
    if row is not None:
        service = service_of(conn.info.parameter_status("application_name") or "")
        gauge(
            service,
            "heartbeat_time",
            "seconds",
            description="Until when a service that is copied here has told everything, as a Unix time.",
            labels=("source",),
        ).labels(event.meta.aggregate_id).set(row[0].timestamp())


HEARTBEATS = EventHandler(decode=HeartbeatEvent.FromString, handle=note_heartbeat)
"""What a service does with the topic of a heartbeat."""

"""Copies are rested on only while the service they come from is heard: from its outbox, over the bus, to the guard."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from songcau.common.v1.heartbeat_event_pb2 import HeartbeatEvent
from songcau_kit import outbox
from songcau_kit.bus import open_bus
from songcau_kit.clock import FixedClock, SystemClock
from songcau_kit.consumer import Consumer
from songcau_kit.database import Database
from songcau_kit.errors import DomainError
from songcau_kit.heartbeat_guard import HeartbeatGuard
from songcau_kit.heartbeats import HEARTBEATS, Heartbeat, heartbeat_topic, note_heartbeat
from songcau_kit.migrations import KIT, migrate
from songcau_kit.outbox import OutboxEvent
from songcau_kit.relay import Relay
from songcau_kit.rpc_call import Call
from songcau_kit.topics import load_topics, topics_folder
from support.waiting import wait_until

SOURCE, GUARDED, OTHER = "identity", "songcau.test.v1.Papers/Reuse", "songcau.test.v1.Papers/List"
OLDEST_S = 60


@dataclass
class Site:
    """The database of a service that is copied, and that of one that copies it."""

    source: Database
    follower: Database
    clock: FixedClock

    def __post_init__(self) -> None:
        self.guard = HeartbeatGuard(
            self.follower, self.clock, source=SOURCE, max_age_seconds=OLDEST_S, methods={GUARDED}
        )

    def hear(self, told_until: datetime) -> None:
        event = HeartbeatEvent()
        event.meta.aggregate_id = SOURCE
        event.told_until.FromDatetime(told_until)
        with self.follower.transaction() as connection:
            note_heartbeat(connection, event)

    def waits(self, method: str = OTHER, *, on_behalf_of: UUID | None = None) -> bool:
        call = Call(None, "test", None, self.clock.now(), on_behalf_of=on_behalf_of)
        try:
            self.guard.check(f"/{method}", call)
        except DomainError as error:
            return error.reason.code == "COPIES_STALE"
        return False

    def told(self) -> list[datetime]:
        with self.source.read() as connection:
            rows = connection.execute(
                "select payload from outbox where topic = %s order by id", (heartbeat_topic(SOURCE),)
            ).fetchall()
        return [HeartbeatEvent.FromString(bytes(row[0])).told_until.ToDatetime(tzinfo=UTC) for row in rows]


@pytest.fixture
def site(postgres_url_factory: Callable[[str], str]) -> Iterator[Site]:
    urls = [postgres_url_factory(name) for name in ("heard", "hearing")]
    for url in urls:
        migrate(url, package=KIT)
    source = Database(urls[0], application_name=f"{SOURCE}-work")
    follower = Database(urls[1], application_name="test-serve")
    yield Site(source, follower, FixedClock(SystemClock().now()))
    source.close()
    follower.close()


def test_nobody_acts_for_another_on_copies_of_a_service_that_was_never_heard(site: Site) -> None:
    assert site.waits(on_behalf_of=uuid4())
    assert site.waits(GUARDED)
    assert not site.waits()


def test_acting_for_another_stops_once_nothing_was_heard_for_too_long_and_goes_on_with_the_next(site: Site) -> None:
    site.hear(site.clock.now())
    assert not site.waits(on_behalf_of=uuid4())
    site.clock.advance(timedelta(seconds=OLDEST_S))
    assert not site.waits(GUARDED)
    site.clock.advance(timedelta(seconds=1))
    assert site.waits(on_behalf_of=uuid4())
    assert site.waits(GUARDED)
    assert not site.waits()
    site.hear(site.clock.now())
    assert not site.waits(on_behalf_of=uuid4())


def test_a_heartbeat_that_comes_late_says_nothing_newer_than_what_is_known(site: Site) -> None:
    site.hear(site.clock.now())
    site.hear(site.clock.now() - timedelta(minutes=5))
    site.clock.advance(timedelta(seconds=OLDEST_S))
    assert not site.waits(on_behalf_of=uuid4())


def test_a_heartbeat_from_far_in_the_future_vouches_for_nothing(site: Site) -> None:
    site.hear(site.clock.now() + timedelta(hours=1))
    assert site.waits(on_behalf_of=uuid4())


def test_an_installation_that_says_so_rests_on_copies_of_any_age(site: Site) -> None:
    guard = HeartbeatGuard(site.follower, site.clock, source=SOURCE, max_age_seconds=0, methods={GUARDED})
    guard.check(GUARDED, Call(None, "test", None, site.clock.now(), on_behalf_of=uuid4()))


def test_a_service_with_an_event_that_waits_says_since_when(site: Site) -> None:
    heartbeat = Heartbeat(site.source, SystemClock(), every=0.0)
    assert heartbeat.beat()
    assert datetime.now(UTC) - site.told()[-1] < timedelta(seconds=30)
    with site.source.transaction() as connection:
        outbox.append(connection, OutboxEvent(uuid4(), "identity.consent.v1", "a", b"x", {}))
        connection.execute("delete from outbox where topic = %s", (heartbeat_topic(SOURCE),))
        connection.execute("update outbox set created_at = now() - interval '5 minutes'")
    assert heartbeat.beat()
    assert datetime.now(UTC) - site.told()[-1] > timedelta(minutes=4)


def test_of_several_processes_one_speaks_at_a_time(site: Site) -> None:
    heartbeats = [Heartbeat(site.source, SystemClock(), every=60.0) for _ in range(3)]
    assert [heartbeat.beat() for heartbeat in heartbeats] == [True, False, False]
    assert len(site.told()) == 1


def test_a_database_of_a_release_before_is_let_be_and_vouches_for_nothing(site: Site) -> None:
    for database in (site.source, site.follower):
        with database.transaction() as connection:
            connection.execute("drop table heartbeats")
    assert not Heartbeat(site.source, SystemClock()).beat()
    site.hear(site.clock.now())
    assert site.waits(on_behalf_of=uuid4())


def test_what_a_service_says_arrives_over_the_bus_and_lets_calls_go_on(
    site: Site, postgres_url_factory: Callable[[str], str]
) -> None:
    topic = heartbeat_topic(SOURCE)
    bus = open_bus(postgres_url_factory("bus"), "test")
    bus.ensure_topics([one for one in load_topics(topics_folder()) if one.name == topic])
    consumer = Consumer(bus, site.follower, group="test", handlers={topic: HEARTBEATS})
    components = [Heartbeat(site.source, SystemClock(), every=0.2), Relay(site.source, bus), consumer]
    assert site.waits(on_behalf_of=uuid4())
    for component in components:
        component.start()
    try:
        wait_until(lambda: not site.waits(on_behalf_of=uuid4()))
    finally:
        for component in components:
            component.stop(10)
        bus.close()
    with site.follower.read() as connection:
        assert connection.execute("select service from heartbeats").fetchall() == [(SOURCE,)]

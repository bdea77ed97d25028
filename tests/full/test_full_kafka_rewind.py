"""An operator sets a service back in a topic with `songcau topics rewind`: it reads again, and nothing is doubled."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import typer
from songcau_kit.bus import Record
from songcau_kit.consumer import Consumer
from songcau_kit.inbox import KEEP
from songcau_local.commands import topics
from support.bus_sites import REAL_BROKER
from support.event_effects import effect_count, effects, has_read_all, recorder, running
from support.outbox_events import outbox_event
from support.waiting import wait_patiently
from typer.testing import CliRunner

pytestmark = REAL_BROKER
GROUP = "eservices"


@pytest.fixture
def topic(make_topic):
    return make_topic(6)


@pytest.fixture
def rewind(kafka_broker):
    """Return `songcau topics rewind` at the broker."""
    app = typer.Typer()
    topics.add_to(app)
    bus = ("--bus", f"kafka://{kafka_broker.address}")
    return lambda group, topic, to: CliRunner().invoke(
        app, ["topics", "rewind", group, topic, "--to", f"{to:%Y-%m-%dT%H:%M:%S%z}", *bus]
    )


def publish(bus, topic, *numbers):
    events = [outbox_event(topic, b"a/%d" % number) for number in numbers]
    bus.publish([Record(event.topic, event.key, event.payload, dict(event.headers)) for event in events])


def test_a_service_set_back_reads_again_and_effects_are_not_doubled(kafka_broker, bus, topic, database, rewind):
    publish(bus, topic, 0, 1, 2)
    time.sleep(1.1)  # the command takes whole seconds
    moment = datetime.now(UTC)
    time.sleep(1.1)
    publish(bus, topic, 3, 4)
    with running(Consumer(bus, database, group=GROUP, handlers=recorder(topic, "before"))):
        wait_patiently(lambda: has_read_all(kafka_broker.address, GROUP, topic))
    assert effects(database) == [("a", number) for number in range(5)]

    done = rewind(GROUP, topic, moment)
    assert done.exit_code == 0, done.exception
    assert ": 5 → 3" in done.output
    assert "2 records come again to eservices" in done.output
    assert not has_read_all(kafka_broker.address, GROUP, topic)

    with running(Consumer(bus, database, group=GROUP, handlers=recorder(topic, "after"))):
        publish(bus, topic, 5)
        wait_patiently(lambda: effect_count(database) >= 6)
        wait_patiently(lambda: has_read_all(kafka_broker.address, GROUP, topic))
    assert effects(database) == [("a", number) for number in range(6)]


def test_a_service_that_reads_is_not_set_back_under_its_feet(kafka_broker, bus, topic, database, rewind):
    publish(bus, topic, 0)
    with running(Consumer(bus, database, group=GROUP, handlers=recorder(topic, "reader"))):
        wait_patiently(lambda: has_read_all(kafka_broker.address, GROUP, topic))
        done = rewind(GROUP, topic, datetime.now(UTC) - timedelta(days=1))
        assert "stop eservices-work first" in str(done.exception)
        assert has_read_all(kafka_broker.address, GROUP, topic)


def test_a_rewind_never_goes_forward(kafka_broker, bus, topic, database, rewind):
    publish(bus, topic, 0)
    with running(Consumer(bus, database, group=GROUP, handlers=recorder(topic, "reader"))):
        wait_patiently(lambda: has_read_all(kafka_broker.address, GROUP, topic))
    publish(bus, topic, 1)
    done = rewind(GROUP, topic, datetime.now(UTC) + timedelta(days=1))
    assert "0 records come again" in done.output
    assert not has_read_all(kafka_broker.address, GROUP, topic)


@pytest.mark.parametrize(
    ("group", "age", "told"),
    [
        ("eservices", KEEP, "the earliest without doubling"),
        ("nobody", timedelta(days=1), "there is no service nobody"),
        ("audit", timedelta(days=1), "audit has never read"),
    ],
)
def test_what_would_double_effects_or_means_nobody_is_refused(topic, rewind, group, age, told):
    assert told in str(rewind(group, topic, datetime.now(UTC) - age).exception)

"""`songcau dlq` at any bus: what was buried is listed with its reason, goes back to its topic, or is given up."""

from collections.abc import Iterator
from contextlib import closing

import pytest
import typer
from songcau_kit import dead_letters
from songcau_kit.bus import Bus, Record, open_bus
from songcau_kit.clock import SystemClock
from songcau_kit.dead_letters import Fault
from songcau_kit.topics import TopicSpec, dead_letter_topic
from songcau_local.commands import data
from typer.testing import CliRunner

TOPIC = "identity.citizen.v1"


@pytest.fixture
def address(bus_url_factory) -> str:
    return str(bus_url_factory("dead_letters_command"))


@pytest.fixture
def bus(address: str) -> Iterator[Bus]:
    with closing(open_bus(address, "test")) as bus:
        bus.ensure_topics([TopicSpec(TOPIC, partitions=1), dead_letter_topic("eservices")])
        yield bus


@pytest.fixture
def command() -> typer.Typer:
    app = typer.Typer()
    data.add_to(app)
    return app


def bury(bus: Bus) -> str:
    """Let the group `eservices` give up on a record; return the record's id."""
    event_id = str(SystemClock().new_id())
    bus.publish([Record(TOPIC, "somebody", b"\xff", {"ce_id": event_id})])
    subscription = bus.subscribe("eservices", [TOPIC])
    (record,) = subscription.poll(5)
    dead_letters.bury(bus, "eservices", record, fault=Fault.UNDECODABLE, cause="DecodeError")
    subscription.commit([record])
    subscription.close()
    return event_id


def test_a_dead_letter_is_listed_with_its_reason_and_goes_back_to_its_topic(bus, address, command, monkeypatch):
    event_id = bury(bus)
    monkeypatch.setenv("SONGCAU_BUS_URL", address)

    listed = CliRunner().invoke(command, ["dlq", "list"])
    replayed = CliRunner().invoke(command, ["dlq", "replay", "eservices"])

    assert all(word in listed.output for word in (event_id, "UNDECODA", "DecodeErr")), listed.output
    assert "1 events are back" in replayed.output
    assert dead_letters.list_dead_letters(bus, "eservices") == []
    with closing(bus.subscribe("eservices", [TOPIC])) as subscription:
        (again,) = subscription.poll(5)
    assert again.headers == {"ce_id": event_id}


def test_an_event_that_is_given_up_does_not_come_back(bus, address, command):
    event_id = bury(bus)

    done = CliRunner().invoke(command, ["dlq", "replay", "eservices", "--bus", address, "--discard", event_id])

    assert "0 events are back" in done.output
    assert dead_letters.list_dead_letters(bus, "eservices") == []
    with closing(bus.subscribe("eservices", [TOPIC])) as subscription:
        assert subscription.poll(1) == []


def test_an_address_that_is_no_bus_is_one_sentence(command):
    done = CliRunner().invoke(command, ["dlq", "list", "--bus", "http://somewhere"])

    assert "kafka://" in str(done.exception)

"""Every bus there is, for the tests that each of them has to pass."""

from collections.abc import Iterator

import pytest
from songcau_kit.bus import Bus, open_bus
from songcau_kit.topics import TopicSpec
from support.bus_sites import BUSES, BusSite, declare


@pytest.fixture(scope="module", params=sorted(BUSES))
def site(request: pytest.FixtureRequest) -> Iterator[BusSite]:
    """Return a fresh installation of one bus."""
    with BUSES[request.param](request) as site:
        yield site


@pytest.fixture
def topic(request: pytest.FixtureRequest) -> str:
    """Return the name of a topic that no other test uses."""
    number = abs(hash(request.node.nodeid)) % 10**8
    return f"test.thing{number}.v1"


@pytest.fixture
def bus(site: BusSite, topic: str) -> Iterator[Bus]:
    """Return an open bus on which the topic has four partitions."""
    bus = open_bus(site.url, "test")
    declare(bus, TopicSpec(topic, partitions=4))
    yield bus
    bus.close()

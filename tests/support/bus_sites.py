"""The installations of a bus that the conformance suite runs against."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from songcau_kit.bus import Bus, BusUnavailableError, Record, check_size
from songcau_kit.topics import TopicSpec
from support.round_trips import CountingProxy, counting_proxy
from support.waiting import wait_patiently

if TYPE_CHECKING:
    from kafka.admin import KafkaAdminClient
    from songcau_local.full.kafka import LocalKafka


class BusSite(Protocol):
    """One fresh installation of a bus."""

    @property
    def url(self) -> str:
        """Return what `open_bus` takes."""

    def away(self) -> AbstractContextManager[None]:
        """Take it away from every client for the block."""

    def narrow(self, bus: Bus, topic: str, largest: int) -> Bus:
        """Let a topic take records up to so many bytes only, as seen through the bus that is returned."""


class NarrowBus:
    """A bus of which one topic takes small records only; its tables know no such limit."""

    def __init__(self, bus: Bus, topic: str, largest: int) -> None:
        self._bus = bus
        self._topic = topic
        self._largest = largest

    def publish(self, records: Sequence[Record]) -> None:
        for record in records:
            if record.topic == self._topic:
                check_size(record, limit=self._largest)
        self._bus.publish(records)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bus, name)


class PostgresSite:
    def __init__(self, proxy: CountingProxy) -> None:
        self.url = proxy.url
        self._proxy = proxy

    @contextmanager
    def away(self) -> Iterator[None]:
        self._proxy.cut()
        try:
            yield
        finally:
            self._proxy.mend()

    def narrow(self, bus: Bus, topic: str, largest: int) -> Bus:
        return NarrowBus(bus, topic, largest)


@contextmanager
def postgres_site(request: pytest.FixtureRequest) -> Iterator[BusSite]:
    url = request.getfixturevalue("postgres_url_factory")("bus")
    with counting_proxy(url) as proxy:
        yield PostgresSite(proxy)


class KafkaSite:
    def __init__(self, broker: "LocalKafka") -> None:
        self.url = f"kafka://{broker.address}"
        self._broker = broker

    @contextmanager
    def away(self) -> Iterator[None]:
        self._broker.stop()
        try:
            yield
        finally:
            self._broker.start()

    def narrow(self, bus: Bus, topic: str, largest: int) -> Bus:
        set_topic(self._broker.address, topic, "max.message.bytes", largest)
        return bus


@contextmanager
def kafka_site(request: pytest.FixtureRequest) -> Iterator[BusSite]:
    from songcau_local.full.kafka import LocalKafka

    with LocalKafka(request.getfixturevalue("tmp_path_factory").mktemp("kafka")) as broker:
        yield KafkaSite(broker)


def set_topic(address: str, topic: str, setting: str, value: int) -> None:
    """Change one setting of a topic, as an operator would; the others stay."""
    from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

    with closing(KafkaAdminClient(bootstrap_servers=address)) as admin:
        change = ConfigResource(ConfigResourceType.TOPIC, topic, configs={setting: str(value)})
        admin.alter_configs([change])


def empty_kafka(address: str) -> None:
    """Remove every topic and group of a cluster, so that the next test finds it fresh."""
    from kafka.admin import KafkaAdminClient

    with closing(KafkaAdminClient(bootstrap_servers=address)) as admin:
        until = time.monotonic() + 20
        while groups := [group["group_id"] for group in admin.list_groups()]:
            admin.delete_groups(groups)  # one with a member stays, until that has left or is taken for dead
            assert time.monotonic() < until, "a member of the test before does not leave"
        topics = own_topics(admin)
        if topics:
            admin.delete_topics(topics)
        while own_topics(admin):
            assert time.monotonic() < until, "the topics of the test before do not go"
            time.sleep(0.05)


def declare(bus: Bus, *topics: TopicSpec) -> None:
    """Make topics on a bus that has just started: on a busy machine a broker may stand still for seconds at first."""

    def is_declared() -> bool:
        with suppress(BusUnavailableError):
            bus.ensure_topics(topics)
            return True
        return False

    wait_patiently(is_declared)


def own_topics(admin: "KafkaAdminClient") -> list[str]:
    return [name for name in admin.list_topics() if not name.startswith("__")]


# For tests that start, kill or secure a broker: what kafka-python leaves open when one goes is none of theirs.
REAL_BROKER = [
    pytest.mark.timeout(240),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
]
# A real broker needs Java and half a minute, so it joins where the run asks for the real parts (`make test-full`).
IS_FULL = os.environ.get("SONGCAU_FULL") == "1"
BUSES: Mapping[str, Callable[[pytest.FixtureRequest], AbstractContextManager[BusSite]]] = {
    "postgres": postgres_site,
    **({"kafka": kafka_site} if IS_FULL else {}),
}

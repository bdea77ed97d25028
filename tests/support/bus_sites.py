"""The installations of a bus that the conformance suite runs against."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from typing import TYPE_CHECKING, Protocol

import pytest
from support.round_trips import CountingProxy, counting_proxy

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


@contextmanager
def kafka_site(request: pytest.FixtureRequest) -> Iterator[BusSite]:
    from songcau_local.full.kafka import LocalKafka

    broker = LocalKafka(request.getfixturevalue("tmp_path_factory").mktemp("kafka"))
    broker.start()
    try:
        yield KafkaSite(broker)
    finally:
        broker.stop()


def empty_kafka(address: str) -> None:
    """Remove every topic and group of a cluster, so that the next test finds it fresh."""
    from kafka.admin import KafkaAdminClient

    with closing(KafkaAdminClient(bootstrap_servers=address)) as admin:
        groups = [group["group_id"] for group in admin.list_groups()]
        if groups:
            admin.delete_groups(groups)
        topics = own_topics(admin)
        if topics:
            admin.delete_topics(topics)
        until = time.monotonic() + 20
        while own_topics(admin):
            assert time.monotonic() < until, "the topics of the test before do not go"
            time.sleep(0.05)


def own_topics(admin: "KafkaAdminClient") -> list[str]:
    return [name for name in admin.list_topics() if not name.startswith("__")]


# A real broker needs Java and half a minute, so it joins where the run asks for the real parts (`make test-full`).
IS_FULL = os.environ.get("SONGCAU_FULL") == "1"
BUSES: Mapping[str, Callable[[pytest.FixtureRequest], AbstractContextManager[BusSite]]] = {
    "postgres": postgres_site,
    **({"kafka": kafka_site} if IS_FULL else {}),
}

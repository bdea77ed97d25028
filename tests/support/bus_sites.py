"""The installations of a bus that the conformance suite runs against."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

import pytest
from support.round_trips import CountingProxy, counting_proxy

if TYPE_CHECKING:
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


# A real broker needs Java and half a minute, so it joins where the run asks for the real parts (`make test-full`).
IS_FULL = os.environ.get("SONGCAU_FULL") == "1"
BUSES: Mapping[str, Callable[[pytest.FixtureRequest], AbstractContextManager[BusSite]]] = {
    "postgres": postgres_site,
    **({"kafka": kafka_site} if IS_FULL else {}),
}

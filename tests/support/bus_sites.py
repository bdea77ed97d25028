"""The installations of a bus that the conformance suite runs against."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import pytest
from support.round_trips import CountingProxy, counting_proxy


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


BUSES: Mapping[str, Callable[[pytest.FixtureRequest], AbstractContextManager[BusSite]]] = {"postgres": postgres_site}

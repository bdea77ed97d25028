"""Sends prepared gRPC calls over one channel, a fixed number at a time."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from songcau_kit import rpc_security
from songcau_kit.tls import TlsFiles, TlsSource

from load.measures import Round

LONGEST_ROUND_S = 60.0
Metadata = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Door:
    """A service: its address, the name it proves, the files by which the caller proves who it is; none in the clear."""

    address: str
    server: str = ""
    files: TlsFiles | None = None

    def open(self) -> grpc.aio.Channel:
        """Return a channel to it."""
        if self.files is None:
            return grpc.aio.insecure_channel(self.address)
        credentials = rpc_security.channel_credentials(TlsSource(self.files, "load").current())
        options = rpc_security.channel_options(self.server)
        return grpc.aio.secure_channel(self.address, credentials, options=options)


async def _call_all(
    door: Door, pick: Callable[[Any], Any], requests: deque[Any], metadata: Metadata, at_once: int
) -> Round:
    latencies: list[float] = []

    async def caller(method: Any) -> None:
        while requests:
            began = time.perf_counter()
            await method(requests.popleft(), metadata=metadata, timeout=10)
            latencies.append(time.perf_counter() - began)

    async with door.open() as channel, asyncio.timeout(LONGEST_ROUND_S):
        await channel.channel_ready()
        method = pick(channel)
        began = time.perf_counter()
        await asyncio.gather(*(caller(method) for _ in range(at_once)))
        return Round(time.perf_counter() - began, latencies)


def run(door: Door, pick: Callable[[Any], Any], requests: Sequence[Any], *, metadata: Metadata, at_once: int) -> Round:
    """Call the method that `pick` takes from a channel with each request; return the round. Raises RpcError."""
    return asyncio.run(_call_all(door, pick, deque(requests), metadata, at_once))

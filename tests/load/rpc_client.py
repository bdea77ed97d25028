"""Sends prepared gRPC calls over one channel, a fixed number at a time."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import grpc

from load.measures import Round

LONGEST_ROUND_S = 60.0
Metadata = Sequence[tuple[str, str]]


async def _call_all(
    address: str, pick: Callable[[Any], Any], requests: deque[Any], metadata: Metadata, at_once: int
) -> Round:
    latencies: list[float] = []

    async def caller(method: Any) -> None:
        while requests:
            began = time.perf_counter()
            await method(requests.popleft(), metadata=metadata, timeout=10)
            latencies.append(time.perf_counter() - began)

    async with grpc.aio.insecure_channel(address) as channel, asyncio.timeout(LONGEST_ROUND_S):
        await channel.channel_ready()
        method = pick(channel)
        began = time.perf_counter()
        await asyncio.gather(*(caller(method) for _ in range(at_once)))
        return Round(time.perf_counter() - began, latencies)


def run(
    address: str, pick: Callable[[Any], Any], requests: Sequence[Any], *, metadata: Metadata, at_once: int
) -> Round:
    """Call the method that `pick` takes from a channel with each request; return the round. Raises RpcError."""
    return asyncio.run(_call_all(address, pick, deque(requests), metadata, at_once))

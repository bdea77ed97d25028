"""Sends prepared HTTP/1.1 requests over a fixed number of kept connections; costs a few microseconds a request."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from load.measures import Round

LONGEST_ROUND_S = 60.0


class AnswerError(Exception):
    """An answer was not the expected one; the text shows its status and beginning."""


@dataclass
class Work:
    """The requests still to send and what came back, shared by all connections."""

    requests: deque[bytes]
    expected: int
    keep: bool = False
    latencies: list[float] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


class Connection(asyncio.Protocol):
    """One connection that sends its next request when the answer of the last one is whole."""

    def __init__(self, work: Work, ended: asyncio.Future[None]) -> None:
        self._work = work
        self._ended = ended
        self._buffer = bytearray()
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        """Take a piece of an answer."""
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        length = content_length(self._buffer, head)
        if len(self._buffer) < head + 4 + length:
            return
        self._take(head, length)

    def connection_lost(self, error: Exception | None) -> None:
        """End the round where the server hung up early."""
        if not self._ended.done():
            self._ended.set_exception(error or AnswerError("the server closed the connection"))

    def _take(self, head: int, length: int) -> None:
        self._work.latencies.append(time.perf_counter() - self._began)
        body = bytes(self._buffer[head + 4 : head + 4 + length])
        status = int(self._buffer[9:12])
        self._buffer.clear()
        if status != self._work.expected:
            if not self._ended.done():
                self._ended.set_exception(AnswerError(f"status {status}: {body[:400].decode(errors='replace')}"))
            return
        if self._work.keep:
            self._work.bodies.append(body)
        self._next()

    def _next(self) -> None:
        if not self._work.requests:
            if not self._ended.done():
                self._ended.set_result(None)
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(self._work.requests.popleft())


def content_length(buffer: bytes | bytearray, head: int) -> int:
    """Return the length an answer's head announces; 0 where it announces none."""
    at = buffer.lower().find(b"content-length:", 0, head)
    return 0 if at < 0 else int(buffer[at + 15 : buffer.index(b"\r\n", at)])


async def send_all(port: int, work: Work, connections: int) -> Round:
    """Send every request of the work and return the round; raises AnswerError, TimeoutError."""
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    ends = [loop.create_future() for _ in range(min(connections, len(work.requests)))]
    opened = [await loop.create_connection(lambda end=end: Connection(work, end), "127.0.0.1", port) for end in ends]
    try:
        async with asyncio.timeout(LONGEST_ROUND_S):
            await asyncio.gather(*ends)
    finally:
        for transport, _ in opened:
            transport.abort()
        await asyncio.sleep(0)  # the loop closes the sockets in its next round
    return Round(time.perf_counter() - began, work.latencies)


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Return the bytes of one request."""
    lines = {"host": "127.0.0.1", **headers}
    if body or method != "GET":
        lines["content-length"] = str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def run(port: int, requests: Sequence[bytes], *, connections: int, expected: int = 200) -> Round:
    """Send requests and return the round."""
    return asyncio.run(send_all(port, Work(deque(requests), expected), connections))


def fetch(port: int, requests: Sequence[bytes], *, connections: int, expected: int = 200) -> list[bytes]:
    """Send requests and return the answers' bodies, in the order they came."""
    work = Work(deque(requests), expected, keep=True)
    asyncio.run(send_all(port, work, connections))
    return work.bodies

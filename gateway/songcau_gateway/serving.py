"""Serves the application over HTTP: uvicorn on uvloop, header limits in the parser, a drain before the end."""

import asyncio
from types import FrameType
from typing import Any, cast

import uvicorn
from fastapi import FastAPI
from songcau_kit.logs import configure_logs
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from songcau_gateway.settings import Settings


class JoinedWrites:
    """A transport that sends what is written in one turn of the loop at once: head and body of an answer together."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._waiting: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send the data with all that is written before the loop goes on."""
        if not self._waiting:
            self._loop.call_soon(self._send)
        self._waiting.append(data)

    def close(self) -> None:
        """Send what waits and close."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._waiting:
            self._transport.write(b"".join(self._waiting))
            self._waiting.clear()


class BoundedProtocol(HttpToolsProtocol):
    """Closes a connection whose headers never end; below this bound the application answers 431 itself."""

    most_header_bytes = 131_072

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection."""
        super().connection_made(cast(asyncio.Transport, JoinedWrites(transport, self.loop)))

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._header_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Count the address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header line."""
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def _count(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes > self.most_header_bytes:
            raise ValueError("headers too large")


class DrainingServer(uvicorn.Server):
    """Says `not ready` first, stops accepting later, lets running requests finish."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, delay_seconds: float) -> None:
        super().__init__(config)
        self._app = app
        self._delay = delay_seconds

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn calls it so
        """Begin to drain; a second signal ends without waiting. The exit code is 0: a drain is no crash."""
        if self._app.state.draining:
            self.should_exit = self.force_exit = True
            return
        self._app.state.draining = True
        asyncio.get_running_loop().call_later(self._delay, self._stop_accepting)

    def _stop_accepting(self) -> None:
        self.should_exit = True


def serve(app: FastAPI, settings: Settings) -> None:
    """Serve until a signal comes."""
    configure_logs("gateway", settings.log_format, settings.log_level)
    DrainingServer(http_config(app, settings), app, settings.drain_delay_seconds).run()


def http_config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """Return how uvicorn serves the application."""
    host, _, port = settings.address.rpartition(":")
    return uvicorn.Config(
        app,
        host=host.strip("[]"),
        port=int(port),
        http=BoundedProtocol,
        ws="none",
        loop="uvloop",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        limit_concurrency=settings.max_connections,
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=settings.drain_seconds,
    )

"""Serves a WSGI application from a thread, with a calm end: the small HTTP faces that are not the gateway."""

import os
import socket
import threading
import time
from collections.abc import Iterable
from typing import Any, Protocol

from waitress import create_server, wasyncore

from songcau_kit.addresses import parse_address

LARGEST_BODY = 16 * 1024 * 1024
POLL_SECONDS = 0.1


class WsgiApp(Protocol):
    """What PEP 3333 calls an application."""

    def __call__(self, environ: dict[str, Any], start_response: Any, /) -> Iterable[bytes]:
        """Answer one request."""


class WsgiServer:
    """A WSGI application on an address; a component of `process.run`."""

    def __init__(self, app: WsgiApp, address: str, threads: int = 4) -> None:
        self._app = app
        self._address = address
        self._threads = threads
        self._stopping = threading.Event()
        self._loop: threading.Thread | None = None
        self._sockets: dict[int, Any] = {}
        self.port = 0

    def start(self) -> None:
        """Bind and serve; raise OSError where the address cannot be bound."""
        self._server = create_server(
            self._app,
            map=self._sockets,
            sockets=[self._bind()],
            threads=self._threads,
            ident=None,
            clear_untrusted_proxy_headers=True,
            max_request_body_size=LARGEST_BODY,
            # Bodies stay in memory: what is in them is nobody's on a disk, and the disk is read-only.
            inbuf_overflow=LARGEST_BODY,
            outbuf_overflow=LARGEST_BODY,
            channel_timeout=30,
        )
        self.port = int(self._server.effective_port)
        self._loop = threading.Thread(target=self._serve, name=f"http-{self.port}", daemon=True)
        self._loop.start()

    def stop(self, grace: float = 5.0) -> None:
        """Take no new connection, let running requests finish for at most `grace` seconds, then close."""
        if self._loop is None:
            return
        self._grace = grace
        # The loop looks every POLL_SECONDS. Waking it would race with its closing of what wakes it.
        self._stopping.set()
        self._loop.join()
        self._loop = None

    def _bind(self) -> socket.socket:
        host, port = parse_address(self._address)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            return socket.create_server((host, port), family=family)
        except OSError as error:
            raise OSError(f"the address {self._address} cannot be bound: {os.strerror(error.errno or 0)}") from None

    def _serve(self) -> None:
        while not self._stopping.is_set():
            wasyncore.loop(timeout=POLL_SECONDS, map=self._sockets, count=1)
        self._server.del_channel(self._sockets)
        self._server.socket.close()
        until = time.monotonic() + self._grace
        while self._is_busy() and time.monotonic() < until:
            wasyncore.loop(timeout=0.01, map=self._sockets, count=1)
        self._server.task_dispatcher.shutdown(timeout=0.1)
        self._server.trigger.close()
        wasyncore.close_all(self._sockets)

    def _is_busy(self) -> bool:
        """Say whether any connection has a request being answered or an answer being sent."""
        channels = [item for item in self._sockets.values() if hasattr(item, "requests")]
        return any(channel.requests or channel.total_outbufs_len for channel in channels)


def serve_wsgi(app: WsgiApp, address: str, threads: int = 4) -> WsgiServer:
    """Return the server of an application, not yet started."""
    return WsgiServer(app, address, threads)

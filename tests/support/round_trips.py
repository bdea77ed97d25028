"""Counts what a piece of code costs on the wire: a proxy before PostgreSQL that sees each turn of the talk.

Use it as the address of a Database::

    with counting_proxy(url) as proxy:
        database = Database(proxy.url, application_name="eservices")
        use_case()  # opens the pool, prepares what is prepared once
        with proxy.counting() as count:
            use_case()
        assert count.round_trips <= 2 and count.commits == 1
"""

import re
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

_COMMIT = re.compile(rb"commit\b", re.IGNORECASE)
_HEADER = 5  # a letter and a length of four bytes


@dataclass
class Count:
    """What the counted code did on all its connections.

    A sending is one piece of bytes from the client: each is a system call there and wakes the server.
    """

    round_trips: int = 0
    sendings: int = 0
    statements: list[str] = field(default_factory=list)

    @property
    def commits(self) -> int:
        """How often COMMIT was sent."""
        return sum(1 for statement in self.statements if _COMMIT.match(statement.encode()))


class CountingProxy:
    """Passes bytes between clients and one server; a round trip is one turn from asking to answering."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "127.0.0.1", parts.port or 5432)
        self._listener = socket.create_server(("127.0.0.1", 0))
        user = f"{parts.username}@" if parts.username else ""
        self.url = urlunsplit(parts._replace(netloc=f"{user}127.0.0.1:{self._listener.getsockname()[1]}"))
        self._counts: list[Count] = []
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._is_refusing = False
        threading.Thread(target=self._accept, daemon=True).start()

    @contextmanager
    def counting(self) -> Iterator[Count]:
        """Count what happens in the block, on every connection through this proxy."""
        count = Count()
        self._counts.append(count)
        try:
            yield count
        finally:
            self._counts.remove(count)

    def cut(self) -> None:
        """Close every connection and refuse new ones: the server is away."""
        self._is_refusing = True
        for pair in self._pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self._pairs.clear()

    def mend(self) -> None:
        """Let clients in again."""
        self._is_refusing = False

    def close(self) -> None:
        """Stop listening and close every connection."""
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._is_refusing:
                client.close()
                continue
            try:
                server = socket.create_connection(self._server)
            except OSError:  # nobody serves there now: a client finds the same here
                client.close()
                continue
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._pairs.append((client, server))
            threading.Thread(target=self._pump, args=(client, server), daemon=True).start()

    def _pump(self, client: socket.socket, server: socket.socket) -> None:
        asked = _Statements()
        is_asking = False
        with client, server, suppress(OSError):
            while True:
                readable, _, _ = select.select([client, server], [], [])
                for end in readable:
                    data = end.recv(65536)
                    if not data:
                        return
                    if end is client:
                        self._note(asked.read(data))
                        is_asking = True
                        server.sendall(data)
                    else:
                        if is_asking:
                            self._turn()
                        is_asking = False
                        client.sendall(data)

    def _note(self, statements: list[str]) -> None:
        for count in self._counts:
            count.sendings += 1
            count.statements += statements

    def _turn(self) -> None:
        for count in self._counts:
            count.round_trips += 1


class _Statements:
    """Reads the statements out of the client's half of the protocol, prepared ones by the text they were made of."""

    def __init__(self) -> None:
        self._rest = b""
        self._is_started = False
        self._prepared: dict[bytes, str] = {}

    def read(self, data: bytes) -> list[str]:
        self._rest += data
        found: list[str] = []
        while message := self._message():
            kind, body = message
            if kind == b"Q":
                found.append(body.rstrip(b"\0").decode())
            elif kind == b"P":
                name, statement, _ = body.split(b"\0", 2)
                self._prepared[name] = statement.decode()
            elif kind == b"B":
                _, name, _ = body.split(b"\0", 2)
                found.append(self._prepared.get(name, ""))
        return found

    def _message(self) -> tuple[bytes, bytes] | None:
        if not self._is_started:
            # The first message has no letter; what asks for encryption is followed by another first message.
            if len(self._rest) < 8 or len(self._rest) < (size := int.from_bytes(self._rest[:4])):
                return None
            self._is_started = int.from_bytes(self._rest[4:8]) == 0x30000 or self._rest[4:6] == b"\0\x03"
            self._rest = self._rest[size:]
            return b"", b""
        if len(self._rest) < _HEADER:
            return None
        size = int.from_bytes(self._rest[1:_HEADER]) + 1
        if len(self._rest) < size:
            return None
        kind, body = self._rest[:1], self._rest[_HEADER:size]
        self._rest = self._rest[size:]
        return kind, body


@contextmanager
def counting_proxy(url: str) -> Iterator[CountingProxy]:
    """Run a counting proxy before the server of this address."""
    proxy = CountingProxy(url)
    try:
        yield proxy
    finally:
        proxy.close()

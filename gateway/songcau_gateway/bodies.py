"""How much of a body is read, and for how long one waits for its next piece."""

import asyncio

from songcau_kit.errors import PAYLOAD_TOO_LARGE, DomainError
from starlette.types import Message, Receive, Scope

from songcau_gateway.errors import REQUEST_TIMEOUT, RefusalError


class BodyReader:
    """Wraps the receiving side of a request; stops at the limit instead of filling memory."""

    def __init__(self, receive: Receive, *, limit: int, timeout_seconds: float) -> None:
        self._receive = receive
        self._limit = limit
        self._timeout = timeout_seconds
        self._read = 0

    async def __call__(self) -> Message:
        """Return the next message of the client."""
        try:
            async with asyncio.timeout(self._timeout):
                message = await self._receive()
        except TimeoutError:
            raise RefusalError(REQUEST_TIMEOUT, headers={"connection": "close"}) from None
        if message["type"] == "http.request":
            self._read += len(message.get("body", b""))
            if self._read > self._limit:
                raise too_large(self._limit)
        return message


def check_announced_size(scope: Scope, limit: int) -> None:
    """Refuse a body whose Content-Length is over the limit, before a byte of it is read."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > limit:
            raise too_large(limit)


def too_large(limit: int) -> RefusalError:
    """Return the refusal of a body over the limit; the rest of it is not read."""
    return RefusalError(
        DomainError(PAYLOAD_TOO_LARGE, details={"limit_bytes": str(limit)}), headers={"connection": "close"}
    )

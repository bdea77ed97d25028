"""Finds out which message a client would send, without sending it."""

from collections.abc import Awaitable
from typing import Any, cast

from google.protobuf.message import Message

from songcau_gateway.clients.channel import ServiceChannel


class _RecordedError(Exception):
    """Carries the call that was not made."""

    def __init__(self, method: str, request: Message) -> None:
        super().__init__(method)
        self.method = method
        self.request = request


class _Recorder:
    """Stands for a channel: stubs can be made of it, but nothing leaves."""

    def __init__(self, channel: ServiceChannel) -> None:
        self.channel = channel.channel

    async def call(self, exchange: Any, method: Any, request: Message) -> Any:  # noqa: ARG002
        name = method._method  # the stub's callable keeps its path only here
        raise _RecordedError(name.decode() if isinstance(name, bytes) else str(name), request)


def recording(channel: ServiceChannel) -> ServiceChannel:
    """Return a channel for clients whose calls are looked at, not made."""
    return cast(ServiceChannel, _Recorder(channel))


async def recorded(call: Awaitable[Any]) -> tuple[str, Message]:
    """Return the full name of the RPC and the request that a client's call would send."""
    try:
        await call
    except _RecordedError as found:
        return found.method.lstrip("/"), found.request
    raise AssertionError("a client over a recording channel sends nothing")

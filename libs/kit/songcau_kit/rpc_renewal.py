"""A channel under a certificate that changes: calls under way end on the old connection, new ones take the new."""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from songcau_kit.rpc_security import channel_credentials
from songcau_kit.tls import TlsSource

# Longer than any call may take.
RETIRES_AFTER_SECONDS = 180.0

C = TypeVar("C")


class RenewingChannel(Generic[C]):
    """Stands for a channel of the synchronous or the asyncio client where stubs and interceptors take one.

    `connect` opens a channel with credentials; `retire` gets one that takes no new calls and must end its running ones.
    """

    def __init__(self, source: TlsSource, connect: Callable[[Any], C], retire: Callable[[C], None]) -> None:
        self._source = source
        self._connect = connect
        self._retire = retire
        self._lock = threading.Lock()
        self._material = source.current()
        self._channel = connect(channel_credentials(self._material))

    def current(self) -> C:
        """Return the channel for a call that begins now."""
        if self._source.current() is not self._material:
            with self._lock:
                material = self._source.current()
                if material is not self._material:
                    old, self._channel = self._channel, self._connect(channel_credentials(material))
                    self._material = material
                    self._retire(old)
        return self._channel

    def close(self, *arguments: Any, **options: Any) -> Any:
        """Close the channel of now, as its kind of client does."""
        return self._channel.close(*arguments, **options)  # type: ignore[attr-defined]

    def unary_unary(self, *arguments: Any, **options: Any) -> "_Method[C]":
        """Return a method of one message and one answer."""
        return _Method(self, "unary_unary", arguments, options)

    def unary_stream(self, *arguments: Any, **options: Any) -> "_Method[C]":
        """Return a method of one message and a stream of answers."""
        return _Method(self, "unary_stream", arguments, options)

    def stream_unary(self, *arguments: Any, **options: Any) -> "_Method[C]":
        """Return a method of a stream of messages and one answer."""
        return _Method(self, "stream_unary", arguments, options)

    def stream_stream(self, *arguments: Any, **options: Any) -> "_Method[C]":
        """Return a method of two streams."""
        return _Method(self, "stream_stream", arguments, options)


class _Method(Generic[C]):
    """One method of a stub, made again on each new channel."""

    def __init__(
        self, channel: RenewingChannel[C], kind: str, arguments: tuple[Any, ...], options: dict[str, Any]
    ) -> None:
        self._method = arguments[0]
        self._channel = channel
        self._kind = kind
        self._arguments = arguments
        self._options = options
        self._made: tuple[C | None, Any] = (None, None)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self._now()(*arguments, **options)

    def with_call(self, *arguments: Any, **options: Any) -> Any:
        """Call and return the call beside its answer."""
        return self._now().with_call(*arguments, **options)

    def future(self, *arguments: Any, **options: Any) -> Any:
        """Call without waiting."""
        return self._now().future(*arguments, **options)

    def _now(self) -> Any:
        channel = self._channel.current()
        made_on, method = self._made
        if made_on is not channel:
            method = getattr(channel, self._kind)(*self._arguments, **self._options)
            self._made = (channel, method)
        return method


def close_later(channel: Any) -> None:
    """Close a channel of the synchronous client once no call can be running on it."""
    timer = threading.Timer(RETIRES_AFTER_SECONDS, channel.close)
    timer.daemon = True
    timer.start()

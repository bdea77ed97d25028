"""The call a handler is answering: who calls, for which purpose, until when. Set by the server, read anywhere below."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from songcau_kit import logs
from songcau_kit.caller import Assistant, Caller
from songcau_kit.errors import UNAUTHENTICATED, DomainError

AUTHORIZATION = "authorization"
CORRELATION_ID = "songcau-correlation-id"
PURPOSE = "songcau-purpose"
ON_BEHALF_OF = "songcau-on-behalf-of"
ASSISTED_ACT = "songcau-assisted-act"
REPLAYED = "songcau-replayed"


@dataclass(frozen=True)
class Call:
    """One call being answered. `caller` is None only where the method's rule lets anonymous callers in.

    `workload` is the process at the other end, as its certificate names it; None where the server speaks in the clear.
    `on_behalf_of` is whom the caller says to act for; only a method whose rule knows of it is called with one.
    `assisted_act` is the confirmed act of an assisted session that the call carries out: `caller` is then the citizen
    who confirmed it, with the token of the `assistant` who called.
    """

    caller: Caller | None
    correlation_id: str
    purpose: str | None
    request_deadline: datetime
    workload: str | None = None
    on_behalf_of: UUID | None = None
    assisted_act: UUID | None = None
    assistant: Assistant | None = None
    ends_at: float = field(default_factory=lambda: time.monotonic() + 30, repr=False, compare=False)
    trailers: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def known_caller(self) -> Caller:
        """Return the caller; raise UNAUTHENTICATED where there is none."""
        if self.caller is None:
            raise DomainError(UNAUTHENTICATED)
        return self.caller

    def remaining_seconds(self) -> float:
        """Return the seconds until the deadline, 0 when it has passed."""
        return max(0.0, self.ends_at - time.monotonic())


_current: ContextVar[Call | None] = ContextVar("songcau_call", default=None)


def find_call() -> Call | None:
    """Return the call this thread or task is answering, or None outside of one."""
    return _current.get()


def current_call() -> Call:
    """Return the call this thread or task is answering; raise LookupError outside of one."""
    call = _current.get()
    if call is None:
        raise LookupError("no call is being answered here")
    return call


@contextmanager
def answering(call: Call) -> Iterator[Call]:
    """Make `call` the current one, and its correlation id that of every log line, inside the block."""
    token = _current.set(call)
    bound = logs.bind_correlation(call.correlation_id)
    try:
        yield call
    finally:
        logs.unbind(bound)
        _current.reset(token)


def mark_replayed() -> None:
    """Tell the client that the answer is a stored one: the trailing metadata gets `songcau-replayed: true`."""
    current_call().trailers[REPLAYED] = "true"

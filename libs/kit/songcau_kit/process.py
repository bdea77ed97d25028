"""The life of a process: components start in order, a signal ends them in reverse, readiness goes off first."""

import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from songcau_kit.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterator

GRACE_SECONDS = 20.0
SIGNALS = (signal.SIGTERM, signal.SIGINT)

_log = get_logger(__name__)


class Component(Protocol):
    """A part of a process with a beginning and an end."""

    def start(self) -> None:
        """Begin; return when ready to work."""

    def stop(self, grace: float) -> None:
        """Take no new work, finish what runs within `grace` seconds, release everything."""


class Closable(Protocol):
    """Something that was opened."""

    def close(self) -> None:
        """Let go of everything."""


@dataclass(frozen=True)
class Closing:
    """Ends something that was opened while building; the first component, so the last to end."""

    closable: Closable

    def start(self) -> None:
        """Do nothing: it is open."""

    def stop(self, grace: float) -> None:  # noqa: ARG002
        """Close it."""
        self.closable.close()


@runtime_checkable
class Announcer(Protocol):
    """A component that tells others whether the process wants work."""

    def announce(self, *, ready: bool) -> None:
        """Say it from now on."""


def run(components: Sequence[Component], *, grace: float = GRACE_SECONDS, settle: float = 0.0) -> None:
    """Start the components in order, wait for SIGTERM or SIGINT, stop them in reverse order.

    When the signal comes, readiness goes off at once; `settle` seconds later, time for a load balancer to notice, the
    components stop and share `grace` seconds. A second signal ends the process without waiting. A component that cannot
    start stops the ones before it; an OSError leaves as one sentence and exit code 1.
    """
    started: list[Component] = []
    with _signals() as ending:
        try:
            _announce(components, ready=False)
            _start(components, started, ending)
            if not ending.is_set():
                _announce(components, ready=True)
                _log.info("process_ready", components=[type(component).__name__ for component in started])
                ending.wait()
                _announce(components, ready=False)
                time.sleep(settle)
        finally:
            _stop(started, time.monotonic() + grace)


def _start(components: Sequence[Component], started: list[Component], ending: threading.Event) -> None:
    for component in components:
        if ending.is_set():
            return
        try:
            component.start()
        except OSError as error:
            _log.error("component_cannot_start", component=type(component).__name__, exc_info=error)
            sys.exit(1)
        started.append(component)


def _stop(started: list[Component], until: float) -> None:
    for component in reversed(started):
        name = type(component).__name__
        try:
            component.stop(max(0.1, until - time.monotonic()))
        except Exception as error:  # noqa: BLE001  the others must still stop
            _log.error("component_did_not_stop", component=name, exc_info=error)
        else:
            _log.info("component_stopped", component=name)


def _announce(components: Sequence[Component], *, ready: bool) -> None:
    for component in components:
        if isinstance(component, Announcer):
            component.announce(ready=ready)


@contextmanager
def _signals() -> "Iterator[threading.Event]":
    """Give an event that the first signal sets; the second one ends the process on the spot."""
    ending = threading.Event()

    def receive(number: int, _: FrameType | None) -> None:
        if ending.is_set():
            sys.exit(128 + number)
        ending.set()

    before = {number: signal.signal(number, receive) for number in SIGNALS}
    try:
        yield ending
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

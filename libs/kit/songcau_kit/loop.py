"""A thread that repeats one step until it is stopped, and survives the step's errors with growing pauses."""

import threading
from collections.abc import Callable

from songcau_kit.bus import BusError
from songcau_kit.errors import DomainError
from songcau_kit.logs import get_logger

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0

_log = get_logger(__name__)


class HaltError(Exception):
    """Raised by a step that must not run again before somebody has looked."""


class Loop:
    """Runs `step`, which returns the seconds to wait before the next and ends soon once `stopping` is set."""

    def __init__(self, name: str, step: Callable[[], float], *, longest_pause: float = LONGEST_PAUSE_S) -> None:
        self._name = name
        self._step = step
        self._longest_pause = longest_pause
        self.stopping = threading.Event()
        self._halt: HaltError | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def stop(self, grace: float) -> None:
        """Ask the step to end and wait for it up to `grace` seconds."""
        self.stopping.set()
        if self._thread is not None:
            self._thread.join(grace)

    def check(self) -> None:
        """Raise where the loop has halted or died; for `/readyz`."""
        if self._halt is not None:
            raise self._halt
        if self._thread is None or not self._thread.is_alive():
            raise HaltError(f"{self._name} does not run")

    def _run(self) -> None:
        pause = FIRST_PAUSE_S
        while not self.stopping.is_set():
            try:
                wait = self._step()
                pause = FIRST_PAUSE_S
            except HaltError as error:
                self._halt = error
                _log.error("loop_halted", loop=self._name, cause=str(error))
                return
            except Exception as error:  # noqa: BLE001 -- a loop outlives whatever a step meets
                # That the bus or the database is away is news, where in the code it was noticed is not.
                is_expected = isinstance(error, BusError | DomainError)
                cause = str(error) if is_expected else type(error).__name__
                trace = None if is_expected else error
                _log.warning("loop_step_failed", loop=self._name, cause=cause, pause=pause, exc_info=trace)
                wait = pause
                pause = min(pause * 2, self._longest_pause)
            if wait > 0:
                self.stopping.wait(wait)


class Looping:
    """A component of `process.run` that lives by one loop, which it makes as it is built."""

    _loop: Loop

    def start(self) -> None:
        """Begin."""
        self._loop.start()

    def stop(self, grace: float) -> None:
        """Finish the step under way, for at most `grace` seconds."""
        self._loop.stop(grace)

    def check(self) -> None:
        """Raise where the loop has halted or died; for `/readyz`. A step that fails is tried again and no reason."""
        self._loop.check()

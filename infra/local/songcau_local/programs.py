"""One process of the stack: what is started, how it is known to be ready, and its life under the supervisor."""

import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from songcau_local.status import ProcessStatus, Running, State

BACKOFF_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
FORGIVEN_AFTER_SECONDS = 30.0
GIVES_UP_AFTER = 10
READY_TIMEOUT_SECONDS = 2.0
# Who starts longer is asked less often: answering takes the time that starting needs.
ASK_EVERY_SECONDS = (0.2, 1.0)
ASK_EVERY_SHARE = 0.05

Sink = Callable[[str, str], None]


@dataclass(frozen=True)
class Program:
    """A process to run; it does its work once `ready_url` answers 200, or once `probe` says so where there is one."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    ready_url: str = ""
    probe: Callable[[], bool] | None = field(default=None, repr=False, compare=False)

    def is_ready(self) -> bool:
        """Say whether the process does its work now."""
        return self.probe() if self.probe is not None else answers(self.ready_url)


def answers(url: str) -> bool:
    """Say whether an address answers 200 now."""
    try:
        with urllib.request.urlopen(url, timeout=READY_TIMEOUT_SECONDS) as answer:  # noqa: S310 -- our own loopback
            return int(answer.status) == 200
    except (urllib.error.URLError, OSError, ValueError):
        return False


class Child:
    """A program that is kept running: started again with growing pauses, given up after too many deaths in a row."""

    def __init__(self, program: Program, log: Path, sink: Sink) -> None:
        self.program = program
        self.state = State.WAITING
        self.restarts = 0
        self.last_line = ""
        self.exit_code: int | None = None
        self._log = log
        self._sink = sink
        self._process: subprocess.Popen[str] | None = None
        self._running: Running | None = None
        self._started_at = 0.0
        self._deaths = 0
        self._again_at = 0.0
        self._ask_at = 0.0

    @property
    def status(self) -> ProcessStatus:
        """What to write down of it."""
        return ProcessStatus(self.program.name, self.state, self._running, self.restarts)

    def start(self) -> None:
        """Start the process; its lines go to its own log and to the sink."""
        self._process = subprocess.Popen(
            self.program.command,
            env=dict(self.program.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # a Ctrl-C at the terminal is the supervisor's to pass on
        )
        self._running = Running.of(self._process.pid)
        self._started_at = self._ask_at = time.monotonic()
        self.state = State.STARTING
        threading.Thread(target=self._pump, args=(self._process,), daemon=True).start()

    def look(self) -> bool:
        """Notice a death, start again when the pause is over; return whether anything changed."""
        before = self.state
        if self._process is not None and self.state in (State.STARTING, State.READY):
            self.exit_code = self._process.poll()
            if self.exit_code is not None:
                self._died()
        elif self.state is State.RESTARTING and time.monotonic() >= self._again_at:
            self.restarts += 1
            self.start()
        if self.state is State.STARTING and time.monotonic() >= self._ask_at:
            self._ask()
        return self.state is not before

    def ask_to_stop(self) -> None:
        """Tell the process to finish what it does and end."""
        self.state = State.STOPPED
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait_for_end(self, until: float) -> None:
        """Wait for the end until a monotonic time, then insist."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
        self._running = None

    def _ask(self) -> None:
        if self.program.is_ready():
            self.state = State.READY
        shortest, longest = ASK_EVERY_SECONDS
        now = time.monotonic()
        self._ask_at = now + min(longest, max(shortest, ASK_EVERY_SHARE * (now - self._started_at)))

    def _died(self) -> None:
        self._running = None
        if time.monotonic() - self._started_at > FORGIVEN_AFTER_SECONDS:
            self._deaths = 0
        pause = BACKOFF_SECONDS[min(self._deaths, len(BACKOFF_SECONDS) - 1)]
        self._deaths += 1
        self.state = State.FAILED if self._deaths >= GIVES_UP_AFTER else State.RESTARTING
        self._again_at = time.monotonic() + pause
        what_next = "is given up" if self.state is State.FAILED else f"starts again in {pause:g} s"
        self._sink("supervisor", f"{self.program.name} ended with code {self.exit_code} and {what_next}")

    def _pump(self, process: subprocess.Popen[str]) -> None:
        if process.stdout is None:
            return
        with self._log.open("a", encoding="utf-8") as log, process.stdout as lines:
            for line in lines:
                log.write(line)
                log.flush()
                if line.strip():
                    self.last_line = line.strip()
                self._sink(self.program.name, line.rstrip("\n"))

"""Processes that a measurement starts: their output goes to a file, they are ready when their port or page answers."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from songcau_local.programs import Program

TESTS = Path(__file__).resolve().parents[1]
READY_WITHIN_S = 90.0
STOP_WITHIN_S = 15.0


class Processes:
    """The processes of one measurement; leaving the block ends all of them, the last started first."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Processes":
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._running.values()):
            process.terminate()
        for process in reversed(self._running.values()):
            try:
                process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a process."""
        with (self._logs / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def start_module(self, name: str, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        """Start a module of `load` or `support`."""
        given = {**(environment or os.environ), "PYTHONPATH": str(TESTS)}
        self.start(name, (sys.executable, "-m", *arguments), given)

    def pid(self, name: str) -> int:
        """Return the id of a process."""
        return self._running[name].pid

    def wait_for_port(self, name: str, port: int) -> None:
        """Wait until a process accepts connections; raises RuntimeError where it ends or takes too long."""
        self._wait(name, lambda: accepts(port))

    def wait_for(self, program: Program) -> None:
        """Wait until a program of the stack is ready."""
        self._wait(program.name, program.is_ready)

    def _wait(self, name: str, is_ready: Callable[[], bool]) -> None:
        until = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < until:
            if self._running[name].poll() is not None:
                break
            if is_ready():
                return
            time.sleep(0.1)
        last = (self._logs / f"{name}.log").read_text(errors="replace")[-1500:]
        raise RuntimeError(f"{name} did not become ready: {last}")


def accepts(port: int) -> bool:
    """Say whether somebody listens on a port of loopback."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=0.5).close()
    except OSError:
        return False
    return True

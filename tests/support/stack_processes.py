"""The processes of a running stack, as its supervisor tells of them."""

import os
import signal
import time
from collections.abc import Callable

from songcau_local.layout import Layout
from songcau_local.status import ProcessStatus, StackStatus, State, find_status

READY_WITHIN_SECONDS = 60.0


def status_of(stack: Layout) -> StackStatus:
    status = find_status(stack.status_file)
    assert status is not None
    return status


def process_of(stack: Layout, name: str) -> ProcessStatus:
    return next(process for process in status_of(stack).processes if process.name == name)


def wait_until_ready(stack: Layout, *, also: Callable[[ProcessStatus], bool] = lambda _: True) -> None:
    """Wait until the supervisor says of every process that it is ready, and that `also` holds."""
    until = time.monotonic() + READY_WITHIN_SECONDS
    while not all(process.state is State.READY and also(process) for process in status_of(stack).processes):
        assert time.monotonic() < until, "the supervisor did not bring every process back"
        time.sleep(0.2)


def restart(stack: Layout, *names: str) -> None:
    """Kill processes, and wait until the supervisor has started each again."""
    before = {name: process_of(stack, name) for name in names}
    for process in before.values():
        assert process.running is not None
        os.kill(process.running.pid, signal.SIGKILL)
    wait_until_ready(stack, also=lambda one: one.name not in before or one.restarts > before[one.name].restarts)

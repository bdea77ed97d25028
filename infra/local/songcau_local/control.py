"""Starts and stops the supervisor from the command line, and tells how far it is."""

import contextlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil

from songcau_local import console
from songcau_local.errors import StackError
from songcau_local.layout import Layout
from songcau_local.machine import check_ports, check_room, end_leftovers
from songcau_local.process_table import python_environment
from songcau_local.status import Phase, StackStatus, find_status, is_running

START_WITHIN_SECONDS = 150.0
FULL_START_WITHIN_SECONDS = 900.0  # with the download of the real parts
STOP_WITHIN_SECONDS = 45.0


def is_up(layout: Layout) -> bool:
    """Whether a supervisor of this stack runs and is not about to end."""
    status = find_status(layout.status_file)
    return status is not None and status.is_alive and status.phase is Phase.READY


def require_up(layout: Layout) -> None:
    """Raise StackError where the stack is not up."""
    if not is_up(layout):
        raise StackError("the stack is not up: `songcau up` starts it")


def start(layout: Layout) -> None:
    """Start the supervisor apart from this terminal and wait until the stack is ready. Raises StackError."""
    check_room(layout)
    status = find_status(layout.status_file)
    if status is not None and status.is_alive and status.phase in (Phase.STOPPING, Phase.FAILED):
        stop(layout)
        status = None
    if status is None or not status.is_alive:
        end_leftovers(layout)
        check_ports(layout)
        _follow(layout, _spawn(layout))
    else:
        _follow(layout, status.supervisor.find())


def stop(layout: Layout) -> bool:
    """Stop the stack and wait until it has; False where none ran."""
    status = find_status(layout.status_file)
    supervisor = status.supervisor.find() if status else None
    if supervisor is None:
        return end_leftovers(layout) > 0
    supervisor.terminate()
    with console.progress("stopping") as tell:
        try:
            supervisor.wait(STOP_WITHIN_SECONDS)
        except psutil.TimeoutExpired:
            tell("the supervisor does not end by itself: ending it")
            supervisor.kill()
            with contextlib.suppress(psutil.TimeoutExpired):
                supervisor.wait(5)
            end_leftovers(layout)
    return True


def remove(state: Path) -> None:
    """Stop the stack and remove its folder, also one that another version made."""
    folder = state.expanduser().resolve()
    if not (folder / "stack.json").exists() and any(folder.iterdir()):
        raise StackError(
            f"{folder} does not look like a stack's folder (no stack.json): remove it by hand if you mean it"
        )
    stop(Layout(folder))
    shutil.rmtree(folder)


def _spawn(layout: Layout) -> psutil.Process:
    layout.logs.mkdir(parents=True, exist_ok=True)
    layout.temporary.mkdir(exist_ok=True)
    layout.status_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "songcau_local", "supervise", "--state", str(layout.state)]
    command += ["--full" if layout.is_full else "--embedded"]
    with (layout.logs / "supervisor.log").open("ab") as log:
        return psutil.Popen(
            [*command, "--port-offset", str(layout.port_offset)],
            env=python_environment({"TMPDIR": str(layout.temporary)}),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _follow(layout: Layout, supervisor: psutil.Process | None) -> None:
    until = time.monotonic() + (FULL_START_WITHIN_SECONDS if layout.is_full else START_WITHIN_SECONDS)
    with console.progress("starting the stack") as tell:
        while time.monotonic() < until:
            status = find_status(layout.status_file)
            if status is not None and _is_decided(status, layout):
                return
            if status is not None:
                tell(status.detail)
            elif supervisor is None or not is_running(supervisor):
                raise _ended(layout)
            time.sleep(0.05)
    raise StackError(f"the stack does not get ready in time: see {layout.logs / 'stack.log'}")


def _is_decided(status: StackStatus, layout: Layout) -> bool:
    if status.phase is Phase.READY:
        return True
    if status.phase is Phase.FAILED:
        raise StackError(status.detail)
    if not status.is_alive:
        raise _ended(layout)
    return False


def _ended(layout: Layout) -> StackError:
    log = layout.logs / "supervisor.log"
    words = log.read_text(errors="replace").strip().splitlines()[-1:] if log.exists() else []
    return StackError(f"the supervisor ended before the stack was ready: {''.join(words)} (whole log: {log})")

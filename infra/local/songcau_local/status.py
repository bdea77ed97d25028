"""What the supervisor writes down of a running stack, and what the other commands read of it."""

import json
import os
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

import psutil


class Phase(StrEnum):
    """Where a stack stands."""

    STARTING = "STARTING"
    READY = "READY"
    FAILED = "FAILED"
    STOPPING = "STOPPING"


class State(StrEnum):
    """Where one process of it stands."""

    WAITING = "WAITING"
    STARTING = "STARTING"
    READY = "READY"
    RESTARTING = "RESTARTING"
    FAILED = "FAILED"
    STOPPED = "STOPPED"


@dataclass(frozen=True)
class Running:
    """A process id that cannot be mistaken for a later process with the same number."""

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> "Running":
        """Describe a process that runs now."""
        return cls(pid, psutil.Process(pid).create_time())

    def find(self) -> psutil.Process | None:
        """Return the very process, if it still runs."""
        try:
            process = psutil.Process(self.pid)
            is_same = abs(process.create_time() - self.created) < 1 and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return None
        return process if is_same else None


@dataclass(frozen=True)
class ProcessStatus:
    """One line of `songcau status`."""

    name: str
    state: State
    running: Running | None = None
    restarts: int = 0


@dataclass(frozen=True)
class StackStatus:
    """The whole stack as its supervisor sees it."""

    supervisor: Running
    phase: Phase
    detail: str = ""
    processes: tuple[ProcessStatus, ...] = field(default=())

    @property
    def is_alive(self) -> bool:
        """Whether the supervisor that wrote this still runs."""
        return self.supervisor.find() is not None

    def write(self, file: Path) -> None:
        """Replace the file at once."""
        unfinished = file.with_name(f".{file.name}.{os.getpid()}")
        unfinished.write_text(json.dumps(asdict(self)))
        unfinished.replace(file)


def is_running(process: psutil.Process) -> bool:
    """Say whether a process runs; one that ended and waits for its parent does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def find_status(file: Path) -> StackStatus | None:
    """Read what a supervisor wrote last; None where there never was one."""
    try:
        raw = json.loads(file.read_text())
        processes = tuple(
            ProcessStatus(
                name=item["name"],
                state=State(item["state"]),
                running=Running(**item["running"]) if item["running"] else None,
                restarts=item["restarts"],
            )
            for item in raw["processes"]
        )
        return StackStatus(Running(**raw["supervisor"]), Phase(raw["phase"]), raw["detail"], processes)
    except (OSError, ValueError, KeyError, TypeError):
        return None

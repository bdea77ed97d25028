"""Samples of a running Python process, taken from outside by py-spy while a round runs, and its processor time."""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

RATE_PER_S = 300
ENDS_WITHIN_S = 30.0
PROGRAM = Path(sys.executable).with_name("py-spy")
# Who holds the interpreter says what computes; every thread, idle or not, says what is waited for.
HOLDING, EVERY_THREAD = ("--gil",), ("--idle",)

Stack = tuple[str, ...]


@dataclass
class Profile:
    """Stacks of one process, root first, with how often each was seen; what the process spent meanwhile, in seconds.

    `outside_python_s` is the processor time of threads that gRPC's C core started: HTTP/2, TLS, timers.
    """

    stacks: Mapping[Stack, int] = field(default_factory=dict)
    wall_s: float = 0.0
    processor_s: float = 0.0
    outside_python_s: float = 0.0

    @property
    def samples(self) -> int:
        """How many stacks were seen."""
        return sum(self.stacks.values())

    @property
    def outside_python(self) -> float:
        """The share of the processor time that the threads of gRPC's core took."""
        return self.outside_python_s / self.processor_s if self.processor_s else 0.0


@contextmanager
def sampled(pid: int, mode: tuple[str, ...]) -> Iterator[Profile]:
    """Sample a process during the block; the profile is filled when the block ends. Raises RuntimeError."""
    profile = Profile()
    with tempfile.TemporaryDirectory(prefix="songcau-profile-") as folder:
        output = Path(folder) / "stacks.txt"
        sampler = _start(pid, mode, output)
        before, began = _processor_times(pid), time.monotonic()
        try:
            yield profile
        finally:
            profile.wall_s = time.monotonic() - began
            after = _processor_times(pid)
            _stop(sampler)
        profile.processor_s, profile.outside_python_s = (now - then for now, then in zip(after, before, strict=True))
        profile.stacks = read_stacks(output.read_text(encoding="utf-8"))


def read_stacks(text: str) -> dict[Stack, int]:
    """Return the stacks of py-spy's raw form: frames parted by semicolons, root first, then how often."""
    stacks: dict[Stack, int] = {}
    for line in text.splitlines():
        frames, _, count = line.rpartition(" ")
        stack = tuple(frames.split(";"))
        stacks[stack] = stacks.get(stack, 0) + int(count)
    return stacks


def _start(pid: int, mode: tuple[str, ...], output: Path) -> subprocess.Popen[str]:
    command = [
        str(PROGRAM), "record", "--pid", str(pid), "--format", "raw", "--output", str(output), "--nonblocking",
        "--nolineno", "--full-filenames", "--rate", str(RATE_PER_S), *mode,
    ]  # fmt: skip
    sampler = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = sampler.stdout.readline() if sampler.stdout else ""
    if "Sampling" not in said:
        sampler.kill()
        sampler.communicate()
        raise RuntimeError(f"py-spy cannot sample: {said.strip() or 'it said nothing'}")
    return sampler


def _stop(sampler: subprocess.Popen[str]) -> None:
    sampler.send_signal(signal.SIGINT)  # it writes what it has and ends
    sampler.communicate(timeout=ENDS_WITHIN_S)


def _processor_times(pid: int) -> tuple[float, float]:
    """Return the processor seconds of a process and those of its threads that are not Python's."""
    process = psutil.Process(pid)
    threads = process.threads()
    outside = sum(one.user_time + one.system_time for one in threads if _is_outside_python(pid, one.id))
    times = process.cpu_times()
    return times.user + times.system, outside


def _is_outside_python(pid: int, thread_id: int) -> bool:
    # Python's threads bear the name of the program, the C core names its own.
    try:
        names = [(Path("/proc") / str(one) / "comm").read_text().strip() for one in (pid, f"{pid}/task/{thread_id}")]
    except OSError:
        return False
    return names[0] != names[1]

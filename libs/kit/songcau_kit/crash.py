"""Named points at which a process can be told to die at once, so that tests prove what a crash loses: nothing."""

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path

POINTS = (
    "database.before_commit",
    "database.after_commit",
    "relay.before_publish",
    "relay.after_publish",
    "consumer.before_effect",
    "consumer.after_effect",
)


@dataclass
class _Armed:
    point: str = ""
    marker: Path | None = None


_armed = _Armed()


def arm_crash(at: str) -> None:
    """Arm `<point>` or `<point>@<marker file>`; the empty text disarms.

    With a marker file the process dies once: the file is made first and a process that finds it lives on.
    Raises ValueError where no such point exists. Only settings of development let `at` be non-empty.
    """
    point, _, marker = at.partition("@")
    if point and point not in POINTS:
        raise ValueError(f"no crash point is called {point!r}; there are {', '.join(POINTS)}")
    _armed.point = point
    _armed.marker = Path(marker) if marker else None


def crash_point(name: str) -> None:
    """Die here with SIGKILL where this point is armed; otherwise do nothing."""
    if name == _armed.point and _marked():
        os.kill(os.getpid(), signal.SIGKILL)


def _marked() -> bool:
    if _armed.marker is None:
        return True
    with contextlib.suppress(FileExistsError):
        _armed.marker.touch(exist_ok=False)
        return True
    return False

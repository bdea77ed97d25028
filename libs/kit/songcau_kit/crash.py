"""Named points at which a process can be told to die at once, so that tests prove what a crash loses: nothing."""

import contextlib
import os
import signal
from pathlib import Path

POINTS = (
    "database.before_commit",
    "database.after_commit",
    "relay.before_publish",
    "relay.after_publish",
    "consumer.before_effect",
    "consumer.after_effect",
)


_armed: dict[str, Path | None] = {}


def arm_crash(at: str) -> None:
    """Arm `<point>` or `<point>@<marker file>`, or several with commas between them; the empty text disarms.

    With a marker file the process dies once: the file is made first and a process that finds it lives on.
    Raises ValueError where no such point exists. Only settings of development let `at` be non-empty.
    """
    wanted = [one.partition("@") for one in at.split(",") if one]
    for point, _, _ in wanted:
        if point not in POINTS:
            raise ValueError(f"no crash point is called {point!r}; there are {', '.join(POINTS)}")
    _armed.clear()
    _armed.update({point: Path(marker) if marker else None for point, _, marker in wanted})


def crash_point(name: str) -> None:
    """Die here with SIGKILL where this point is armed; otherwise do nothing."""
    if name in _armed and _marked(_armed[name]):
        os.kill(os.getpid(), signal.SIGKILL)


def _marked(marker: Path | None) -> bool:
    if marker is None:
        return True
    with contextlib.suppress(FileExistsError):
        marker.touch(exist_ok=False)
        return True
    return False

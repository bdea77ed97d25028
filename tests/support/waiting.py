"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable
from functools import partial


def wait_until(is_true: Callable[[], bool], seconds: float = 15) -> None:
    """Return once it is true; fails where it is not in time."""
    until = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


# A broker that starts, or shares out a group anew, takes its time on a busy machine.
wait_patiently = partial(wait_until, seconds=90)

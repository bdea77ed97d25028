"""Acting at a steady pace, and waiting for what that leads to."""

import time
from collections.abc import Callable

ARRIVES_WITHIN_S = 20.0


def act_at_pace(count: int, per_second: int, act: Callable[[int], None]) -> None:
    """Call `act` with 0, 1, 2, …, so many times a second; who is late catches up."""
    began = time.perf_counter()
    for number in range(count):
        ahead = began + number / per_second - time.perf_counter()
        if ahead > 0:
            time.sleep(ahead)
        act(number)


def wait_for_arrival(is_there: Callable[[], bool]) -> None:
    """Return once it is there; raises TimeoutError."""
    until = time.monotonic() + ARRIVES_WITHIN_S
    while not is_there():
        if time.monotonic() > until:
            raise TimeoutError("records stayed away")
        time.sleep(0.01)

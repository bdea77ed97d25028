import threading
import time

import pytest
from songcau_kit.loop import HaltError, Loop


def test_a_loop_repeats_its_step_until_it_is_stopped():
    enough = threading.Event()
    steps = []

    def step() -> float:
        steps.append(1)
        if len(steps) >= 3:
            enough.set()
        return 0.01

    loop = Loop("test", step)
    loop.start()
    assert enough.wait(5)
    loop.check()
    loop.stop(5)
    count = len(steps)
    time.sleep(0.05)
    assert len(steps) == count


def test_a_loop_survives_the_errors_of_its_step():
    recovered = threading.Event()
    steps = []

    def step() -> float:
        steps.append(1)
        if len(steps) < 3:
            raise RuntimeError("once more")
        recovered.set()
        return 1.0

    loop = Loop("test", step, longest_pause=0.1)
    loop.start()
    assert recovered.wait(5)
    loop.check()
    loop.stop(5)


def test_a_loop_that_halts_says_why_and_stays_halted():
    def step() -> float:
        raise HaltError("look at this first")

    loop = Loop("test", step)
    loop.start()
    loop.stop(5)
    with pytest.raises(HaltError, match="look at this first"):
        loop.check()


def test_a_loop_that_was_never_started_is_not_ready():
    with pytest.raises(HaltError, match="does not run"):
        Loop("test", lambda: 1.0).check()


def test_stopping_does_not_wait_for_a_pause():
    loop = Loop("test", lambda: 60.0)
    loop.start()
    started = time.monotonic()
    loop.stop(5)
    assert time.monotonic() - started < 1

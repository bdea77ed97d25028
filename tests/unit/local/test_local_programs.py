"""A process that starts is asked whether it is ready: soon at first, less often the longer it takes."""

import sys
from itertools import pairwise

import pytest
from songcau_local import programs
from songcau_local.programs import Child, Program
from songcau_local.status import State


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(programs, "time", clock)
    return clock


def test_who_takes_long_to_start_is_asked_less_and_less_and_noticed_within_a_second(clock, tmp_path):
    asked: list[float] = []

    def is_ready() -> bool:
        asked.append(clock.now - 1000.0)
        return asked[-1] >= 40

    program = Program("slow", (sys.executable, "-c", "import time; time.sleep(60)"), {}, probe=is_ready)
    child = Child(program, tmp_path / "slow.log", lambda *_: None)
    child.start()
    try:
        while child.state is State.STARTING and clock.now < 1050:
            child.look()
            clock.now += 0.1
    finally:
        child.ask_to_stop()
        child.wait_for_end(clock.now + 10)
    pauses = [after - before for before, after in pairwise(asked)]
    assert asked[0] == 0
    assert pauses == sorted(pauses, key=lambda pause: round(pause, 1))
    assert pauses[0] == pytest.approx(0.2, abs=0.11)
    assert pauses[-1] == pytest.approx(1.0, abs=0.11)
    assert 40 <= asked[-1] < 41.2
    assert len(asked) < 100

"""Processes are killed while the story runs; the supervisor starts them again, nothing is lost or doubled."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest
from songcau_local.demo.stage import Stage
from songcau_local.demo.story import STORY
from songcau_local.status import State, find_status

# The last step reads every file for leaks, which no crash changes; test_e2e_story runs it.
STEPS = STORY[:-1]
PROCESSES = (
    "identity", "identity-work", "eservices", "eservices-work", "telehealth", "telehealth-work", "bridge", "gateway",
    "audit", "audit-work", "audit-sign", "audit-witness",
)  # fmt: skip
# Each process dies while the steps run that need it most.
KILLED_BEFORE = {"identity": 2, "bridge": 1, "telehealth": 8, "telehealth-work": 8}
CRASHES = (
    {
        "IDENTITY_CRASH_AT": "consumer.after_effect",
        "ESERVICES_CRASH_AT": "database.before_commit",
        "TELEHEALTH_CRASH_AT": "relay.after_publish",
    },
    {
        "IDENTITY_CRASH_AT": "consumer.before_effect",
        "ESERVICES_CRASH_AT": "database.after_commit",
        "TELEHEALTH_CRASH_AT": "relay.before_publish",
    },
)
pytestmark = pytest.mark.timeout(600)


def process_of(stack, name):
    status = find_status(stack.status_file)
    assert status is not None
    return next(process for process in status.processes if process.name == name)


def wait_until_ready(stack):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        status = find_status(stack.status_file)
        if status and all(process.state is State.READY for process in status.processes):
            return
        time.sleep(0.2)
    raise AssertionError("the supervisor did not bring every process back")


def tell_story(stage: Stage, before_step) -> None:
    for number, (_, step) in enumerate(STEPS, start=1):
        before_step(number)
        step(stage)


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_killed_while_the_story_runs_is_started_again_and_nothing_is_lost(stack, stage, name):
    at = KILLED_BEFORE.get(name, 3)
    before = process_of(stack, name)

    def kill_soon(number: int) -> None:
        if number == at:
            threading.Timer(0.15, os.kill, (before.running.pid, signal.SIGKILL)).start()

    tell_story(stage, kill_soon)
    wait_until_ready(stack)
    after = process_of(stack, name)
    assert after.running.pid != before.running.pid
    assert after.restarts == before.restarts + 1


@pytest.mark.parametrize("crashes", CRASHES, ids=("after-commit-of-work", "before-commit-of-work"))
def test_a_crash_at_a_named_point_loses_and_doubles_no_event(start_stack, tmp_path: Path, crashes, request):
    markers = {name: tmp_path / name for name in crashes}
    for marker in markers.values():
        marker.touch()  # while its marker is there, a point lets everybody pass
    stack = start_stack({name: f"{point}@{markers[name]}" for name, point in crashes.items()})
    stage = Stage.open(stack)
    request.addfinalizer(stage.http.close)

    def arm(number: int) -> None:
        if number == 3:
            markers["IDENTITY_CRASH_AT"].unlink()
            markers["ESERVICES_CRASH_AT"].unlink()
        if number == 8:
            markers["TELEHEALTH_CRASH_AT"].unlink()

    tell_story(stage, arm)
    wait_until_ready(stack)
    assert all(marker.exists() for marker in markers.values()), "every armed point was reached and killed its process"
    status = find_status(stack.status_file)
    assert sum(process.restarts for process in status.processes) == len(crashes)

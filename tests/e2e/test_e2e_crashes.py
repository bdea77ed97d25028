"""Processes are killed while the story runs; the supervisor starts them again, nothing is lost or doubled."""

import os
import signal
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from songcau_local.demo.stage import Stage
from songcau_local.demo.story import STORY
from support.stack_processes import process_of, status_of, wait_until_ready
from support.staff_sessions import StaffSessions

# The last step reads every file for leaks, which no crash changes; test_e2e_story runs it.
STEPS = STORY[:-1]
# Who dies before which step: every process once, and while a step runs that needs it.
ROUNDS = (
    {1: "bridge", 2: "identity", 3: "eservices", 5: "audit", 8: "telehealth"},
    {2: "audit-witness", 3: "identity-work", 8: "telehealth-work"},
    {3: "gateway", 5: "audit-work"},
    {3: "eservices-work", 6: "audit-sign"},
)
# What a province does not run from us; tests/full takes Kafka and Keycloak away.
OUTSIDE_OURS = {"postgres", "kafka", "keycloak", "issuer", "simulators"}
# Where each service's processes die, round by round: after the commit of the work, then before it.
CRASHES = (
    {"IDENTITY": "consumer.after_effect", "ESERVICES": "database.before_commit", "TELEHEALTH": "relay.after_publish"},
    {"IDENTITY": "consumer.before_effect", "ESERVICES": "database.after_commit", "TELEHEALTH": "relay.before_publish"},
)
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def tell_story(stage: Stage, before_step) -> None:
    for number, (_, step) in enumerate(STEPS, start=1):
        before_step(number)
        step(stage)


@pytest.mark.parametrize("killed", ROUNDS, ids=lambda killed: "+".join(killed.values()))
def test_processes_killed_while_the_story_runs_are_started_again_and_nothing_is_lost(stack, stage, killed):
    before = {name: process_of(stack, name) for name in killed.values()}

    def kill_soon(number: int) -> None:
        if number in killed:
            threading.Timer(0.15, os.kill, (before[killed[number]].running.pid, signal.SIGKILL)).start()

    tell_story(stage, kill_soon)
    wait_until_ready(stack)
    after = {name: process_of(stack, name) for name in before}
    assert {name: after[name].restarts - before[name].restarts for name in before} == dict.fromkeys(before, 1)
    assert all(after[name].running.pid != before[name].running.pid for name in before)


def test_every_process_of_ours_dies_once_in_these_rounds(stack):
    killed = [name for one in ROUNDS for name in one.values()]
    running = {process.name for process in status_of(stack).processes}
    assert sorted(killed) == sorted(running - OUTSIDE_OURS)


def test_a_crash_at_a_named_point_loses_and_doubles_no_event(start_stack, tmp_path: Path):
    rounds = [{service: tmp_path / point for service, point in crashes.items()} for crashes in CRASHES]
    for marker in (marker for markers in rounds for marker in markers.values()):
        marker.touch()  # while its marker is there, a point lets everybody pass
    armed = {
        f"{service}_CRASH_AT": ",".join(f"{markers[service].name}@{markers[service]}" for markers in rounds)
        for service in CRASHES[0]
    }
    stack, staff = start_stack(armed), StaffSessions()
    for number, markers in enumerate(rounds, start=1):
        stage = Stage.open(stack, staff.sign_in)
        with closing(stage.http):
            tell_story(stage, crashing(markers))
        wait_until_ready(stack)
        assert all(marker.exists() for marker in markers.values()), "every armed point killed its process"
        assert sum(process.restarts for process in status_of(stack).processes) == number * len(markers)


def crashing(markers: dict[str, Path]) -> Callable[[int], None]:
    """Return what arms the points of a round before the steps that reach them."""

    def arm(number: int) -> None:
        for service in {3: ("IDENTITY", "ESERVICES"), 8: ("TELEHEALTH",)}.get(number, ()):
            markers[service].unlink()

    return arm

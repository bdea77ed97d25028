"""A full stack says what is real in it, and tells the story while its Kafka dies; tests/e2e runs on it too."""

import os
import signal
import threading

import pytest
from e2e.test_e2e_crashes import tell_story
from songcau_local.demo.stage import Stage
from songcau_local.layout import Layout
from support.e2e_stack import songcau
from support.stack_processes import process_of, wait_until_ready

KILLED_BEFORE_STEP = 4
READS_THE_LOG_FROM_STEP = 10


@pytest.fixture
def stack(full_stack: Layout) -> Layout:
    """Return the stack with the real parts where the tests of the embedded one ask for theirs."""
    return full_stack


def test_the_status_names_the_real_parts(full_stack: Layout):
    told = songcau(full_stack, "status").stdout
    for part in ("real: PostgreSQL", "real: Apache Kafka", "real: Keycloak"):
        assert part in told


def test_the_topics_are_as_their_files_declare(full_stack: Layout):
    done = songcau(full_stack, "topics", "plan", "--bus", full_stack.bus, state=False)
    assert (done.returncode, "as the topic files declare" in done.stdout) == (0, True), done.stdout


def test_a_kafka_killed_while_the_story_runs_comes_back_and_nothing_is_lost(stack: Layout):
    stage, before = Stage.open(stack), process_of(stack, "kafka")

    def kill_soon(number: int) -> None:
        if number == KILLED_BEFORE_STEP:
            threading.Timer(0.15, os.kill, (before.running.pid, signal.SIGKILL)).start()
        if number == READS_THE_LOG_FROM_STEP:  # until here nothing needed Kafka: requests are answered without it
            wait_until_ready(stack)

    tell_story(stage, kill_soon)
    stage.http.close()
    wait_until_ready(stack)
    assert process_of(stack, "kafka").restarts == before.restarts + 1

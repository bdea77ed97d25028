"""No secret stands in what a stack wrote, not even after all of it died at once; a planted one is found."""

import threading
from contextlib import closing
from uuid import uuid4

import httpx
import psutil
import psycopg
import pytest
from e2e.test_e2e_crashes import STEPS
from songcau_local.demo.client import StepError
from songcau_local.demo.stage import Stage
from songcau_local.demo.story import STORY
from songcau_local.layout import Layout
from songcau_local.leaks import find_leaks, find_leaks_in_files
from songcau_local.status import find_status
from support.e2e_stack import IS_FULL, songcau

KILLED_DURING_STEP = 9
COMPLETION = "/complete"  # conclusion and advice are being sealed, signed and told
pytestmark = pytest.mark.timeout(600)


def shown_openly(stack: Layout) -> str:
    with psycopg.connect(stack.database("postgres", "telehealth")) as connection:
        return connection.execute("select full_name from practitioners limit 1").fetchone()[0]


def kill_everything(stack: Layout) -> None:
    status = find_status(stack.status_file)
    living = [status.supervisor, *(process.running for process in status.processes if process.running)]
    processes = [process for running in living if (process := running.find())]
    for process in processes:
        process.kill()
    psutil.wait_procs(processes, timeout=20)


def test_a_planted_text_is_found_in_every_place(stack: Layout):
    canary = f"Chim Hoàng Yến {uuid4().hex}"
    places = {
        "log": stack.logs / "planted.log",
        "object": stack.objects / "planted",
        "temporary file": stack.temporary / "planted",
    }
    for path in places.values():
        path.write_bytes(canary.encode("utf-16-be"))
    with psycopg.connect(stack.database("postgres", "identity")) as connection:
        connection.execute("create table planted as select %s::text as words", (canary.upper(),))
    with psycopg.connect(stack.database("postgres", "bus")) as connection:
        connection.execute("create table planted_bytes as select %s::bytea as value", (canary.encode(),))
    try:
        report = find_leaks(stack, [canary], control=shown_openly(stack))
    finally:
        for path in places.values():
            path.unlink()
        for database, table in (("identity", "planted"), ("bus", "planted_bytes")):
            with psycopg.connect(stack.database("postgres", database)) as connection:
                connection.execute(f"drop table {table}")
    told = "\n".join(report.found)
    for path in places.values():
        assert f"{path} holds secret 0" in told
    for place in ("postgres/data/base/", "pg_wal/", "the dump identity.plain", "the dump identity.custom",
                  "the dump bus.plain", "a row of identity.planted", "a row of bus.planted_bytes"):  # fmt: skip
        assert place in told, place
    assert canary not in told
    assert report.measured >= len(("gateway", "identity", "eservices", "telehealth", "audit"))


@pytest.mark.skipif(IS_FULL, reason="starts a stack of its own; on the embedded one it takes a minute")
def test_nothing_stands_in_the_clear_after_every_process_was_killed_in_the_middle_of_the_story(start_stack):
    stack = start_stack({})
    stage = Stage.open(stack)
    for _, step in STEPS[: KILLED_DURING_STEP - 1]:
        step(stage)
    killer = threading.Timer(0.02, kill_everything, (stack,))

    def kill_during_completion(request: httpx.Request) -> None:
        if request.url.path.endswith(COMPLETION) and killer.ident is None:
            killer.start()

    stage.http.event_hooks = {"request": [kill_during_completion]}
    with closing(stage.http), pytest.raises((StepError, httpx.HTTPError)):
        STEPS[KILLED_DURING_STEP - 1][1](stage)
    killer.join()
    cold = find_leaks_in_files(stack, stage.secrets, control=stage.control)
    assert cold.found == []

    assert songcau(stack, "up").returncode == 0
    again = Stage.open(stack)
    with closing(again.http):
        for _, step in STORY:  # its last step searches what the killed processes left, too
            step(again)
    secrets = [*stage.secrets, *again.secrets]
    assert find_leaks(stack, secrets, control=again.control).found == []

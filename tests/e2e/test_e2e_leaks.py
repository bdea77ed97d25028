"""No text that the stories typed stands in what the stack wrote, not even after all of it died; a planted one is found.

These tests run after all others of the folder, on the stack they share.
"""

import threading
from contextlib import closing, suppress
from uuid import uuid4

import httpx
import psutil
import psycopg
import pytest
from songcau_local.demo import consultation_steps
from songcau_local.demo.client import StepError
from songcau_local.demo.stage import Stage
from songcau_local.demo.story import STORY
from songcau_local.layout import Layout
from songcau_local.leaks import find_leaks, find_leaks_in_files
from songcau_local.status import find_status
from support.e2e_stack import FULL_START_SECONDS, songcau
from support.typed_texts import TypedTexts

# What each story types, so that a recorder that hears nothing is noticed.
TYPED_IN = {
    "test_e2e_assistance.py": {"personal_number"},
    "test_e2e_consents.py": {"complaint", "outcome.findings", "outcome.advice"},
    "test_e2e_merged_records.py": {"evidence.document_number"},
    "test_e2e_organisations.py": {"identifier", "name"},
    "test_e2e_records.py": {
        "text",
        "address.text",
        "paper.number",
        "full_name",
        "passport_number",
        "details",
        "measures",
    },
    "test_e2e_representation.py": {"evidence.document_number", "representative_number", "representative_name"},
    "test_e2e_rights.py": {"complaint"},
    "test_e2e_supervision.py": {"details", "answer", "question", "explanation", "note", "reason"},
}
COMPLETION = "/complete"  # conclusion and advice are being sealed, signed and told
pytestmark = pytest.mark.timeout(600)


def shown_openly(stack: Layout) -> str:
    with psycopg.connect(stack.database("postgres", "telehealth")) as connection:
        return connection.execute("select full_name from practitioners limit 1").fetchone()[0]


def kill_everything(stack: Layout) -> None:
    status = find_status(stack.status_file)
    living = [status.supervisor, *(process.running for process in status.processes if process.running)]
    started = [process for running in living if (process := running.find())]
    # What runs behind a script, like Keycloak, dies with it.
    processes = {*started, *(child for process in started for child in process.children(recursive=True))}
    for process in processes:
        with suppress(psutil.NoSuchProcess):
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


def test_no_text_that_anybody_typed_in_any_story_stands_in_the_clear(
    stack: Layout, stage: Stage, typed: TypedTexts, request: pytest.FixtureRequest
):
    told = {item.path.name for item in request.session.items}
    if not request.config.option.keyword:
        for story, fields in TYPED_IN.items():
            assert story not in told or fields <= typed.fields, f"{story} did not type {fields - typed.fields}"
    consultation_steps.ask(stage)  # so that there is something, also where this test runs alone
    typed.add(stage.secrets, "the steps of the demo")
    report = find_leaks(stack, list(typed), control=stage.control)
    print(f"{len(typed)} texts, {report}")
    assert report.found == [], typed.table()


def test_nothing_stands_in_the_clear_after_every_process_was_killed_in_the_middle_of_the_story(
    stack: Layout, stage: Stage, typed: TypedTexts
):
    consultation_steps.ask(stage)
    killer = threading.Timer(0.02, kill_everything, (stack,))

    def kill_during_completion(request: httpx.Request) -> None:
        if request.url.path.endswith(COMPLETION) and killer.ident is None:
            killer.start()

    def wait_for_the_killer(answer: httpx.Response) -> None:
        if answer.request.url.path.endswith(COMPLETION):
            killer.join()  # an answer may be faster; what follows it finds nobody

    stage.http.event_hooks["request"].append(kill_during_completion)
    stage.http.event_hooks["response"].append(wait_for_the_killer)
    with pytest.raises((StepError, httpx.HTTPError)):
        consultation_steps.care(stage)
    killer.join()
    typed.add(stage.secrets, "the steps of the demo")
    cold = find_leaks_in_files(stack, list(typed), control=stage.control)
    assert cold.found == [], typed.table()

    assert songcau(stack, "up", seconds=FULL_START_SECONDS).returncode == 0
    again = Stage.open(stack)
    with closing(again.http):
        for _, step in STORY:  # its last step searches what the killed processes left, too
            step(again)
    assert find_leaks(stack, [*typed, *again.secrets], control=again.control).found == [], typed.table()

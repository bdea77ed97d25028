"""Nobody vouches for the audit log: writes on other people's records wait for the signer, everything else goes on."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from secrets import randbelow
from typing import Any

import httpx
import pytest
from songcau_local.demo import dossier_steps
from songcau_local.demo.client import Person
from songcau_local.demo.stage import Stage
from songcau_local.layout import Layout
from songcau_local.process_table import OLDEST_CHECKPOINT_SECONDS
from support.stack_processes import process_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
# A checkpoint may still be on its way when the signer stops, and a round of the work takes its time afterwards.
ON_THE_WAY_SECONDS = 45
DRAFT = {
    "procedure_code": dossier_steps.PROCEDURE,
    "channel": "ONLINE",
    "receiving_agency_code": dossier_steps.AGENCY,
    "answers": dossier_steps.ANSWERS,
}


@contextmanager
def signer_held(stack: Layout) -> Iterator[None]:
    """Hold the signer: it is there and does nothing, so that nobody starts another in its place."""
    pid = process_of(stack, "audit-sign").running.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def soon(is_so: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.5)


def record_paper(officer: Person, citizen_id: str, version: int) -> httpx.Response:
    """Record a paper and return the first answer, whatever it is: an app would try again."""
    number = f"K{randbelow(10**7):07d}"
    evidence = {"kind": "IDENTITY_PAPER", "document_number": number, "issuer": "Cục QLXNC", "issued_on": "2026-10-01"}
    body = {"paper": {"kind": "HO_CHIEU", "number": number, "issuer": "VNM"}, "evidence": evidence}
    token = officer.tokens.access if officer.tokens else ""
    headers = {
        "authorization": f"Bearer {token}",
        "x-access-purpose": officer.purpose,
        "idempotency-key": number,
        "if-match": f'"v{version}"',
    }
    return officer.http.post(f"/v1/citizens/{citizen_id}/papers", json=body, headers=headers)


def test_a_write_on_the_record_of_another_waits_for_the_signer_and_a_citizen_s_own_does_not(
    stack: Layout, stage: Stage
) -> None:
    citizen, officer = stage.person("binh"), stage.person("officer.lahien")
    officer.purpose = "COUNTER_ASSISTANCE"
    number = {"number": citizen.facts["personal_number"]}

    def found() -> Any:
        (hit,) = officer.post("/v1/citizens/search", number)["items"]
        return hit

    def refusal(version: int) -> str:
        return str(record_paper(officer, citizen.citizen_id, version).json().get("code", ""))

    never = found()["version"] + 1000  # one that a write never finds, so that only the reason tells
    assert refusal(never) == "VERSION_CONFLICT"
    with signer_held(stack):
        soon(lambda: refusal(never) == "AUDIT_LOG_STALE", OLDEST_CHECKPOINT_SECONDS + ON_THE_WAY_SECONDS)
        before = found()  # reads go on
        refused = record_paper(officer, before["id"], before["version"])
        assert (refused.status_code, refused.json()["code"]) == (503, "AUDIT_LOG_STALE")
        assert found()["version"] == before["version"]
        assert citizen.post("/v1/dossiers", DRAFT)["status"]["code"] == "DRAFT"
    soon(lambda: refusal(never) == "VERSION_CONFLICT", ON_THE_WAY_SECONDS)
    recorded = record_paper(officer, before["id"], before["version"])
    assert recorded.status_code == 201, recorded.text
    assert citizen.post("/v1/dossiers", DRAFT)["status"]["code"] == "DRAFT"

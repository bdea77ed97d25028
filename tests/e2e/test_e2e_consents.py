"""Consent over HTTP and the bus: a withdrawal stops what rests on it within a minute, also what goes on already."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from songcau_local.demo import consultation_steps, dossier_steps
from songcau_local.demo.client import Person
from songcau_local.demo.stage import Stage

pytestmark = pytest.mark.timeout(400)
# How long a withdrawal may take to be effective everywhere.
EFFECTIVE_WITHIN_SECONDS = 60.0


def give(stage: Stage, citizen: Person, purpose: str) -> None:
    texts = {one["purpose"]: one for one in stage.anybody.get("/v1/consent-purposes")["items"]}
    grant = {"purpose": purpose, "text_version": texts[purpose]["text_version"], "agreed": True}
    assert citizen.post("/v1/me/consents", grant)["state"] == "GIVEN"


def soon(is_so: Callable[[], bool]) -> float:
    """Return after how many seconds something was so; it must be within the minute."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < EFFECTIVE_WITHIN_SECONDS
        time.sleep(0.05)
    return time.monotonic() - began


@pytest.fixture
def tell(capfd: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Return a function that prints how long something took."""

    def tell(text: str) -> None:
        with capfd.disabled():
            print(f"\n{text}")

    return tell


def withdraw(citizen: Person, purpose: str, is_effective: Callable[[], bool]) -> float:
    """Withdraw a consent and return after how many seconds it was effective."""
    assert citizen.post(f"/v1/me/consents/{purpose}/withdraw")["state"] == "WITHDRAWN"
    return soon(is_effective)


def test_consent_withdrawn_in_the_middle_of_a_consultation_stops_it_and_the_doctor_sees_why(
    stage: Stage, tell: Callable[[str], None]
) -> None:
    citizen, station, doctor = stage.person("an"), stage.person("station.lahien"), stage.person("doctor")
    give(stage, citizen, "REMOTE_CARE")

    consultation_steps.ask(stage)
    path = f"/v1/consultations/{stage.consultation['id']}"
    arrived = station.post(f"{path}/check-in", {"proof": "VNEID_SHOWN"}, version=stage.consultation["version"])
    running = doctor.post(f"{path}/admit", version=arrived["version"])
    agreed = given_with(citizen, stage.consultation["id"])
    assert (agreed["withdrawn_at"], agreed["withdrawable"]) == (None, True)
    assert running["status"]["code"] == "IN_CALL"

    took = withdraw(citizen, "REMOTE_CARE", lambda: doctor.get(path)["consent"]["withdrawn_at"] is not None)
    tell(f"the withdrawal of REMOTE_CARE was effective in telehealth after {took:.2f} s")

    outcome = {
        "kind": "ADVICE",
        "advice": consultation_steps.ADVICE,
        "findings": consultation_steps.FINDINGS,
        "diagnoses": [{"icd10_code": "I10", "text": consultation_steps.DIAGNOSIS}],
    }
    refused = doctor.refused(
        "POST", f"{path}/complete", {"outcome": outcome}, code="CONSENT_WITHDRAWN", version=running["version"]
    )
    assert refused["details"]["state"] == "IN_CALL"
    seen = doctor.get(path)
    assert (seen["status"]["code"], seen["status"]["next_actions"]) == ("IN_CALL", ["STOP"])
    stopped = doctor.post(f"{path}/cancel", {"reason": "CONSENT_WITHDRAWN"}, version=running["version"])
    assert (stopped["status"]["code"], stopped["status"]["reason"]) == ("CANCELLED", "CONSENT_WITHDRAWN")

    own = {one["purpose"]: one for one in citizen.get("/v1/me/consents")["items"]}
    assert [one["state"] for one in own["REMOTE_CARE"]["decisions"]][:2] == ["WITHDRAWN", "GIVEN"]
    agreed = given_with(citizen, stage.consultation["id"])
    assert (agreed["withdrawn_at"] is None, agreed["withdrawable"]) == (False, False)
    assert citizen.get(path)["complaint"]


def test_a_station_stops_reading_a_result_when_the_patient_withdraws_the_consent_to_share_it(
    stage: Stage, tell: Callable[[str], None]
) -> None:
    citizen, station = stage.person("an"), stage.person("station.lahien")
    give(stage, citizen, "REMOTE_CARE")
    consultation_steps.ask(stage)
    consultation_steps.care(stage)
    path = f"/v1/consultations/{stage.consultation['id']}/summary"

    def code() -> Any:
        answer = station.call("GET", path)
        return answer.json()["code"] if answer.is_error else ""

    give(stage, citizen, "SHARE_CARE_RESULT")
    soon(lambda: code() == "")
    assert station.file(path).startswith(b"%PDF")
    took = withdraw(citizen, "SHARE_CARE_RESULT", lambda: code() == "RESULT_NOT_SHARED")
    tell(f"the withdrawal of SHARE_CARE_RESULT was effective in telehealth after {took:.2f} s")
    assert citizen.file(path).startswith(b"%PDF")


def test_papers_are_not_offered_or_taken_any_more_when_the_consent_to_reuse_them_is_withdrawn(
    stage: Stage, tell: Callable[[str], None]
) -> None:
    citizen = stage.person("an")
    dossier_steps.submit(stage)
    dossier_steps.pay(stage)
    dossier_steps.accept(stage)
    earlier = citizen.get(f"/v1/dossiers/{stage.dossier['id']}")["attachments"]
    draft = {
        "procedure_code": dossier_steps.PROCEDURE,
        "channel": "ONLINE",
        "receiving_agency_code": dossier_steps.AGENCY,
        "answers": dossier_steps.ANSWERS,
    }
    path = f"/v1/dossiers/{citizen.post('/v1/dossiers', draft)['id']}"

    def code() -> Any:
        answer = citizen.call("GET", f"{path}/reusable-papers")
        return answer.json()["code"] if answer.is_error else ""

    give(stage, citizen, "REUSE_PAPERS")
    soon(lambda: code() == "")
    offered = citizen.get(f"{path}/reusable-papers")["items"]
    # Not these alone: the citizen has other dossiers on a stack where the story was told before.
    assert {one["attachment"]["id"] for one in offered} & {one["id"] for one in earlier}
    took = withdraw(citizen, "REUSE_PAPERS", lambda: code() == "CONSENT_WITHDRAWN")
    tell(f"the withdrawal of REUSE_PAPERS was effective in e-services after {took:.2f} s")
    wish = {"component_key": earlier[0]["component_key"], "attachment_id": earlier[0]["id"]}
    citizen.refused("POST", f"{path}/reused-papers", wish, code="CONSENT_WITHDRAWN")


def test_consent_to_one_consultation_is_taken_back_where_all_consents_are(stage: Stage) -> None:
    citizen, station = stage.person("an"), stage.person("station.lahien")
    consultation_steps.ask(stage)
    consultation_id = stage.consultation["id"]
    assert given_with(citizen, consultation_id)["withdrawable"]
    taken_back = citizen.post(f"/v1/me/consents/consultations/{consultation_id}/withdraw")
    assert (taken_back["withdrawn_at"] is None, taken_back["withdrawable"]) == (False, False)
    status = station.get(f"/v1/consultations/{consultation_id}")["status"]
    assert (status["code"], status["reason"]) == ("CANCELLED", "CONSENT_WITHDRAWN")
    page = citizen.get("/v1/me/consents/consultations?limit=1")
    assert page["items"][0]["consultation_id"] == consultation_id


def given_with(citizen: Person, consultation_id: str) -> Any:
    """Return the consent to one consultation as it stands among all consents of a person."""
    consents = citizen.get("/v1/me/consents")["consultations"]["items"]
    return next(one for one in consents if one["consultation_id"] == consultation_id)

"""Consent over HTTP and the bus: withdrawn in the middle of a consultation, it stops what goes on within a minute."""

from __future__ import annotations

import time

import pytest
from songcau_local.demo import consultation_steps

pytestmark = pytest.mark.timeout(400)
# How long a withdrawal may take to be effective everywhere.
EFFECTIVE_WITHIN_SECONDS = 60.0


def test_consent_withdrawn_in_the_middle_of_a_consultation_stops_it_and_the_doctor_sees_why(stage, capfd):
    citizen, station, doctor = stage.person("an"), stage.person("station.lahien"), stage.person("doctor")
    texts = {one["purpose"]: one for one in stage.anybody.get("/v1/consent-purposes")["items"]}
    grant = {"purpose": "REMOTE_CARE", "text_version": texts["REMOTE_CARE"]["text_version"], "agreed": True}
    given = citizen.post("/v1/me/consents", grant)
    assert given["state"] == "GIVEN"

    consultation_steps.ask(stage)
    path = f"/v1/consultations/{stage.consultation['id']}"
    arrived = station.post(f"{path}/check-in", {"proof": "VNEID_SHOWN"}, version=stage.consultation["version"])
    running = doctor.post(f"{path}/admit", version=arrived["version"])
    assert running["status"]["code"] == "IN_CALL"

    withdrawn = citizen.post("/v1/me/consents/REMOTE_CARE/withdraw")
    began = time.monotonic()
    assert withdrawn["state"] == "WITHDRAWN"
    while doctor.get(path)["consent"]["withdrawn_at"] is None:
        assert time.monotonic() - began < EFFECTIVE_WITHIN_SECONDS
        time.sleep(0.05)
    took = time.monotonic() - began
    with capfd.disabled():
        print(f"\nthe withdrawal was effective in telehealth after {took:.2f} s")

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
    assert citizen.get(path)["complaint"]

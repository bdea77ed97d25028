"""Papers, newborns and foreigners through the gateway: what reaches the service, what comes back, in whose words."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from songcau_kit.errors import DomainError, Reason, Status, Violation

ID = "019ab6c2-7c1e-7000-8000-000000000001"
KEY = {"idempotency-key": "k-1"}
MOVE = {**KEY, "if-match": '"v3"'}
EVIDENCE = {"kind": "BIRTH_CERTIFICATE", "document_number": "12/2026", "issuer": "Trạm Y tế", "issued_on": "2026-11-20"}
PASSPORT = {"kind": "HO_CHIEU", "number": "C1234567", "issuer": "VNM"}
CHILD = {"full_name": "Hoàng Thị Sao Băng", "birth_date": "2026-11-19", "sex": "FEMALE", "evidence": EVIDENCE}
FOREIGNER = {
    "full_name": "Claire Inventée",
    "birth_date": "1990",
    "passport_number": "C1234567",
    "issuing_state": "FRA",
    "evidence": EVIDENCE,
}


def test_a_paper_reaches_the_service_whole(person: httpx.Client, services: Any) -> None:
    answer = person.post(f"/v1/citizens/{ID}/papers", headers=MOVE, json={"paper": PASSPORT, "evidence": EVIDENCE})
    assert (answer.status_code, answer.json()["paper_id"]) == (201, ID)
    request, metadata = services.last("RecordPaper")
    assert (request.paper.kind, request.paper.number, request.paper.issuer) == (3, "C1234567", "VNM")
    assert (request.citizen_id, request.expected_version, request.evidence.kind) == (ID, 3, 5)
    assert metadata["songcau-purpose"] == "INSPECTION"


def test_a_paper_is_withdrawn_and_listed_masked(person: httpx.Client, services: Any) -> None:
    body = {"withdrawal": "LOST", "evidence": EVIDENCE}
    assert person.post(f"/v1/papers/{ID}/withdraw", headers=MOVE, json=body).status_code == 200
    request, _ = services.last("WithdrawPaper")
    assert (request.withdrawal, request.expected_citizen_version) == (4, 3)
    for path in ("/v1/me/papers", f"/v1/citizens/{ID}/papers"):
        (item,) = person.get(path).json()["items"]
        assert (item["id"], item["kind"], item["masked_number"]) == (ID, "CMND_9", "x1")


def test_a_look_up_by_paper_is_one_of_the_ways(person: httpx.Client, services: Any) -> None:
    assert person.post("/v1/citizens/search", json={"paper": PASSPORT}).status_code == 200
    request, _ = services.last("LookUpCitizen")
    assert (request.WhichOneof("query"), request.paper.issuer) == ("paper", "VNM")
    assert person.post("/v1/citizens/search", json={"paper": PASSPORT, "number": "090123456"}).status_code == 400


def test_a_newborn_is_entered_numbered_voided_and_listed(person: httpx.Client, services: Any) -> None:
    answer = person.post(f"/v1/citizens/{ID}/newborns", headers=MOVE, json=CHILD)
    assert (answer.status_code, answer.json()["id"], answer.headers["etag"]) == (201, ID, '"v3"')
    request, _ = services.last("RegisterNewborn")
    assert (request.mother_citizen_id, request.expected_mother_version, request.birth_order) == (ID, 3, 1)
    assert (request.birth_date, request.sex) == ("2026-11-19", 2)
    number = {"number": "019326000001", "evidence": EVIDENCE}
    assert person.post(f"/v1/newborns/{ID}/issue-number", headers=MOVE, json=number).status_code == 200
    assert services.last("IssuePersonalNumber")[0].number == "019326000001"
    void = {"reason": "ENTERED_TWICE", "evidence": EVIDENCE}
    assert person.post(f"/v1/newborns/{ID}/void", headers=MOVE, json=void).status_code == 200
    assert services.last("VoidNewborn")[0].reason == 2
    (child,) = person.get("/v1/me/newborns").json()["items"]
    assert (child["id"], child["state"], child["temporary_key"]) == (ID, "TEMPORARY", "x1")


def test_a_foreigner_is_entered_without_a_version_of_anything(person: httpx.Client, services: Any) -> None:
    assert person.post("/v1/foreigners", headers=KEY, json=FOREIGNER).status_code == 201
    request, _ = services.last("RegisterForeigner")
    assert (request.birth_date, request.issuing_state, request.nationality, request.sex) == ("1990", "FRA", "", 0)


def test_a_number_of_another_record_names_the_merge_in_the_caller_s_language(
    person: httpx.Client, services: Any
) -> None:
    reason = Reason("NEWBORN_NUMBER_TAKEN", Status.ALREADY_EXISTS, "identity.songcau", "")
    services.fail("IssuePersonalNumber", DomainError(reason, details={"citizen_id": ID}))
    number = {"number": "019326000001", "evidence": EVIDENCE}
    answer = person.post(f"/v1/newborns/{ID}/issue-number", headers=MOVE, json=number)
    assert (answer.status_code, answer.json()["code"]) == (409, "NEWBORN_NUMBER_TAKEN")
    assert f"POST /v1/citizens/{ID}/merge" in answer.json()["detail"]
    assert "cùng một trẻ" in answer.json()["detail"]


def test_wrong_places_of_a_paper_have_words(person: httpx.Client, services: Any) -> None:
    reason = Reason("PAPER_INVALID", Status.INVALID_ARGUMENT, "identity.songcau", "")
    services.fail("RecordPaper", DomainError(reason, violations=[Violation("/paper/issuer", "NOT_A_STATE")]))
    answer = person.post(f"/v1/citizens/{ID}/papers", headers=MOVE, json={"paper": PASSPORT, "evidence": EVIDENCE})
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/paper/issuer", "NOT_A_STATE")
    assert "hộ chiếu" in error["detail"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"/v1/citizens/{ID}/papers", {"paper": PASSPORT, "evidence": EVIDENCE}),
        (f"/v1/citizens/{ID}/newborns", CHILD),
        (f"/v1/newborns/{ID}/issue-number", {"number": "019326000001", "evidence": EVIDENCE}),
        (f"/v1/newborns/{ID}/void", {"reason": "DECEASED", "evidence": EVIDENCE}),
        ("/v1/foreigners", FOREIGNER),
    ],
)
def test_officers_who_enter_people_sign_in_afresh_and_say_why(
    anybody: httpx.Client, issuer: Any, path: str, body: Any
) -> None:
    weak = {**MOVE, "x-access-purpose": "INSPECTION", "authorization": f"Bearer {issuer.token(acr='aal1')}"}
    assert anybody.post(path, headers=weak, json=body).json()["code"] == "AUTHENTICATION_INSUFFICIENT"
    silent = {**MOVE, "authorization": f"Bearer {issuer.token()}"}
    assert anybody.post(path, headers=silent, json=body).json()["code"] == "PURPOSE_REQUIRED"
    citizen = {**MOVE, "x-access-purpose": "INSPECTION", "authorization": f"Bearer {issuer.token(roles=['citizen'])}"}
    assert anybody.post(path, headers=citizen, json=body).json()["code"] == "ROLE_MISSING"

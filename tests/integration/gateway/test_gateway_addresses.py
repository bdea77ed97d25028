"""Addresses through the gateway: what reaches the service, what comes back, in whose words."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from songcau_kit.errors import DomainError, Reason, Status

ID = "019ab6c2-7c1e-7000-8000-000000000001"
KEY = {"idempotency-key": "k-1"}
MOVE = {**KEY, "if-match": '"v3"'}
EVIDENCE = {"kind": "POLICE_NOTICE", "document_number": "12/2026", "issuer": "Công an xã", "issued_on": "2026-11-20"}
ADDRESS = {
    "kind": "PERMANENT",
    "text": "phường Cam Giá, TP Thái Nguyên",
    "hamlet": "Tổ 3",
    "written_on": "2019-05-01",
    "coordinates": {"latitude": 21.5, "longitude": 105},
}


def test_a_proposal_reaches_the_service_whole(person: httpx.Client, services: Any) -> None:
    answer = person.post("/v1/me/addresses", headers=KEY, json=ADDRESS)
    assert (answer.status_code, answer.json()["address_id"]) == (201, ID)
    address = services.last("ProposeAddress")[0].address
    assert (address.kind, address.text, address.hamlet) == (1, ADDRESS["text"], "Tổ 3")
    assert (address.written_on, address.coordinates.latitude, address.coordinates.longitude) == (
        "2019-05-01",
        21.5,
        105,
    )


def test_the_days_of_a_temporary_residence_reach_the_service(person: httpx.Client, services: Any) -> None:
    period = {"valid_from": "2026-11-27", "valid_to": "2028-11-27"}
    lodging = {"kind": "TEMPORARY", "text": "Xã La Hiên", **period}
    assert person.post("/v1/me/addresses", headers=KEY, json=lodging).status_code == 201
    address = services.last("ProposeAddress")[0].address
    assert {"valid_from": address.valid_from, "valid_to": address.valid_to} == period


def test_an_officer_records_accepts_refuses_and_resolves_on_evidence(person: httpx.Client, services: Any) -> None:
    recording = {"address": {"kind": "CURRENT", "text": "Xã La Hiên"}, "evidence": EVIDENCE}
    assert person.post(f"/v1/citizens/{ID}/addresses", headers=MOVE, json=recording).status_code == 201
    request, _ = services.last("RecordAddress")
    assert (request.citizen_id, request.expected_version, request.address.kind) == (ID, 3, 3)
    assert not request.address.HasField("coordinates")
    assert person.post(f"/v1/addresses/{ID}/accept", headers=MOVE, json={"evidence": EVIDENCE}).status_code == 200
    assert services.last("AcceptAddressProposal")[0].expected_citizen_version == 3
    refusal = {"refusal": "NOT_RESIDENT", "evidence": EVIDENCE}
    assert person.post(f"/v1/addresses/{ID}/refuse", headers=MOVE, json=refusal).status_code == 200
    assert services.last("RefuseAddressProposal")[0].refusal == 3
    finding = {"unit_code": "05500", "hamlet": "Tổ 3", "evidence": EVIDENCE}
    assert person.post(f"/v1/addresses/{ID}/resolve", headers=MOVE, json=finding).status_code == 200
    request, _ = services.last("ResolveAddress")
    assert (request.unit_code, request.hamlet, request.HasField("coordinates")) == ("05500", "Tổ 3", False)


def test_addresses_are_listed_with_their_words_at_the_top(person: httpx.Client) -> None:
    for path in ("/v1/me/addresses", f"/v1/citizens/{ID}/addresses"):
        answer = person.get(path)
        assert answer.status_code == 200, answer.text
        (item,) = answer.json()["items"]
        assert item["id"] == ID
        assert {"text", "hamlet", "unit_then", "unit_now", "candidates", "valid_from", "valid_to"} <= item.keys()


def test_addresses_in_doubt_are_listed_with_why_and_the_version_to_decide_on(
    person: httpx.Client, services: Any
) -> None:
    answer = person.get("/v1/address-doubts", params={"limit": 20})
    assert answer.status_code == 200, answer.text
    (item,) = answer.json()["items"]
    assert {"id", "text", "candidates", "doubts", "citizen_version", "citizen_id"} <= item.keys()
    assert services.last("ListAddressDoubts")[0].page_size == 20


@pytest.mark.parametrize(
    "broken",
    [
        {"kind": "SUMMER"},
        {"coordinates": {"latitude": 91, "longitude": 0}},
        {"text": "x" * 501},
        {"ward": "x"},
        {"valid_to": "soon"},
    ],
)
def test_what_is_no_address_stops_at_the_gateway(person: httpx.Client, broken: dict[str, Any]) -> None:
    assert person.post("/v1/me/addresses", headers=KEY, json=ADDRESS | broken).status_code == 400


def test_a_hamlet_known_elsewhere_is_told_with_its_unit(person: httpx.Client, services: Any) -> None:
    reason = Reason("HAMLET_ELSEWHERE", Status.FAILED_PRECONDITION, "identity.songcau", "")
    services.fail("ResolveAddress", DomainError(reason, details={"unit_code": "05467"}))
    finding = {"unit_code": "05500", "hamlet": "Tổ 3", "evidence": EVIDENCE}
    answer = person.post(f"/v1/addresses/{ID}/resolve", headers=MOVE, json=finding)
    assert (answer.status_code, "05467" in answer.json()["detail"]) == (400, True)

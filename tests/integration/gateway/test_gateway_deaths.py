"""Deaths through the gateway: what reaches the service, and documents that prove no death go no further."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

ID = "019ab6c2-7c1e-7000-8000-000000000001"
MOVE = {"idempotency-key": "k-1", "if-match": '"v3"'}
EVIDENCE = {"document_number": "7/2026-KT", "issuer": "UBND xã La Hiên", "issued_on": "2026-11-02"}


@pytest.mark.parametrize(
    ("verb", "rpc", "kind", "number"),
    [("record-death", "RecordDeath", "DEATH_RECORD", 7), ("annul-death", "AnnulDeath", "CIVIL_STATUS_RECORD", 2)],
)
def test_a_death_reaches_the_service_whole(
    person: httpx.Client, services: Any, verb: str, rpc: str, kind: str, number: int
) -> None:
    answer = person.post(f"/v1/citizens/{ID}/{verb}", headers=MOVE, json={"evidence": EVIDENCE | {"kind": kind}})
    assert (answer.status_code, answer.json()["id"], answer.headers["etag"]) == (200, ID, '"v3"')
    request, metadata = services.last(rpc)
    assert (request.citizen_id, request.expected_version, request.evidence.kind) == (ID, 3, number)
    assert (request.evidence.document_number, request.evidence.issued_on) == ("7/2026-KT", "2026-11-02")
    assert metadata["songcau-purpose"] == "INSPECTION"


@pytest.mark.parametrize(("verb", "kind"), [("record-death", "OFFICE_RECORD"), ("annul-death", "DEATH_RECORD")])
def test_a_document_that_proves_something_else_goes_no_further(
    person: httpx.Client, services: Any, verb: str, kind: str
) -> None:
    answer = person.post(f"/v1/citizens/{ID}/{verb}", headers=MOVE, json={"evidence": EVIDENCE | {"kind": kind}})
    assert answer.status_code in (400, 422)
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/evidence/kind"]
    assert services.calls == []


def test_an_heir_is_entered_on_a_document_of_the_inheritance(person: httpx.Client, services: Any) -> None:
    body = {"kind": "HEIR", "represented_id": ID, "representative_id": ID[:-1] + "2"}
    evidence = EVIDENCE | {"kind": "INHERITANCE_AGREEMENT"}
    answer = person.post("/v1/representations", headers={"idempotency-key": "k-2"}, json=body | {"evidence": evidence})
    assert answer.status_code == 201
    request, _ = services.last("GrantRepresentation")
    assert (request.kind, request.evidence.kind) == (6, 8)

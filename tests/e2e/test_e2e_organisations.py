"""An organisation over HTTP: founded, joined, filed for, and another legal representative in the former's place."""

from typing import Any

import pytest
from songcau_local.demo.client import Person, wait_until
from songcau_local.demo.stage import Stage

pytestmark = pytest.mark.timeout(300)
EXTRACT = {"procedure_code": "2.000635", "receiving_agency_code": "H55.242", "answers": {"authorised": False}}
CERTIFICATE = {
    "kind": "OFFICE_RECORD",
    "document_number": "4600123000",
    "issuer": "Sở Tài chính",
    "issued_on": "2026-06-15",
}
COMPANY = {
    "kind": "ENTERPRISE",
    "identifier": "4600123000",
    "name": "Công ty TNHH Ví Dụ Sông Cầu",
    "unit_code": "05443",
    "evidence": CERTIFICATE,
}


def files(person: Person, organisation_id: str) -> Any:
    return person.call("POST", "/v1/dossiers", EXTRACT, headers={"x-on-behalf-of": organisation_id})


def reads(person: Person, organisation_id: str) -> Any:
    return person.call("GET", "/v1/dossiers", headers={"x-on-behalf-of": organisation_id})


def test_members_act_for_an_organisation_within_their_role_and_its_representative_changes(stage: Stage):
    head, other, weak = (stage.person(name) for name in ("an", "binh", "chi"))
    officer = stage.person("officer.lahien")
    refused = weak.call("POST", "/v1/organisations", COMPANY)
    assert refused.json()["code"] == "IDENTITY_LEVEL_TOO_LOW"
    founded = head.post("/v1/organisations", COMPANY)
    assert (founded["state"], founded["register_finding"]) == ("ACTIVE", "CONFIRMED")
    organisation_id = str(founded["id"])
    wait_until(lambda: files(head, organisation_id).status_code == 201, "the founder files")
    assert files(other, organisation_id).json()["code"] == "NOT_REPRESENTED"

    proposal = other.post("/v1/organisation-proposals", {"identifier": "4600123000", "evidence": CERTIFICATE})
    settled = officer.post(
        f"/v1/organisation-proposals/{proposal['id']}/decide",
        {"decision": "ACCEPT", "evidence": CERTIFICATE},
        version=proposal["version"],
    )
    assert settled["state"] == "ACCEPTED"
    wait_until(lambda: files(other, organisation_id).status_code == 201, "the new representative files")
    wait_until(lambda: reads(head, organisation_id).status_code == 403, "the former reads nothing")
    assert files(head, organisation_id).json()["code"] == "NOT_REPRESENTED"

"""An organisation over HTTP: founded, joined, filed for, and another legal representative in the former's place."""

from typing import Any

import pytest
from songcau_local.demo.client import Person, wait_until
from songcau_local.demo.dossier_steps import attach
from songcau_local.demo.stage import Stage
from support.acting import Acting, acting

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
    return acting(person, organisation_id).call("POST", "/v1/dossiers", EXTRACT)


def reads(person: Person, organisation_id: str) -> Any:
    return acting(person, organisation_id).call("GET", "/v1/dossiers")


def invites(head: Person, organisation_id: str, person: Person, role: str) -> Any:
    who = {"member_number": person.facts["personal_number"], "member_name": person.facts["full_name"]}
    return head.post("/v1/organisation-members", {"organisation_id": organisation_id, **who, "role": role})


def joins(head: Person, organisation_id: str, person: Person, role: str) -> None:
    invited = invites(head, organisation_id, person, role)
    path = f"/v1/organisation-members/{invited['id']}/answer"
    assert person.post(path, {"answer": "ACCEPTED"}, version=invited["version"])["state"] == "ACTIVE"


def hands_in(person: Acting) -> Any:
    dossier = person.post("/v1/dossiers", EXTRACT)
    path = f"/v1/dossiers/{dossier['id']}"
    for item in person.get(f"{path}/checklist")["items"]:
        if item["state"] == "MISSING":
            attach(person, dossier["id"], item["component_key"], item["name"])
    return person.post(f"{path}/submit", version=person.get(path)["version"])


def test_members_act_for_an_organisation_within_their_role_and_its_representative_changes(stage: Stage):
    head, other, weak, clerk = (stage.person(name) for name in ("an", "binh", "chi", "hoa"))
    officer = stage.person("officer.phandinhphung")
    refused = weak.call("POST", "/v1/organisations", COMPANY)
    assert refused.json()["code"] == "IDENTITY_LEVEL_TOO_LOW"
    founded = head.post("/v1/organisations", COMPANY)
    assert (founded["state"], founded["register_finding"]) == ("ACTIVE", "CONFIRMED")
    organisation_id = str(founded["id"])
    wait_until(lambda: files(head, organisation_id).status_code == 201, "the founder files")
    assert files(other, organisation_id).json()["code"] == "NOT_REPRESENTED"

    joins(head, organisation_id, clerk, "SUBMITTER")
    joins(head, organisation_id, weak, "VIEWER")
    invited = invites(head, organisation_id, other, "ADMINISTRATOR")
    wait_until(lambda: files(clerk, organisation_id).status_code == 201, "the submitter files")
    dossier = hands_in(acting(clerk, organisation_id))
    assert dossier["status"]["code"] == "SUBMITTED"
    assert dossier["applicant"]["full_name"] == COMPANY["name"]
    assert dossier["applicant"]["legal_representative"] == head.facts["full_name"].upper()
    wait_until(lambda: reads(weak, organisation_id).status_code == 200, "the viewer reads")
    refused = files(weak, organisation_id)
    assert (refused.status_code, refused.json()["code"]) == (403, "NOT_REPRESENTED")

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
    assert files(clerk, organisation_id).status_code == 201
    path = f"/v1/organisation-members/{invited['id']}/answer"
    late = other.call("POST", path, {"answer": "ACCEPTED"}, version=invited["version"])
    assert late.json()["code"] == "ORGANISATION_MEMBER_STATE_CONFLICT"

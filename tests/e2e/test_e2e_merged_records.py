"""Two records turn out to be one person: what they have is seen as one, and parted again when it was a mistake."""

import pytest
from songcau_local.demo import consultation_steps, dossier_steps
from songcau_local.demo.client import Person, checked, wait_until
from songcau_local.demo.stage import Stage
from support.look_ups import found

pytestmark = pytest.mark.timeout(300)
DRAFT = {
    "procedure_code": dossier_steps.PROCEDURE,
    "channel": "ONLINE",
    "receiving_agency_code": dossier_steps.AGENCY,
    "answers": dossier_steps.ANSWERS,
}
EVIDENCE = {
    "kind": "POLICE_NOTICE",
    "document_number": "12/TB-CA",
    "issuer": "Công an xã La Hiên",
    "issued_on": "2026-10-01",
}


def own(person: Person) -> set[str]:
    return {one["id"] for one in person.get("/v1/dossiers", limit=200)["items"]}


def test_dossiers_of_two_records_are_one_person_s_until_the_merge_is_undone(stage: Stage) -> None:
    kept, double, officer = stage.person("binh"), stage.person("hoa"), stage.person("data.officer")
    officer.purpose = "DATA_SUBJECT_REQUEST"
    first, second = kept.post("/v1/dossiers", DRAFT), double.post("/v1/dossiers", DRAFT)
    assert kept.call("GET", f"/v1/dossiers/{second['id']}").json()["code"] == "DOSSIER_NOT_FOUND"
    creation = {"idempotency-key": f"before-the-merge-{second['id']}"}
    repeated = checked(double.call("POST", "/v1/dossiers", DRAFT, headers=creation)).json()

    # The officer finds both and lets the one stand for the other.
    survivor, other = found(officer, kept), found(officer, double)
    merge = {"merged_citizen_id": other["id"], "merged_version": other["version"], "evidence": EVIDENCE}
    merged = officer.post(f"/v1/citizens/{survivor['id']}/merge", merge, version=survivor["version"])
    assert merged["other"]["merged_into_citizen_id"] == survivor["id"]
    try:
        both = {first["id"], second["id"], repeated["id"]}
        wait_until(lambda: own(kept) >= both and own(double) >= both, "the merge in the public services")
        # Old references keep working for either sign-in, and what was being asked for is not asked for twice.
        for person in (kept, double):
            assert person.get(f"/v1/dossiers/{second['id']}")["reference"] == second["reference"]
        again = checked(double.call("POST", "/v1/dossiers", DRAFT, headers=creation)).json()
        assert again["id"] == repeated["id"]
        assert {found(officer, person)["id"] for person in (kept, double)} == {survivor["id"]}
        new = double.post("/v1/dossiers", DRAFT)
        assert new["id"] in own(kept)
    finally:
        parted = officer.post(
            f"/v1/citizens/{other['id']}/unmerge", {"evidence": EVIDENCE}, version=merged["other"]["version"]
        )
    assert parted["other"]["merged_into_citizen_id"] is None
    wait_until(lambda: second["id"] not in own(kept), "the undone merge in the public services")
    # Each has exactly what it had; what came while they were one is the survivor's.
    assert own(kept) >= {first["id"], new["id"]}
    assert own(double) >= {second["id"], repeated["id"]}
    assert own(double).isdisjoint({first["id"], new["id"]})
    assert kept.call("GET", f"/v1/dossiers/{second['id']}").json()["code"] == "DOSSIER_NOT_FOUND"
    listed = double.get("/v1/me/accesses", limit=200)["items"]
    assert {"MERGE_CITIZENS", "UNMERGE_CITIZENS"} <= {entry["operation"] for entry in listed}


def unseen(person: Person, path: str) -> bool:
    return person.call("GET", path).status_code == 404


def test_an_accepted_dossier_and_a_booked_consultation_go_on_through_a_merge_and_its_undoing(stage: Stage) -> None:
    kept, double, officer = stage.person("binh"), stage.person("an"), stage.person("data.officer")
    officer.purpose = "DATA_SUBJECT_REQUEST"
    for step in (dossier_steps.submit, dossier_steps.pay, dossier_steps.accept, consultation_steps.ask):
        step(stage)
    dossier, consultation = (
        f"/v1/dossiers/{stage.dossier['id']}",
        f"/v1/consultations/{stage.consultation['id']}",
    )
    assert stage.dossier["status"]["code"] != "DRAFT"
    assert unseen(kept, dossier)
    assert unseen(kept, consultation)

    survivor, other = found(officer, kept), found(officer, double)
    merge = {"merged_citizen_id": other["id"], "merged_version": other["version"], "evidence": EVIDENCE}
    merged = officer.post(f"/v1/citizens/{survivor['id']}/merge", merge, version=survivor["version"])
    try:
        for path in (dossier, consultation):
            wait_until(lambda path=path: not unseen(kept, path), f"the merge where {path} is")
            assert double.get(path)["id"] == kept.get(path)["id"]
        assert kept.get(dossier)["code"] == stage.dossier["code"]
        assert kept.get(consultation)["complaint"] == consultation_steps.COMPLAINT
        dossier_steps.supplement(stage)  # asked for and supplied by the sign-in whose record is the other one now
        assert kept.get(dossier)["status"] == double.get(dossier)["status"]
    finally:
        officer.post(f"/v1/citizens/{other['id']}/unmerge", {"evidence": EVIDENCE}, version=merged["other"]["version"])
    for path in (dossier, consultation):
        wait_until(lambda path=path: unseen(kept, path), f"the undone merge where {path} is")

    # Each goes on to its end as the one's it was.
    dossier_steps.resolve(stage)
    consultation_steps.care(stage)
    assert double.get(dossier)["status"]["code"] == stage.dossier["status"]["code"]
    assert double.file(f"{consultation}/summary").startswith(b"%PDF")
    assert unseen(kept, dossier)
    assert unseen(kept, f"{consultation}/summary")

"""Somebody dies, over HTTP: the account is worth nothing, an heir carries on, and a wrong entry is taken back."""

from typing import Any

import pytest
from songcau_local.browser import SignInError, sign_in
from songcau_local.demo.client import Person, checked, wait_until
from songcau_local.demo.stage import Stage
from support.acting import acting
from support.look_ups import found

pytestmark = pytest.mark.timeout(300)
AGENCY = "H55.242"
EXTRACT = {"procedure_code": "2.000635", "receiving_agency_code": AGENCY, "answers": {"authorised": False}}
LAND = {"procedure_code": "1.013831", "receiving_agency_code": AGENCY, "channel": "DIRECT"}
EXTRACT_OF_DEATH = {
    "kind": "DEATH_RECORD",
    "document_number": "7/2026-KT",
    "issuer": "UBND xã La Hiên",
    "issued_on": "2026-11-02",
}
AGREEMENT = EXTRACT_OF_DEATH | {"kind": "INHERITANCE_AGREEMENT", "issuer": "Văn phòng công chứng Ví Dụ"}
TAKEN_BACK = EXTRACT_OF_DEATH | {"kind": "CIVIL_STATUS_RECORD", "document_number": "9/2026/QĐ-UBND"}


def code_of(answer: Any) -> str:
    return str(answer.json()["code"]) if answer.is_error else "DONE"


def is_let_in(stage: Stage, name: str) -> bool:
    try:
        return bool(sign_in(stage.layout, name))
    except SignInError:
        return False


def enable_account(officer: Person, person: Person) -> None:
    path = f"/v1/accounts/{person.subject}"
    etag = checked(officer.call("GET", path)).headers["etag"]
    checked(officer.call("POST", f"{path}/enable", headers={"if-match": etag}))


def test_an_heir_carries_on_and_who_lives_after_all_comes_back(stage: Stage) -> None:
    gone, heir, officer = stage.person("hoa"), stage.person("binh"), stage.person("data.officer")
    officer.purpose = "DATA_SUBJECT_REQUEST"
    left = gone.post("/v1/dossiers", EXTRACT)
    record, other = found(officer, gone), found(officer, heir)
    standing, route = acting(heir, record["id"]), f"/v1/dossiers/{left['id']}"
    heirship = {"kind": "HEIR", "represented_id": record["id"], "representative_id": other["id"], "evidence": AGREEMENT}
    refused = officer.call("POST", "/v1/representations", heirship)
    assert code_of(refused) == "CITIZEN_NOT_DECEASED"

    path, death = f"/v1/citizens/{record['id']}", {"evidence": EXTRACT_OF_DEATH}
    dead = officer.post(f"{path}/record-death", death, version=record["version"])
    assert dead["status"] == "DECEASED"
    try:
        officer.post("/v1/representations", heirship)
        wait_until(lambda: code_of(gone.call("POST", "/v1/dossiers", LAND)) != "DONE", "the death in public services")

        wait_until(lambda: code_of(standing.call("GET", route)) == "DONE", "the heir in public services")
        begun = standing.post("/v1/dossiers", LAND)
        assert begun["applicant"]["full_name"].upper() == str(gone.facts["full_name"]).upper()
        assert code_of(standing.call("POST", "/v1/dossiers", EXTRACT)) == "PROCEDURE_NOT_FOR_HEIRS"
    finally:
        alive = officer.post(f"{path}/annul-death", {"evidence": TAKEN_BACK}, version=dead["version"])
        officer.post(f"{path}/unblock", {}, version=alive["version"])
        if stage.layout.is_full:  # the issuer of the embedded stack knows no administration of accounts
            assert not is_let_in(stage, "hoa")
            enable_account(officer, gone)
            stage.cast.pop("hoa")
            gone = stage.person("hoa")
    wait_until(lambda: code_of(gone.call("POST", "/v1/dossiers", EXTRACT)) == "DONE", "the annulment")
    wait_until(lambda: code_of(standing.call("GET", route)) == "NOT_REPRESENTED", "the end of the heir's standing")

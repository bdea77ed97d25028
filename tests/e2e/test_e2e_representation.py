"""A child with two parents over HTTP: asked first, filed for, entered for both, and the end of a guardianship."""

import time
from typing import Any

import pytest
from songcau_local.demo.client import Person, checked, wait_until
from songcau_local.demo.stage import Stage
from support.look_ups import found

pytestmark = pytest.mark.timeout(300)
AGENCY = "H55.242"
EXTRACT = {"procedure_code": "2.000635", "receiving_agency_code": AGENCY, "answers": {"authorised": False}}
BIRTH_CERTIFICATE = {
    "kind": "BIRTH_CERTIFICATE",
    "document_number": "12/2018-KS",
    "issuer": "UBND xã La Hiên",
    "issued_on": "2018-06-15",
}
DECISION = {**BIRTH_CERTIFICATE, "kind": "COURT_DECISION", "document_number": "3/2026/QĐST", "issued_on": "2026-10-01"}


def enter(officer: Person, kind: str, child_id: str, adult_id: str, evidence: dict[str, str]) -> Any:
    body = {"kind": kind, "represented_id": child_id, "representative_id": adult_id, "evidence": evidence}
    return officer.post("/v1/representations", body)


def act(person: Person, method: str, path: str, child_id: str, body: object = None, **more: Any) -> Any:
    return person.call(method, path, body, headers={"x-on-behalf-of": child_id}, **more)


def may(person: Person, child_id: str, *, write: bool = False) -> bool:
    answer = (
        act(person, "POST", "/v1/dossiers", child_id, EXTRACT)
        if write
        else act(person, "GET", "/v1/dossiers", child_id)
    )
    assert answer.status_code in (200, 201) or answer.json()["code"] == "NOT_REPRESENTED", answer.text
    return not answer.is_error


def listed(person: Person, **filters: Any) -> list[Any]:
    return person.get("/v1/me/accesses", limit=200, **filters)["items"]


def test_a_child_with_two_parents_and_a_guardianship_that_a_court_ends(stage: Stage):
    mother, father, child = (stage.person(name) for name in ("an", "binh", "em"))
    guardian, officer = stage.person("hoa"), stage.person("officer.lahien")
    child_id = found(officer, child)["id"]
    assert not may(mother, child_id)

    parents = [
        enter(officer, "PARENT", child_id, found(officer, parent)["id"], BIRTH_CERTIFICATE)
        for parent in (mother, father)
    ]
    # The child is eight: until it has answered, its parents read and care but file nothing.
    assert [one["status"] for one in parents] == ["AWAITING_CHILD"] * 2
    wait_until(lambda: may(mother, child_id), "the representation in public services")
    assert not may(mother, child_id, write=True)
    for one in parents:
        path = f"/v1/representations/{one['id']}/answer"
        confirmed = child.post(path, {"answer": "CONFIRMED"}, version=one["version"])
        assert confirmed["status"] == "ACTIVE"
    wait_until(lambda: may(mother, child_id, write=True), "the child's answer in public services")

    dossier = checked(act(mother, "POST", "/v1/dossiers", child_id, EXTRACT)).json()
    assert dossier["applicant"]["full_name"].upper() == str(child.facts["full_name"]).upper()
    assert checked(act(father, "GET", f"/v1/dossiers/{dossier['id']}", child_id)).json()["id"] == dossier["id"]
    refused = mother.call("GET", f"/v1/dossiers/{dossier['id']}")
    assert refused.json()["code"] == "DOSSIER_NOT_FOUND"

    def entries() -> list[Any]:
        shown = [one for one in listed(child) if (one["object_id"], one["outcome"]) == (dossier["id"], "ALLOWED")]
        return shown if {"CREATE_DOSSIER", "GET_DOSSIER"} <= {one["operation"] for one in shown} else []

    for entry in wait_until(entries, "both parents on the child's access list"):
        assert entry["on_behalf_of"] == child_id
        assert entry["actor_id"] in (mother.subject, father.subject)
    acts = wait_until(
        lambda: [one for one in listed(mother, for_others=True) if one["object_id"] == dossier["id"]],
        "the act on the mother's own acts",
    )
    assert {one["on_behalf_of"] for one in acts} == {child_id}
    for_the_child = listed(mother, for_others=True, on_behalf_of=child_id, client_id="citizen-app,officer-console")
    assert {one["id"] for one in acts} <= {one["id"] for one in for_the_child}
    assert {(one["on_behalf_of"], one["client_id"]) for one in for_the_child} == {(child_id, "citizen-app")}
    assert listed(mother, for_others=True, on_behalf_of=found(officer, guardian)["id"]) == []
    for junk in ({"client_id": "citizen app"}, {"on_behalf_of": "my child"}):
        answer = mother.call("GET", "/v1/me/accesses", params=junk)
        assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_REQUEST")

    guardianship = enter(officer, "GUARDIAN", child_id, found(officer, guardian)["id"], DECISION)
    wait_until(lambda: may(guardian, child_id), "the guardianship in public services")
    guardian.refused(
        "POST",
        f"/v1/representations/{guardianship['id']}/revoke",
        code="REPRESENTATION_NOT_YOURS_TO_END",
        version=guardianship["version"],
    )
    ended = officer.post(
        f"/v1/representations/{guardianship['id']}/end",
        {"cause": "COURT_DECISION", "evidence": DECISION},
        version=guardianship["version"],
    )
    began = time.monotonic()
    assert (ended["status"], ended["scopes"], ended["end_cause"]) == ("ENDED", [], "COURT_DECISION")
    wait_until(lambda: not may(guardian, child_id), "the end of the guardianship")
    assert time.monotonic() - began < 60
    assert may(father, child_id)


def test_a_parent_books_for_the_child_and_what_is_the_citizen_s_alone_is_refused(stage: Stage):
    mother, child, officer = stage.person("an"), stage.person("em"), stage.person("officer.lahien")
    child_id = found(officer, child)["id"]
    answer = act(mother, "GET", "/v1/consultations", child_id)
    assert answer.status_code == 200, answer.text
    refused = act(mother, "POST", "/v1/me/unlink", child_id, version=1)
    assert (refused.status_code, refused.json()["code"]) == (403, "ON_BEHALF_NOT_POSSIBLE")
    malformed = mother.call("GET", "/v1/dossiers", headers={"x-on-behalf-of": "somebody"})
    assert (malformed.status_code, malformed.json()["code"]) == (400, "ON_BEHALF_OF_INVALID")


def test_one_citizen_authorises_another_and_takes_it_back(stage: Stage):
    giver, taker, officer = stage.person("hoa"), stage.person("binh"), stage.person("officer.lahien")
    body = {
        "representative_number": taker.facts["personal_number"],
        "representative_name": taker.facts["full_name"],
        "purpose": "PUBLIC_SERVICES",
        "valid_until": time.strftime("%Y-%m-%d", time.localtime(time.time() + 30 * 86_400)),
    }
    made = giver.post("/v1/me/authorisations", body)
    giver_id = found(officer, giver)["id"]
    wait_until(lambda: may(taker, giver_id, write=True), "the authorisation in public services")
    taken_back = giver.post(f"/v1/representations/{made['id']}/revoke", version=made["version"])
    assert taken_back["end_cause"] == "REVOKED_BY_REPRESENTED"
    wait_until(lambda: not may(taker, giver_id), "the end of the authorisation")
    own = giver.get("/v1/me/representations")["items"]
    assert made["id"] in [one["id"] for one in own]

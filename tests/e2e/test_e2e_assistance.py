"""Assisted session over HTTP: asked and confirmed in the citizen's own app, carried out by the helper, both named."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from songcau_local.demo import consultation_steps
from songcau_local.demo.client import Person, checked, wait_until
from songcau_local.demo.dossier_steps import attach
from songcau_local.demo.stage import Stage

pytestmark = pytest.mark.timeout(300)
AGENCY = "H55.242"
EXTRACT = {"procedure_code": "2.000635", "receiving_agency_code": AGENCY, "answers": {"authorised": False}}


class Phone:
    """The citizen's own device with VNeID's app on it."""

    def __init__(self, stage: Stage, persona: str) -> None:
        self._http = httpx.Client(base_url=stage.layout.url("vneid"), timeout=10)
        self._persona = persona

    def close(self) -> None:
        self._http.close()

    def waits(self, words: str) -> bool:
        return words in self._http.get("/app", params={"persona": self._persona}).text

    def answer(self, words: str, push_id: str, answer: str) -> None:
        wait_until(lambda: self.waits(words), f"a question with “{words}” in VNeID's app")
        form = {"persona": self._persona, "push_id": push_id, "answer": answer}
        assert self._http.post("/app", data=form).status_code == 303


@pytest.fixture
def phone(stage: Stage) -> Iterator[Phone]:
    """Return the phone of the citizen who is helped."""
    phone = Phone(stage, "binh")
    yield phone
    phone.close()


def carry_out(
    helper: Person, act: dict[str, Any], method: str, path: str, body: object = None, **more: Any
) -> httpx.Response:
    headers = {"x-assisted-act": act["id"], "idempotency-key": more.pop("key", str(uuid4()))}
    return helper.call(method, path, body, headers=headers, **more)


def carried_out(helper: Person, act: dict[str, Any], method: str, path: str, body: object = None, **more: Any) -> Any:
    """Carry an act out once the confirmation has reached the service."""
    key = str(uuid4())

    def done() -> httpx.Response | None:
        answer = carry_out(helper, act, method, path, body, key=key, **more)
        is_on_its_way = answer.is_error and answer.json()["code"] == "ASSISTED_ACT_NOT_CONFIRMED"
        return None if is_on_its_way else answer

    return checked(wait_until(done, "the confirmation in the service")).json()


def test_a_helper_hands_in_a_dossier_that_the_citizen_confirmed_step_by_step(stage: Stage, phone: Phone):
    citizen, helper = stage.person("binh"), stage.person("digital.lahien")
    number = str(citizen.facts["personal_number"])
    asked = {"personal_number": number, "purpose": "SUBMIT_DOSSIER"}

    # Whoever has the number or not: the helper sees the same.
    nobody = helper.post("/v1/assisted-sessions", {**asked, "personal_number": "019199000999"})
    session = helper.post("/v1/assisted-sessions", asked)
    assert session.keys() == nobody.keys()
    assert (session["status"], session["acts"]) == (nobody["status"], nobody["acts"]) == ("AWAITING_APPROVAL", [])
    path = f"/v1/assisted-sessions/{session['id']}"
    draft = {"act": {"operation": "CREATE_DOSSIER", "request": EXTRACT}}
    helper.refused("POST", f"{path}/acts", draft, code="ASSISTED_SESSION_NOT_OPEN")

    phone.answer("Thành viên tổ công nghệ số cộng đồng của H55.242 xin hỗ trợ bạn", session["id"], "approve")
    wait_until(lambda: helper.get(path)["status"] == "OPEN", "the citizen's yes")

    # The citizen declines first, then confirms.
    first = helper.post(f"{path}/acts", draft)
    phone.answer("Tạo hồ sơ nháp", first["id"], "decline")
    wait_until(lambda: helper.get(path)["acts"][0]["status"] == "DECLINED", "the citizen's no")
    refused = carry_out(helper, first, "POST", "/v1/dossiers", EXTRACT)
    assert (refused.status_code, refused.json()["code"]) == (400, "ASSISTED_ACT_NOT_CONFIRMED")
    second = helper.post(f"{path}/acts", draft)
    phone.answer("Tạo hồ sơ nháp", second["id"], "approve")
    dossier = carried_out(helper, second, "POST", "/v1/dossiers", EXTRACT)
    assert dossier.keys() == {"id", "reference", "code", "version", "state"}
    assert dossier["state"] == "DRAFT"
    helper.refused("GET", f"/v1/dossiers/{dossier['id']}", code="ROLE_MISSING")

    # The citizen reads the draft and confirms in our own app, with the own token.
    own = citizen.get(f"/v1/dossiers/{dossier['id']}")
    assert own["applicant"]["full_name"].upper() == str(citizen.facts["full_name"]).upper()
    attach(citizen, dossier["id"], "copy_form", "Tờ khai")
    version = citizen.get(f"/v1/dossiers/{dossier['id']}")["version"]
    submit = {"operation": "SUBMIT_DOSSIER", "dossier_id": dossier["id"], "version": version}
    third = helper.post(f"{path}/acts", {"act": submit})
    (shown,) = (one for one in citizen.get("/v1/me/assisted-sessions")["items"] if one["id"] == session["id"])
    assert dossier["reference"] in shown["acts"][-1]["summary"]["vi"]
    answering = f"/v1/me/assisted-sessions/{session['id']}/acts/{third['id']}"
    assert citizen.post(f"{answering}/confirm")["status"] == "CONFIRMED"
    submitting = f"/v1/dossiers/{dossier['id']}/submit"
    done = carried_out(helper, third, "POST", submitting, version=version)
    assert done["state"] == "SUBMITTED"
    again = carry_out(helper, third, "POST", submitting, version=version)
    assert again.json()["code"] == "ASSISTED_ACT_USED"
    other = carry_out(helper, third, "POST", submitting, version=done["version"])
    assert other.json()["code"] == "ASSISTED_ACT_DIFFERS"
    assert citizen.get(f"/v1/dossiers/{dossier['id']}")["status"]["code"] == "SUBMITTED"

    # Both names stand on the citizen's list.
    def submitted() -> list[Any]:
        entries = citizen.get("/v1/me/accesses", limit=200)["items"]
        return [one for one in entries if (one["operation"], one["outcome"]) == ("SUBMIT_DOSSIER", "ALLOWED")]

    entry = wait_until(submitted, "the act on the citizen's access list")[0]
    assert (entry["actor_kind"], entry["assisted_by"]) == ("CITIZEN", helper.subject)
    assert entry["words"]["assistance"]["vi"] == "Thành viên tổ công nghệ số cộng đồng của H55.242 hỗ trợ bạn"

    # After the end the helper can do nothing.
    assert citizen.post(f"{path}/end")["end_cause"] == "ENDED_BY_CITIZEN"
    helper.refused("POST", f"{path}/acts", draft, code="ASSISTED_SESSION_NOT_OPEN")
    over = lambda: carry_out(helper, second, "POST", "/v1/dossiers", EXTRACT).json()["code"] == "ASSISTED_ACT_OVER"  # noqa: E731
    wait_until(over, "the end in the service")


def shown_in_own_app(citizen: Person, session_id: str) -> list[tuple[str, str]]:
    """Return what the citizen reads of the newest act in the own app."""
    (found,) = (one for one in citizen.get("/v1/me/assisted-sessions")["items"] if one["id"] == session_id)
    return [(one["label"]["vi"], one["value"]) for one in found["acts"][-1]["details"]]


def confirmed(citizen: Person, session_id: str, act: dict[str, Any]) -> dict[str, Any]:
    answer = citizen.post(f"/v1/me/assisted-sessions/{session_id}/acts/{act['id']}/confirm")
    assert answer["status"] == "CONFIRMED"
    return act


def test_a_helper_supplies_what_an_office_asked_for_and_the_citizen_reads_every_answer(stage: Stage, phone: Phone):
    citizen, helper, officer = (stage.person(name) for name in ("binh", "digital.lahien", "officer.lahien"))
    made = citizen.post("/v1/dossiers", EXTRACT)
    path = f"/v1/dossiers/{made['id']}"
    attach(citizen, made["id"], "copy_form", "Tờ khai")
    submitted = citizen.post(f"{path}/submit", version=citizen.get(path)["version"])
    item = {"component_key": "copy_form", "name": "Tờ khai", "instruction": "Đề nghị ghi rõ mục đích sử dụng."}
    asked = officer.post(f"{path}/request-supplement", {"items": [item]}, version=submitted["version"])

    start = {"personal_number": str(citizen.facts["personal_number"]), "purpose": "SUPPLEMENT_DOSSIER"}
    session = helper.post("/v1/assisted-sessions", start)["id"]
    assert citizen.post(f"/v1/me/assisted-sessions/{session}/approve")["status"] == "OPEN"
    acts = f"/v1/assisted-sessions/{session}/acts"

    # In the push and in the own app stand the answers themselves, in the words of the form; the helper sees none again.
    answers = {"authorised": False, "purpose_of_use": "Nộp hồ sơ nhập học cho con", "copies": 2}
    edit = {"procedure_code": "2.000635", "answers": answers}
    update = {"operation": "UPDATE_DOSSIER", "dossier_id": made["id"], "version": asked["version"], "request": edit}
    first = helper.post(acts, {"act": update})
    wait_until(lambda: phone.waits("Nộp hồ sơ nhập học cho con"), "the answer in VNeID's app")
    assert phone.waits("Bạn làm thay người khác theo ủy quyền phải không?")
    assert shown_in_own_app(citizen, session)[:3] == [
        ("Bạn làm thay người khác theo ủy quyền phải không?", "Không"),
        ("copies", "2"),
        ("purpose_of_use", "Nộp hồ sơ nhập học cho con"),
    ]
    assert helper.get(f"/v1/assisted-sessions/{session}")["acts"][-1]["details"] == []

    # What was read is what may be done: other answers under the same confirmation are refused.
    confirmed(citizen, session, first)
    other = edit | {"answers": answers | {"purpose_of_use": "Vay tiền"}}
    done = carried_out(helper, first, "PATCH", path, edit, version=asked["version"])
    assert carry_out(helper, first, "PATCH", path, other, version=asked["version"]).json()["code"] == (
        "ASSISTED_ACT_DIFFERS"
    )
    assert citizen.get(path)["answers"] == answers

    attach(citizen, made["id"], "copy_form", "Tờ khai có mục đích sử dụng")
    version = citizen.get(path)["version"]
    assert version > done["version"]
    supply = {"operation": "SUPPLY_SUPPLEMENT", "dossier_id": made["id"], "version": version}
    second = confirmed(citizen, session, helper.post(acts, {"act": supply}))
    supplied = carried_out(helper, second, "POST", f"{path}/supply-supplement", version=version)
    assert supplied["state"] == "SUBMITTED"
    assert citizen.get(path)["status"]["code"] == officer.get(path)["status"]["code"] == "SUBMITTED"
    assert helper.post(f"/v1/assisted-sessions/{session}/end")["end_cause"] == "ENDED_BY_HELPER"


def wish_of(citizen: Person, station: Any, contract: Any, service: str) -> dict[str, Any]:
    facts = citizen.facts
    return {
        "mode": "VIA_RECEIVING_FACILITY",
        "service_code": service,
        "facility_code": contract["supporting_facility_code"],
        "receiving_facility_code": station["code"],
        "patient": {
            "full_name": facts["full_name"],
            "birth_date": facts["birth_date"],
            "sex": facts["sex"][0],
            "phone_number": facts["phone_number"],
        },
        "complaint": "Đau khớp gối hai bên, đi lại khó khăn đã một tuần nay.",
        "consent": {"text_version": "care-1", "channel": "APP"},
    }


def test_a_helper_books_a_consultation_that_the_citizen_confirmed_step_by_step(stage: Stage):
    citizen, helper, station = (stage.person(name) for name in ("binh", "digital.lahien", "station.lahien"))
    _, place, contract = consultation_steps.find_station(stage, station)
    practitioner, service = consultation_steps.find_practitioner(stage, place, contract)
    start = {"personal_number": str(citizen.facts["personal_number"]), "purpose": "BOOK_CONSULTATION"}
    session = helper.post("/v1/assisted-sessions", start)["id"]
    assert citizen.post(f"/v1/me/assisted-sessions/{session}/approve")["status"] == "OPEN"
    acts = f"/v1/assisted-sessions/{session}/acts"

    # The citizen reads the complaint as it will be sent; the helper gets back where it stands and nothing of it.
    wish = wish_of(citizen, place, contract, service)
    asking = helper.post(acts, {"act": {"operation": "REQUEST_CONSULTATION", "request": wish}})
    assert ("Lý do khám", wish["complaint"]) in shown_in_own_app(citizen, session)
    confirmed(citizen, session, asking)
    other = carry_out(helper, asking, "POST", "/v1/consultations", wish | {"complaint": "Khám sức khỏe định kỳ."})
    assert other.json()["code"] in ("ASSISTED_ACT_DIFFERS", "ASSISTED_ACT_NOT_CONFIRMED")
    asked = carried_out(helper, asking, "POST", "/v1/consultations", wish)
    path = f"/v1/consultations/{asked['id']}"
    assert wish["complaint"] not in str(asked)
    helper.refused("GET", path, code="ROLE_MISSING")
    triaged = station.post(f"{path}/triage", {"priority": "ROUTINE"}, version=asked["version"])

    slot = consultation_steps.next_slot(stage, contract["supporting_facility_code"], practitioner["id"])
    choice = {"slot_id": slot["id"]}
    offer = {
        "operation": "OFFER_SLOT",
        "consultation_id": asked["id"],
        "version": triaged["version"],
        "facility_code": contract["supporting_facility_code"],
        "request": choice,
    }
    holding = confirmed(citizen, session, helper.post(acts, {"act": offer}))
    held = carried_out(helper, holding, "POST", f"{path}/offer", choice, version=triaged["version"])
    booking = {
        "hold_id": held["offer"]["hold_id"],
        "shown_licence_number": practitioner["licence_number"],
        "shown_starts_at": slot["starts_at"],
    }
    confirm = {
        "operation": "CONFIRM_OFFER",
        "consultation_id": asked["id"],
        "version": held["version"],
        "request": booking,
    }
    last = helper.post(acts, {"act": confirm})
    assert "Giờ khám" in dict(shown_in_own_app(citizen, session))
    confirmed(citizen, session, last)
    booked = carried_out(helper, last, "POST", f"{path}/confirm", booking, version=held["version"])
    again = carry_out(helper, last, "POST", f"{path}/confirm", booking, version=held["version"])
    assert again.json()["code"] == "ASSISTED_ACT_USED"
    own = citizen.get(path)
    assert (own["version"], own["complaint"]) == (booked["version"], wish["complaint"])
    assert own["status"]["code"] == "SCHEDULED"

    # The citizen acted, the helper stands beside by account, kind and team, in each of the three steps.
    def helped() -> list[Any]:
        listed = citizen.get("/v1/me/accesses", limit=200, service="telehealth", client_id="officer-console")["items"]
        found = [one for one in listed if one["assisted_by"] and one["object_id"] == asked["id"]]
        return found if len(found) >= 3 else []

    entries = [one for one in wait_until(helped, "the three steps on the access list") if one["outcome"] == "ALLOWED"]
    assert sorted(one["operation"] for one in entries) == [
        "CONFIRM_CONSULTATION",
        "OFFER_CONSULTATION",
        "REQUEST_CONSULTATION",
    ]
    for entry in entries:
        assert (entry["actor_kind"], entry["assisted_by"]) == ("CITIZEN", helper.subject)
        assert (entry["assisted_by_kind"], entry["assisted_by_organization"]) == ("DIGITAL_TEAM", AGENCY)
        assert entry["words"]["assistance"]["vi"] == "Thành viên tổ công nghệ số cộng đồng của H55.242 hỗ trợ bạn"
    citizen.post(f"{path}/cancel", {"reason": "NO_LONGER_NEEDED"}, version=own["version"])  # others need the slot
    assert helper.post(f"/v1/assisted-sessions/{session}/end")["end_cause"] == "ENDED_BY_HELPER"


def test_a_helper_has_no_other_rights_and_starts_nothing_for_themselves(stage: Stage):
    helper = stage.person("digital.lahien")
    for method, path in (("GET", "/v1/dossiers"), ("GET", "/v1/me"), ("GET", "/v1/me/accesses")):
        assert helper.call(method, path).status_code == 403
    answer = helper.call("POST", "/v1/citizens/search", {"number": "019185000001"})
    assert answer.status_code == 403
    malformed = helper.call("POST", "/v1/dossiers", EXTRACT, headers={"x-assisted-act": "an act"})
    assert (malformed.status_code, malformed.json()["code"]) == (400, "ASSISTED_ACT_INVALID")

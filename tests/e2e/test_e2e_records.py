"""What officers enter on papers over HTTP: addresses, papers, a newborn, a foreigner, a request, a breach."""

from datetime import UTC, datetime, timedelta
from secrets import choice, randbelow
from typing import Any

import pytest
from songcau_kit.clock import SystemClock, local_date
from songcau_local.demo.client import Person
from songcau_local.demo.stage import Stage
from support.rights_story import data_officer

pytestmark = pytest.mark.timeout(200)
TODAY = local_date(SystemClock().now()).isoformat()
ADDRESS = "Tổ 17, ngõ Chim Yến, Xã Cúc Đường, huyện Võ Nhai"
PROPOSED = "Nhà sàn bên Suối Vàng Anh, Xã Cúc Đường, huyện Võ Nhai"
REQUEST = "Tôi viết đơn này vì bị gọi điện quấy rầy nhiều lần."
BREACH = {
    "detected_at": (datetime.now(UTC) - timedelta(hours=2)).isoformat(),
    "has_biometric_data": False,
    "has_location_data": False,
    "categories": ["health"],
    "description": "Tài khoản trực đêm bị mượn để xem bệnh án.",
    "consequences": "Người bệnh có thể bị làm phiền.",
    "measures": "Đã khóa tài khoản trực đêm.",
}


def evidence(number: str, kind: str = "OFFICE_RECORD") -> dict[str, str]:
    return {"kind": kind, "document_number": number, "issuer": "UBND xã La Hiên", "issued_on": "2026-10-01"}


def digits(count: int) -> str:
    return "".join(str(randbelow(10)) for _ in range(count))


def counter(stage: Stage) -> Person:
    """Return the officer at the counter, who says what for they look."""
    officer = stage.person("officer.lahien")
    officer.purpose = "COUNTER_ASSISTANCE"
    return officer


def found(officer: Person, **query: Any) -> Any:
    (hit,) = officer.post("/v1/citizens/search", query)["items"]
    return hit


def test_an_officer_records_an_address_and_a_paper_and_the_citizen_sees_both(stage: Stage) -> None:
    citizen, officer = stage.person("binh"), counter(stage)
    proposed = citizen.post("/v1/me/addresses", {"kind": "CURRENT", "text": PROPOSED})
    assert proposed["address_id"]
    known = found(officer, number=citizen.facts["personal_number"])
    path = f"/v1/citizens/{known['id']}"
    body = {"address": {"kind": "PERMANENT", "text": ADDRESS}, "evidence": evidence("48/2026/XN-CT")}
    holder = officer.post(f"{path}/addresses", body, version=known["version"])
    passport = {"kind": "HO_CHIEU", "number": f"K{digits(7)}", "issuer": "VNM"}
    body = {"paper": passport, "evidence": evidence(passport["number"], "IDENTITY_PAPER")}
    officer.post(f"{path}/papers", body, version=holder["version"])

    assert {one["text"] for one in citizen.get("/v1/me/addresses")["items"]} >= {ADDRESS, PROPOSED}
    assert found(officer, paper=passport)["id"] == known["id"]
    seen = {one["operation"] for one in citizen.get("/v1/me/accesses", limit=200)["items"]}
    assert {"RECORD_ADDRESS", "RECORD_PAPER"} <= seen


def test_a_newborn_and_a_foreigner_without_electronic_identity_are_entered_and_found(stage: Stage) -> None:
    mother, officer = stage.person("an"), counter(stage)
    known = found(officer, number=mother.facts["personal_number"])
    name = f"Hoàng Thử Chích Chòe {choice('ABCDEGHIKLMNOPQRSTUVXY')}"
    body = {
        "full_name": name,
        "birth_date": TODAY,
        "sex": "FEMALE",
        "birth_order": 1,
        "evidence": evidence(f"{digits(4)}/2026-CS", "BIRTH_CERTIFICATE"),
    }
    officer.post(f"/v1/citizens/{known['id']}/newborns", body, version=known["version"])
    assert name in {one["full_name"] for one in mother.get("/v1/me/newborns")["items"]}

    passport = f"{digits(2)}XQ{digits(5)}"
    foreigner = {
        "full_name": "Sylvie Oiseaulyre",
        "birth_date": "1991-07-14",
        "passport_number": passport,
        "issuing_state": "FRA",
        "evidence": evidence(passport, "IDENTITY_PAPER"),
    }
    entered = officer.post("/v1/foreigners", foreigner)
    shown = {"kind": "HO_CHIEU", "number": passport, "issuer": "FRA"}
    assert found(officer, paper=shown)["id"] == entered["id"]


def test_a_consent_and_a_request_on_paper_are_entered_and_shown_to_the_citizen(stage: Stage) -> None:
    citizen, officer = stage.person("hoa"), counter(stage)
    station = stage.person("station.lahien")
    known = found(officer, number=citizen.facts["personal_number"])
    texts = {one["purpose"]: one for one in stage.anybody.get("/v1/consent-purposes")["items"]}
    grant = {
        "purpose": "SHARE_CARE_RESULT",
        "text_version": texts["SHARE_CARE_RESULT"]["text_version"],
        "channel": "PAPER",
        "evidence": evidence("61/GCN-TYT"),
    }
    station.post(f"/v1/citizens/{known['id']}/consents", grant)
    own = {one["purpose"]: one for one in citizen.get("/v1/me/consents")["items"]}
    assert own["SHARE_CARE_RESULT"]["consent"]["state"] == "GIVEN"

    officer = data_officer(stage)
    wish = {
        "kind": "PROTECT",
        "details": REQUEST,
        "channel": "COUNTER",
        "received_on": TODAY,
        "evidence": evidence("72/TN-BVDL"),
    }
    request = officer.post(f"/v1/citizens/{known['id']}/subject-requests", wish)
    assert citizen.get(f"/v1/me/subject-requests/{request['id']}")["details"] == REQUEST


def test_a_breach_is_opened_and_the_authority_told_by_the_data_officer_alone(stage: Stage) -> None:
    officer = data_officer(stage)
    officer.purpose = "INSPECTION"
    stage.person("officer.lahien").refused("POST", "/v1/breaches", BREACH, code="ROLE_MISSING")
    opened = officer.post("/v1/breaches", BREACH)
    notice = {"audience": "AUTHORITY", "told_at": datetime.now(UTC).isoformat(), "reference": "93/BC-VPDL-TN"}
    told = officer.post(f"/v1/breaches/{opened['id']}/record-notice", notice, version=opened["version"])
    assert told["state"] == "NOTIFIED"
    assert officer.get(f"/v1/breaches/{opened['id']}")["description"] == BREACH["description"]

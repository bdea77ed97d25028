"""Points 8 and 9 of the story: care at a distance, from the commune station to the signed summary."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from songcau_local.demo.client import Person, expect
from songcau_local.demo.stage import Stage, tell
from songcau_local.process_table import CHECK_IN_OPENS_MINUTES

OLD_ADDRESS = "Xã Cúc Đường, huyện Võ Nhai, tỉnh Thái Nguyên"
COMPLAINT = "Đau đầu và chóng mặt khi đứng dậy đã ba ngày nay, đêm ngủ không yên."
FINDINGS = "Tỉnh táo, mạch đều, huyết áp 150/90."
DIAGNOSIS = "Tăng huyết áp vô căn"
ADVICE = "Ăn nhạt, đo huyết áp hằng ngày, tái khám sau hai tuần tại trạm y tế."
CHECK_IN_OPENS = timedelta(minutes=CHECK_IN_OPENS_MINUTES - 10)


def ask(stage: Stage) -> None:
    """Two citizens ask through the station; both want the last slot at once, one gets it."""
    station = stage.person("station.lahien")
    unit, facility, contract = find_station(stage, station)
    tell(f"{OLD_ADDRESS} → {unit['name']} ({unit['code']}), {facility['name']} ({facility['code']})")
    practitioner, service = find_practitioner(stage, facility, contract)
    own = request_for(stage, "an", facility["code"], contract, service)
    other = request_for(stage, "binh", facility["code"], contract, service)
    slot = next_slot(stage, contract["supporting_facility_code"], practitioner["id"])
    answers = offer_in_parallel(station, [own, other], slot["id"])
    codes = sorted(answer.status_code for answer in answers)
    expect(codes == [200, 409], f"two parallel bookings of one slot ended with {codes}")
    reason = next(answer.json()["code"] for answer in answers if answer.is_error)
    tell(f"two bookings of {slot['starts_at']} at once: one 200, one 409 {reason}")
    offered = answers[0].json()
    give_up(station, other["id"])
    if answers[0].is_error:  # Bình was quicker; An takes the next one
        slot = next_slot(stage, contract["supporting_facility_code"], practitioner["id"])
        offered = station.post(f"/v1/consultations/{own['id']}/offer", {"slot_id": slot["id"]}, version=own["version"])
    confirmed = station.post(
        f"/v1/consultations/{own['id']}/confirm",
        {"hold_id": offered["offer"]["hold_id"], "shown_licence_number": practitioner["licence_number"]},
        version=offered["version"],
    )
    shown = f"{practitioner['title']} {practitioner['full_name']}, licence {practitioner['licence_number']}"
    tell(f"{confirmed['status']['code']} at {slot['starts_at']}: {shown}")
    stage.consultation = confirmed
    stage.secrets += [COMPLAINT, ADVICE, FINDINGS, DIAGNOSIS]
    stage.control = practitioner["full_name"]  # the law wants it shown openly


def care(stage: Stage) -> None:
    """The station checks the patient in, the doctor admits, completes and signs the summary."""
    station, doctor = stage.person("station.lahien"), stage.person("doctor")
    path = f"/v1/consultations/{stage.consultation['id']}"
    arrived = station.post(f"{path}/check-in", {"proof": "VNEID_SHOWN"}, version=stage.consultation["version"])
    admitted = doctor.post(f"{path}/admit", version=arrived["version"])
    outcome = {
        "kind": "ADVICE",
        "diagnoses": [{"icd10_code": "I10", "text": DIAGNOSIS}],
        "findings": FINDINGS,
        "advice": ADVICE,
    }
    done = doctor.post(f"{path}/complete", {"outcome": outcome}, version=admitted["version"])
    stage.consultation = done
    summary, code = doctor.file(f"{path}/summary"), done["summary_code"]
    verdicts = [summary_verdict(stage, code, summary), summary_verdict(stage, code, summary[:-40] + summary[-39:])]
    expect(verdicts == ["VALID", "ALTERED"], f"the summary verifies as {verdicts}")
    tell(f"checked in, admitted, {done['status']['code']}")
    tell(f"summary {code} of {len(summary)} bytes: {verdicts[0]}; changed: {verdicts[1]}")


def find_station(stage: Stage, station: Person) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return today's unit of the old address, its health station and the station's contract with a hospital."""
    resolution = stage.anybody.post("/v1/units/search", {"text": OLD_ADDRESS})
    expect(bool(resolution["candidates"]), f"the address is {resolution['resolution']}")
    unit = resolution["candidates"][0]["unit"]
    found = station.get("/v1/facilities", kind="COMMUNE_STATION", unit_code=unit["code"])["items"]
    expect(bool(found) and bool(found[0]["contracts"]), f"{unit['name']} has no station with a contract")
    return unit, found[0], found[0]["contracts"][0]


def find_practitioner(stage: Stage, facility: dict[str, Any], contract: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the practitioner whom the demo doctor is, and a service the hospital has declared."""
    station, doctor = stage.person("station.lahien"), stage.person("doctor")
    hospital = station.get(f"/v1/facilities/{contract['supporting_facility_code']}")
    services = {item["service_code"] for item in hospital["declarations"]}
    found = station.get("/v1/practitioners", facility_code=hospital["code"], limit=200)["items"]
    own = [item for item in found if item["id"] == doctor.practitioner_id]
    expect(bool(own), f"the demo doctor is no practitioner of {hospital['code']}")
    shared = sorted(services & set(own[0]["service_codes"]))
    expect(bool(shared), f"{hospital['code']} has declared nothing the doctor may do; {facility['code']} asked")
    return own[0], shared[0]


def request_for(stage: Stage, name: str, receiving: str, contract: dict[str, Any], service: str) -> dict[str, Any]:
    """Ask for a consultation through the station and triage it; return it."""
    station, citizen = stage.person("station.lahien"), stage.person(name)
    hits = station.post("/v1/citizens/search", {"number": citizen.facts["personal_number"]})["items"]
    expect(len(hits) == 1 and hits[0]["id"] == citizen.citizen_id, f"the station finds {len(hits)} citizens")
    wish = {
        "citizen_id": citizen.citizen_id,
        "mode": "VIA_RECEIVING_FACILITY",
        "service_code": service,
        "facility_code": contract["supporting_facility_code"],
        "receiving_facility_code": receiving,
        "patient": {
            "full_name": citizen.facts["full_name"],
            "birth_date": citizen.facts["birth_date"],
            "sex": citizen.facts["sex"][0],
            "phone_number": citizen.facts["phone_number"],
        },
        "complaint": COMPLAINT,
        "consent": {"text_version": "care-1", "channel": "PAPER"},
    }

    # Asked again while the citizen's link is on its way over the bus.
    asked = station.post("/v1/consultations", wish)
    findings = {"priority": "ROUTINE", "note": "Huyết áp 150/90 tại trạm."}
    triaged: dict[str, Any] = station.post(
        f"/v1/consultations/{asked['id']}/triage", findings, version=asked["version"]
    )
    return triaged


def next_slot(stage: Stage, facility: str, practitioner: str) -> dict[str, Any]:
    """Return the doctor's next free slot that check-in is open for, published now where none is."""
    station, scheduler = stage.person("station.lahien"), stage.person("scheduler")
    begin = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=2)
    found: list[dict[str, Any]] = station.get(
        "/v1/slots",
        facility_code=facility,
        practitioner_id=practitioner,
        free_only=True,
        starts_at_gte=begin.isoformat(),
        starts_at_lt=(begin + CHECK_IN_OPENS).isoformat(),
    )["items"]
    if found:
        return found[0]
    expect(
        not is_full(station, facility, practitioner, begin),
        "the doctor is booked out: try again later, or `songcau reset`",
    )
    slot = {"starts_at": begin.isoformat(), "ends_at": (begin + timedelta(minutes=5)).isoformat()}
    wish = {"facility_code": facility, "practitioner_id": practitioner, "slots": [slot]}
    published: dict[str, Any] = scheduler.post("/v1/slots", wish)["items"][0]
    return published


def is_full(station: Person, facility: str, practitioner: str, begin: datetime) -> bool:
    """Say whether all the doctor's times that begin soon are taken."""
    times = {"starts_at_gte": begin.isoformat(), "starts_at_lt": (begin + CHECK_IN_OPENS).isoformat()}
    return bool(station.get("/v1/slots", facility_code=facility, practitioner_id=practitioner, **times)["items"])


def give_up(station: Person, consultation_id: str) -> None:
    """Call a consultation off, so that the next run of the demo finds free times."""
    path = f"/v1/consultations/{consultation_id}"
    version = station.get(path)["version"]
    station.post(f"{path}/cancel", {"reason": "NO_LONGER_NEEDED"}, version=version)


def offer_in_parallel(station: Person, consultations: list[dict[str, Any]], slot_id: str) -> list[Any]:
    """Offer one slot to several consultations at the same moment; return the answers."""

    def offer(consultation: dict[str, Any]) -> Any:
        path = f"/v1/consultations/{consultation['id']}/offer"
        return station.call("POST", path, {"slot_id": slot_id}, version=consultation["version"])

    with ThreadPoolExecutor(len(consultations)) as pool:
        return list(pool.map(offer, consultations))


def summary_verdict(stage: Stage, code: str, content: bytes) -> str:
    """Ask whether a file is the summary that was signed."""
    headers = {"content-type": "application/pdf"}
    answer = stage.anybody.call("POST", f"/v1/summaries/{code}/verify", content=content, headers=headers)
    return str(answer.json().get("verdict", answer.json().get("code")))

"""Over HTTP: a citizen complains about a look-up, a data officer answers, asks the officer and decides."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pypdf
import pytest
from songcau_identity.anomaly_doors import build_review
from songcau_identity.app import build_desk
from songcau_identity.settings import Settings
from songcau_kit.clock import FixedClock, SystemClock, local_date
from songcau_kit.database import Database
from songcau_local.demo.client import Person
from songcau_local.demo.stage import Stage
from songcau_local.layout import Layout
from support.rights_story import data_officer

pytestmark = pytest.mark.timeout(400)
DETAILS = "Tôi không nộp hồ sơ nào ở đây."
ANSWER = "Lượt tra cứu không có căn cứ."


def looked_up(stage: Stage, citizen: Person) -> Any:
    """Let an officer of another commune look a citizen up, and return the entry as the citizen reads it."""
    officer = stage.person("officer.phandinhphung")
    citizen.get("/v1/me")
    officer.post("/v1/citizens/search", {"number": citizen.facts["personal_number"]})
    entries = citizen.get("/v1/me/accesses", actor_kind="OFFICER")["items"]
    return next(one for one in entries if one["actor_id"] == officer.subject)


def judge_today(stack: Layout) -> None:
    """Let the job judge today, on a clock on which the days of grace have passed."""
    settings = Settings(database_url=stack.database("postgres", "identity"))
    clock = FixedClock(SystemClock().now() + timedelta(days=settings.look_up_case_days + 1))
    database = Database(settings.database_url, application_name="identity-work")
    review = build_review(settings, build_desk(settings, database, clock))
    while review.review():
        pass
    database.close()


def test_a_complaint_goes_from_the_access_list_to_an_answer_and_another_is_withdrawn(stage: Stage) -> None:
    hoa, officer = stage.person("hoa"), data_officer(stage)
    entry = looked_up(stage, hoa)
    made = hoa.post(f"/v1/me/accesses/{entry['id']}/complaints", {"details": DETAILS})
    assert (made["state"], made["access"]["words"]["operation"]["vi"]) == (
        "RECEIVED",
        "Tìm bạn theo số định danh, giấy tờ, số điện thoại hoặc họ tên",
    )
    again = hoa.refused(
        "POST", f"/v1/me/accesses/{entry['id']}/complaints", {"details": DETAILS}, code="ACCESS_COMPLAINT_OPEN"
    )
    assert made["id"] in again["detail"]
    gone = hoa.post(f"/v1/me/access-complaints/{made['id']}/withdraw", version=made["version"])
    assert gone["state"] == "WITHDRAWN"
    assert hoa.get(f"/v1/me/access-complaints/{made['id']}")["details"] is None

    made = hoa.post(f"/v1/me/accesses/{entry['id']}/complaints", {"details": DETAILS})
    path = f"/v1/access-complaints/{made['id']}"
    assert made["id"] in {one["id"] for one in officer.get("/v1/access-complaints")["items"]}
    assert officer.get(path)["details"] == DETAILS
    stage.person("officer.phandinhphung").refused("GET", path, code="ROLE_MISSING")
    acknowledged = officer.post(f"{path}/acknowledge", version=made["version"])
    answer = {"finding": "UNJUSTIFIED", "answer": ANSWER}
    answered = officer.post(f"{path}/answer", answer, version=acknowledged["version"])
    assert answered["state"] == "ANSWERED"
    assert hoa.get(f"/v1/me/access-complaints/{made['id']}")["answer"] == ANSWER
    hoa.refused(
        "POST",
        f"/v1/me/access-complaints/{made['id']}/withdraw",
        code="ACCESS_COMPLAINT_STATE_INVALID",
        version=answered["version"],
    )


def test_a_look_up_without_a_case_is_asked_about_explained_and_decided(stage: Stage, stack: Layout) -> None:
    hoa, supervisor, officer = stage.person("hoa"), data_officer(stage), stage.person("officer.phandinhphung")
    entry = looked_up(stage, hoa)
    made = hoa.post(f"/v1/me/accesses/{entry['id']}/complaints", {"details": DETAILS})
    judge_today(stack)
    today = local_date(SystemClock().now()).isoformat()
    wanted = {"officer_id": officer.subject, "kind": "LOOK_UP_WITHOUT_CASE", "state": "OPEN,ASKED", "first_day": today}
    (anomaly,) = supervisor.get("/v1/anomalies", **wanted)["items"]
    path, own = f"/v1/anomalies/{anomaly['id']}", f"/v1/me/anomalies/{anomaly['id']}"
    details = supervisor.get(path)
    assert entry["id"] in {one["id"] for one in details["entries"]}
    assert made["id"] in details["access_complaint_ids"]
    assert anomaly["id"] in supervisor.get(f"/v1/access-complaints/{made['id']}")["anomaly_ids"]
    officer.refused("GET", own, code="ANOMALY_NOT_FOUND")
    asked = supervisor.post(f"{path}/ask", {"question": "Vì sao tra cứu?"}, version=anomaly["version"])
    assert officer.get(own)["question"] == "Vì sao tra cứu?"
    explanation = {"explanation": "Công dân đến hỏi thủ tục."}
    answered = officer.post(f"{own}/explain", explanation, version=asked["version"])
    decision = {"decision": "EXPLAINED", "note": "Đã đối chiếu sổ tiếp công dân."}
    decided = supervisor.post(f"{path}/decide", decision, version=answered["version"])
    assert decided["state"] == "EXPLAINED"
    officer.refused("GET", path, code="ROLE_MISSING")
    assert "note" not in officer.get(own)
    month = f"{local_date(SystemClock().now()):%Y-%m}"
    pdf = pypdf.PdfReader(BytesIO(supervisor.file(f"/v1/anomaly-reports/{month}")))
    assert "BÁO CÁO TRA CỨU" in pdf.pages[0].extract_text()


def test_a_watched_citizen_is_put_on_the_list_taken_off_by_somebody_else_and_sees_it(stage: Stage) -> None:
    hoa, supervisor = stage.person("hoa"), data_officer(stage)
    hoa.get("/v1/me")
    body = {"citizen_id": hoa.citizen_id, "reason": "Từng bị tra cứu trái phép."}
    watched = supervisor.post("/v1/watched-citizens", body)
    supervisor.refused("POST", "/v1/watched-citizens", body, code="CITIZEN_WATCHED")
    listed = {one["id"]: one["reason"] for one in supervisor.get("/v1/watched-citizens")["items"]}
    assert listed[watched["id"]] == body["reason"]
    end = f"/v1/watched-citizens/{watched['id']}/end"
    supervisor.refused("POST", end, code="OWN_ACT", version=watched["version"])
    deputy = stage.person("data.officer.deputy")
    deputy.purpose = "INSPECTION"
    ended = deputy.post(end, version=watched["version"])
    assert ended["ended_at"]
    told = [one["operation"] for one in hoa.get("/v1/me/accesses")["items"]]
    assert {"WATCH_CITIZEN", "UNWATCH_CITIZEN"} <= set(told)

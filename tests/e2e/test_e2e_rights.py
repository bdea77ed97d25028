"""A citizen gets a copy of everything and is erased for good, their household business with them, from backups too."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pypdf
import pytest
from songcau_kit.data_copy import DataCopy
from songcau_local.demo import consultation_steps, dossier_steps
from songcau_local.demo.client import Person, StepError, wait_until
from songcau_local.demo.stage import Stage
from songcau_local.layout import Layout
from support.acting import Acting, acting
from support.backups import back_up_server, restore_server
from support.e2e_stack import songcau
from support.rights_story import ask, data_officer, ended, step

pytestmark = pytest.mark.timeout(400)
# Who holds keys of citizens; what the log holds of them is nothing but what these keys open.
SERVICES = ("identity", "eservices", "telehealth", "audit")
DRAFT = {
    "procedure_code": dossier_steps.PROCEDURE,
    "channel": "ONLINE",
    "receiving_agency_code": dossier_steps.AGENCY,
    "answers": dossier_steps.ANSWERS,
}


BUSINESS_CERTIFICATE = {
    "kind": "OFFICE_RECORD",
    "document_number": "17A80000001",
    "issuer": "UBND phường Phan Đình Phùng",
    "issued_on": "2026-06-15",
}


def household_business_of(stage: Stage, person: Person) -> Acting:
    """Return the owner as they act for a household business that an officer confirmed."""
    business = {
        "kind": "HOUSEHOLD_BUSINESS",
        "identifier": person.facts["personal_number"],
        "name": "Hộ kinh doanh Chè Thử Bình",
        "unit_code": "05443",
        "evidence": BUSINESS_CERTIFICATE,
    }
    founded = person.post("/v1/organisations", business)
    decision = {"decision": "CONFIRM", "evidence": BUSINESS_CERTIFICATE}
    path = f"/v1/organisations/{founded['id']}/decide"
    decided = stage.person("officer.phandinhphung").post(path, decision, version=founded["version"])
    assert decided["state"] == "ACTIVE"
    owner = acting(person, str(founded["id"]))
    wait_until(lambda: not owner.call("GET", "/v1/dossiers").is_error, "the household business in public services")
    return owner


def draft_with_a_file(person: Person) -> Any:
    dossier = person.post("/v1/dossiers", DRAFT)
    items = person.get(f"/v1/dossiers/{dossier['id']}/checklist")["items"]
    item = next(item for item in items if item["state"] == "MISSING")
    dossier_steps.attach(person, dossier["id"], item["component_key"], item["name"])
    return dossier


def test_a_citizen_gets_a_copy_from_every_service_and_nobody_else_does(stage: Stage) -> None:
    an, binh = stage.person("an"), stage.person("binh")
    dossier = draft_with_a_file(an)
    consultation_steps.ask(stage)
    request = ask(an, "COPY")
    path = f"/v1/me/subject-requests/{request['id']}"
    done = ended(lambda: an.get(path))
    assert done["state"] == "COMPLETED", done
    assert {part["holder"]: part["state"] for part in done["parts"]} == {
        "eservices": "PROVIDED",
        "telehealth": "PROVIDED",
    }

    copy = DataCopy.model_validate(json.loads(an.file(f"{path}/copy")))
    assert copy.missing == ()
    sections = {(part.holder, section.code): section for part in copy.parts for section in part.sections}
    text = an.file(f"{path}/copy").decode()
    assert {part.holder for part in copy.parts} == {"identity", "eservices", "telehealth"}
    assert an.facts["personal_number"] in text  # whole, as it is their own
    assert dossier["id"] in {record.id for record in sections["eservices", "dossiers"].records}
    assert sections["eservices", "attachments"].records
    assert consultation_steps.COMPLAINT in text
    pages = pypdf.PdfReader(BytesIO(an.file(f"{path}/copy-pdf"))).pages
    assert "BẢN SAO DỮ LIỆU CÁ NHÂN" in "".join(page.extract_text() for page in pages)

    assert binh.call("GET", f"{path}/copy").status_code == 404
    with pytest.raises(StepError, match=r"FORBIDDEN|PERMISSION_DENIED|ROLE_MISSING"):
        data_officer(stage).file(f"{path}/copy")
    operations = [entry["operation"] for entry in an.get("/v1/me/accesses", limit=200)["items"]]
    assert {"GET_DATA_COPY", "MAKE_SUBJECT_REQUEST", "PROVIDE_DATA_COPY"} <= set(operations)


def test_an_erasure_is_refused_with_its_grounds_while_the_law_keeps_something_and_services_stay_open(
    stage: Stage,
) -> None:
    an, officer = stage.person("an"), data_officer(stage)
    dossier_steps.submit(stage)
    request = step(officer, ask(an, "DELETE"), "acknowledge")
    step(officer, request, "complete")
    refused = ended(lambda: an.get(f"/v1/me/subject-requests/{request['id']}"))
    assert refused["state"] == "REFUSED"
    assert refused["refusal"] == "OPEN_CASE"
    assert "Nghị định 118/2025" in refused["legal_reference"]
    grounds = [ground["code"] for part in refused["parts"] for ground in part["grounds"]]
    assert "OPEN_DOSSIER" in grounds
    assert an.get("/v1/me")["status"] == "ACTIVE"
    until_open(lambda: an.post("/v1/dossiers", DRAFT))


@pytest.fixture
def opened() -> Iterator[Callable[[Layout], Stage]]:
    """Return a function that puts the people of the demo in front of a stack, once more after it was restarted."""
    stages: list[Stage] = []

    def open_stage(stack: Layout) -> Stage:
        stages.append(Stage.open(stack))
        return stages[-1]

    yield open_stage
    for stage in stages:
        stage.http.close()


@pytest.mark.slow
def test_an_erased_citizen_stays_erased_when_an_older_backup_is_restored(
    start_stack: Callable[..., Layout], opened: Callable[[Layout], Stage], tmp_path: Path
) -> None:
    stack = start_stack({})
    stage = opened(stack)
    binh, officer = stage.person("binh"), data_officer(stage)
    citizen_id = binh.citizen_id
    draft_with_a_file(binh)
    owner = household_business_of(stage, binh)
    draft_with_a_file(owner)
    request = step(officer, ask(binh, "DELETE"), "acknowledge")
    wait_until(lambda: stored(stack, citizen_id)["keys"]["audit"] == "key", "an entry in the audit log")
    before = stored(stack, citizen_id)
    assert (before["profiles"], before["numbers"], before["answers"], before["files"]) == (1, 1, 1, 1)
    business = stored(stack, owner.stands_for)
    assert (business["businesses"], business["answers"], business["files"]) == (1, 1, 1)
    assert business["keys"]["eservices"] == "key"
    assert before["keys"] == {"identity": "key", "eservices": "key", "telehealth": "none", "audit": "key"}

    back_up_server(stack.database("postgres", "postgres"), tmp_path / "backup")
    step(officer, request, "complete")
    done = ended(lambda: officer.get(f"/v1/subject-requests/{request['id']}"))
    assert done["state"] == "COMPLETED", done
    gone = [erased(stack, subject_id) for subject_id in (citizen_id, owner.stands_for)]
    assert [one["status"] for one in gone] == ["ERASED", "DISSOLVED"]

    assert songcau(stack, "down").returncode == 0
    restore_server(tmp_path / "backup", stack.state / "postgres" / "data")
    shutil.rmtree(stack.objects / "audit" / "signed-trees")  # or the signer would not vouch for the older log
    assert songcau(stack, "up").returncode == 0
    # Before anybody asked for anything.
    assert [stored(stack, subject_id) for subject_id in (citizen_id, owner.stands_for)] == gone
    stage = opened(stack)
    again = stage.person("binh")
    assert again.citizen_id != citizen_id
    assert again.get("/v1/dossiers")["items"] == again.get("/v1/me/organisations")["items"] == []


def until_open(attempt: Callable[[], Any]) -> Any:
    """Return what an attempt returns once identity's fact has reached the service."""
    for _ in range(60):
        with suppress(StepError):
            return attempt()
        time.sleep(0.5)
    return attempt()


def erased(stack: Layout, subject_id: str) -> dict[str, Any]:
    """Return what is stored once every service has forgotten the citizen or the household business."""
    for _ in range(120):
        found = stored(stack, subject_id)
        if found["proofs"] == dict.fromkeys(SERVICES, 1) and found["files"] == 0:
            break
        time.sleep(0.5)
    assert found == {
        "status": found["status"],
        "profiles": 0,
        "numbers": 0,
        "businesses": 0,
        "answers": 0,
        "files": 0,
        "keys": dict.fromkeys(SERVICES, "destroyed"),
        "proofs": dict.fromkeys(SERVICES, 1),
    }
    return found


def stored(stack: Layout, subject_id: str) -> dict[str, Any]:
    """Return what the databases hold of a citizen or of a household business."""

    def rows(service: str, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(stack.database("postgres", service)) as connection:
            return connection.execute(statement, {"subject": subject_id}).fetchall()  # type: ignore[arg-type]

    def count(service: str, statement: str) -> int:
        return int(rows(service, f"select count(*) from {statement}")[0][0])

    def key(service: str) -> str:
        found = rows(service, "select destroyed_at, wrapped_key from data_keys where subject_id = %(subject)s")
        if not found:
            return "none"
        return "key" if found[0][0] is None and found[0][1] else "destroyed"

    dossiers = "dossiers where citizen_id = %(subject)s"
    business = "organisations where organisation_id = %(subject)s"
    statuses = f"select status from citizens where citizen_id = %(subject)s union all select state from {business}"
    return {
        "status": rows("identity", statuses)[0][0],
        "profiles": count("identity", "citizen_profiles where citizen_id = %(subject)s"),
        "numbers": count("identity", "identifiers where citizen_id = %(subject)s"),
        "businesses": count("identity", f"{business} and num_nonnulls(name_enc, identifier_enc, identifier_bix) > 0"),
        "answers": count("eservices", f"{dossiers} and octet_length(answers_enc || applicant_enc) > 0"),
        "files": count("eservices", f"attachments where dossier_id in (select id from {dossiers})"),
        "keys": {service: key(service) for service in SERVICES},
        "proofs": {service: count(service, "erasures where subject_id = %(subject)s") for service in SERVICES},
    }

"""Points 1 to 7 of the story: from the first sign-in to a signed result."""

import secrets
from typing import Any

import httpx

from songcau_local.demo.client import Person, checked, expect
from songcau_local.demo.papers import paper
from songcau_local.demo.stage import Stage, tell
from songcau_local.national_catalogue import import_national

WORDS = "dang ky thanh lap ho kinh doanh"
PROCEDURE = "1.001612"
AGENCY = "H55.242"
ANSWERS = {"family_members": True, "has_electronic_identity": True}


def link(stage: Stage) -> None:
    """A citizen signs in through VNeID and is linked."""
    an = stage.person("an")
    me = an.get("/v1/me")
    expect(
        me["status"] == "ACTIVE" and me["identity_level"] == 2,
        f"the citizen is {me['status']} at level {me['identity_level']}",
    )
    tell(f"linked: citizen {me['id']}, number {me['masked_number']}, level {me['identity_level']}")
    expect(an.facts["personal_number"] not in str(me), "the profile shows the whole personal number")


def find_procedure(stage: Stage) -> None:
    """A procedure is found by words without accents, among the national ones where their files are at hand."""
    for line in import_national(stage.layout):
        tell(line)
    found = stage.anybody.get("/v1/procedures", q=WORDS, online=True)["items"]
    expect(bool(found) and found[0]["code"] == PROCEDURE, f"'{WORDS}' finds {[item['code'] for item in found[:5]]}")
    current = stage.anybody.get(f"/v1/procedures/{PROCEDURE}")["current"]
    tell(f"'{WORDS}' → {found[0]['code']} {found[0]['name']} (version {current['number']})")


def submit(stage: Stage) -> None:
    """A draft names its missing papers, takes them and is submitted."""
    an = stage.person("an")
    wish = {"procedure_code": PROCEDURE, "channel": "ONLINE", "receiving_agency_code": AGENCY, "answers": ANSWERS}
    dossier = an.post("/v1/dossiers", wish)
    an.refused("POST", f"/v1/dossiers/{dossier['id']}/submit", code="DOSSIER_INCOMPLETE", version=dossier["version"])
    items = an.get(f"/v1/dossiers/{dossier['id']}/checklist")["items"]
    missing = [item for item in items if item["state"] == "MISSING"]
    expect(bool(missing), "no paper is missing")
    tell("missing: " + "; ".join(item["name"] for item in missing))
    for item in missing:
        attached = attach(an, dossier["id"], item["component_key"], item["name"])
        file = attached["attachment"]
        tell(f"attached {file['media_type']}, {file['size_bytes']} bytes: {item['name']}")
    version = an.get(f"/v1/dossiers/{dossier['id']}")["version"]
    stage.dossier = an.post(f"/v1/dossiers/{dossier['id']}/submit", version=version)
    told(stage)


def pay(stage: Stage) -> None:
    """The fee is paid; the provider reports it twice and nothing changes the second time."""
    an = stage.person("an")
    dossier_id = stage.dossier["id"]
    payment = an.post(f"/v1/dossiers/{dossier_id}/payments", {"return_url": "http://127.0.0.1:8199/paid"})
    price = payment["price"]["amount"]
    order = {"code": payment["code"], "amount": price, "outcome": "PAID_TWICE"}
    report = checked(httpx.post(f"{stage.layout.url('payment')}/control/pay", json=order, timeout=30)).json()
    expect(report["answers"].count(200) == 2, f"the reports were answered {report['answers']}")
    paid = an.get(f"/v1/payments/{payment['id']}")
    before = stage.dossier = an.get(f"/v1/dossiers/{dossier_id}")
    resent = f"{stage.layout.url('payment')}/control/reports/{report['webhook_id']}/resend"
    checked(httpx.post(resent, timeout=30))
    after = an.get(f"/v1/dossiers/{dossier_id}")
    expect(paid["status"]["code"] == "PAID", f"the payment is {paid['status']['code']}")
    expect(before == after, "a report sent again changed the dossier")
    tell(f"{price:,} VND paid, transaction {paid['transaction_id']}; reported 3 times, counted once")


def accept(stage: Stage) -> None:
    """The right commune sees and accepts it, another one does not even see it."""
    dossier_id = stage.dossier["id"]
    stranger, officer = stage.person("officer.phandinhphung"), stage.person("officer.lahien")
    stranger.refused("GET", f"/v1/dossiers/{dossier_id}", code="DOSSIER_NOT_FOUND")
    expect(not in_queue(stranger, dossier_id), "the other commune has it in its queue")
    expect(in_queue(officer, dossier_id), "the right commune does not have it in its queue")
    tell("officer of H55.209: not found; officer of H55.242: in the queue")
    version = officer.get(f"/v1/dossiers/{dossier_id}")["version"]
    stage.dossier = officer.post(f"/v1/dossiers/{dossier_id}/accept", version=version)
    deadline = stage.dossier["deadline"]
    slip = officer.file(f"/v1/dossiers/{dossier_id}/receipt")
    expect(slip.startswith(b"%PDF"), "the slip is no PDF")
    tell(f"number {stage.dossier['code']}, slip of {len(slip)} bytes, due {deadline['due_date']}")
    for step in deadline["explained"]:
        tell(f"  · {step['text']}")


def supplement(stage: Stage) -> None:
    """A supplement is asked for and supplied; the clock stood still, both due dates stand."""
    an, officer = stage.person("an"), stage.person("officer.lahien")
    path = f"/v1/dossiers/{stage.dossier['id']}"
    item = {
        "component_key": "registration_request",
        "name": "Giấy đề nghị đăng ký hộ kinh doanh",
        "instruction": "Đề nghị ký tên.",
    }
    asked = officer.post(f"{path}/request-supplement", {"items": [item]}, version=stage.dossier["version"])
    expect(asked["deadline"]["paused"][-1]["to"] is None, "the clock does not stand still")
    status, since = asked["status"], asked["deadline"]["paused"][-1]["from"]
    tell(f"asked: {status['code']} ({status['national_code']}), clock stands since {since}")
    attach(an, stage.dossier["id"], item["component_key"], item["name"])
    version = an.get(path)["version"]
    supplied = an.post(f"{path}/supply-supplement", version=version)
    history = supplied["deadline"]["history"]
    expect(len(history) == 2 and supplied["deadline"]["paused"][-1]["to"] is not None, "not both due dates stand")
    tell(f"supplied: {supplied['status']['code']}, due dates {history[0]['due_date']} and {history[1]['due_date']}")
    stage.dossier = supplied


def resolve(stage: Stage) -> None:
    """The officer drafts, the leader signs, the counter returns; the result verifies, a changed byte does not."""
    an, officer, leader = (stage.person(name) for name in ("an", "officer.lahien", "leader.lahien"))
    path = f"/v1/dossiers/{stage.dossier['id']}"
    if "START_PROCESSING" in officer.get(path)["status"]["next_actions"]:
        stage.dossier = officer.post(f"{path}/start-processing", version=stage.dossier["version"])
    decision = {
        "decision": "Cấp Giấy chứng nhận đăng ký hộ kinh doanh.",
        "facts": [{"label": "Số đăng ký", "value": f"19-{secrets.randbelow(10**6):06d}"}],
    }
    drafted = officer.post(f"{path}/propose-decision", decision, version=officer.get(path)["version"])
    officer.refused("POST", f"{path}/resolve", {}, code="ACTION_NOT_YOURS", version=drafted["version"])
    resolved = leader.post(f"{path}/resolve", {}, version=leader.get(path)["version"])
    tell(f"drafted by the officer, who may not sign; {resolved['status']['code']} by the leader")
    stage.dossier = officer.post(f"{path}/return", {"method": "ONLINE"}, version=resolved["version"])
    stage.result = an.file(f"{path}/result")
    code = an.get(path)["result"]["code"]
    by_code, by_file = stage.anybody.get(f"/v1/results/{code}"), verdict(stage, code, stage.result)
    changed = bytearray(stage.result)
    changed[len(changed) // 3] ^= 1
    by_changed_file = verdict(stage, code, bytes(changed))
    expect(
        [by_code["verdict"], by_file, by_changed_file] == ["VALID", "VALID", "ALTERED"],
        f"{by_code}, {by_file}, {by_changed_file}",
    )
    tell(
        f"{stage.dossier['status']['code']} ({stage.dossier['status']['national_code']}); signed by {by_code['signer']}"
    )
    tell(f"QR code {code}: {by_code['verdict']}; the file: {by_file}; one byte changed: {by_changed_file}")


def attach(person: Person, dossier_id: str, component: str, title: str) -> Any:
    """Attach a small PDF to a dossier; raises StepError."""
    files = {"component_key": (None, component), "file": ("giay-to.pdf", paper(title), "application/pdf")}
    return checked(person.call("POST", f"/v1/dossiers/{dossier_id}/attachments", files=files)).json()


def in_queue(person: Person, dossier_id: str) -> bool:
    """Say whether a dossier is in an officer's queue."""
    return any(item["id"] == dossier_id for item in person.get("/v1/dossiers", limit=200)["items"])


def verdict(stage: Stage, code: str, content: bytes) -> str:
    """Ask whether a file is the one that was issued."""
    headers = {"content-type": "application/pdf"}
    answer = stage.anybody.call("POST", f"/v1/results/{code}/verify", content=content, headers=headers)
    return str(checked(answer).json()["verdict"])


def told(stage: Stage) -> None:
    """Print where the dossier stands."""
    status, fee = stage.dossier["status"], stage.dossier["fee"]["amount"]
    where = f"{status['code']} ({status['national_code']}), fee {fee:,} VND {status['finance']}"
    tell(f"dossier {stage.dossier['reference']}: {where}")

"""Signed papers: receipts and results, verified by anybody, revoked by a leader."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from songcau.eservices.v1 import result_service_pb2 as pb
from songcau_kit.errors import DomainError
from songcau_kit.signing import load_roots, verify_pdf
from support.dossier_world import (
    TRANG_XA,
    DossierWorld,
    actions_of,
    finance_of,
    reason_of,
    refusal,
    state_of,
)
from support.papers import words_of

DECISION = "Xác nhận ông/bà chưa đăng ký kết hôn với ai.\nGiấy có giá trị 6 tháng."


def test_a_result_is_a_signed_archival_pdf_that_says_what_was_decided(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    facts = [{"label": "Tình trạng", "value": "Chưa kết hôn"}]
    dossier = world.move("Resolve", world.processing(person), world.as_leader(), decision=DECISION, facts=facts)
    answer = world.result_file(dossier, world.as_citizen(person))
    words = words_of(answer.pdf)
    for expected in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "ỦY BAN NHÂN DÂN XÃ LA HIÊN",
        "La Hiên, ngày 23 tháng 11 năm 2026",
        f"Số: {dossier.code}/KQ",
        person.full_name.upper(),
        "Xác nhận ông/bà chưa đăng ký kết hôn với ai.",
        "Chưa kết hôn",
        dossier.result.code,
    ):
        assert expected in words
    assert b"<pdfaid:part>2</pdfaid:part>" in answer.pdf
    report = verify_pdf(answer.pdf, load_roots(world.settings.signer_folder / "root.pem"), at=world.clock.now())
    assert report.valid
    assert report.signer == "Ủy ban nhân dân xã La Hiên"
    assert answer.file_name == f"ket-qua-{dossier.code}.pdf"
    assert dossier.result.verification_url == f"http://127.0.0.1:8080/verify/{dossier.result.code}"


def test_a_receipt_is_form_01_and_the_same_file_for_ever(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.submitted(person)
    citizen = world.as_citizen(person)
    assert reason_of(lambda: world.receipt(dossier, citizen)) == "RECEIPT_NOT_FOUND"
    world.pay(person, dossier)
    dossier = world.move("Accept", world.get(dossier, world.as_officer()), world.as_officer())
    receipt = world.receipt(dossier, citizen).pdf
    words = words_of(receipt)
    for expected in (
        "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
        f"Mã hồ sơ: {dossier.code}",
        person.full_name.upper(),
        "Tờ khai cấp bản sao Trích lục hộ tịch",
        "09 giờ 00 phút, ngày 23 tháng 11 năm 2026",
        "17 giờ 00 phút, ngày 23 tháng 11 năm 2026",
        "8.000 đồng (đã nộp)",
    ):
        assert expected in words
    world.clock.advance(timedelta(days=3))
    assert world.receipt(dossier, world.as_officer()).pdf == receipt
    (code,) = set(re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", words))
    answer = world.results.VerifyResult(pb.VerifyResultRequest(code=code, pdf=receipt))
    assert (answer.verdict, answer.kind) == (pb.RESULT_VERDICT_VALID, pb.PAPER_KIND_RECEIPT)


def test_two_who_ask_for_the_receipt_at_once_get_the_same_file(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier, citizen = world.accepted(person), world.as_citizen(person)
    with ThreadPoolExecutor(4) as pool:
        files = set(pool.map(lambda _: world.receipt(dossier, citizen).pdf, range(4)))
    assert len(files) == 1


def test_a_code_verifies_without_sign_in_and_tells_nothing_personal(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.resolved(person)
    answer = world.results.VerifyResult(pb.VerifyResultRequest(code=dossier.result.code.lower().replace("-", "")))
    assert (answer.verdict, answer.code) == (pb.RESULT_VERDICT_VALID, dossier.result.code)
    assert (answer.agency_code, answer.agency_name) == ("H55.242", "Ủy ban nhân dân xã La Hiên")
    assert answer.procedure_code == "1.004873"
    assert person.full_name not in str(answer)
    assert dossier.code not in str(answer)


def test_a_changed_byte_is_found(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.resolved(person)
    genuine, code = world.result_file(dossier, world.as_citizen(person)).pdf, dossier.result.code
    assert world.verify(code, genuine) == "VALID"
    for place in (100, len(genuine) // 2, len(genuine) - 3):
        changed = bytearray(genuine)
        changed[place] ^= 1
        assert world.verify(code, bytes(changed)) == "ALTERED"
    assert world.verify(code, genuine + b"\n") == "ALTERED"
    assert world.verify(code, b"not a pdf") == "ALTERED"
    other = world.result_file(world.resolved(world.person()), world.as_officer()).pdf
    assert world.verify(code, other) == "ALTERED"


def test_a_code_nobody_issued_is_unknown(dossier_world: DossierWorld):
    for code in ("0000-0000-0000", "", "x", "\0", "'; drop table papers", "🙂" * 100):
        assert dossier_world.verify(code) == "UNKNOWN"
    assert reason_of(lambda: dossier_world.verify("0000-0000-0000", b"x" * 3_200_000)) == "PAYLOAD_TOO_LARGE"


def test_a_leader_revokes_a_result_and_everybody_can_see_it(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier, leader = world.resolved(person), world.as_leader()
    genuine = world.result_file(dossier, leader).pdf
    assert "REVOKE_RESULT" in actions_of(world.get(dossier, leader))
    assert "REVOKE_RESULT" not in actions_of(world.get(dossier, world.as_officer()))
    revoked = world.revoke(dossier, leader)
    assert (revoked.result.revoked, revoked.result.revocation_reason) == (True, "Cấp nhầm.")
    assert state_of(revoked) == "RESOLVED"
    assert world.verify(dossier.result.code) == "REVOKED"
    assert world.verify(dossier.result.code, genuine) == "REVOKED"
    assert world.verify(dossier.result.code, genuine + b"x") == "ALTERED"
    assert world.facts(dossier)[-1] == "result_revoked"
    assert "REVOKE_RESULT" not in actions_of(world.get(revoked, leader))
    assert reason_of(lambda: world.revoke(revoked, leader)) == "RESULT_ALREADY_REVOKED"


def test_who_may_not_revoke(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.resolved(person)
    assert reason_of(lambda: world.revoke(dossier, world.as_officer())) == "PERMISSION_DENIED"
    assert reason_of(lambda: world.revoke(dossier, world.as_leader(TRANG_XA))) == "RESULT_NOT_FOUND"
    assert reason_of(lambda: world.revoke(dossier, world.as_leader(), code="0000-0000-0000")) == "RESULT_NOT_FOUND"
    assert reason_of(lambda: world.revoke(dossier, world.as_leader(), reason="")) == "REASON_REQUIRED"
    assert reason_of(lambda: world.revoke(dossier, world.as_leader(), expected_version=1)) == "VERSION_CONFLICT"
    assert world.verify(dossier.result.code) == "VALID"


def test_an_unpaid_fee_holds_the_result_back_and_signs_nothing(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.processing(person)
    world.execute("update dossiers set fee_amount = 5000 where id = %s", dossier.id)
    error = refusal(lambda: world.move("Resolve", dossier, world.as_leader(), decision=DECISION))
    assert (error.reason.code, error.details["fee_amount"]) == ("PAYMENT_REQUIRED", "5000")
    assert world.rows("select count(*) from papers") == [(0,)]


@pytest.mark.parametrize(
    ("decision", "facts"),
    [
        ("", []),
        ("x" * 2001, []),
        ("đồng ý 😀", []),
        ("đồng ý", [{"label": "", "value": "x"}]),
        ("đồng ý", [{"label": "a", "value": "日"}]),
        ("đồng ý", [{"label": "a", "value": "b"}] * 41),
    ],
)
def test_a_decision_is_words_a_paper_can_show(dossier_world: DossierWorld, decision: str, facts: list[dict[str, str]]):
    world, person = dossier_world, dossier_world.person()
    dossier = world.processing(person)
    error = refusal(lambda: world.move("Resolve", dossier, world.as_leader(), decision=decision, facts=facts))
    assert error.reason.code == "INVALID_REQUEST"


def test_results_are_fetched_by_those_concerned_only(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.processing(person)
    assert reason_of(lambda: world.result_file(dossier, world.as_citizen(person))) == "RESULT_NOT_FOUND"
    dossier = world.move("Resolve", dossier, world.as_leader(), decision=DECISION)
    assert reason_of(lambda: world.result_file(dossier, world.as_officer(TRANG_XA))) == "DOSSIER_NOT_FOUND"
    assert reason_of(lambda: world.result_file(dossier, world.as_officer(purpose=None))) == "PURPOSE_REQUIRED"
    world.result_file(dossier, world.as_citizen(person))
    assert ("GET_RESULT_FILE", "CITIZEN", None, "OWN_USE", "ALLOWED", None) in world.audit(person)


@pytest.mark.parametrize(("method", "delivery"), [(1, 4), (2, 4), (3, 3)])
def test_the_way_of_return_moves_the_delivery_axis_only(dossier_world: DossierWorld, method: int, delivery: int):
    world, person = dossier_world, dossier_world.person()
    resolved = world.resolved(person)
    assert resolved.status.delivery == 2
    returned = world.move("ReturnResult", resolved, world.as_officer(), method=method)
    assert (returned.status.delivery, finance_of(returned)) == (delivery, finance_of(resolved))


def test_being_early_on_time_or_late_is_a_matter_of_dates(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()

    def resolved_after(days: int) -> str:
        dossier = world.processing(person)
        world.clock.advance(timedelta(days=days))
        dossier = world.move("Resolve", dossier, world.as_leader(), decision=DECISION)
        world.clock.advance(timedelta(days=-days))
        return str(world.events(dossier)[-1].resolved.timeliness)

    assert [resolved_after(days) for days in (3, 4, 5)] == ["EARLY", "ON_TIME", "LATE"]


def test_a_result_signed_twice_at_once_counts_once(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.processing(person)

    def resolve(number: int) -> str:
        try:
            metadata = world.as_officer(roles=("leader",), sub=f"leader-{number}")
            return str(world.move("Resolve", dossier, metadata, decision=DECISION).result.code)
        except DomainError as error:
            return error.reason.code

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(resolve, range(4)))
    codes = [answer for answer in answers if answer != "VERSION_CONFLICT"]
    assert len(codes) == 1
    assert world.rows("select code from papers where kind = 'RESULT'") == [(codes[0],)]
    assert Path(world.settings.signer_folder).is_dir()

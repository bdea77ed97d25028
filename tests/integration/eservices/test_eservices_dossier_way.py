"""The whole way of a dossier, and what each step leaves behind."""

from datetime import timedelta

from support.dossier_world import (
    LA_HIEN,
    TRANG_XA,
    DossierWorld,
    actions_of,
    finance_of,
    reason_of,
    state_of,
)


def test_a_dossier_goes_from_draft_to_returned_result(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    citizen, officer = world.as_citizen(person), world.as_officer()
    dossier = world.submitted(person)
    assert (state_of(dossier), finance_of(dossier), dossier.fee_amount) == ("SUBMITTED", "DUE", 8000)
    assert reason_of(lambda: world.move("Accept", dossier, officer)) == "PAYMENT_REQUIRED"
    world.pay(person, dossier)
    dossier = world.get(dossier, officer)
    assert finance_of(dossier) == "PAID"
    dossier = world.move("Accept", dossier, officer)
    assert dossier.code == f"{LA_HIEN}-261123-0001"
    assert dossier.deadline.due_date == "2026-11-23"
    dossier = world.move("StartProcessing", dossier, officer)
    dossier = world.move("Resolve", dossier, world.as_leader(), decision="Cấp 01 bản sao Trích lục khai sinh.")
    assert state_of(dossier) == "RESOLVED"
    assert world.verify(dossier.result.code) == "VALID"
    dossier = world.move("ReturnResult", dossier, officer)
    assert (state_of(dossier), dossier.status.national_code, dossier.status.finished) == ("RETURNED", 10, True)
    assert world.facts(dossier) == [
        "drafted",
        "submitted",
        "payment_recorded",
        "accepted",
        "processing_started",
        "resolved",
        "result_returned",
    ]
    assert actions_of(world.get(dossier, citizen)) == set()


def test_a_supplement_pauses_the_clock_and_keeps_both_due_dates(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    citizen, officer = world.as_citizen(person), world.as_officer()
    dossier = world.accepted(person)
    assert dossier.deadline.due_date == "2026-11-27"  # 24 November is a holiday
    world.clock.advance(timedelta(days=2))
    items = [{"component_key": "status_form", "instruction": "Thiếu chữ ký."}]
    dossier = world.move("RequestSupplement", dossier, officer, items=items)
    assert state_of(dossier) == "SUPPLEMENT_REQUIRED"
    assert dossier.supplements[0].items[0].name == "Tờ khai cấp Giấy xác nhận tình trạng hôn nhân"
    world.clock.advance(timedelta(days=5))
    assert world.get(dossier, citizen).deadline.days_left == 2
    assert reason_of(lambda: world.move("SupplySupplement", dossier, citizen)) == "DOSSIER_INCOMPLETE"
    world.attach(person, dossier, "status_form", content=None)
    dossier = world.move("SupplySupplement", world.get(dossier, citizen), citizen)
    assert state_of(dossier) == "PROCESSING"
    assert [one.due_date for one in dossier.deadline.history] == ["2026-11-27", "2026-12-02"]
    assert dossier.deadline.due_date == "2026-12-02"
    assert dossier.deadline.paused[0].to.seconds > 0


def test_officers_see_the_dossiers_of_their_agency_only(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.submitted(person)
    assert world.get(dossier, world.as_officer(LA_HIEN)).applicant.full_name == person.full_name
    assert reason_of(lambda: world.get(dossier, world.as_officer(TRANG_XA))) == "DOSSIER_NOT_FOUND"
    assert reason_of(lambda: world.move("Accept", dossier, world.as_officer(TRANG_XA))) == "DOSSIER_NOT_FOUND"
    assert ("GET_DOSSIER", "OFFICER", TRANG_XA, "DOSSIER_PROCESSING", "DENIED", "DOSSIER_NOT_FOUND") in world.audit(
        person
    )

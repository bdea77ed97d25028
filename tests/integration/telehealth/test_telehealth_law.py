"""The hard rules of remote care, each with its own reason."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from psycopg.errors import CheckViolation, ExclusionViolation
from songcau.telehealth.v1 import consultation_pb2 as pb
from songcau_telehealth.facilities import repository as facilities
from support.telehealth_service import (
    CHILDREN_DOCTOR,
    COLLEAGUE,
    DOCTOR,
    HOSPITAL,
    LOCAL_DOCTOR,
    OTHER_STATION,
    STATION,
    UNDECLARED,
    Telehealth,
    doctor,
    error_of,
    outcome_message,
    reason_of,
)

PARENT = pb.Representative(full_name="Hoàng Văn Thử", relation="FATHER", phone_number="+84900000002")
CHILD = pb.PatientDetails(full_name="Hoàng Thử Em", birth_date="2018-05-30", sex="F")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"facility_code": UNDECLARED}, "FACILITY_NOT_DECLARED"),
        ({"service_code": "DERMATOLOGY"}, "FACILITY_NOT_DECLARED"),
        ({"facility_code": "19999"}, "FACILITY_NOT_FOUND"),
        ({"mode": "REMOTE_MODE_DIRECT_TO_PATIENT", "receiving_facility_code": None}, "FACILITY_NOT_FOUND"),
        ({"patient": CHILD}, "REPRESENTATIVE_REQUIRED"),
        ({"consent": None}, "CONSENT_REQUIRED"),
        ({"consent": pb.Consent(text_version="care-0", channel="CONSENT_CHANNEL_APP")}, "CONSENT_REQUIRED"),
        ({"mode": None}, "INVALID_REQUEST"),
        ({"mode": "REMOTE_MODE_TELECONSULT_MDT"}, "INVALID_REQUEST"),
        ({"complaint": " "}, "INVALID_REQUEST"),
        ({"patient": None}, "INVALID_REQUEST"),
    ],
)
def test_a_request_outside_the_rules_is_refused_with_its_own_reason(
    telehealth: Telehealth, changes: dict[str, Any], reason: str
) -> None:
    citizen_id = telehealth.link()
    assert reason_of(lambda: telehealth.request(citizen_id, **changes)) == reason
    assert telehealth.rows("select 1 from consultations") == []


def test_a_malformed_request_names_every_field(telehealth: Telehealth) -> None:
    patient = pb.PatientDetails(full_name="", birth_date="30/05/2018", sex="X", phone_number="gọi tôi")
    stranger = pb.Representative(full_name="", relation="COUSIN")
    citizen_id = telehealth.link()
    error = error_of(lambda: telehealth.request(citizen_id, patient=patient, representative=stranger, complaint=""))
    assert {violation.pointer for violation in error.violations} == {
        "/patient/full_name", "/patient/birth_date", "/patient/sex", "/patient/phone_number",
        "/representative/full_name", "/representative/relation", "/complaint",
    }  # fmt: skip


def test_a_name_is_stored_in_its_canonical_form(telehealth: Telehealth) -> None:
    decomposed = pb.PatientDetails(full_name="  Hoàng   Thị Hoà ", birth_date="1990-01-01", sex="F")
    assert telehealth.request(telehealth.link(), patient=decomposed).patient.full_name == "Hoàng Thị Hòa"


def test_remote_care_begins_ten_days_after_the_receipt_slip(telehealth: Telehealth) -> None:
    today = date(2026, 11, 23)
    with telehealth.database.transaction() as connection:
        for service, slip in (("EARLY", today - timedelta(days=9)), ("DUE", today - timedelta(days=10))):
            facilities.save_declaration(connection, HOSPITAL, service, receipt_slip_on=slip, published_on=None)
        facilities.save_declaration(connection, HOSPITAL, "PUBLISHED", receipt_slip_on=today, published_on=today)
    citizen_id = telehealth.link()
    assert reason_of(lambda: telehealth.request(citizen_id, service_code="EARLY")) == "FACILITY_NOT_DECLARED"
    assert telehealth.request(citizen_id, service_code="DUE").version == 1
    assert telehealth.request(citizen_id, service_code="PUBLISHED").version == 1


def test_a_receiving_station_needs_a_contract_in_force(telehealth: Telehealth) -> None:
    citizen_id = telehealth.link()
    elsewhere = telehealth.as_station(facility_codes=[OTHER_STATION])
    error = error_of(lambda: telehealth.request(citizen_id, who=elsewhere, receiving_facility_code=OTHER_STATION))
    assert error.reason.code == "CONTRACT_NOT_IN_FORCE"
    assert error.details == {"supporting": HOSPITAL, "supported": OTHER_STATION, "day": "2026-11-23"}


def test_a_contract_that_ends_before_the_slot_or_the_session_stops_it(telehealth: Telehealth) -> None:
    waiting = telehealth.triage(telehealth.request(telehealth.link()))
    slot_id = telehealth.slot(hours=26)
    telehealth.run("update facility_contracts set valid_to = '2026-11-23'")
    assert reason_of(lambda: telehealth.offer(waiting, slot_id)) == "CONTRACT_NOT_IN_FORCE"
    telehealth.run("update facility_contracts set valid_to = null")
    offered = telehealth.offer(waiting, slot_id)
    telehealth.run("update facility_contracts set valid_to = '2026-11-23'")
    assert reason_of(lambda: telehealth.confirm(offered)) == "CONTRACT_NOT_IN_FORCE"
    telehealth.run("update facility_contracts set valid_to = null")
    scheduled = telehealth.confirm(offered)
    telehealth.clock.advance(timedelta(hours=25))
    arrived = telehealth.check_in(scheduled)
    telehealth.run("update facility_contracts set valid_to = '2026-11-23'")
    assert reason_of(lambda: telehealth.admit(arrived)) == "CONTRACT_NOT_IN_FORCE"


def test_a_declaration_withdrawn_before_the_session_stops_it(telehealth: Telehealth) -> None:
    arrived = telehealth.check_in(telehealth.scheduled())
    telehealth.run("update facility_declarations set withdrawn_on = '2026-11-23'")
    assert reason_of(lambda: telehealth.admit(arrived)) == "FACILITY_NOT_DECLARED"


def test_a_session_stays_inside_the_declared_hours_of_its_moment(telehealth: Telehealth) -> None:
    slot_id = telehealth.slot(hours=1)
    arrived = telehealth.check_in(telehealth.scheduled(slot_id=slot_id))
    with telehealth.database.transaction() as connection:
        # 10:00 to 12:00 in Vietnam: the slot is inside, the present moment (09:00) is not.
        facilities.save_practitioner(connection, doctor(DOCTOR, "990101/TNG-GPHN", hours=(600, 720)))
    assert reason_of(lambda: telehealth.admit(arrived)) == "OUTSIDE_DECLARED_HOURS"
    telehealth.clock.advance(timedelta(hours=1))
    assert telehealth.admit(arrived).state == pb.CONSULTATION_STATE_IN_CALL


def test_neighbouring_hours_count_together_and_gaps_do_not(telehealth: Telehealth) -> None:
    with telehealth.database.transaction() as connection:
        facilities.save_practitioner(connection, doctor(COLLEAGUE, "990102/TNG-GPHN", hours=(480, 720)))
        number = telehealth.rows("select practitioner_no from practitioners where practitioner_id = %s", COLLEAGUE)
        for first, last in ((720, 780), (840, 900)):
            connection.execute(
                """insert into practitioner_hours select practitioner_no, facility_code, weekday, %s, %s, validity
                from practitioner_hours where practitioner_no = %s and start_minute = 480""",
                (first, last, number[0][0]),
            )
    noon = datetime(2026, 11, 24, 4, 50, tzinfo=UTC)  # 11:50 in Vietnam
    assert telehealth.slot_at(noon, minutes=20, practitioner=COLLEAGUE)
    before_gap = noon + timedelta(hours=1)
    error = error_of(lambda: telehealth.slot_at(before_gap, minutes=20, practitioner=COLLEAGUE))
    assert error.reason.code == "OUTSIDE_DECLARED_HOURS"
    assert error.details["starts_at"] == "2026-11-24T12:50:00+07:00"


def test_a_practitioner_has_no_overlapping_hours_across_facilities(telehealth: Telehealth) -> None:
    overlapping = """insert into practitioner_hours
        (practitioner_no, facility_code, weekday, start_minute, end_minute, validity)
        select practitioner_no, %s, weekday, 600, 660, validity from practitioner_hours where weekday = 1
        and practitioner_no = (select practitioner_no from practitioners where practitioner_id = %s)"""
    with pytest.raises(ExclusionViolation):
        telehealth.run(overlapping, STATION, DOCTOR)


@pytest.mark.parametrize("licence", ["12345/TNG-GPHN", "990199/TNG-XXXX", "990199-TNG-GPHN", "990199/TN1-GPHN"])
def test_a_licence_number_has_the_legal_form(telehealth: Telehealth, licence: str) -> None:
    with pytest.raises(CheckViolation):
        telehealth.run("update practitioners set licence_number = %s where practitioner_id = %s", licence, DOCTOR)


def test_a_slot_outside_scope_facility_or_time_is_not_offered(telehealth: Telehealth) -> None:
    waiting = telehealth.triage(telehealth.request(telehealth.link(), service_code="CARDIOLOGY"))
    assert reason_of(lambda: telehealth.offer(waiting, telehealth.slot())) == "OUTSIDE_SCOPE"
    assert reason_of(lambda: telehealth.offer(waiting, str(UUID(int=77)))) == "SLOT_NOT_FOUND"
    passed = telehealth.slot(hours=2)
    telehealth.clock.advance(timedelta(hours=2))
    assert reason_of(lambda: telehealth.offer(waiting, passed)) == "SLOT_IN_PAST"
    with telehealth.database.transaction() as connection:
        facilities.save_declaration(
            connection, UNDECLARED, "CARDIOLOGY", receipt_slip_on=date(2026, 1, 1), published_on=None
        )
        facilities.save_contract(
            connection, facilities.Contract(UUID(int=8), "2", UNDECLARED, STATION, date(2026, 1, 1), None)
        )
    elsewhere = telehealth.triage(
        telehealth.request(telehealth.link(), service_code="CARDIOLOGY", facility_code=UNDECLARED)
    )
    assert reason_of(lambda: telehealth.offer(elsewhere, telehealth.slot(hours=3))) == "SLOT_ELSEWHERE"


def test_the_practitioner_must_have_been_shown_before_confirming(telehealth: Telehealth) -> None:
    offered = telehealth.offer(telehealth.triage(telehealth.request(telehealth.link())), telehealth.slot())
    assert offered.practitioner.full_name
    assert offered.practitioner.title
    assert offered.responsible_facility.name
    for shown in ("", "990102/TNG-GPHN"):
        assert reason_of(lambda shown=shown: telehealth.confirm(offered, shown_licence_number=shown)) == (
            "PRACTITIONER_NOT_SHOWN"
        )


def test_a_child_comes_with_a_recorded_and_present_representative(telehealth: Telehealth) -> None:
    asked = telehealth.request(telehealth.link(), patient=CHILD, representative=PARENT, service_code="PAEDIATRICS")
    assert asked.representative.full_name == PARENT.full_name
    assert telehealth.rows("select given_by from consents") == [("REPRESENTATIVE",)]
    slot_id = telehealth.slot(practitioner=CHILDREN_DOCTOR)
    offered = telehealth.offer(telehealth.triage(asked), slot_id)
    scheduled = telehealth.confirm(offered, shown_licence_number="990104/TNG-GPHN")
    assert reason_of(lambda: telehealth.check_in(scheduled)) == "REPRESENTATIVE_REQUIRED"
    arrived = telehealth.check_in(scheduled, representative_present=True)
    assert arrived.check_in.representative_present


def test_clinicians_need_a_second_factor_for_every_read_and_step(telehealth: Telehealth) -> None:
    citizen_id = telehealth.link()
    arrived = telehealth.check_in(telehealth.scheduled(citizen_id))
    weak = telehealth.as_doctor(acr="aal1")
    error = error_of(lambda: telehealth.admit(arrived, who=weak))
    assert (error.reason.code, error.details) == ("AUTHENTICATION_INSUFFICIENT", {"acr_values": "aal2"})
    assert reason_of(lambda: telehealth.get(arrived, who=weak)) == "AUTHENTICATION_INSUFFICIENT"
    assert telehealth.audit(citizen_id)[-1] == (
        "CLINICIAN",
        "GET_CONSULTATION",
        "DENIED",
        "AUTHENTICATION_INSUFFICIENT",
    )


def test_treatment_stops_at_the_list_and_the_text_of_the_error_hides_the_diagnosis(telehealth: Telehealth) -> None:
    in_call = telehealth.in_call()
    cancer = [pb.Diagnosis(icd10_code="I10", text="a"), pb.Diagnosis(icd10_code="C50.9", text="b")]
    error = error_of(lambda: telehealth.complete(in_call, outcome=outcome_message(diagnoses=cancer)))
    assert error.reason.code == "TREATMENT_OUTSIDE_LIST"
    assert [violation.pointer for violation in error.violations] == ["/outcome/diagnoses/1"]
    assert "C50" not in str(error.details)
    referral = outcome_message(
        kind="OUTCOME_KIND_IN_PERSON_REFERRAL", diagnoses=cancer, treatment="", referral="Khám chuyên khoa"
    )
    done = telehealth.complete(in_call, outcome=referral)
    assert done.outcome.kind == pb.OUTCOME_KIND_IN_PERSON_REFERRAL
    assert telehealth.rows("select list_version from summaries")[0][0].startswith("circular-30-2023")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"kind": "OUTCOME_KIND_ADVICE"}, "/outcome/treatment"),
        ({"treatment": ""}, "/outcome/treatment"),
        ({"diagnoses": []}, "/outcome/diagnoses"),
        ({"diagnoses": [pb.Diagnosis(icd10_code="cao huyết áp")]}, "/outcome/diagnoses/0/icd10_code"),
        ({"advice": ""}, "/outcome/advice"),
        ({"referral": "Khám chuyên khoa"}, "/outcome/referral"),
        ({"follow_up_on": "mai"}, "/outcome/follow_up_on"),
        ({"findings": "x" * 4001}, "/outcome/findings"),
    ],
)
def test_an_outcome_that_contradicts_itself_is_refused(
    telehealth: Telehealth, changes: dict[str, Any], pointer: str
) -> None:
    in_call = telehealth.in_call()
    error = error_of(lambda: telehealth.complete(in_call, outcome=outcome_message(**changes)))
    assert error.reason.code == "INVALID_REQUEST"
    assert pointer in {violation.pointer for violation in error.violations}


def test_between_facilities_the_local_practitioner_is_responsible_and_decides(telehealth: Telehealth) -> None:
    asked = telehealth.request(
        telehealth.link(), mode="REMOTE_MODE_INTER_FACILITY_SUPPORT", local_practitioner_id=str(LOCAL_DOCTOR)
    )
    assert asked.responsible_facility.facility_code == STATION
    assert asked.local_practitioner.licence_number == "990103/TNG-GPHN"
    scheduled = telehealth.confirm(telehealth.offer(telehealth.triage(asked), telehealth.slot()))
    in_call = telehealth.admit(telehealth.check_in(scheduled))
    assert reason_of(lambda: telehealth.complete(in_call)) == "TREATMENT_NOT_ALLOWED"
    advice = outcome_message(kind="OUTCOME_KIND_ADVICE", treatment="")
    assert telehealth.complete(in_call, outcome=advice).finished


def test_citizens_ask_for_themselves_at_home_and_cannot_ask_between_facilities(telehealth: Telehealth) -> None:
    citizen_id = telehealth.link()
    me = telehealth.as_citizen(citizen_id)
    direct = {"mode": "REMOTE_MODE_DIRECT_TO_PATIENT", "receiving_facility_code": None}
    asked = telehealth.request("", who=me, **direct)
    assert asked.citizen_id == citizen_id
    assert asked.receiving_facility_code == ""
    between = {"mode": "REMOTE_MODE_INTER_FACILITY_SUPPORT", "local_practitioner_id": str(LOCAL_DOCTOR)}
    assert reason_of(lambda: telehealth.request("", who=me, **between)) == "MODE_NOT_ALLOWED"
    assert reason_of(lambda: telehealth.request(telehealth.link(), who=me)) == "PERMISSION_DENIED"
    triaged = telehealth.triage(asked, who=telehealth.as_doctor())
    scheduled = telehealth.confirm(telehealth.offer(triaged, telehealth.slot(), who=me), who=me)
    assert reason_of(lambda: telehealth.check_in(scheduled, who=me)) == "PROOF_NOT_ALLOWED"
    arrived = telehealth.check_in(scheduled, who=me, proof="IDENTITY_PROOF_VNEID_SESSION")
    assert arrived.check_in.proof == pb.IDENTITY_PROOF_VNEID_SESSION


def test_check_in_and_absence_have_their_times(telehealth: Telehealth) -> None:
    scheduled = telehealth.scheduled(slot_id=telehealth.slot(hours=5))
    error = error_of(lambda: telehealth.check_in(scheduled))
    assert error.reason.code == "CHECK_IN_WINDOW"
    assert error.details == {"opens_at": "2026-11-23T12:00:00+07:00", "closes_at": "2026-11-23T14:20:00+07:00"}
    telehealth.clock.advance(timedelta(hours=5, minutes=14))
    assert error_of(lambda: telehealth.miss(scheduled)).details == {"from": "2026-11-23T14:15:00+07:00"}
    telehealth.clock.advance(timedelta(minutes=1))
    assert telehealth.miss(scheduled).state == pb.CONSULTATION_STATE_NO_SHOW_PATIENT


def test_a_red_flag_without_a_redirect_needs_a_reason(telehealth: Telehealth) -> None:
    asked = telehealth.request(telehealth.link())
    error = error_of(lambda: telehealth.triage(asked, red_flags=["CHEST_PAIN"]))
    assert [violation.pointer for violation in error.violations] == ["/note"]
    assert telehealth.triage(asked, red_flags=["CHEST_PAIN"], note="Đã đo điện tim").triage.red_flags == ["CHEST_PAIN"]


def test_a_summary_is_signed_after_a_fresh_sign_in_and_read_after_any(telehealth: Telehealth) -> None:
    citizen_id = telehealth.link()
    in_call = telehealth.in_call(citizen_id)
    stale = telehealth.as_doctor(auth_time=int((telehealth.clock.now() - timedelta(seconds=606)).timestamp()))
    weak = telehealth.as_doctor(acr="aal1")
    for who in (stale, weak):
        error = error_of(lambda who=who: telehealth.complete(in_call, who=who))
        assert error.reason.code == "AUTHENTICATION_INSUFFICIENT"
        assert error.details == {"acr_values": "aal2", "max_age": "600"}
    refused = ("CLINICIAN", "COMPLETE_CONSULTATION", "DENIED", "AUTHENTICATION_INSUFFICIENT")
    assert telehealth.audit(citizen_id)[-2:] == [refused] * 2
    assert telehealth.get(in_call, who=stale).consultation_id == in_call.consultation_id
    assert telehealth.complete(in_call).state == pb.CONSULTATION_STATE_COMPLETED

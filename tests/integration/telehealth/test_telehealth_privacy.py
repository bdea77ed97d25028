"""Who reaches a consultation, what the access list says of it, and what never stands in plain anywhere."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from songcau.telehealth.v1 import consultation_pb2 as pb
from songcau.telehealth.v1 import consultation_service_pb2 as calls
from songcau.telehealth.v1 import refusal_service_pb2, refusal_service_pb2_grpc
from songcau_kit.data_keys import DataKeys
from songcau_kit.keyring import Keyring
from support.telehealth_service import (
    COLLEAGUE,
    COMPLAINT,
    DOCTOR,
    OTHER_STATION,
    PATIENT_NAME,
    STATION,
    Telehealth,
    error_of,
    key,
    outcome_message,
    reason_of,
)


def strangers(site: Telehealth) -> dict[str, Any]:
    return {
        "another citizen": site.as_citizen(site.link()),
        "another station": site.as_station(facility_codes=[OTHER_STATION]),
        "a doctor of another hospital": site.as_doctor(COLLEAGUE, facility_codes=["19902"]),
        "a station officer without a station": site.as_station(facility_codes=None),
    }


def test_strangers_find_nothing_and_stand_in_the_access_list(telehealth: Telehealth) -> None:
    citizen_id = telehealth.link()
    done = telehealth.complete(telehealth.in_call(citizen_id))
    before = len(telehealth.audit(citizen_id))
    for who in strangers(telehealth).values():
        assert reason_of(lambda who=who: telehealth.get(done, who=who)) == "CONSULTATION_NOT_FOUND"
        request = calls.GetSummaryRequest(consultation_id=done.consultation_id)
        assert reason_of(
            lambda who=who, request=request: telehealth.consultations.GetSummary(request, metadata=who)
        ) == "CONSULTATION_NOT_FOUND"  # fmt: skip
        assert reason_of(lambda who=who: telehealth.cancel(done, who=who)) == "CONSULTATION_NOT_FOUND"
    entries = telehealth.audit(citizen_id)[before:]
    assert len(entries) == 12
    assert {(outcome, reason) for _, _, outcome, reason in entries} == {("DENIED", "CONSULTATION_NOT_FOUND")}


def test_an_unknown_or_malformed_id_finds_nothing(telehealth: Telehealth) -> None:
    for text in (str(uuid4()), "nothing", ""):
        unknown = pb.Consultation(consultation_id=text, version=1)
        assert reason_of(lambda unknown=unknown: telehealth.get(unknown)) == "CONSULTATION_NOT_FOUND"
        assert reason_of(lambda unknown=unknown: telehealth.triage(unknown)) == "CONSULTATION_NOT_FOUND"


def test_managers_and_officers_of_agencies_are_kept_out_at_the_door_and_that_is_noted(telehealth: Telehealth) -> None:
    citizen_id = telehealth.link()
    asked = telehealth.request(citizen_id)
    for who in (
        telehealth.as_manager(),
        telehealth.call_as(roles=["officer"], scopes=["consultation:read"], purpose="CARE"),
        telehealth.call_as(roles=["clinician"], scopes=[], purpose="CARE"),
    ):
        assert reason_of(lambda who=who: telehealth.get(asked, who=who)) == "PERMISSION_DENIED"
    anonymous = (("songcau-purpose", "CARE"),)
    assert reason_of(lambda: telehealth.get(asked, who=anonymous)) == "UNAUTHENTICATED"
    denied = [entry[2:] for entry in telehealth.audit(citizen_id)][1:4]
    assert denied == [("DENIED", "PERMISSION_DENIED")] * 3


def test_a_refused_step_stands_under_the_name_of_a_taken_one(telehealth: Telehealth) -> None:
    citizen_id = telehealth.link()
    asked = telehealth.request(citizen_id)
    nosy = telehealth.call_as(roles=["officer"], scopes=["consultation:write"], purpose="CARE")
    for attempt in (
        lambda: telehealth.triage(asked, who=nosy),
        lambda: telehealth.offer(asked, telehealth.slot(), who=nosy),
        lambda: telehealth.confirm(asked, who=nosy),
        lambda: telehealth.check_in(asked, who=nosy),
        lambda: telehealth.admit(asked, who=nosy),
    ):
        assert reason_of(attempt) == "PERMISSION_DENIED"
    stub = telehealth.channel.stub(refusal_service_pb2_grpc.RefusalServiceStub)
    told = refusal_service_pb2.RecordRefusalRequest(
        rpc="CancelConsultation", object_id=asked.consultation_id, cause="REFUSAL_CAUSE_SCOPE_MISSING"
    )
    stub.RecordRefusal(told, metadata=nosy)
    assert [entry[1:] for entry in telehealth.audit(citizen_id)[1:]] == [
        *(
            (f"{step}_CONSULTATION", "DENIED", "PERMISSION_DENIED")
            for step in ("TRIAGE", "OFFER", "CONFIRM", "CHECK_IN", "ADMIT")
        ),
        ("CANCEL_CONSULTATION", "DENIED", "SCOPE_MISSING"),
    ]
    before = telehealth.rows("select count(*) from audit_entries")
    told.object_id = str(uuid4())
    stub.RecordRefusal(told, metadata=nosy)
    told.rpc = "VerifySummary"
    assert reason_of(lambda: stub.RecordRefusal(told, metadata=nosy)) == "INVALID_REQUEST"
    assert telehealth.rows("select count(*) from audit_entries") == before


def test_nobody_works_on_their_own_case(telehealth: Telehealth) -> None:
    citizen_id = telehealth.link()
    asked = telehealth.request(citizen_id)
    both = telehealth.call_as(
        roles=["station-officer", "citizen"],
        scopes=["consultation:read", "consultation:write"],
        purpose="CARE",
        sub="nurse-who-is-ill",
        citizen_id=citizen_id,
        facility_codes=[STATION],
    )
    assert list(telehealth.get(asked, who=both).next_actions) == ["CANCEL"]
    assert reason_of(lambda: telehealth.triage(asked, who=both)) == "STEP_NOT_YOURS"
    # Signed in for work only, the own case is not even there, and no new one can be opened in the name of the station.
    at_work = telehealth.as_station(citizen_id=citizen_id)
    assert reason_of(lambda: telehealth.get(asked, who=at_work)) == "CONSULTATION_NOT_FOUND"
    assert reason_of(lambda: telehealth.request(citizen_id, who=at_work)) == "PERMISSION_DENIED"


def test_a_station_officer_without_a_second_factor_reaches_nobody(telehealth: Telehealth) -> None:
    citizen_id = telehealth.link()
    asked = telehealth.request(citizen_id)
    weak = telehealth.as_station(acr="aal1")
    for attempt in (
        lambda: telehealth.get(asked, who=weak),
        lambda: telehealth.triage(asked, who=weak),
        lambda: telehealth.request(citizen_id, who=weak),
    ):
        assert reason_of(attempt) == "AUTHENTICATION_INSUFFICIENT"
    denied = [entry[2:] for entry in telehealth.audit(citizen_id)][1:]
    assert denied == [("DENIED", "AUTHENTICATION_INSUFFICIENT")] * 3


def test_staff_name_a_purpose_when_they_read(telehealth: Telehealth) -> None:
    citizen_id = telehealth.link()
    asked = telehealth.request(citizen_id)
    assert reason_of(lambda: telehealth.get(asked, who=telehealth.as_station(purpose=None))) == "PURPOSE_REQUIRED"
    assert reason_of(lambda: telehealth.get(asked, who=telehealth.as_station(purpose="NOSY"))) == "PURPOSE_UNKNOWN"
    assert reason_of(lambda: telehealth.triage(asked, who=telehealth.as_station(purpose="NOSY"))) == "PURPOSE_UNKNOWN"
    purposes = telehealth.rows(
        "select purpose, outcome from audit_entries where operation = 'GET_CONSULTATION' order by occurred_at, id"
    )
    assert purposes == [("", "DENIED"), ("", "DENIED")]


def test_the_access_list_tells_each_step_and_for_whom_the_station_acted(telehealth: Telehealth) -> None:
    citizen_id = telehealth.link()
    done = telehealth.complete(telehealth.in_call(citizen_id))
    telehealth.get(done, who=telehealth.as_citizen(citizen_id))
    operations = [
        (kind, operation) for kind, operation, outcome, _ in telehealth.audit(citizen_id) if outcome == "ALLOWED"
    ]
    assert operations == [
        ("STATION_OFFICER", "REQUEST_CONSULTATION"),
        ("STATION_OFFICER", "TRIAGE_CONSULTATION"),
        ("STATION_OFFICER", "OFFER_CONSULTATION"),
        ("STATION_OFFICER", "CONFIRM_CONSULTATION"),
        ("STATION_OFFICER", "CHECK_IN_CONSULTATION"),
        ("CLINICIAN", "ADMIT_CONSULTATION"),
        ("CLINICIAN", "COMPLETE_CONSULTATION"),
        ("CITIZEN", "GET_CONSULTATION"),
    ]
    rows = telehealth.rows("select distinct actor_kind, actor_organization, on_behalf_of, purpose from audit_entries")
    assert set(rows) == {
        ("STATION_OFFICER", STATION, citizen_id, "CARE"),
        ("CLINICIAN", "19901", None, "CARE"),
        ("CITIZEN", None, None, "OWN_USE"),
    }


def test_a_failed_step_stands_in_the_access_list_too(telehealth: Telehealth) -> None:
    citizen_id = telehealth.link()
    asked = telehealth.request(citizen_id)
    assert reason_of(lambda: telehealth.offer(asked, telehealth.slot())) == "CONSULTATION_STATE_CONFLICT"
    assert telehealth.audit(citizen_id)[-1] == (
        "STATION_OFFICER", "OFFER_CONSULTATION", "FAILED", "CONSULTATION_STATE_CONFLICT",
    )  # fmt: skip


def test_each_line_of_a_list_is_an_access(telehealth: Telehealth) -> None:
    people = [telehealth.link() for _ in range(3)]
    for citizen_id in people:
        telehealth.request(citizen_id)
    telehealth.consultations.ListConsultations(calls.ListConsultationsRequest(), metadata=telehealth.as_doctor())
    for citizen_id in people:
        assert telehealth.audit(citizen_id)[-1] == ("CLINICIAN", "LIST_CONSULTATIONS", "ALLOWED", None)


CANARIES = (
    "CANARY-COMPLAINT",
    "CANARY-NAME",
    "CANARY-DIAGNOSIS",
    "CANARY-NOTE",
    "CANARY-PARENT",
    "CHEST_PAIN",
    "0900000001",
    "1960-05-17",
)


def test_what_people_wrote_stands_nowhere_in_plain(telehealth: Telehealth, tmp_path: Path) -> None:
    citizen_id = telehealth.link()
    parent = pb.Representative(full_name="Bà CANARY-PARENT", relation="OTHER", phone_number="0900000001")
    asked = telehealth.request(citizen_id, representative=parent)
    triaged = telehealth.triage(asked, note="CANARY-NOTE", red_flags=["CHEST_PAIN"])
    scheduled = telehealth.confirm(telehealth.offer(triaged, telehealth.slot()))
    telehealth.complete(telehealth.admit(telehealth.check_in(scheduled)))
    telehealth.cancel(telehealth.request(citizen_id), note="CANARY-NOTE")
    tables = [name for (name,) in telehealth.rows("select tablename from pg_tables where schemaname = 'public'")]
    for table in tables:
        for (row,) in telehealth.rows(f"select t::text from {table} t"):
            # bytea is shown as hexadecimal, so look for the words in that form too.
            for canary in CANARIES:
                assert canary not in row, table
                assert canary.encode().hex() not in row, table
    files = [path.read_bytes() for path in (tmp_path / "objects").rglob("*") if path.is_file()]
    assert files
    for content in files:
        assert not any(canary.encode() in content for canary in (*CANARIES, "%PDF"))


def test_a_repeated_request_gets_the_first_answer_and_another_body_is_refused(telehealth: Telehealth) -> None:
    citizen_id = telehealth.link()
    same = key()
    first = telehealth.request(citizen_id, request_id=same)
    telehealth.triage(first)
    again = telehealth.request(citizen_id, request_id=same)
    assert again == first
    assert telehealth.rows("select distinct object_id from audit_entries where operation = 'REQUEST_CONSULTATION'") == [
        (first.consultation_id,)
    ]
    assert again.complaint == COMPLAINT
    assert again.patient.full_name == PATIENT_NAME
    error = error_of(lambda: telehealth.request(citizen_id, request_id=same, complaint="Khác"))
    assert error.reason.code == "IDEMPOTENCY_KEY_REUSED"
    # Another person's key of the same text is another key.
    elsewhere = telehealth.as_station(sub="station-officer-2")
    assert telehealth.request(citizen_id, request_id=same, who=elsewhere).consultation_id != first.consultation_id


def test_every_step_repeats_its_answer_even_when_the_state_has_moved_on(telehealth: Telehealth) -> None:
    same = key()
    in_call = telehealth.in_call()
    done = telehealth.complete(in_call, request_id=same)
    objects = telehealth.rows("select count(*) from summaries")
    assert telehealth.complete(in_call, request_id=same) == done
    assert telehealth.rows("select count(*) from summaries") == objects
    other = outcome_message(advice="Khác")
    assert reason_of(lambda: telehealth.complete(in_call, request_id=same, outcome=other)) == "IDEMPOTENCY_KEY_REUSED"


def test_a_repeat_does_not_reach_somebody_who_lost_the_standing(telehealth: Telehealth) -> None:
    same = key()
    asked = telehealth.request(telehealth.link())
    telehealth.triage(asked, request_id=same)
    moved = telehealth.as_station(facility_codes=[OTHER_STATION])
    assert reason_of(lambda: telehealth.triage(asked, who=moved, request_id=same)) == "CONSULTATION_NOT_FOUND"


@pytest.mark.parametrize("request_id", ["", "x" * 256, "khóa"])
def test_a_key_is_visible_ascii(telehealth: Telehealth, request_id: str) -> None:
    asked = telehealth.request(telehealth.link())
    assert reason_of(lambda: telehealth.triage(asked, request_id=request_id)) == "INVALID_REQUEST"


def test_a_hold_of_an_erased_citizen_is_released_like_any_other(telehealth: Telehealth) -> None:
    erased, other = telehealth.link(), telehealth.link()
    for number, citizen_id in enumerate((erased, other), start=1):
        triaged = telehealth.triage(telehealth.request(citizen_id))
        telehealth.offer(triaged, telehealth.slot(hours=number))
    destroy_key(telehealth, erased)
    telehealth.run("update bookings set expires_at = clock_timestamp() - interval '1 second'")
    assert telehealth.sweeper().sweep() == 2
    assert telehealth.rows("select distinct status from bookings") == [("RELEASED",)]


def destroy_key(site: Telehealth, citizen_id: str) -> None:
    keys = DataKeys(Keyring.parse(site.settings.wrapping_keys.get_secret_value()), site.clock)
    with site.database.transaction() as connection:
        keys.destroy(connection, UUID(citizen_id))


def test_nothing_can_be_read_after_the_citizens_key_is_destroyed(telehealth: Telehealth) -> None:
    citizen_id = telehealth.link()
    done = telehealth.complete(telehealth.in_call(citizen_id))
    destroy_key(telehealth, citizen_id)
    telehealth.clock.advance(timedelta(minutes=2))
    assert reason_of(lambda: telehealth.get(done)) == "DATA_KEY_DESTROYED"
    # Anybody with the paper can still check it.
    answer = telehealth.consultations.VerifySummary(calls.VerifySummaryRequest(code=done.summary_code), metadata=())
    assert answer.verdict == calls.SUMMARY_VERDICT_ISSUED


def test_the_doctor_of_the_slot_reads_also_without_the_facility_in_the_token(telehealth: Telehealth) -> None:
    scheduled = telehealth.scheduled()
    assert telehealth.get(scheduled, who=telehealth.as_doctor(DOCTOR, facility_codes=None)).version == scheduled.version

"""Consent withdrawn stops a consultation at the next step, and the station reads the result only where it is shared."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from songcau.telehealth.v1 import consultation_pb2 as pb
from songcau.telehealth.v1 import consultation_service_pb2 as calls
from songcau_telehealth.citizens import repository as citizens
from songcau_telehealth.consents import repository as consents
from songcau_telehealth.consents.model import ConsentNews, ConsentState
from support.telehealth_service import LOCAL_DOCTOR, Telehealth, error_of, reason_of

CONSENT_WITHDRAWN = "CANCELLATION_REASON_CONSENT_WITHDRAWN"


def withdraw(site: Telehealth, citizen_id: str, *, version: int = 1) -> None:
    site.clock.advance(timedelta(seconds=1))
    site.decide(citizen_id, "REMOTE_CARE", "WITHDRAWN", version=version)


def summary(site: Telehealth, consultation: Any, who: Any) -> bytes:
    request = calls.GetSummaryRequest(consultation_id=consultation.consultation_id)
    return bytes(site.consultations.GetSummary(request, metadata=who).pdf)


def test_consent_withdrawn_in_the_call_stops_it_and_the_doctor_sees_why(telehealth: Telehealth) -> None:
    citizen = telehealth.link()
    running = telehealth.in_call(citizen)
    withdraw(telehealth, citizen)
    error = error_of(lambda: telehealth.complete(running))
    assert (error.reason.code, error.details["state"]) == ("CONSENT_WITHDRAWN", "IN_CALL")
    seen = telehealth.get(running, who=telehealth.as_doctor())
    assert seen.consent.withdrawn_at.ToDatetime() > seen.consent.given_at.ToDatetime()
    assert (seen.version, list(seen.next_actions)) == (running.version, ["STOP"])
    assert ("CLINICIAN", "COMPLETE_CONSULTATION", "FAILED", "CONSENT_WITHDRAWN") in telehealth.audit(citizen)


def test_a_stopped_call_keeps_what_the_law_wants_kept(telehealth: Telehealth) -> None:
    citizen = telehealth.link()
    running = telehealth.in_call(citizen)
    withdraw(telehealth, citizen)
    stopped = telehealth.cancel(running, who=telehealth.as_doctor(), reason=CONSENT_WITHDRAWN)
    assert stopped.state == pb.CONSULTATION_STATE_CANCELLED
    assert stopped.practitioner.practitioner_id == running.practitioner.practitioner_id
    assert telehealth.facts(stopped)[-1] == "cancelled"
    assert ("CLINICIAN", "STOP_CONSULTATION", "ALLOWED", None) in telehealth.audit(citizen)
    own = telehealth.get(stopped, who=telehealth.as_citizen(citizen))
    assert own.complaint
    assert own.cancellation.reason == pb.CANCELLATION_REASON_CONSENT_WITHDRAWN
    ((status,),) = telehealth.rows("select status from bookings where consultation_id = %s", own.consultation_id)
    assert status == "USED"


def test_a_running_call_is_called_off_for_no_other_reason(telehealth: Telehealth) -> None:
    running = telehealth.in_call()
    assert reason_of(lambda: telehealth.cancel(running)) == "CONSULTATION_STATE_CONFLICT"
    patient = telehealth.as_citizen(running.citizen_id)
    assert telehealth.cancel(running, who=patient, reason=CONSENT_WITHDRAWN).finished


def test_every_further_step_is_refused_but_help_in_person_and_calling_off(telehealth: Telehealth) -> None:
    citizen = telehealth.link()
    asked, triaged = telehealth.request(citizen), telehealth.triage(telehealth.request(citizen))
    offered = telehealth.offer(telehealth.triage(telehealth.request(citizen)), telehealth.slot())
    scheduled = telehealth.scheduled(citizen, telehealth.slot(hours=2))
    arrived = telehealth.check_in(telehealth.scheduled(citizen, telehealth.slot(hours=1.5)))
    withdraw(telehealth, citizen)
    for attempt in (
        lambda: telehealth.triage(asked),
        lambda: telehealth.offer(triaged, telehealth.slot(hours=3)),
        lambda: telehealth.confirm(offered),
        lambda: telehealth.check_in(scheduled),
        lambda: telehealth.admit(arrived),
    ):
        assert reason_of(attempt) == "CONSENT_WITHDRAWN"
    assert telehealth.triage(asked, redirect="REDIRECT_TARGET_EMERGENCY").finished
    assert telehealth.cancel(triaged).finished
    assert telehealth.cancel(arrived, reason=CONSENT_WITHDRAWN).finished


def test_a_consultation_asked_for_after_withdrawing_rests_on_its_own_consent(telehealth: Telehealth) -> None:
    citizen = telehealth.link()
    before = telehealth.request(citizen)
    withdraw(telehealth, citizen)
    telehealth.clock.advance(timedelta(seconds=1))
    assert telehealth.triage(telehealth.request(citizen)).state == pb.CONSULTATION_STATE_TRIAGE
    assert reason_of(lambda: telehealth.triage(before)) == "CONSENT_WITHDRAWN"
    telehealth.decide(citizen, "REMOTE_CARE", "GIVEN", version=2)
    assert telehealth.triage(before).state == pb.CONSULTATION_STATE_TRIAGE


@pytest.mark.parametrize(("purpose", "state"), [("REMOTE_CARE", "LAPSED"), ("REUSE_PAPERS", "WITHDRAWN")])
def test_a_new_text_and_another_purpose_stop_no_running_consultation(
    telehealth: Telehealth, purpose: str, state: str
) -> None:
    asked = telehealth.request(telehealth.link())
    telehealth.clock.advance(timedelta(seconds=1))
    telehealth.decide(asked.citizen_id, purpose, state)
    assert telehealth.triage(asked).state == pb.CONSULTATION_STATE_TRIAGE


def test_what_the_survivor_of_a_merge_withdrew_holds_for_the_merged_record(telehealth: Telehealth) -> None:
    merged, survivor = telehealth.link(), telehealth.link()
    asked = telehealth.request(merged)
    with telehealth.database.transaction() as connection:
        citizens.save_alias(connection, UUID(merged), UUID(survivor), 2)
    withdraw(telehealth, survivor)
    assert reason_of(lambda: telehealth.triage(asked)) == "CONSENT_WITHDRAWN"


def test_a_withdrawal_that_commits_first_wins_over_the_summary_that_waits(telehealth: Telehealth) -> None:
    running = telehealth.in_call()
    telehealth.decide(running.citizen_id, "REMOTE_CARE", "GIVEN")
    telehealth.clock.advance(timedelta(seconds=1))
    news = ConsentNews(
        UUID(running.citizen_id), "REMOTE_CARE", ConsentState.WITHDRAWN, "care-1", 2, telehealth.clock.now()
    )
    with ThreadPoolExecutor(1) as pool:
        with telehealth.database.transaction() as connection:
            consents.apply_news(connection, news)
            summed_up = pool.submit(lambda: reason_of(lambda: telehealth.complete(running)))
            threading.Event().wait(0.5)
            assert not summed_up.done()
        assert summed_up.result(30) == "CONSENT_WITHDRAWN"
    assert telehealth.rows("select count(*) from summaries where consultation_id = %s", running.consultation_id) == [
        (0,)
    ]


def test_a_station_reads_the_result_only_while_the_patient_shares_it(telehealth: Telehealth) -> None:
    citizen = telehealth.link()
    done = telehealth.complete(telehealth.in_call(citizen))
    station = telehealth.as_station()
    assert reason_of(lambda: summary(telehealth, done, station)) == "RESULT_NOT_SHARED"
    seen = telehealth.get(done, who=station)
    assert (seen.outcome_withheld, seen.HasField("outcome")) == (True, False)
    assert seen.complaint
    telehealth.decide(citizen, "SHARE_CARE_RESULT", "GIVEN")
    assert summary(telehealth, done, station).startswith(b"%PDF")
    assert telehealth.get(done, who=station).outcome.advice
    telehealth.clock.advance(timedelta(seconds=1))
    telehealth.decide(citizen, "SHARE_CARE_RESULT", "WITHDRAWN", version=2)
    assert reason_of(lambda: summary(telehealth, done, station)) == "RESULT_NOT_SHARED"
    assert ("STATION_OFFICER", "GET_SUMMARY", "DENIED", "RESULT_NOT_SHARED") in telehealth.audit(citizen)
    for who in (telehealth.as_citizen(citizen), telehealth.as_doctor()):
        assert summary(telehealth, done, who).startswith(b"%PDF")
        assert not telehealth.get(done, who=who).outcome_withheld


def test_the_facility_that_was_supported_reads_the_minutes_on_the_law_s_ground(telehealth: Telehealth) -> None:
    asked = telehealth.request(
        telehealth.link(), mode="REMOTE_MODE_INTER_FACILITY_SUPPORT", local_practitioner_id=str(LOCAL_DOCTOR)
    )
    offered = telehealth.offer(telehealth.triage(asked), telehealth.slot())
    running = telehealth.admit(telehealth.check_in(telehealth.confirm(offered)))
    advice = pb.Outcome(kind="OUTCOME_KIND_ADVICE", advice="Theo dõi tại trạm")
    done = telehealth.complete(running, outcome=advice)
    assert summary(telehealth, done, telehealth.as_station()).startswith(b"%PDF")

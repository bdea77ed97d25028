"""What people agreed to with each consultation stands on one list, and is taken back there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from songcau.telehealth.v1 import consultation_pb2 as pb
from songcau.telehealth.v1 import consultation_service_pb2 as calls
from support.telehealth_service import DOCTOR, HOSPITAL, Telehealth, key, reason_of

SCOPES = ["consent:read", "consent:write", "consultation:read", "consultation:write"]


def as_patient(site: Telehealth, citizen_id: str, *, on_behalf_of: str | None = None, **claims: Any) -> Any:
    given = {"sub": f"account-of-{citizen_id}", "citizen_id": citizen_id, "roles": ["citizen"], "scopes": SCOPES}
    return site.call_as(on_behalf_of=on_behalf_of, **(given | claims))


def listed(site: Telehealth, who: Any, **page: Any) -> Any:
    return site.consultations.ListConsultationConsents(calls.ListConsultationConsentsRequest(**page), metadata=who)


def take_back(site: Telehealth, consultation: Any, who: Any, *, request_id: str = "") -> Any:
    request = calls.WithdrawConsultationConsentRequest(
        request_id=request_id or key(), consultation_id=consultation.consultation_id
    )
    return site.consultations.WithdrawConsultationConsent(request, metadata=who).consent


def test_a_person_sees_page_by_page_what_they_agreed_to_and_nothing_of_anybody_else(telehealth: Telehealth) -> None:
    citizen = telehealth.link()
    asked = [telehealth.request(citizen).consultation_id for _ in range(3)]
    telehealth.request(telehealth.link())
    patient = as_patient(telehealth, citizen)
    first = listed(telehealth, patient, page_size=2)
    second = listed(telehealth, patient, page_size=2, page_token=first.next_page_token)
    found = [*first.consents, *second.consents]
    assert [one.consultation_id for one in found] == asked[::-1]
    assert second.next_page_token == ""
    assert {(one.consent.text_version, one.facility.facility_code, one.withdrawable) for one in found} == {
        ("care-1", HOSPITAL, True)
    }
    assert ("CITIZEN", "LIST_CONSULTATION_CONSENTS", "ALLOWED", None) in telehealth.audit(citizen)


def test_what_was_agreed_to_before_care_at_a_distance_was_withdrawn_shows_when(telehealth: Telehealth) -> None:
    citizen = telehealth.link()
    before = telehealth.request(citizen)
    telehealth.clock.advance(timedelta(seconds=1))
    telehealth.decide(citizen, "REMOTE_CARE", "WITHDRAWN")
    withdrawn_at = telehealth.clock.now()
    telehealth.clock.advance(timedelta(seconds=1))
    after = telehealth.request(citizen)
    found = {one.consultation_id: one for one in listed(telehealth, as_patient(telehealth, citizen)).consents}
    gone = found[before.consultation_id]
    assert (gone.withdrawable, gone.consent.withdrawn_at.ToDatetime(tzinfo=withdrawn_at.tzinfo)) == (
        False,
        withdrawn_at,
    )
    assert found[after.consultation_id].withdrawable


@pytest.mark.parametrize("stage", ["requested", "in_call"])
def test_taking_consent_back_calls_the_consultation_off_as_in_the_consultation(
    telehealth: Telehealth, stage: str
) -> None:
    citizen = telehealth.link()
    consultation = telehealth.request(citizen) if stage == "requested" else telehealth.in_call(citizen)
    patient, request_id = as_patient(telehealth, citizen), key()
    taken = take_back(telehealth, consultation, patient, request_id=request_id)
    assert (taken.withdrawable, taken.consent.HasField("withdrawn_at")) == (False, True)
    assert take_back(telehealth, consultation, patient, request_id=request_id) == taken
    ended = telehealth.get(consultation, who=patient)
    assert (ended.state, ended.cancellation.reason) == (
        pb.CONSULTATION_STATE_CANCELLED,
        pb.CANCELLATION_REASON_CONSENT_WITHDRAWN,
    )
    assert telehealth.facts(ended)[-1] == "cancelled"
    (seen,) = listed(telehealth, patient).consents
    assert seen == taken
    assert reason_of(lambda: take_back(telehealth, consultation, patient)) == "CONSULTATION_STATE_CONFLICT"


def test_nobody_takes_back_what_somebody_else_agreed_to(telehealth: Telehealth) -> None:
    consultation = telehealth.request(telehealth.link())
    stranger = as_patient(telehealth, telehealth.link())
    assert reason_of(lambda: take_back(telehealth, consultation, stranger)) == "CONSULTATION_NOT_FOUND"
    doctor = as_patient(
        telehealth,
        telehealth.link(),
        roles=["citizen", "clinician"],
        practitioner_id=str(DOCTOR),
        facility_codes=[HOSPITAL],
        acr="aal2",
    )
    assert reason_of(lambda: take_back(telehealth, consultation, doctor)) == "STEP_NOT_YOURS"
    assert telehealth.get(consultation).state == pb.CONSULTATION_STATE_REQUESTED


def test_who_stands_for_a_patient_sees_and_takes_back_for_them_only_while_they_do(telehealth: Telehealth) -> None:
    parent, child = telehealth.link(), telehealth.link()
    consultation = telehealth.request(child)
    acting = as_patient(telehealth, parent, on_behalf_of=child)
    assert reason_of(lambda: listed(telehealth, acting)) == "NOT_REPRESENTED"
    assert ("LIST_CONSULTATION_CONSENTS", "DENIED") in [row[1:3] for row in telehealth.audit(child)]
    telehealth.represent(parent, child)
    assert [one.consultation_id for one in listed(telehealth, acting).consents] == [consultation.consultation_id]
    assert not take_back(telehealth, consultation, acting).withdrawable

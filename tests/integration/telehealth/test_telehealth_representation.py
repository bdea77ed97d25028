"""A parent books for a child: the consultation keeps who asked, and ends with the right to ask."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from songcau.telehealth.v1 import consultation_pb2 as pb
from songcau.telehealth.v1 import consultation_service_pb2 as calls
from songcau_kit.audit import NOBODY
from songcau_telehealth.citizens import repository as citizens
from songcau_telehealth.citizens.model import CitizenStatus
from support.telehealth_service import LICENCE, Telehealth, key, reason_of, request_message

CARE_ONLY_READ = ("CONSULTATION_READ",)


@pytest.fixture
def child(telehealth: Telehealth) -> str:
    return telehealth.link()


@pytest.fixture
def mother(telehealth: Telehealth) -> str:
    return telehealth.link()


def request_for(site: Telehealth, who: str, child: str, **changes: Any) -> Any:
    given = {
        "mode": "REMOTE_MODE_VIA_RECEIVING_FACILITY",
        "patient": pb.PatientDetails(full_name="Hoàng Thử Bé", birth_date="2021-05-17", sex="F"),
        "representative": pb.Representative(full_name="Hoàng Thị Thử Mẹ", relation="MOTHER"),
        "consent": pb.Consent(text_version="care-1", channel="CONSENT_CHANNEL_APP"),
    } | changes
    message = request_message(**given)
    message.request_id = key()
    return site.consultations.RequestConsultation(
        message, metadata=site.as_citizen(who, on_behalf_of=child)
    ).consultation


def listed(site: Telehealth, metadata: Any) -> list[str]:
    answer = site.consultations.ListConsultations(calls.ListConsultationsRequest(), metadata=metadata)
    return [one.consultation_id for one in answer.consultations]


def test_a_parent_asks_books_and_reads_and_the_consultation_keeps_who_it_was(
    telehealth: Telehealth, child: str, mother: str
):
    telehealth.represent(mother, child)
    asked = request_for(telehealth, mother, child)
    who = telehealth.as_citizen(mother, on_behalf_of=child)
    offered = telehealth.offer(telehealth.triage(asked), telehealth.slot(), who)
    booked = telehealth.confirm(offered, who, shown_licence_number=LICENCE)
    assert telehealth.get(booked, who).citizen_id == child
    assert listed(telehealth, who) == [asked.consultation_id]
    assert listed(telehealth, telehealth.as_citizen(mother)) == []
    kept = telehealth.rows(
        """select c.citizen_id::text, c.representative_id::text, n.given_by, n.recorded_by from consultations c
        join consents n using (consultation_id)"""
    )
    assert kept == [(child, mother, "REPRESENTATIVE", f"account-of-{mother}")]


def test_both_stand_in_every_entry(telehealth: Telehealth, child: str, mother: str):
    telehealth.represent(mother, child)
    telehealth.get(request_for(telehealth, mother, child), telehealth.as_citizen(mother, on_behalf_of=child))
    entries = telehealth.rows(
        "select operation, actor_kind, actor_id, on_behalf_of from audit_entries where subject_id = %s order by id",
        child,
    )
    assert entries == [
        (name, "CITIZEN", f"account-of-{mother}", child) for name in ("REQUEST_CONSULTATION", "GET_CONSULTATION")
    ]


def test_without_a_representation_nothing_is_shown_and_the_attempt_is_entered(
    telehealth: Telehealth, child: str, mother: str
):
    asked = telehealth.request(child)
    who = telehealth.as_citizen(mother, on_behalf_of=child)
    assert reason_of(lambda: request_for(telehealth, mother, child)) == "NOT_REPRESENTED"
    assert reason_of(lambda: telehealth.get(asked, who)) == "NOT_REPRESENTED"
    assert reason_of(lambda: listed(telehealth, who)) == "NOT_REPRESENTED"
    assert reason_of(lambda: telehealth.cancel(asked, who)) == "NOT_REPRESENTED"
    denied = [(operation, outcome) for _, operation, outcome, _ in telehealth.audit(child) if outcome == "DENIED"]
    assert denied == [
        ("REQUEST_CONSULTATION", "DENIED"),
        ("GET_CONSULTATION", "DENIED"),
        ("LIST_CONSULTATIONS", "DENIED"),
        ("CANCEL_CONSULTATION", "DENIED"),
    ]


def test_whoever_makes_ids_up_fills_nobody_s_list(telehealth: Telehealth, mother: str):
    made_up = str(uuid4())
    assert reason_of(lambda: request_for(telehealth, mother, made_up)) == "NOT_REPRESENTED"
    assert (
        reason_of(lambda: listed(telehealth, telehealth.as_citizen(mother, on_behalf_of=made_up))) == "NOT_REPRESENTED"
    )
    assert telehealth.audit(made_up) == []
    denied = [(operation, outcome) for _, operation, outcome, _ in telehealth.audit(str(NOBODY))]
    assert denied == [("REQUEST_CONSULTATION", "DENIED"), ("LIST_CONSULTATIONS", "DENIED")]


def test_a_scope_that_was_not_given_or_is_over_is_refused(telehealth: Telehealth, child: str, mother: str):
    first = telehealth.represent(mother, child)
    asked, same = request_for(telehealth, mother, child), first.representation.representation_id
    who = telehealth.as_citizen(mother, on_behalf_of=child)
    telehealth.represent(mother, child, scopes=CARE_ONLY_READ, version=2, representation_id=same)
    assert telehealth.get(asked, who).consultation_id == asked.consultation_id
    assert reason_of(lambda: telehealth.cancel(asked, who)) == "NOT_REPRESENTED"
    telehealth.represent(mother, child, scopes=(), version=3, representation_id=same)
    assert reason_of(lambda: telehealth.get(asked, who)) == "NOT_REPRESENTED"


@pytest.mark.parametrize("status", [CitizenStatus.BLOCKED, CitizenStatus.DECEASED])
def test_a_blocked_or_dead_parent_asks_books_and_reads_for_nobody(
    telehealth: Telehealth, child: str, mother: str, status: CitizenStatus
):
    telehealth.represent(mother, child)
    who = telehealth.as_citizen(mother, on_behalf_of=child)
    offered = telehealth.offer(telehealth.triage(request_for(telehealth, mother, child)), telehealth.slot(), who)
    telehealth.tell(mother, status, version=2)
    assert reason_of(lambda: request_for(telehealth, mother, child)) == "CITIZEN_NOT_ACTIVE"
    assert reason_of(lambda: telehealth.confirm(offered, who, shown_licence_number=LICENCE)) == "CITIZEN_NOT_ACTIVE"
    assert reason_of(lambda: telehealth.get(offered, who)) == "NOT_REPRESENTED"
    assert reason_of(lambda: listed(telehealth, who)) == "NOT_REPRESENTED"


def test_nobody_books_in_the_name_of_the_dead_not_even_an_heir(telehealth: Telehealth, child: str, mother: str):
    telehealth.represent(mother, child, kind="REPRESENTATION_KIND_HEIR")
    telehealth.tell(child, CitizenStatus.DECEASED, version=2)
    assert reason_of(lambda: request_for(telehealth, mother, child)) == "CITIZEN_NOT_ACTIVE"
    station = telehealth.as_station()
    assert reason_of(lambda: telehealth.request(child, who=station)) == "CITIZEN_NOT_ACTIVE"


def test_whoever_names_a_stranger_does_not_learn_which_consultations_there_are(
    telehealth: Telehealth, child: str, mother: str
):
    asked, who = telehealth.request(child), telehealth.as_citizen(mother, on_behalf_of=child)
    unknown = calls.GetConsultationRequest(consultation_id=str(uuid4()))
    assert reason_of(lambda: telehealth.get(asked, who)) == "NOT_REPRESENTED"
    for call in (
        lambda: telehealth.consultations.GetConsultation(unknown, metadata=who),
        lambda: telehealth.cancel(pb.Consultation(consultation_id=str(uuid4()), version=1), who),
    ):
        assert reason_of(call) == "NOT_REPRESENTED"


def test_who_asks_for_one_child_does_not_reach_another(telehealth: Telehealth, child: str, mother: str):
    telehealth.represent(mother, child)
    other = telehealth.request(telehealth.link())
    who = telehealth.as_citizen(mother, on_behalf_of=child)
    assert reason_of(lambda: telehealth.get(other, who)) == "CONSULTATION_NOT_FOUND"
    stranger = telehealth.link()
    assert reason_of(lambda: request_for(telehealth, mother, child, citizen_id=stranger)) == "PERMISSION_DENIED"


def test_a_station_officer_does_not_work_on_the_case_of_somebody_they_stand_for(
    telehealth: Telehealth, child: str, mother: str
):
    asked = telehealth.request(child)
    officer = telehealth.as_station(citizen_id=mother)
    assert telehealth.get(asked, officer).consultation_id == asked.consultation_id
    telehealth.represent(mother, child)
    assert reason_of(lambda: telehealth.get(asked, officer)) == "CONSULTATION_NOT_FOUND"
    assert reason_of(lambda: telehealth.request(child, who=officer)) == "PERMISSION_DENIED"


def test_a_station_officer_does_not_work_on_the_case_of_a_record_merged_with_one_they_stand_for(
    telehealth: Telehealth, child: str, mother: str
):
    asked, survivor = telehealth.request(child), telehealth.link()
    officer = telehealth.as_station(citizen_id=mother)
    telehealth.represent(mother, survivor)
    assert telehealth.get(asked, officer).consultation_id == asked.consultation_id
    with telehealth.database.transaction() as connection:
        citizens.save_alias(connection, UUID(child), UUID(survivor), 2)
    assert reason_of(lambda: telehealth.get(asked, officer)) == "CONSULTATION_NOT_FOUND"


def test_nobody_else_s_acts_take_somebody_to_act_for(telehealth: Telehealth, child: str, mother: str):
    asked = telehealth.request(child)
    officer = telehealth.as_station(on_behalf_of=child)
    assert reason_of(lambda: telehealth.triage(asked, officer)) == "ON_BEHALF_NOT_POSSIBLE"

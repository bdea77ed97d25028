"""Two records of one person: the survivor sees the consultations of both, and each has its own again afterwards."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from songcau.identity.events.v1 import citizen_event_pb2 as events
from songcau.telehealth.v1.consultation_service_pb2 import GetConsultationRequest, ListConsultationsRequest
from songcau_kit.errors import DomainError
from songcau_kit.events import Actor, event_meta
from songcau_telehealth import consumers
from songcau_telehealth.citizens.model import CitizenStatus
from support.telehealth_service import CHILDREN_DOCTOR, COLLEAGUE, Telehealth, error_of, reason_of


def merge(site: Telehealth, merged: str, survivor: str, version: int) -> None:
    meta = event_meta(site.clock, UUID(merged), version, Actor("officer", "OFFICER"), correlation_id="test")
    fact = events.CitizensMerged(surviving_citizen_id=survivor)
    with site.database.transaction() as connection:
        consumers.follow_citizen(connection, events.CitizenEvent(meta=meta, citizens_merged=fact))


def unmerge(site: Telehealth, merged: str, survivor: str, version: int) -> None:
    meta = event_meta(site.clock, UUID(merged), version, Actor("officer", "OFFICER"), correlation_id="test")
    fact = events.CitizensUnmerged(former_surviving_citizen_id=survivor)
    with site.database.transaction() as connection:
        consumers.follow_citizen(connection, events.CitizenEvent(meta=meta, citizens_unmerged=fact))


def own_list(site: Telehealth, citizen_id: str) -> set[str]:
    request = ListConsultationsRequest()
    answer = site.consultations.ListConsultations(request, metadata=site.as_citizen(citizen_id))
    return {line.consultation_id for line in answer.consultations}


def read(site: Telehealth, consultation_id: str, who: object) -> str:
    request = GetConsultationRequest(consultation_id=consultation_id)
    return site.consultations.GetConsultation(request, metadata=who).consultation.consultation_id


def test_a_survivor_sees_and_acts_on_the_consultations_of_both_until_the_merge_is_undone(
    telehealth: Telehealth,
) -> None:
    survivor, other = telehealth.link(), telehealth.link()
    first, second = telehealth.request(survivor), telehealth.request(other)
    both = {first.consultation_id, second.consultation_id}
    assert reason_of(lambda: read(telehealth, second.consultation_id, telehealth.as_citizen(survivor))) == (
        "CONSULTATION_NOT_FOUND"
    )
    merge(telehealth, other, survivor, 2)
    for token in (survivor, other):
        assert own_list(telehealth, token) == both
        for consultation_id in both:
            assert read(telehealth, consultation_id, telehealth.as_citizen(token)) == consultation_id
    direct = {"mode": "REMOTE_MODE_DIRECT_TO_PATIENT", "receiving_facility_code": None}
    new = telehealth.request(other, who=telehealth.as_citizen(other), **direct)
    assert new.citizen_id == survivor
    merge(telehealth, other, str(telehealth.clock.new_id()), 1)  # an older fact that comes late
    assert own_list(telehealth, survivor) == both | {new.consultation_id}
    unmerge(telehealth, other, survivor, 3)
    assert own_list(telehealth, other) == {second.consultation_id}
    assert own_list(telehealth, survivor) == {first.consultation_id, new.consultation_id}


def test_representatives_of_either_record_see_the_consultations_of_both_until_the_merge_is_undone(
    telehealth: Telehealth,
) -> None:
    survivor, other, of_survivor, of_other = (telehealth.link() for _ in range(4))
    first, second = telehealth.request(survivor), telehealth.request(other)
    both = {first.consultation_id, second.consultation_id}
    telehealth.represent(of_survivor, survivor)
    telehealth.represent(of_other, other)

    def seen(who: str, whom: str) -> set[str]:
        stands = telehealth.as_citizen(who, on_behalf_of=whom)
        answer = telehealth.consultations.ListConsultations(ListConsultationsRequest(), metadata=stands)
        return {read(telehealth, line.consultation_id, stands) for line in answer.consultations}

    def refused(who: str, whom: str) -> set[str]:
        stands = telehealth.as_citizen(who, on_behalf_of=whom)
        reasons = {reason_of(lambda one=one: read(telehealth, one, stands)) for one in both}
        return reasons | {reason_of(lambda: seen(who, whom))}

    apart = [(of_survivor, other), (of_other, survivor)]
    assert all(refused(*pair) == {"NOT_REPRESENTED"} for pair in apart)
    merge(telehealth, other, survivor, 2)
    assert all(seen(who, whom) == both for who in (of_survivor, of_other) for whom in (survivor, other))
    unmerge(telehealth, other, survivor, 3)
    assert all(refused(*pair) == {"NOT_REPRESENTED"} for pair in apart)
    assert seen(of_survivor, survivor) == {first.consultation_id}
    assert seen(of_other, other) == {second.consultation_id}


def test_a_blocked_survivor_books_nothing_under_the_merged_id_either(telehealth: Telehealth) -> None:
    survivor, other = telehealth.link(), telehealth.link()
    merge(telehealth, other, survivor, 2)
    telehealth.tell(survivor, CitizenStatus.BLOCKED, version=2)
    assert reason_of(lambda: telehealth.request(other)) == "CITIZEN_NOT_ACTIVE"


def test_staff_never_work_on_their_own_case_under_a_merged_id(telehealth: Telehealth) -> None:
    survivor, other = telehealth.link(), telehealth.link()
    case = telehealth.request(other)
    doctor = telehealth.as_doctor(citizen_id=survivor)
    assert read(telehealth, case.consultation_id, doctor) == case.consultation_id
    merge(telehealth, other, survivor, 2)
    assert reason_of(lambda: read(telehealth, case.consultation_id, doctor)) == "CONSULTATION_NOT_FOUND"


def test_a_patient_is_not_booked_twice_at_a_time_under_two_ids_of_one_person(telehealth: Telehealth) -> None:
    survivor, other = telehealth.link(), telehealth.link()
    early, late = telehealth.slot(), telehealth.slot(practitioner=COLLEAGUE)
    telehealth.scheduled(other, early)
    waiting = telehealth.triage(telehealth.request(survivor))
    merge(telehealth, other, survivor, 2)
    refused = error_of(lambda: telehealth.offer(waiting, late))
    assert (refused.reason.code, refused.details["slot_id"]) == ("PATIENT_BUSY", early)
    # And the other way round: what the merged record asked for before is booked as the survivor's.
    again, next_early = telehealth.triage(telehealth.request(survivor)), telehealth.slot(hours=3)
    telehealth.offer(again, next_early)
    of_other = telehealth.triage(telehealth.request(other))
    assert reason_of(lambda: telehealth.offer(of_other, telehealth.slot(hours=3, practitioner=COLLEAGUE))) == (
        "PATIENT_BUSY"
    )
    unmerge(telehealth, other, survivor, 3)
    assert telehealth.offer(waiting, late).offer.slot_id == late


@pytest.mark.timeout(120)
def test_parallel_bookings_under_both_ids_while_the_records_become_one_have_one_winner_at_a_time(
    telehealth: Telehealth,
) -> None:
    for turn in range(12):
        survivor, other = telehealth.link(), telehealth.link()
        cases = [telehealth.triage(telehealth.request(one)) for one in (survivor, other)]
        hour = 2 + turn
        slots = [telehealth.slot(hours=hour), telehealth.slot(hours=hour, practitioner=COLLEAGUE)]
        gate = threading.Barrier(3)

        def book(number: int, cases: list[Any] = cases, slots: list[str] = slots, gate: Any = gate) -> str:
            gate.wait(10)
            try:
                telehealth.offer(cases[number], slots[number])
            except DomainError as error:
                return error.reason.code
            return "WON"

        def become_one(survivor: str = survivor, other: str = other, gate: Any = gate) -> None:
            gate.wait(10)
            merge(telehealth, other, survivor, 2)

        with ThreadPoolExecutor(3) as pool:
            merging = pool.submit(become_one)
            outcomes = list(pool.map(book, range(2)))
            merging.result(10)
        assert set(outcomes) <= {"WON", "PATIENT_BUSY"}
        assert "WON" in outcomes
        # Two may stand only where both were booked before the merge; afterwards no third comes in between.
        third = telehealth.triage(telehealth.request(survivor))
        another = telehealth.slot(hours=hour, practitioner=CHILDREN_DOCTOR)
        assert reason_of(lambda case=third, slot=another: telehealth.offer(case, slot)) == "PATIENT_BUSY"

"""Two records of one person: the survivor sees the consultations of both, and each has its own again afterwards."""

from uuid import UUID

from songcau.identity.events.v1 import citizen_event_pb2 as events
from songcau.telehealth.v1.consultation_service_pb2 import GetConsultationRequest, ListConsultationsRequest
from songcau_kit.events import Actor, event_meta
from songcau_telehealth import consumers
from songcau_telehealth.citizens.model import CitizenStatus
from support.telehealth_service import Telehealth, reason_of


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

"""A helper asks for a consultation and books it as the citizen confirmed; the helper learns the slot and no more."""

from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from songcau.telehealth.v1 import consultation_service_pb2 as calls
from songcau_telehealth.consumers import follow_assistance
from support.telehealth_service import LICENCE, Telehealth, key, reason_of, request_message
from support.told_assistance import ASSISTANCE, HELPER, Session, naming, outcomes

SERVICE = "songcau.telehealth.v1.ConsultationService"


def carry_out(telehealth: Telehealth, act_id: str, request: Any) -> Any:
    method = type(request).__name__.removesuffix("Request")
    metadata = naming(telehealth.call_as(**ASSISTANCE), act_id)
    return getattr(telehealth.consultations, method)(request, metadata=metadata).consultation


def confirmed(telehealth: Telehealth, session: Session, request: Any) -> Any:
    method = type(request).__name__.removesuffix("Request")
    return carry_out(telehealth, session.confirm(f"{SERVICE}/{method}", request), request)


def test_a_helper_books_for_a_citizen_step_by_step(telehealth: Telehealth):
    citizen_id = telehealth.link()
    session = Session(follow_assistance, telehealth.url, citizen_id, telehealth.clock.now())
    asked = request_message()
    asked.request_id = key()
    requested = confirmed(telehealth, session, asked)
    assert (requested.version, requested.citizen_id, requested.complaint) == (1, "", "")
    telehealth.triage(requested)
    slot_id, ids = telehealth.slot(), {"consultation_id": requested.consultation_id}
    offer = calls.OfferSlotRequest(request_id=key(), expected_version=2, slot_id=slot_id, **ids)
    held = confirmed(telehealth, session, offer)
    assert (held.offer.slot_id, held.practitioner.licence_number) == (slot_id, LICENCE)
    assert not held.HasField("patient")
    booking = calls.ConfirmOfferRequest(
        request_id=key(),
        expected_version=held.version,
        hold_id=held.offer.hold_id,
        shown_licence_number=LICENCE,
        **ids,
    )
    booked = confirmed(telehealth, session, booking)
    own = telehealth.get(booked, telehealth.as_citizen(citizen_id))
    assert (own.citizen_id, own.version) == (citizen_id, booked.version)
    helped = telehealth.rows(
        "select distinct actor_id, actor_kind, assisted_by from audit_entries where assisted_by is not null"
    )
    assert helped == [(citizen_id, "CITIZEN", HELPER)]


def test_a_hold_of_another_time_than_the_one_shown_is_not_booked(telehealth: Telehealth):
    asked = telehealth.request(telehealth.link())
    held = telehealth.offer(telehealth.triage(asked), telehealth.slot())
    shown = Timestamp(seconds=held.offer.starts_at.seconds + 3600)
    assert reason_of(lambda: telehealth.confirm(held, shown_starts_at=shown)) == "HOLD_REPLACED"
    assert telehealth.confirm(held, shown_starts_at=held.offer.starts_at).version == held.version + 1


def test_a_request_is_made_once_however_many_try_at_once_and_not_after_the_end(telehealth: Telehealth):
    session = Session(follow_assistance, telehealth.url, telehealth.link(), telehealth.clock.now())
    copies = [request_message() for _ in range(3)]
    act_id = session.confirm(f"{SERVICE}/RequestConsultation", copies[0])
    for copy in copies:
        copy.request_id = key()
    refused = outcomes([lambda c=copy: carry_out(telehealth, act_id, c) for copy in copies])
    assert refused == ["", "ASSISTED_ACT_USED", "ASSISTED_ACT_USED"]
    late = session.confirm(f"{SERVICE}/RequestConsultation", copies[0])
    session.end()
    assert reason_of(lambda: carry_out(telehealth, late, copies[0])) == "ASSISTED_ACT_OVER"


def test_a_confirmation_told_again_or_for_the_first_time_after_the_end_is_of_no_use(telehealth: Telehealth):
    session = Session(follow_assistance, telehealth.url, telehealth.link(), telehealth.clock.now())
    asked = request_message()
    asked.request_id = key()
    told = session.confirm(f"{SERVICE}/RequestConsultation", asked)
    session.end()
    session.confirm_again()
    late = session.confirm(f"{SERVICE}/RequestConsultation", asked)
    for act_id in (told, late):
        assert reason_of(lambda a=act_id: carry_out(telehealth, a, asked)) == "ASSISTED_ACT_OVER"
    assert telehealth.rows("select count(*) from consultations") == [(0,)]


def test_a_helper_reads_and_cancels_nothing(telehealth: Telehealth):
    citizen_id = telehealth.link()
    consultation = telehealth.request(citizen_id)
    session = Session(follow_assistance, telehealth.url, citizen_id, telehealth.clock.now())
    called_off = calls.CancelConsultationRequest(request_id=key(), consultation_id=consultation.consultation_id)
    act_id = session.confirm(f"{SERVICE}/CancelConsultation", called_off)
    reading = calls.GetConsultationRequest(consultation_id=consultation.consultation_id)
    for request in (called_off, reading):
        assert reason_of(lambda r=request: carry_out(telehealth, act_id, r)) == "ASSISTED_ACT_NOT_POSSIBLE"
    assert reason_of(lambda: telehealth.get(consultation, telehealth.call_as(**ASSISTANCE))) == "PERMISSION_DENIED"

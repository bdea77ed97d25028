"""Officers enter what people ask for on paper: the clocks run from the day it came, the person sees it as their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from songcau.identity.v1 import consent_pb2
from songcau.identity.v1 import subject_request_service_pb2 as pb
from songcau_identity.app import build_desk
from songcau_identity.own_copy.sections import OwnCopies
from songcau_identity.rights import repository_proposals as proposals
from songcau_kit.clock import SystemClock, local_date
from songcau_kit.errors import DomainError
from support.consent_acts import give, own_consents
from support.identity_service import AGENCY, Identity, Person, reason_of
from support.record_acts import document
from support.subject_requests import act, get_own, list_own, make, queue, record, state_of

TODAY = local_date(SystemClock().now())
LATEST = TODAY - timedelta(days=7)
LETTER = "THU-TAY-17"


@pytest.fixture
def citizen(identity: Identity) -> str:
    return str(identity.link(Person()).citizen.citizen_id)


def test_the_clocks_of_a_request_on_paper_run_from_the_day_it_came(identity: Identity, citizen: str) -> None:
    came = record(identity, citizen, "VIEW", received_on=LATEST.isoformat(), channel="SUBJECT_REQUEST_CHANNEL_POST")
    assert date.fromisoformat(came.due_on) == LATEST + timedelta(days=10)
    assert local_date(came.received_at.ToDatetime(tzinfo=SystemClock().now().tzinfo)) == LATEST
    assert date.fromisoformat(came.acknowledge_by) < TODAY + timedelta(days=1)
    acknowledged = act(identity, "Acknowledge", came)
    assert date.fromisoformat(acknowledged.due_on) == LATEST + timedelta(days=10)


def test_the_person_sees_it_on_their_own_list_with_its_channel_and_who_entered_it(
    identity: Identity, citizen: str
) -> None:
    came = record(identity, citizen, "VIEW")
    (own,) = list_own(identity, citizen).requests
    assert (own.subject_request_id, own.channel, own.recorded_for) == (
        came.subject_request_id,
        pb.SUBJECT_REQUEST_CHANNEL_COUNTER,
        AGENCY,
    )
    opened = get_own(identity, citizen, came.subject_request_id)
    assert opened.details == "Đơn viết tay."
    assert [(step.act, step.actor_kind) for step in opened.steps] == [("RECORD", "OFFICER")]
    assert make(identity, citizen, "COPY").channel == pb.SUBJECT_REQUEST_CHANNEL_APP
    assert [one.subject_request_id for one in queue(identity).requests].count(came.subject_request_id) == 1
    assert ("RECORD_SUBJECT_REQUEST", "COUNTER_ASSISTANCE", "ALLOWED", None) in [
        entry[3:] for entry in identity.audit()
    ]


def test_a_copy_asked_for_on_paper_is_worked_on_at_once(identity: Identity, citizen: str) -> None:
    record(identity, citizen, "COPY")
    assert identity.facts()[-1] == "data_copy_requested"


def test_the_document_is_sealed_is_in_the_copy_and_goes_with_the_person(identity: Identity, citizen: str) -> None:
    evidence = document(kind="EVIDENCE_KIND_OFFICE_RECORD", document_number=LETTER)
    came = record(identity, citizen, "VIEW", evidence=evidence)
    rows = identity.rows("select r::text from subject_request_records r")
    assert LETTER.encode().hex() not in str(rows)
    assert LETTER not in str(rows)
    desk = build_desk(identity.settings, identity.database, SystemClock())
    with identity.database.transaction() as conn:
        part = OwnCopies(desk).gather(conn, [UUID(citizen)])
        proposals.forget(conn, [UUID(citizen)])
    (request,) = next(one for one in part.sections if one.code == "requests").records
    facts = {one.code: one.value for one in request.fields}
    assert (request.id, facts["channel"]) == (came.subject_request_id, "COUNTER")
    assert facts["evidence.document_number"] == LETTER
    assert identity.rows("select evidence_enc from subject_request_records") == [(b"",)]


def test_the_same_entry_again_is_the_same_and_one_of_its_kind_waits_for_the_other(
    identity: Identity, citizen: str
) -> None:
    key = str(uuid4())
    first = record(identity, citizen, "VIEW", request_id=key)
    assert record(identity, citizen, "VIEW", request_id=key) == first
    assert reason_of(lambda: record(identity, citizen, "VIEW")) == "SUBJECT_REQUEST_OPEN"
    assert reason_of(lambda: make(identity, citizen, "VIEW")) == "SUBJECT_REQUEST_OPEN"
    assert identity.rows("select count(*) from subject_request_records") == [(1,)]


def test_of_a_person_s_own_and_an_officer_s_entry_at_once_one_is_made(identity: Identity, citizen: str) -> None:
    def attempt(enter: Callable[..., Any]) -> str:
        try:
            return state_of(enter(identity, citizen, "DELETE"))
        except DomainError as error:
            return error.reason.code

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(attempt, [record, make] * 3))
    assert sorted(outcomes) == ["RECEIVED", *["SUBJECT_REQUEST_OPEN"] * 5]
    assert identity.rows("select count(*) from subject_requests") == [(1,)]


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"received_on": (TODAY + timedelta(days=1)).isoformat()}, "/received_on", "OUT_OF_RANGE"),
        ({"received_on": (TODAY - timedelta(days=366)).isoformat()}, "/received_on", "OUT_OF_RANGE"),
        ({"received_on": "hôm qua"}, "/received_on", "NOT_A_DATE"),
        ({"channel": "SUBJECT_REQUEST_CHANNEL_APP"}, "/channel", "INVALID"),
        ({"channel": 0}, "/channel", "INVALID"),
        ({"details": "x" * 2001}, "/details", "TOO_LONG"),
    ],
)
def test_what_is_malformed_is_refused_by_the_name_of_the_field_and_nothing_is_written(
    identity: Identity, citizen: str, changes: dict[str, Any], pointer: str, code: str
) -> None:
    with pytest.raises(DomainError) as caught:
        record(identity, citizen, "VIEW", **changes)
    assert caught.value.reason.code == "SUBJECT_REQUEST_INVALID"
    assert [(one.pointer, one.code) for one in caught.value.violations] == [(pointer, code)]
    assert identity.rows("select from subject_requests") == []


@pytest.mark.parametrize("kind", ["DELETE", "OBJECT"])
def test_nobody_carries_out_what_they_entered_themselves(identity: Identity, citizen: str, kind: str) -> None:
    both = identity.as_data_officer(purpose="DATA_SUBJECT_REQUEST")
    came = act(identity, "Acknowledge", record(identity, citizen, kind, metadata=both))
    assert reason_of(lambda: act(identity, "Complete", came, answer="Đã thực hiện.")) == "OWN_ACT"
    assert "erasure_proposed" not in identity.facts()
    another = identity.as_data_officer(purpose="DATA_SUBJECT_REQUEST", sub="data-officer-2")
    done = act(identity, "Complete", came, answer="Đã thực hiện.", metadata=another)
    assert state_of(done) == {"DELETE": "EXECUTING", "OBJECT": "COMPLETED"}[kind]


def test_who_may_not_enter_a_request_is_told_why(identity: Identity, citizen: str) -> None:
    def officer(**claims: Any) -> Any:
        given = {"acr": "aal2", "purpose": "COUNTER_ASSISTANCE"} | claims
        return identity.as_officer(**given)

    for metadata, reason in (
        (officer(acr="aal1"), "AUTHENTICATION_INSUFFICIENT"),
        (officer(purpose=None), "PURPOSE_REQUIRED"),
        (officer(agency_codes=[]), "OFFICER_WITHOUT_AGENCY"),
        (officer(citizen_id=citizen), "OWN_RECORD"),
    ):
        assert reason_of(lambda given=metadata: record(identity, citizen, "VIEW", metadata=given)) == reason
    assert reason_of(lambda: record(identity, str(uuid4()), "VIEW")) == "CITIZEN_NOT_FOUND"
    assert reason_of(lambda: record(identity, citizen, "VIEW", evidence=document(issuer=""))) == "EVIDENCE_INVALID"
    bound = reason_of(lambda: record(identity, citizen, "OBJECT", activity="dossier-processing"))
    assert bound == "PROCESSING_BOUND_BY_LAW"
    assert identity.rows("select from subject_requests") == []


def test_an_objection_on_paper_withdraws_consent_on_that_paper(identity: Identity, citizen: str) -> None:
    give(identity, citizen)
    evidence = document(kind="EVIDENCE_KIND_OFFICE_RECORD", document_number=LETTER)
    came = record(identity, citizen, "OBJECT", evidence=evidence, channel="SUBJECT_REQUEST_CHANNEL_POST")
    act(identity, "Complete", act(identity, "Acknowledge", came), answer="Đã thực hiện.")
    newest = own_consents(identity, citizen)["REMOTE_CARE"].decisions[0]
    assert (newest.state, newest.channel) == (consent_pb2.CONSENT_STATE_WITHDRAWN, consent_pb2.CONSENT_CHANNEL_PAPER)
    desk = build_desk(identity.settings, identity.database, SystemClock())
    with identity.database.transaction() as conn:
        part = OwnCopies(desk).gather(conn, [UUID(citizen)])
    decided = next(one for one in part.sections if one.code == "consents").records[0]
    assert {one.code: one.value for one in decided.fields}["evidence.document_number"] == LETTER


def test_an_objection_through_the_application_says_so(identity: Identity, citizen: str) -> None:
    came = make(identity, citizen, "OBJECT", details="Tôi không đồng ý.")
    act(identity, "Complete", act(identity, "Acknowledge", came), answer="Đã thực hiện.")
    newest = own_consents(identity, citizen)["REMOTE_CARE"].decisions[0]
    assert newest.channel == consent_pb2.CONSENT_CHANNEL_APP

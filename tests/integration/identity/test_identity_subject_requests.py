"""People ask about their data, data officers answer: over gRPC, on a real database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from songcau.identity.v1 import subject_request_service_pb2 as pb
from songcau_kit.clock import SystemClock, local_date
from songcau_kit.errors import DomainError
from support.consent_acts import OTHER_PURPOSE, OTHER_VERSION, PURPOSE, consent_events, give
from support.identity_service import Identity, Person, reason_of
from support.subject_requests import (
    REFUSAL,
    act,
    get,
    get_own,
    list_own,
    make,
    queue,
    state_of,
    withdraw,
)

WORDS = "Ngày sinh của tôi ghi sai, đúng là 03/02/1985."


@pytest.fixture
def citizen(identity: Identity) -> str:
    return str(identity.link().citizen.citizen_id)


def other_citizen(identity: Identity) -> str:
    return str(identity.link(Person(number="019185000002", full_name="Nông Văn Thử")).citizen.citizen_id)


def test_a_request_has_its_days_and_reads_back_what_was_written(identity: Identity, citizen: str) -> None:
    made = make(identity, citizen, "CORRECT", details=WORDS)
    today = local_date(SystemClock().now())
    assert state_of(made) == "RECEIVED"
    assert made.version == 1
    assert made.due_on == (today + timedelta(days=10)).isoformat()
    assert date.fromisoformat(made.acknowledge_by) > today
    opened = get_own(identity, citizen, made.subject_request_id)
    assert opened.details == WORDS
    assert [(step.act, step.actor_kind) for step in opened.steps] == [("MAKE", "CITIZEN")]


def test_what_people_write_stands_nowhere_in_plain(identity: Identity, citizen: str) -> None:
    made = make(identity, citizen, "CORRECT", details=WORDS)
    acknowledged = act(identity, "Acknowledge", made)
    act(identity, "Refuse", acknowledged, **REFUSAL)
    with psycopg.connect(identity.url) as connection:
        rows = connection.execute("select r::text from subject_requests r").fetchall()
        rows += connection.execute("select i::text from idempotency_keys i").fetchall()
        rows += connection.execute("select a::text from audit_entries a").fetchall()
    text = "\n".join(row[0] for row in rows)
    for canary in (WORDS, REFUSAL["answer"], REFUSAL["legal_reference"]):
        assert str(canary) not in text
        assert str(canary).encode().hex() not in text
    opened = get_own(identity, citizen, made.subject_request_id)
    assert (opened.answer, opened.legal_reference) == (REFUSAL["answer"], REFUSAL["legal_reference"])


def test_the_same_request_again_is_the_same_and_another_of_its_kind_waits(identity: Identity, citizen: str) -> None:
    key = str(uuid4())
    first = make(identity, citizen, "VIEW", request_id=key)
    assert make(identity, citizen, "VIEW", request_id=key) == first
    with pytest.raises(DomainError) as caught:
        make(identity, citizen, "VIEW")
    assert caught.value.reason.code == "SUBJECT_REQUEST_OPEN"
    assert caught.value.details == {"subject_request_id": first.subject_request_id}
    make(identity, citizen, "RESTRICT")
    withdraw(identity, first)
    assert make(identity, citizen, "VIEW").subject_request_id != first.subject_request_id


def test_of_many_that_come_at_once_one_is_made(identity: Identity, citizen: str) -> None:
    def attempt(_: int) -> str:
        try:
            return str(make(identity, citizen, "DELETE").subject_request_id)
        except DomainError as error:
            return error.reason.code

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(8)))
    assert outcomes.count("SUBJECT_REQUEST_OPEN") == 7
    assert identity.rows("select count(*) from subject_requests") == [(1,)]


def test_nobody_sees_or_takes_back_the_request_of_another(identity: Identity, citizen: str) -> None:
    made = make(identity, citizen, "VIEW")
    other = other_citizen(identity)
    assert reason_of(lambda: get_own(identity, other, made.subject_request_id)) == "SUBJECT_REQUEST_NOT_FOUND"
    assert reason_of(lambda: withdraw(identity, made, citizen_id=other)) == "SUBJECT_REQUEST_NOT_FOUND"
    assert list(list_own(identity, other).requests) == []


def test_a_request_needs_a_fresh_sign_in(identity: Identity, citizen: str) -> None:
    stale = identity.as_citizen(citizen, auth_time=1)
    reason = reason_of(lambda: make(identity, citizen, "VIEW", metadata=stale))
    assert reason == "AUTHENTICATION_INSUFFICIENT"


def test_own_requests_come_in_pages_newest_first(identity: Identity, citizen: str) -> None:
    made = [make(identity, citizen, kind).subject_request_id for kind in ("VIEW", "COPY", "RESTRICT")]
    first = list_own(identity, citizen, page_size=2)
    second = list_own(identity, citizen, page_size=2, page_token=first.next_page_token)
    listed = [one.subject_request_id for page in (first, second) for one in page.requests]
    assert listed == made[::-1]
    assert second.next_page_token == ""


def test_a_blocked_citizen_keeps_the_right_to_ask(identity: Identity, citizen: str) -> None:
    with psycopg.connect(identity.url) as connection:
        connection.execute("update citizens set status = 'BLOCKED'")
    assert state_of(make(identity, citizen, "COPY")) == "RECEIVED"


def test_the_queue_has_those_due_first_at_the_top(identity: Identity, citizen: str) -> None:
    today = local_date(SystemClock().now())
    days = {"DELETE": 3, "VIEW": -1, "RESTRICT": 0}
    for kind, offset in days.items():
        made = make(identity, citizen, kind)
        with psycopg.connect(identity.url) as connection:
            connection.execute(
                """update subject_requests set acknowledge_by = %(day)s, next_due_on = %(day)s, due_on = %(day)s
                where subject_request_id = %(id)s""",
                {"day": today + timedelta(days=offset), "id": made.subject_request_id},
            )
    first = queue(identity, page_size=2)
    second = queue(identity, page_size=2, page_token=first.next_page_token)
    listed = [*first.requests, *second.requests]
    kinds = [pb.SubjectRequestKind.Name(one.kind).removeprefix("SUBJECT_REQUEST_KIND_") for one in listed]
    assert kinds == ["VIEW", "RESTRICT", "DELETE"]
    assert [one.overdue for one in listed] == [True, False, False]


def test_acknowledging_sets_the_clock_of_third_parties_and_extending_works_once(
    identity: Identity, citizen: str
) -> None:
    today = local_date(SystemClock().now())
    made = make(identity, citizen, "DELETE")
    acknowledged = act(identity, "Acknowledge", made, third_party=True)
    assert (state_of(acknowledged), acknowledged.due_on) == (
        "ACKNOWLEDGED",
        (today + timedelta(days=30)).isoformat(),
    )
    extended = act(identity, "Extend", acknowledged, answer="Cần hỏi bên xử lý.")
    assert (extended.extended, extended.due_on) == (True, (today + timedelta(days=50)).isoformat())
    assert reason_of(lambda: act(identity, "Extend", extended, answer="Lần nữa.")) == "SUBJECT_REQUEST_EXTENDED"
    assert get(identity, made.subject_request_id).answer == "Cần hỏi bên xử lý."


def test_of_two_extensions_at_once_one_holds(identity: Identity, citizen: str) -> None:
    made = make(identity, citizen, "VIEW")

    def attempt(_: int) -> str:
        try:
            return state_of(act(identity, "Extend", made, answer="Cần thêm thời gian."))
        except DomainError as error:
            return error.reason.code

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(attempt, range(6)))
    assert outcomes.count("RECEIVED") == 1
    assert identity.rows("select count(*) from subject_request_extensions") == [(1,)]


def test_a_refusal_names_reason_and_law(identity: Identity, citizen: str) -> None:
    acknowledged = act(identity, "Acknowledge", make(identity, citizen, "DELETE"))
    for field, value in {"answer": "", "legal_reference": "", "refusal": 0}.items():
        with pytest.raises(DomainError) as caught:
            act(identity, "Refuse", acknowledged, **(REFUSAL | {field: value}))
        assert [each.pointer for each in caught.value.violations] == [f"/{field}"]
    refused = act(identity, "Refuse", acknowledged, **REFUSAL)
    assert (state_of(refused), refused.refusal) == ("REFUSED", pb.SUBJECT_REQUEST_REFUSAL_RETENTION_LAW)
    assert [one.subject_request_id for one in queue(identity).requests] == []
    assert [one.subject_request_id for one in queue(identity, ended=True).requests] == [refused.subject_request_id]


def carried_out(identity: Identity, citizen: str, kind: str, **changes: Any) -> Any:
    acknowledged = act(identity, "Acknowledge", make(identity, citizen, kind, details="Tôi phản đối.", **changes))
    return act(identity, "Complete", acknowledged, answer="Đã dừng xử lý.")


def states_of_consents(identity: Identity) -> dict[str, str]:
    return dict(identity.rows("select purpose, state from consents"))


@pytest.mark.parametrize("kind", ["RESTRICT", "OBJECT"])
def test_a_restriction_or_an_objection_stops_the_activity_it_names_and_no_other(
    identity: Identity, citizen: str, kind: str
) -> None:
    give(identity, citizen)
    give(identity, citizen, purpose=OTHER_PURPOSE, text_version=OTHER_VERSION)
    assert state_of(carried_out(identity, citizen, kind)) == "COMPLETED"
    assert states_of_consents(identity) == {PURPOSE: "WITHDRAWN", OTHER_PURPOSE: "GIVEN"}
    assert [event.WhichOneof("fact") for event in consent_events(identity)][-1] == "consent_withdrawn"
    assert identity.rows("select status from citizens") == [("ACTIVE",)]
    proof = "select decided_as, recorded_by, recorded_for from consent_decisions where state = 'WITHDRAWN'"
    assert identity.rows(proof) == [("SELF", "data-officer-1", "H55")]


def test_an_objection_before_anything_was_agreed_to_holds_and_a_second_one_changes_nothing(
    identity: Identity, citizen: str
) -> None:
    carried_out(identity, citizen, "OBJECT")
    carried_out(identity, citizen, "RESTRICT")
    assert states_of_consents(identity) == {PURPOSE: "WITHDRAWN"}
    assert identity.rows("select count(*) from consent_decisions") == [(1,)]


def test_who_agrees_again_after_an_objection_objects_no_more(identity: Identity, citizen: str) -> None:
    carried_out(identity, citizen, "OBJECT")
    give(identity, citizen)
    assert states_of_consents(identity) == {PURPOSE: "GIVEN"}


def test_a_request_of_an_older_release_without_an_activity_stops_each_one_that_rests_on_consent(
    identity: Identity, citizen: str
) -> None:
    give(identity, citizen)
    give(identity, citizen, purpose=OTHER_PURPOSE, text_version=OTHER_VERSION)
    made = make(identity, citizen, "RESTRICT")
    with psycopg.connect(identity.url) as connection:
        connection.execute("update subject_requests set activity = ''")
    act(identity, "Complete", act(identity, "Acknowledge", made))
    assert set(states_of_consents(identity).values()) == {"WITHDRAWN"}


@pytest.mark.parametrize("kind", ["RESTRICT", "OBJECT"])
def test_what_law_asks_for_cannot_be_objected_to_and_the_answer_names_the_ground(
    identity: Identity, citizen: str, kind: str
) -> None:
    with pytest.raises(DomainError) as caught:
        make(identity, citizen, kind, activity="dossier-processing", details="Tôi phản đối.")
    assert caught.value.reason.code == "PROCESSING_BOUND_BY_LAW"
    assert caught.value.details == {"activity": "dossier-processing", "legal_basis": "state-agency"}
    assert identity.rows("select from subject_requests") == []


def test_what_the_state_does_not_allow_is_refused_with_the_state(identity: Identity, citizen: str) -> None:
    made = make(identity, citizen, "VIEW")
    with pytest.raises(DomainError) as caught:
        act(identity, "Complete", made)
    assert caught.value.reason.code == "SUBJECT_REQUEST_STATE_INVALID"
    assert caught.value.details == {"state": "RECEIVED", "act": "COMPLETE"}
    withdraw(identity, made)
    later = type(made)(subject_request_id=made.subject_request_id, version=2)
    assert reason_of(lambda: act(identity, "Acknowledge", later)) == "SUBJECT_REQUEST_STATE_INVALID"


def test_steps_name_the_version_they_start_from(identity: Identity, citizen: str) -> None:
    made = make(identity, citizen, "VIEW")
    assert reason_of(lambda: act(identity, "Acknowledge", made, expected_version=0)) == "VERSION_REQUIRED"
    assert reason_of(lambda: act(identity, "Acknowledge", made, expected_version=7)) == "VERSION_CONFLICT"


def test_no_officer_answers_their_own_request_and_each_try_is_entered(identity: Identity, citizen: str) -> None:
    made = make(identity, citizen, "VIEW")
    own = identity.as_data_officer(purpose="DATA_SUBJECT_REQUEST", citizen_id=citizen)
    assert reason_of(lambda: act(identity, "Acknowledge", made, metadata=own)) == "OWN_RECORD"
    assert identity.audit()[-1][3:] == (
        "ACKNOWLEDGE_SUBJECT_REQUEST",
        "DATA_SUBJECT_REQUEST",
        "DENIED",
        "OWN_RECORD",
    )


def test_an_officer_without_purpose_or_second_factor_does_nothing(identity: Identity, citizen: str) -> None:
    made = make(identity, citizen, "VIEW")
    without = identity.as_data_officer(purpose=None)
    assert reason_of(lambda: act(identity, "Acknowledge", made, metadata=without)) == "PURPOSE_REQUIRED"
    weak = identity.as_data_officer(purpose="DATA_SUBJECT_REQUEST", acr="aal1")
    assert reason_of(lambda: act(identity, "Acknowledge", made, metadata=weak)) == "AUTHENTICATION_INSUFFICIENT"


def test_every_step_is_on_the_citizen_s_access_list(identity: Identity, citizen: str) -> None:
    acknowledged = act(identity, "Acknowledge", make(identity, citizen, "VIEW"))
    act(identity, "Complete", acknowledged)
    operations = [entry.operation for entry in identity.own_accesses(citizen).accesses]
    assert operations[:3] == ["COMPLETE_SUBJECT_REQUEST", "ACKNOWLEDGE_SUBJECT_REQUEST", "MAKE_SUBJECT_REQUEST"]

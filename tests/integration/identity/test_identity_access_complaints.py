"""People complain about accesses to their data, data officers answer: over gRPC, on a real database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from songcau.identity.v1 import access_complaint_service_pb2 as pb
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau_identity.complaints.measuring import ComplaintClock
from songcau_kit.clock import FixedClock, SystemClock, local_date
from songcau_kit.errors import DomainError
from songcau_kit.working_days import WorkingDays
from support.access_complaints import (
    ANSWER,
    WORDS,
    acknowledge,
    answer,
    get,
    get_own,
    looked_up,
    make,
    officer,
    queue,
    state_of,
)
from support.identity_service import Identity, Person, reason_of

# What the release before complaints could be withdrawn says, and what one after it does.
STATEMENTS = [
    f"""insert into access_complaints (access_complaint_id, citizen_id, entry_id, entry, state, version, received_at,
        acknowledge_by, details_enc) select gen_random_uuid(), citizen_id, %s, entry, 'RECEIVED', 1, now(), now(), ''
        from access_complaints limit 1 on conflict (entry_id) where {is_open} do nothing returning true"""
    for is_open in ("state <> 'ANSWERED'", "state in ('RECEIVED', 'ACKNOWLEDGED')")
]


@pytest.fixture
def citizen(identity: Identity) -> str:
    citizen_id = str(identity.link().citizen.citizen_id)
    request = citizens.LookUpCitizenRequest(number="019185000001")
    identity.citizens.LookUpCitizen(request, metadata=identity.as_officer())
    return citizen_id


def test_a_complaint_goes_from_the_citizen_to_the_officer_and_back_with_an_answer(identity: Identity, citizen: str):
    made = make(identity, citizen, looked_up(identity, citizen))
    today = local_date(SystemClock().now())
    assert (state_of(made), made.version, made.overdue) == ("RECEIVED", 1, False)
    assert made.acknowledge_by == WorkingDays().add_working_days(today, 2).isoformat()
    assert (made.access.operation, made.access.actor_id) == ("LOOK_UP_CITIZEN", "officer-1")
    assert [one.access_complaint_id for one in queue(identity).complaints] == [made.access_complaint_id]
    assert get(identity, made).details == WORDS
    acknowledged = acknowledge(identity, made)
    assert (state_of(acknowledged), acknowledged.version) == ("ACKNOWLEDGED", 2)
    answered = answer(identity, acknowledged)
    assert (state_of(answered), answered.finding) == ("ANSWERED", pb.ACCESS_COMPLAINT_FINDING_UNJUSTIFIED)
    seen = get_own(identity, citizen, made.access_complaint_id)
    assert (seen.details, seen.answer, state_of(seen.complaint)) == (WORDS, ANSWER, "ANSWERED")
    assert list(queue(identity).complaints) == []
    assert [one.access_complaint_id for one in queue(identity, answered=True).complaints] == [made.access_complaint_id]


def test_what_people_write_stands_nowhere_in_plain(identity: Identity, citizen: str) -> None:
    made = make(identity, citizen, looked_up(identity, citizen))
    answer(identity, acknowledge(identity, made))
    with psycopg.connect(identity.url) as connection:
        rows = connection.execute("select c::text from access_complaints c").fetchall()
        rows += connection.execute("select i::text from idempotency_keys i").fetchall()
        rows += connection.execute("select a::text from audit_entries a").fetchall()
    text = "\n".join(row[0] for row in rows)
    for canary in (WORDS, ANSWER):
        assert canary not in text
        assert canary.encode().hex() not in text


def test_an_entry_of_somebody_else_cannot_be_complained_about(identity: Identity, citizen: str) -> None:
    entry_id = looked_up(identity, citizen)
    other = str(identity.link(Person(number="019185000002", full_name="Nông Văn Thử")).citizen.citizen_id)
    assert reason_of(lambda: make(identity, other, entry_id)) == "ACCESS_NOT_FOUND"
    assert reason_of(lambda: make(identity, citizen, str(uuid4()))) == "ACCESS_NOT_FOUND"
    assert reason_of(lambda: make(identity, citizen, "none")) == "ACCESS_NOT_FOUND"
    made = make(identity, citizen, entry_id)
    assert reason_of(lambda: get_own(identity, other, made.access_complaint_id)) == "ACCESS_COMPLAINT_NOT_FOUND"


def test_the_same_request_again_is_the_same_and_a_second_waits_for_the_answer(identity: Identity, citizen: str):
    entry_id, key = looked_up(identity, citizen), str(uuid4())
    first = make(identity, citizen, entry_id, request_id=key)
    assert make(identity, citizen, entry_id, request_id=key) == first
    with pytest.raises(DomainError) as caught:
        make(identity, citizen, entry_id)
    assert caught.value.reason.code == "ACCESS_COMPLAINT_OPEN"
    assert caught.value.details == {"access_complaint_id": first.access_complaint_id}
    answer(identity, acknowledge(identity, first))
    assert make(identity, citizen, entry_id).access_complaint_id != first.access_complaint_id


def test_of_many_that_come_at_once_one_is_made(identity: Identity, citizen: str) -> None:
    entry_id = looked_up(identity, citizen)

    def attempt(_: int) -> str:
        try:
            return str(make(identity, citizen, entry_id).access_complaint_id)
        except DomainError as error:
            return error.reason.code

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(8)))
    assert outcomes.count("ACCESS_COMPLAINT_OPEN") == 7
    assert identity.rows("select count(*) from access_complaints") == [(1,)]


def test_nobody_judges_their_own_act_or_their_own_complaint(identity: Identity, citizen: str) -> None:
    made = make(identity, citizen, looked_up(identity, citizen))
    assert reason_of(lambda: get(identity, made, sub="officer-1")) == "OWN_ACT"
    accused = officer(identity, sub="officer-1")
    assert reason_of(lambda: acknowledge(identity, made, metadata=accused)) == "OWN_ACT"
    assert reason_of(lambda: get(identity, made, citizen_id=citizen)) == "OWN_RECORD"


def test_a_complaint_is_acknowledged_first_and_does_not_change_once_answered(identity: Identity, citizen: str):
    made = make(identity, citizen, looked_up(identity, citizen))
    assert reason_of(lambda: answer(identity, made)) == "ACCESS_COMPLAINT_STATE_INVALID"
    assert reason_of(lambda: acknowledge(identity, made, expected_version=0)) == "VERSION_REQUIRED"
    assert reason_of(lambda: acknowledge(identity, made, expected_version=7)) == "VERSION_CONFLICT"
    ended = answer(identity, acknowledge(identity, made))
    assert reason_of(lambda: answer(identity, ended)) == "ACCESS_COMPLAINT_STATE_INVALID"
    assert reason_of(lambda: acknowledge(identity, ended)) == "ACCESS_COMPLAINT_STATE_INVALID"


@pytest.mark.parametrize("details", ["", "  \n ", "x" * 2001])
def test_a_complaint_without_words_or_with_too_many_is_refused(identity: Identity, citizen: str, details: str):
    entry_id = looked_up(identity, citizen)
    assert reason_of(lambda: make(identity, citizen, entry_id, details=details)) == "ACCESS_COMPLAINT_INVALID"
    assert identity.rows("select count(*) from access_complaints") == [(0,)]


def test_an_answer_needs_a_finding_and_words(identity: Identity, citizen: str) -> None:
    acknowledged = acknowledge(identity, make(identity, citizen, looked_up(identity, citizen)))
    assert reason_of(lambda: answer(identity, acknowledged, finding=0)) == "ACCESS_COMPLAINT_INVALID"
    assert reason_of(lambda: answer(identity, acknowledged, answer=" ")) == "ACCESS_COMPLAINT_INVALID"


def test_officers_of_other_roles_are_refused_and_entered(identity: Identity, citizen: str) -> None:
    request = pb.ListAccessComplaintsRequest()
    metadata = identity.as_officer()
    call = identity.complaints.ListAccessComplaints
    assert reason_of(lambda: call(request, metadata=metadata)) == "PERMISSION_DENIED"
    rows = identity.rows("select outcome from audit_entries where operation = 'LIST_ACCESS_COMPLAINTS'")
    assert rows == [("DENIED",)]


def test_every_step_stands_on_the_citizen_s_list(identity: Identity, citizen: str) -> None:
    made = make(identity, citizen, looked_up(identity, citizen))
    get(identity, made)
    answer(identity, acknowledge(identity, made))
    listed = [one.operation for one in identity.own_accesses(citizen).accesses]
    assert listed[:4] == [
        "ANSWER_ACCESS_COMPLAINT",
        "ACKNOWLEDGE_ACCESS_COMPLAINT",
        "GET_ACCESS_COMPLAINT",
        "MAKE_ACCESS_COMPLAINT",
    ]


def test_own_complaints_and_the_queue_come_in_pages(identity: Identity, citizen: str) -> None:
    entries = [one.entry_id for one in identity.own_accesses(citizen).accesses][:2]
    made = [make(identity, citizen, entry_id).access_complaint_id for entry_id in entries]
    call, metadata = identity.complaints.ListOwnAccessComplaints, identity.as_citizen(citizen)
    first = call(pb.ListOwnAccessComplaintsRequest(page_size=1), metadata=metadata)
    token = first.next_page_token
    second = call(pb.ListOwnAccessComplaintsRequest(page_size=1, page_token=token), metadata=metadata)
    assert [one.access_complaint_id for page in (first, second) for one in page.complaints] == made[::-1]
    one = queue(identity, page_size=1)
    two = queue(identity, page_size=1, page_token=one.next_page_token)
    assert {c.access_complaint_id for page in (one, two) for c in page.complaints} == set(made)
    assert reason_of(lambda: queue(identity, page_token=token)) == "CURSOR_INVALID"


def withdraw(identity: Identity, complaint: Any, citizen_id: str, **changes: Any) -> Any:
    given = {
        "request_id": str(uuid4()),
        "access_complaint_id": complaint.access_complaint_id,
        "expected_version": complaint.version,
    } | changes
    metadata = identity.as_citizen(citizen_id)
    return identity.complaints.WithdrawAccessComplaint(
        pb.WithdrawAccessComplaintRequest(**given), metadata=metadata
    ).complaint


def test_a_complaint_is_withdrawn_with_its_words_and_another_may_be_made(identity: Identity, citizen: str) -> None:
    entry_id, key = looked_up(identity, citizen), str(uuid4())
    made = make(identity, citizen, entry_id)
    gone = withdraw(identity, made, citizen, request_id=key)
    assert (state_of(gone), gone.version, gone.overdue) == ("WITHDRAWN", 2, False)
    assert withdraw(identity, made, citizen, request_id=key) == gone
    assert get_own(identity, citizen, made.access_complaint_id).details == ""
    assert identity.rows("select octet_length(details_enc) from access_complaints") == [(0,)]
    assert list(queue(identity).complaints) == []
    assert list(queue(identity, answered=True).complaints) == []
    assert reason_of(lambda: acknowledge(identity, gone)) == "ACCESS_COMPLAINT_STATE_INVALID"
    assert state_of(make(identity, citizen, entry_id)) == "RECEIVED"


def test_an_acknowledged_complaint_can_be_withdrawn_and_an_answered_one_cannot(identity: Identity, citizen: str):
    entry_id = looked_up(identity, citizen)
    acknowledged = acknowledge(identity, make(identity, citizen, entry_id))
    assert state_of(withdraw(identity, acknowledged, citizen)) == "WITHDRAWN"
    answered = answer(identity, acknowledge(identity, make(identity, citizen, entry_id)))
    assert reason_of(lambda: withdraw(identity, answered, citizen)) == "ACCESS_COMPLAINT_STATE_INVALID"


def test_nobody_withdraws_a_complaint_of_somebody_else_or_an_old_version(identity: Identity, citizen: str) -> None:
    other = str(identity.link(Person(number="019185000002", full_name="Nông Văn Thử")).citizen.citizen_id)
    made = make(identity, citizen, looked_up(identity, citizen))
    assert reason_of(lambda: withdraw(identity, made, other)) == "ACCESS_COMPLAINT_NOT_FOUND"
    assert reason_of(lambda: withdraw(identity, made, citizen, expected_version=0)) == "VERSION_REQUIRED"
    assert reason_of(lambda: withdraw(identity, made, citizen, expected_version=9)) == "VERSION_CONFLICT"


def test_complaints_that_wait_too_long_are_counted(identity: Identity, citizen: str) -> None:
    clock = FixedClock(SystemClock().now())
    measure = ComplaintClock(identity.database, clock).measure
    assert measure() == (0, 0)
    made = make(identity, citizen, looked_up(identity, citizen))
    assert measure() == (1, 0)
    clock.advance(timedelta(days=14))
    assert measure() == (1, 1)
    acknowledged = acknowledge(identity, made)
    assert measure() == (1, 0)
    withdraw(identity, acknowledged, citizen)
    assert measure() == (0, 0)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_processes_of_two_releases_make_complaints_side_by_side(
    identity: Identity, citizen: str, statement: str
) -> None:
    entry_id = looked_up(identity, citizen)
    made = make(identity, citizen, entry_id)
    with psycopg.connect(identity.url) as connection:
        assert connection.execute(statement, (entry_id,)).fetchone() is None
    withdraw(identity, made, citizen)
    with psycopg.connect(identity.url) as connection:
        assert connection.execute(statement, (entry_id,)).fetchone() == (True,)
    assert reason_of(lambda: make(identity, citizen, entry_id)) == "ACCESS_COMPLAINT_OPEN"

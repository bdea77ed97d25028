"""Anomalies are listed, asked about, explained and decided over gRPC on a real database; nobody judges themselves."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import psycopg
import pypdf
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from songcau.identity.v1 import breach_service_pb2 as breaches
from songcau_kit.errors import DomainError
from support.access_complaints import get as get_complaint
from support.access_complaints import make as complain
from support.anomalies import (
    DAY,
    EXPLANATION,
    NOTE,
    QUESTION,
    Review,
    ask,
    at,
    call,
    data_officer,
    decide,
    enter,
    enter_case,
    explain,
    is_own,
    kind_of,
    listed,
    officer,
    only,
    state_of,
    step,
)
from support.identity_service import Identity, Person, reason_of


@pytest.fixture
def citizen(identity: Identity) -> str:
    return str(identity.link().citizen.citizen_id)


@pytest.fixture
def anomaly(identity: Identity, citizen: str) -> Any:
    enter(identity, citizen)
    Review(identity).run()
    return only(identity)


def opened_breach(identity: Identity) -> Any:
    detected = Timestamp()
    detected.FromDatetime(datetime.now(UTC) - timedelta(hours=1))
    facts = breaches.BreachFacts(detected_at=detected, categories=["identity-facts"], description="Tra cứu trái phép")
    request = breaches.OpenBreachRequest(request_id=str(uuid4()), facts=facts)
    return identity.breaches.OpenBreach(request, metadata=data_officer(identity)).breach


def test_from_found_to_explained_everybody_reads_what_is_theirs(identity: Identity, citizen: str, anomaly: Any):
    assert (kind_of(anomaly), state_of(anomaly), anomaly.officer_id) == ("LOOK_UP_WITHOUT_CASE", "OPEN", "officer-1")
    assert (anomaly.day, anomaly.look_ups, anomaly.citizen_id) == (DAY.isoformat(), 1, "")
    details = call(identity, "GetAnomaly", anomaly_id=anomaly.anomaly_id).details
    assert [(one.operation, one.actor_id) for one in details.entries] == [("LOOK_UP_CITIZEN", "officer-1")]
    assert not details.more_entries
    asked = ask(identity, anomaly)
    assert (state_of(asked), asked.version) == ("ASKED", 2)
    (mine,) = call(identity, "ListOwnAnomalies", caller=officer(identity)).anomalies
    assert mine == asked
    own = call(identity, "GetOwnAnomaly", caller=officer(identity), anomaly_id=mine.anomaly_id).details
    assert (own.question, len(own.entries)) == (QUESTION, 1)
    answered = explain(identity, asked)
    assert state_of(answered) == "ANSWERED"
    decided = decide(identity, answered, "EXPLAINED")
    assert state_of(decided) == "EXPLAINED"
    read = call(identity, "GetAnomaly", anomaly_id=anomaly.anomaly_id).details
    assert (read.question, read.explanation, read.note) == (QUESTION, EXPLANATION, NOTE)
    seen = call(identity, "GetOwnAnomaly", caller=officer(identity), anomaly_id=mine.anomaly_id).details
    assert (seen.explanation, seen.note, list(seen.access_complaint_ids)) == (EXPLANATION, "", [])
    listed_for_citizen = [one.operation for one in identity.own_accesses(citizen).accesses]
    assert listed_for_citizen.count("GET_ANOMALY") == 2
    assert listed_for_citizen.count("GET_OWN_ANOMALY") == 2


def test_words_are_kept_sealed(identity: Identity, anomaly: Any) -> None:
    decide(identity, explain(identity, ask(identity, anomaly)), "DISMISSED")
    tables = ("anomalies", "idempotency_keys", "audit_entries", "outbox")
    text = "".join(row[0] for table in tables for row in identity.rows(f"select to_json(t)::text from {table} t"))
    for words in (QUESTION, EXPLANATION, NOTE):
        assert words not in text
        assert words.encode().hex() not in text


def test_an_officer_reads_and_answers_only_what_they_were_asked_and_once(identity: Identity, anomaly: Any) -> None:
    assert list(call(identity, "ListOwnAnomalies", caller=officer(identity)).anomalies) == []
    assert reason_of(lambda: explain(identity, anomaly)) == "ANOMALY_NOT_FOUND"
    asked = ask(identity, anomaly)
    other = officer(identity, sub="officer-2")
    assert reason_of(lambda: explain(identity, asked, caller=other)) == "ANOMALY_NOT_FOUND"
    read = {"anomaly_id": asked.anomaly_id, "caller": other}
    assert reason_of(lambda: call(identity, "GetOwnAnomaly", **read)) == "ANOMALY_NOT_FOUND"
    assert reason_of(lambda: explain(identity, asked, explanation=" ")) == "ANOMALY_INVALID"
    key = str(uuid4())
    answered = explain(identity, asked, request_id=key)
    assert explain(identity, asked, request_id=key) == answered
    assert reason_of(lambda: explain(identity, answered)) == "ANOMALY_STATE_INVALID"


def test_a_data_officer_is_judged_like_everybody_and_never_by_themselves(identity: Identity, citizen: str) -> None:
    enter(identity, citizen, actor_id="data-officer-1", actor_organization="H55")
    Review(identity).run()
    assert listed(identity) == []
    second = data_officer(identity, sub="data-officer-2")
    anomaly = only(identity, caller=second)
    about = {"anomaly_id": anomaly.anomaly_id}
    assert reason_of(lambda: call(identity, "GetAnomaly", **about)) == "OWN_ACT"
    assert reason_of(lambda: ask(identity, anomaly)) == "OWN_ACT"
    assert reason_of(lambda: decide(identity, anomaly, "DISMISSED")) == "OWN_ACT"
    asked = ask(identity, anomaly, caller=second)
    own = identity.as_data_officer()
    answered = explain(identity, asked, caller=own)
    assert state_of(decide(identity, answered, "EXPLAINED", caller=second)) == "EXPLAINED"


def test_the_table_refuses_a_decision_by_whom_it_is_about(identity: Identity, anomaly: Any) -> None:
    assert state_of(anomaly) == "OPEN"
    decide_oneself = "update anomalies set state = 'DISMISSED', decided_at = now(), decided_by = officer_id"
    with psycopg.connect(identity.url) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(decide_oneself)


def test_a_data_officer_does_not_work_on_look_ups_of_their_own_record(identity: Identity, citizen: str) -> None:
    call(identity, "WatchCitizen", citizen_id=citizen, reason="Từng bị tra cứu trái phép.")
    enter(identity, citizen)
    Review(identity).run()
    watched = only(identity, kinds=["ANOMALY_KIND_WATCHED_CITIZEN"])
    assert watched.citizen_id == citizen
    own = data_officer(identity, citizen_id=citizen)
    assert reason_of(lambda: call(identity, "GetAnomaly", caller=own, anomaly_id=watched.anomaly_id)) == "OWN_RECORD"


def test_steps_out_of_order_and_versions_that_are_old_are_refused(identity: Identity, anomaly: Any) -> None:
    assert reason_of(lambda: decide(identity, anomaly, "EXPLAINED")) == "ANOMALY_STATE_INVALID"
    assert reason_of(lambda: ask(identity, anomaly, expected_version=0)) == "VERSION_REQUIRED"
    assert reason_of(lambda: ask(identity, anomaly, expected_version=7)) == "VERSION_CONFLICT"
    assert reason_of(lambda: ask(identity, anomaly, question="x" * 2001)) == "ANOMALY_INVALID"
    assert reason_of(lambda: ask(identity, anomaly, anomaly_id=str(uuid4()))) == "ANOMALY_NOT_FOUND"
    assert reason_of(lambda: ask(identity, anomaly, anomaly_id="none")) == "ANOMALY_NOT_FOUND"
    ended = decide(identity, anomaly, "DISMISSED")
    assert reason_of(lambda: ask(identity, ended)) == "ANOMALY_STATE_INVALID"
    assert reason_of(lambda: decide(identity, ended, "DISMISSED")) == "ANOMALY_STATE_INVALID"


def test_of_decisions_that_come_at_once_one_stands(identity: Identity, anomaly: Any) -> None:
    def attempt(number: int) -> str:
        try:
            return state_of(decide(identity, anomaly, "DISMISSED", caller=data_officer(identity, sub=f"d-{number}")))
        except DomainError as error:
            return error.reason.code

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(attempt, range(6)))
    assert sorted(outcomes) == ["DISMISSED", *["VERSION_CONFLICT"] * 5]


def test_what_is_escalated_joins_a_breach_with_everybody_it_met(identity: Identity, citizen: str) -> None:
    other = str(identity.link(Person(number="019185000002", full_name="Nông Văn Thử")).citizen.citizen_id)
    enter(identity, citizen, other)
    enter(identity, citizen, when=at(hour=11))
    Review(identity).run()
    anomaly, breach = only(identity), opened_breach(identity)
    assert reason_of(lambda: decide(identity, anomaly, "ESCALATED")) == "ANOMALY_INVALID"
    assert reason_of(lambda: decide(identity, anomaly, "DISMISSED", breach_id=breach.breach_id)) == "ANOMALY_INVALID"
    assert reason_of(lambda: decide(identity, anomaly, "ESCALATED", breach_id=str(uuid4()))) == "BREACH_NOT_FOUND"
    decided = decide(identity, anomaly, "ESCALATED", breach_id=breach.breach_id)
    assert (state_of(decided), decided.breach_id) == ("ESCALATED", breach.breach_id)
    request = breaches.GetBreachRequest(breach_id=breach.breach_id)
    joined = identity.breaches.GetBreach(request, metadata=data_officer(identity))
    assert (joined.breach.persons, joined.breach.version) == (2, breach.version + 1)
    assert [one.act for one in joined.steps] == ["OPEN", "ASSESS"]
    persons = identity.rows("select citizen_id::text, accesses from breach_persons")
    assert dict(persons) == {citizen: 2, other: 1}


def test_a_closed_breach_takes_nothing_more(identity: Identity, anomaly: Any) -> None:
    breach = opened_breach(identity)
    request = breaches.CloseBreachRequest(
        request_id=str(uuid4()), breach_id=breach.breach_id, expected_version=breach.version, dismissed=True
    )
    identity.breaches.CloseBreach(request, metadata=data_officer(identity))
    refused = reason_of(lambda: decide(identity, anomaly, "ESCALATED", breach_id=breach.breach_id))
    assert refused == "BREACH_STATE_INVALID"
    assert state_of(only(identity)) == "OPEN"


def test_the_list_is_filtered_and_comes_in_pages(identity: Identity, citizen: str) -> None:
    days = [DAY + timedelta(days=index) for index in range(3)]
    for day in days:
        enter(identity, citizen, when=at(day))
        enter(identity, citizen, when=at(day), actor_id="officer-2")
    Review(identity).go_to(DAY + timedelta(days=9))
    assert [one.day for one in listed(identity)] == [day.isoformat() for day in reversed(days) for _ in range(2)]
    assert {one.officer_id for one in listed(identity, officer_id="officer-2")} == {"officer-2"}
    middle = days[1].isoformat()
    assert {one.day for one in listed(identity, first_day=middle, last_day=middle)} == {middle}
    assert listed(identity, states=["ANOMALY_STATE_ASKED"]) == []
    assert listed(identity, kinds=["ANOMALY_KIND_BULK"]) == []
    first = call(identity, "ListAnomalies", page_size=4)
    second = call(identity, "ListAnomalies", page_size=4, page_token=first.next_page_token)
    assert len({one.anomaly_id for page in (first, second) for one in page.anomalies}) == 6
    assert second.next_page_token == ""
    other = {"page_token": first.next_page_token, "officer_id": "officer-2"}
    assert reason_of(lambda: listed(identity, **other)) == "CURSOR_INVALID"
    assert reason_of(lambda: listed(identity, first_day="2026-13-01")) == "ANOMALY_INVALID"


def test_watched_citizens_are_put_on_the_list_once_read_and_taken_off(identity: Identity, citizen: str) -> None:
    reason = "Người có ảnh hưởng."
    watched = call(identity, "WatchCitizen", citizen_id=citizen, reason=reason).watched
    with pytest.raises(DomainError) as caught:
        call(identity, "WatchCitizen", citizen_id=citizen, reason=reason)
    assert (caught.value.reason.code, caught.value.details) == ("CITIZEN_WATCHED", {"watch_id": watched.watch_id})
    (read,) = call(identity, "ListWatchedCitizens").watched
    assert (read.citizen_id, read.reason, read.watched_by) == (citizen, reason, "data-officer-1")
    assert reason not in str(identity.rows("select to_json(w)::text from watched_citizens w"))
    given = {"watch_id": watched.watch_id, "expected_version": watched.version}
    other = data_officer(identity, sub="data-officer-2")
    assert reason_of(lambda: call(identity, "UnwatchCitizen", **given)) == "OWN_ACT"
    ended = call(identity, "UnwatchCitizen", caller=other, **given).watched
    assert ended.HasField("ended_at")
    assert list(call(identity, "ListWatchedCitizens").watched) == []
    assert reason_of(lambda: call(identity, "UnwatchCitizen", **given)) == "WATCH_NOT_FOUND"
    enter(identity, citizen)
    Review(identity).run()
    assert {kind_of(one) for one in listed(identity)} == {"LOOK_UP_WITHOUT_CASE"}
    told = [one.operation for one in identity.own_accesses(citizen).accesses]
    unwatched = ["UNWATCH_CITIZEN", "UNWATCH_CITIZEN"]
    assert told[:5] == [*unwatched, "LIST_WATCHED_CITIZENS", "WATCH_CITIZEN", "WATCH_CITIZEN"]


def test_the_table_lets_nobody_take_off_the_list_whom_they_put_there(identity: Identity, citizen: str) -> None:
    call(identity, "WatchCitizen", citizen_id=citizen, reason="x")
    end = "update watched_citizens set ended_at = now(), ended_by = %s"
    with psycopg.connect(identity.url) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(end, ("data-officer-1",))
    with psycopg.connect(identity.url) as connection:
        connection.execute(end, ("data-officer-2",))


def test_nobody_puts_themselves_or_an_unknown_citizen_on_the_list(identity: Identity, citizen: str) -> None:
    own = data_officer(identity, citizen_id=citizen)
    assert reason_of(lambda: call(identity, "WatchCitizen", caller=own, citizen_id=citizen, reason="x")) == "OWN_RECORD"
    unknown = {"citizen_id": str(uuid4()), "reason": "x"}
    assert reason_of(lambda: call(identity, "WatchCitizen", **unknown)) == "CITIZEN_NOT_FOUND"
    assert reason_of(lambda: call(identity, "WatchCitizen", citizen_id=citizen, reason=" ")) == "ANOMALY_INVALID"


def test_the_report_of_a_month_counts_and_names_nobody(identity: Identity, citizen: str) -> None:
    is_own(identity, "officer-2", citizen)
    enter(identity, citizen)
    enter(identity, citizen, actor_id="officer-2")
    enter_case(identity, citizen, at(), actor_id="officer-2", actor_organization="H55.999")
    Review(identity).go_to(DAY + timedelta(days=9))
    pdf = call(identity, "GetAnomalyReport", month=f"{DAY:%Y-%m}").pdf
    pages = pypdf.PdfReader(BytesIO(pdf)).pages
    text = "\n".join(page.extract_text() for page in pages)
    assert len(pages) == 1
    assert f"THÁNG {DAY:%m/%Y}" in text
    assert "Số ngày đã rà soát: 6/30" in text
    assert "Tra cứu chính mình 1 1 0 0 0" in " ".join(text.split())
    for name in ("officer-1", "officer-2", citizen):
        assert name not in text


@pytest.mark.parametrize("month", ["", "2026-13", "2026", "9999-01", "1999-12"])
def test_a_report_of_no_month_is_refused(identity: Identity, month: str) -> None:
    assert reason_of(lambda: call(identity, "GetAnomalyReport", month=month)) == "ANOMALY_INVALID"


def test_a_report_of_a_month_without_look_ups_is_empty_and_not_an_error(identity: Identity) -> None:
    pdf = call(identity, "GetAnomalyReport", month=date(2026, 1, 1).strftime("%Y-%m")).pdf
    assert pdf.startswith(b"%PDF")


def test_a_complaint_and_an_anomaly_about_one_entry_name_each_other(identity: Identity, citizen: str) -> None:
    (entry_id,) = enter(identity, citizen)
    Review(identity).run()
    anomaly, complaint = only(identity), complain(identity, citizen, entry_id)
    details = call(identity, "GetAnomaly", anomaly_id=anomaly.anomaly_id).details
    assert list(details.access_complaint_ids) == [complaint.access_complaint_id]
    assert list(get_complaint(identity, complaint).anomaly_ids) == [anomaly.anomaly_id]


def test_other_roles_are_refused(identity: Identity, anomaly: Any) -> None:
    metadata = officer(identity)
    assert reason_of(lambda: listed(identity, caller=metadata)) == "PERMISSION_DENIED"
    assert reason_of(lambda: step(identity, "AskAboutAnomaly", anomaly, question="x", caller=metadata)) == (
        "PERMISSION_DENIED"
    )

"""Look-ups of closed days are judged: what is found, once, by one process or several, over midnights and gaps."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from support.address_acts import record, written
from support.anomalies import DAY, NOBODY, Review, at, call, data_officer, enter, enter_case, found, is_own
from support.identity_service import AGENCY, Identity, Person
from support.record_acts import merge
from support.representations import family, grant

HOME = "Xóm Thử Một, xã La Hiên, tỉnh Thái Nguyên"


def citizen(identity: Identity, number: int = 1) -> str:
    person = Person(number=f"0191850000{number:02}", full_name=f"Hoàng Thị Thử {chr(64 + number)}")
    return str(identity.link(person).citizen.citizen_id)


def test_a_look_up_without_a_case_is_found_and_one_with_a_case_is_not(identity: Identity) -> None:
    without, late, early = (citizen(identity, number) for number in (1, 2, 3))
    for citizen_id in (without, late, early):
        enter(identity, citizen_id)
    enter_case(identity, late, at(DAY + timedelta(days=3), 23, 59))
    enter_case(identity, early, at(DAY - timedelta(days=3), 0, 0))
    Review(identity).run()
    assert found(identity) == {("officer-1", DAY, "LOOK_UP_WITHOUT_CASE", None, 1)}
    assert identity.rows("select count(*) from anomaly_entries") == [(1,)]


@pytest.mark.parametrize(
    "changes",
    [
        {"actor_organization": "H55.999"},
        {"outcome": "DENIED"},
        {"object_kind": "citizen"},
        {"actor_kind": "CITIZEN", "actor_organization": ""},
        {"when": at(DAY + timedelta(days=4), 0, 0)},
        {"when": at(DAY - timedelta(days=4), 23, 59)},
    ],
    ids=["another agency", "refused", "no case", "the citizen alone", "too late", "too early"],
)
def test_what_is_no_case_of_the_agency_explains_nothing(identity: Identity, changes: dict) -> None:
    citizen_id = citizen(identity)
    enter(identity, citizen_id)
    given = {"when": at()} | changes
    enter_case(identity, citizen_id, given.pop("when"), **given)
    Review(identity).run()
    assert len(found(identity)) == 1


@pytest.mark.parametrize("operation", ["RECORD_PAPER", "RECORD_SUBJECT_REQUEST"])
def test_the_officer_s_own_act_on_evidence_is_a_case_at_whatever_agency(identity: Identity, operation: str) -> None:
    citizen_id = citizen(identity)
    enter(identity, citizen_id)
    enter(identity, citizen_id, when=at(hour=10), operation=operation, actor_organization="H55.1")
    Review(identity).run()
    assert found(identity) == set()


@pytest.mark.parametrize("is_read", [True, False], ids=["a dossier read", "a paper recorded"])
@pytest.mark.parametrize(
    "when", [at(hour=10, minute=1), at(DAY + timedelta(days=2))], ids=["an hour later", "days later"]
)
def test_a_reason_the_officer_makes_up_afterwards_explains_nothing(
    identity: Identity, when: datetime, is_read: bool
) -> None:
    citizen_id = citizen(identity)
    enter(identity, citizen_id)
    if is_read:
        enter_case(identity, citizen_id, when, actor_id="officer-1")
    else:
        enter(identity, citizen_id, when=when, operation="RECORD_PAPER")
    Review(identity).run()
    assert {row[2] for row in found(identity)} == {"LOOK_UP_WITHOUT_CASE"}


def test_a_case_of_a_merged_record_is_one_of_the_survivor(identity: Identity) -> None:
    people = [Person(number=f"01918500000{number}", full_name="Hoàng Thị Thử") for number in (1, 2)]
    survivor, merged = (identity.link(person).citizen for person in people)
    merge(identity, survivor, merged)
    enter(identity, survivor.citizen_id)
    enter_case(identity, merged.citizen_id, at())
    Review(identity).run()
    assert found(identity) == set()


def test_refused_look_ups_and_those_of_citizens_are_not_judged(identity: Identity) -> None:
    citizen_id = citizen(identity)
    enter(identity, citizen_id, outcome="DENIED")
    enter(identity, citizen_id, actor_kind="CITIZEN", operation="GET_OWN_PROFILE", actor_organization=None)
    Review(identity).run()
    assert found(identity) == set()


def test_a_search_that_showed_twenty_is_one_look_up(identity: Identity) -> None:
    people = [citizen(identity, number) for number in range(1, 5)]
    enter(identity, *people)
    Review(identity).run()
    assert found(identity) == {("officer-1", DAY, "LOOK_UP_WITHOUT_CASE", None, 1)}
    assert identity.rows("select count(*) from anomaly_entries") == [(4,)]


def home(identity: Identity, person: Person, **address: str) -> str:
    linked = identity.link(person).citizen
    record(identity, linked, written(**({"text": HOME} | address)))
    return str(linked.citizen_id)


def test_a_neighbour_lives_in_the_same_hamlet_or_at_the_same_address(identity: Identity) -> None:
    people = [Person(number=f"0191850000{n:02}", full_name=f"Lý Văn Thử {n}") for n in range(1, 6)]
    own = home(identity, people[0], hamlet="Xóm Thử Một")
    same_hamlet = home(identity, people[1], text="Số 5, xã La Hiên, tỉnh Thái Nguyên", hamlet="xóm  THỬ Một")
    same_text = home(identity, people[2])
    other_hamlet = home(identity, people[3], text="Số 6, xã La Hiên, tỉnh Thái Nguyên", hamlet="Xóm Thử Hai")
    elsewhere = home(identity, people[4], text="Số 7, xã Võ Nhai, tỉnh Thái Nguyên", hamlet="Xóm Thử Một")
    is_own(identity, "officer-1", own)
    for citizen_id in (same_hamlet, same_text, other_hamlet, elsewhere):
        enter(identity, citizen_id)
    Review(identity).run()
    neighbours = {row[3] for row in found(identity) if row[2] == "NEIGHBOUR"}
    assert neighbours == {same_hamlet, same_text}


def test_family_is_who_stands_for_whom_and_the_other_parent(identity: Identity) -> None:
    kin = family(identity)
    for parent in (kin.mother, kin.father):
        grant(identity, kin.child, parent)
    stranger = citizen(identity, 9)
    is_own(identity, "officer-1", kin.mother.citizen_id)
    for citizen_id in (kin.child.citizen_id, kin.father.citizen_id, stranger):
        enter(identity, citizen_id)
    Review(identity).run()
    relatives = {row[3] for row in found(identity) if row[2] == "RELATIVE"}
    assert relatives == {kin.child.citizen_id, kin.father.citizen_id}


def test_the_own_record_is_found_even_with_a_case(identity: Identity) -> None:
    own = citizen(identity)
    is_own(identity, "officer-1", own)
    enter(identity, own)
    enter_case(identity, own, at())
    Review(identity).run()
    assert found(identity) == {("officer-1", DAY, "OWN_RECORD", own, 1)}


def test_an_account_linked_by_a_data_officer_has_an_own_record_too(identity: Identity) -> None:
    own = citizen(identity)
    enter(
        identity,
        own,
        when=at(DAY - timedelta(days=9)),
        actor_id="data-officer-1",
        operation="LINK_ACCOUNT",
        object_kind="account",
        object_id="officer-1",
    )
    enter(identity, own)
    Review(identity).run()
    assert {row[2] for row in found(identity)} == {"OWN_RECORD"}


def test_many_look_ups_of_an_hour_are_bulk_against_what_is_usual(identity: Identity) -> None:
    citizen_id = citizen(identity)
    enter_case(identity, citizen_id, at())
    for minute in range(6):
        enter(identity, citizen_id, when=at(minute=minute))
        enter(identity, NOBODY, when=at(minute=minute, second=30))
    Review(identity, bulk_look_ups_per_hour=12, look_ups_without_case=99).run()
    assert found(identity) == {("officer-1", DAY, "BULK", None, 12)}


def test_a_day_begins_and_ends_at_midnight_in_vietnam(identity: Identity) -> None:
    citizen_id = citizen(identity)
    enter(identity, citizen_id, when=at(hour=0))
    enter(identity, citizen_id, when=at(hour=23, minute=59, second=59))
    enter(identity, citizen_id, when=at(DAY + timedelta(days=1), 0))
    review = Review(identity)
    review.go_to(DAY + timedelta(days=3), hour=23, minute=59)
    assert found(identity) == set()
    review.go_to(DAY + timedelta(days=4), minute=0)
    assert found(identity) == {("officer-1", DAY, "LOOK_UP_WITHOUT_CASE", None, 2)}
    review.go_to(DAY + timedelta(days=5), minute=0)
    assert {row[1:] for row in found(identity)} == {
        (DAY, "LOOK_UP_WITHOUT_CASE", None, 2),
        (DAY + timedelta(days=1), "LOOK_UP_WITHOUT_CASE", None, 1),
    }


def test_days_without_a_run_are_caught_up_and_a_rerun_adds_nothing(identity: Identity) -> None:
    citizen_id = citizen(identity)
    days = [DAY, DAY + timedelta(days=1), DAY + timedelta(days=5)]
    for day in days:
        enter(identity, citizen_id, when=at(day))
    review = Review(identity)
    review.clock.set(at(DAY + timedelta(days=12)))
    assert review.job.measure() == (0, 9)
    review.run()
    assert {row[1] for row in found(identity)} == set(days)
    assert review.job.measure() == (3, 0)
    before = found(identity)
    assert review.run() == 0
    assert Review(identity).run() == 0
    assert found(identity) == before
    finished = identity.rows("select count(*), count(finished_at), min(day), max(day) from anomaly_days")
    assert finished == [(9, 9, DAY, DAY + timedelta(days=8))]


def test_an_installation_where_nobody_looked_anybody_up_is_not_behind(identity: Identity) -> None:
    review = Review(identity)
    assert review.run() == 0
    assert review.job.measure() == (0, 0)


def test_a_first_run_does_not_begin_years_ago(identity: Identity) -> None:
    enter(identity, citizen(identity), when=at(date(2024, 1, 1)))
    review = Review(identity)
    review.run()
    assert identity.rows("select count(*) from anomaly_days") == [(63,)]
    assert review.job.measure() == (0, 0)


def many_officers(identity: Identity, number: int) -> None:
    citizen_id = citizen(identity)
    for index in range(number):
        enter(identity, citizen_id, actor_id=f"officer-{index:02}", when=at(minute=index))


def test_several_processes_at_once_find_each_anomaly_once(identity: Identity) -> None:
    many_officers(identity, 40)
    reviews = [Review(identity) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        steps = list(pool.map(lambda review: review.run(), reviews))
    assert sum(steps) >= 5
    assert identity.rows("select count(*), count(distinct officer_id) from anomalies") == [(40, 40)]
    Review(identity).run()
    assert identity.rows("select count(*) from officer_days where judged_at is null") == [(0,)]
    assert reviews[0].job.measure() == (40, 0)


DYING = """
import os, sys, json
from songcau_identity.anomalies import repository_days
from songcau_identity.settings import Settings
from songcau_kit.database import Database
sys.path.insert(0, "tests")
from support.anomalies import Review
class Site: pass
url, settings = sys.argv[1], Settings()
site = Site()
site.settings, site.database = settings, Database(url, application_name="identity-work")
judged, note = [], repository_days.note_judged
def dying(*given):
    note(*given)
    judged.append(1)
    if len(judged) == 13:
        os._exit(9)
repository_days.note_judged = dying
Review(site).run()
"""


def test_a_process_that_dies_in_a_portion_leaves_it_whole_to_the_next(identity: Identity) -> None:
    many_officers(identity, 25)
    ended = subprocess.run([sys.executable, "-c", DYING, identity.url], check=False, timeout=120)
    assert ended.returncode == 9
    # The first portion of ten is there, of the second nothing.
    assert identity.rows("select count(*) from anomalies") == [(10,)]
    assert identity.rows("select count(*) from officer_days where judged_at is not null") == [(10,)]
    Review(identity).run()
    assert identity.rows("select count(*), count(distinct officer_id) from anomalies") == [(25, 25)]


def test_one_officer_whose_records_cannot_be_opened_does_not_stop_the_others(identity: Identity) -> None:
    own = home(identity, Person(number="019185000001", full_name="Lý Văn Thử"))
    is_own(identity, "officer-00", own)
    stranger = citizen(identity, 7)
    for officer_id in ("officer-00", "officer-01"):
        enter(identity, stranger, actor_id=officer_id)
    with psycopg.connect(identity.url) as conn:
        conn.execute("update addresses set value_enc = '\\x00'::bytea")
    review = Review(identity)
    review.run()
    assert {row[0] for row in found(identity)} == {"officer-01"}
    assert review.job.measure() == (1, 1)


def test_no_table_of_anomalies_holds_anything_of_a_person_in_plain(identity: Identity) -> None:
    own = home(identity, Person(number="019185000001", full_name="Lý Văn Thử"), hamlet="Xóm Thử Một")
    other = home(identity, Person(number="019185000002", full_name="Nông Thị Thử"), hamlet="Xóm Thử Một")
    is_own(identity, "officer-1", own)
    enter(identity, other)
    Review(identity).run()
    assert {row[2] for row in found(identity)} == {"NEIGHBOUR", "LOOK_UP_WITHOUT_CASE"}
    tables = ("anomalies", "anomaly_entries", "anomaly_days", "officer_days", "watched_citizens", "outbox")
    rows = [row for table in tables for row in identity.rows(f"select to_json(t)::text from {table} t")]
    text = json.dumps(rows, ensure_ascii=False)
    for personal in ("019185000002", "Nông", "Thử", "La Hiên", "Xóm"):
        assert personal not in text
        assert personal.encode().hex() not in text


def test_somebody_unknown_to_this_service_can_be_looked_up_without_harm(identity: Identity) -> None:
    enter(identity, str(uuid4()), actor_organization=AGENCY)
    Review(identity).run()
    assert len(found(identity)) == 1


def test_who_is_taken_off_the_list_after_a_look_up_was_watched_when_it_was_made(identity: Identity) -> None:
    watched, before = citizen(identity, 1), citizen(identity, 2)
    for citizen_id, ended in ((watched, at(DAY + timedelta(days=1))), (before, at(DAY - timedelta(days=1)))):
        place = call(identity, "WatchCitizen", citizen_id=citizen_id, reason="Người có ảnh hưởng.").watched
        other = data_officer(identity, sub="data-officer-2")
        call(identity, "UnwatchCitizen", caller=other, watch_id=place.watch_id, expected_version=place.version)
        with identity.database.transaction() as conn:
            conn.execute(
                "update watched_citizens set watched_at = %s, ended_at = %s where citizen_id = %s",
                (at(DAY - timedelta(days=5)), ended, citizen_id),
            )
        enter(identity, citizen_id)
    Review(identity).run()
    assert {one[3] for one in found(identity) if one[2] == "WATCHED_CITIZEN"} == {watched}


def test_a_citizen_with_a_case_excuses_nobody_met_by_a_look_up_of_its_own(identity: Identity) -> None:
    """Whoever looks up chooses the correlation id, and may send two questions at once."""
    watched, founded = citizen(identity, 1), citizen(identity, 2)
    call(identity, "WatchCitizen", citizen_id=watched, reason="Người có ảnh hưởng.")
    enter(identity, founded, correlation_id="chosen")
    enter(identity, watched, correlation_id="chosen", when=at() + timedelta(milliseconds=1))
    enter_case(identity, founded, at())
    Review(identity).run()
    assert {one[2] for one in found(identity)} == {"LOOK_UP_WITHOUT_CASE", "WATCHED_CITIZEN"}

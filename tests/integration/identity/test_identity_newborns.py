"""Children without a number: entered once, numbered once, voided, seen by their mother, by many officers at once."""

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from songcau.identity.v1 import citizen_pb2
from songcau.identity.v1 import citizen_registration_service_pb2 as pb
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau_kit.errors import DomainError
from support.identity_service import Identity, Person, reason_of
from support.record_acts import correct, document, identifiers_of, look_up, merge, open_doubts, own_profile, renumber
from support.registration_acts import (
    certificate,
    find_by_name,
    issue_number,
    own_newborns,
    register_newborn,
    void_newborn,
)


def mother_of(identity: Identity) -> Any:
    return identity.link(number="019185000001").citizen


def outcome_of(call: Callable[[], Any]) -> str:
    try:
        call()
    except DomainError as error:
        return error.reason.code
    return "DONE"


def test_a_child_is_entered_under_a_key_that_is_no_personal_number(identity: Identity):
    mother = mother_of(identity)
    child = register_newborn(identity, mother)
    assert re.fullmatch("SS-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", child.temporary_key)
    assert (child.state, child.birth_order) == (pb.NEWBORN_STATE_TEMPORARY, 1)
    assert child.mother_citizen_id == mother.citizen_id
    assert child.citizen.identity_level == citizen_pb2.IDENTITY_LEVEL_0
    assert child.citizen.status == citizen_pb2.CITIZEN_STATUS_ACTIVE
    assert own_newborns(identity, mother.citizen_id) == [(child.citizen.citizen_id, child.temporary_key, "TEMPORARY")]
    (hit,) = find_by_name(identity, "hoang thi sao bang")
    assert (hit.citizen, hit.masked_number, hit.birth_year) == (child.citizen, child.temporary_key, 2026)


def test_an_entry_is_told_by_ids_only_stands_sealed_and_is_on_the_lists_of_child_and_mother(identity: Identity):
    mother = mother_of(identity)
    child = register_newborn(identity, mother)
    event = identity.events()[-1]
    assert (event.WhichOneof("fact"), event.meta.aggregate_id) == ("citizen_registered", child.citizen.citizen_id)
    assert event.citizen_registered.identity_level == citizen_pb2.IDENTITY_LEVEL_0
    ((sealed, digest),) = identity.rows("select certificate_enc, certificate_bix from newborns")
    assert b"12/2026" not in bytes(sealed) + bytes(digest)
    entries = {row[0]: row[3:6] for row in identity.audit()[-2:]}
    entry = ("REGISTER_NEWBORN", "CARE", "ALLOWED")
    assert entries == {child.citizen.citizen_id: entry, mother.citizen_id: entry}


def test_a_child_is_entered_once_and_twins_by_their_order(identity: Identity):
    mother = mother_of(identity)
    first = register_newborn(identity, mother)
    with pytest.raises(DomainError) as caught:
        register_newborn(identity, mother, full_name="Hoàng Thị Khác")
    assert caught.value.reason.code == "NEWBORN_REGISTERED"
    details = {"citizen_id": first.citizen.citizen_id, "temporary_key": first.temporary_key}
    assert caught.value.details == details
    second = register_newborn(identity, mother, birth_order=2)
    elder = register_newborn(identity, mother, evidence=certificate(document_number="77/2025"))
    assert len({child.citizen.citizen_id for child in (first, second, elder)}) == 3
    assert len(own_newborns(identity, mother.citizen_id)) == 3
    other_mother = identity.link(number="019185000002", full_name="Nông Thị Thử").citizen
    register_newborn(identity, other_mother)


def test_a_repeated_request_enters_one_child_and_answers_the_same(identity: Identity):
    mother, key = mother_of(identity), str(uuid4())
    first = register_newborn(identity, mother, request_id=key)
    assert register_newborn(identity, mother, request_id=key) == first
    assert identity.rows("select count(*) from newborns") == [(1,)]


def test_eight_officers_who_enter_one_child_at_once_enter_it_once(identity: Identity):
    mother = mother_of(identity)
    with ThreadPoolExecutor(8) as pool:
        outcomes = Counter(pool.map(lambda _: outcome_of(lambda: register_newborn(identity, mother)), range(8)))
    assert outcomes == {"DONE": 1, "NEWBORN_REGISTERED": 7}
    assert identity.rows("select count(*) from citizens where identity_level = 0") == [(1,)]


def test_the_database_itself_lets_a_child_be_entered_once(identity: Identity):
    mother = mother_of(identity)
    first = register_newborn(identity, mother)
    second = register_newborn(identity, mother, birth_order=2)
    with psycopg.connect(identity.url) as connection, pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute("update newborns set birth_order = 1 where citizen_id = %s", (second.citizen.citizen_id,))
    void_newborn(identity, first.citizen)
    with psycopg.connect(identity.url) as connection:
        connection.execute("update newborns set birth_order = 1 where citizen_id = %s", (second.citizen.citizen_id,))


@pytest.mark.parametrize(
    ("change", "reason", "pointer"),
    [
        ({"full_name": ""}, "NEWBORN_INVALID", "/full_name"),
        ({"birth_date": "2026-11"}, "NEWBORN_INVALID", "/birth_date"),
        ({"birth_date": "2999-01-01"}, "NEWBORN_INVALID", "/birth_date"),
        ({"sex": 0}, "NEWBORN_INVALID", "/sex"),
        ({"birth_order": 0}, "NEWBORN_INVALID", "/birth_order"),
        ({"birth_order": 10}, "NEWBORN_INVALID", "/birth_order"),
        ({"evidence": certificate(kind="EVIDENCE_KIND_POLICE_NOTICE")}, "EVIDENCE_INVALID", "/evidence/kind"),
        ({"evidence": certificate(document_number="số nào đó")}, "EVIDENCE_INVALID", "/evidence/document_number"),
    ],
)
def test_a_wrong_fact_is_named_and_nothing_is_entered(identity: Identity, change: Any, reason: str, pointer: str):
    with pytest.raises(DomainError) as caught:
        register_newborn(identity, mother_of(identity), **change)
    assert caught.value.reason.code == reason
    assert pointer in {violation.pointer for violation in caught.value.violations}
    assert identity.rows("select count(*) from newborns") == [(0,)]


def test_only_a_person_who_is_linked_is_a_mother_and_nobody_enters_their_own_child(identity: Identity):
    mother = mother_of(identity)
    own = identity.as_officer(acr="aal2", citizen_id=mother.citizen_id)
    assert reason_of(lambda: register_newborn(identity, mother, metadata=own)) == "OWN_RECORD"
    organisation = identity.link(Person("0100109106", "Hợp tác xã Thử", "", kind=2)).citizen
    assert reason_of(lambda: register_newborn(identity, organisation)) == "PERSON_REQUIRED"
    request = citizens.UnlinkCitizenRequest(request_id=str(uuid4()), expected_version=mother.version)
    gone = identity.citizens.UnlinkCitizen(request, metadata=identity.as_citizen(mother.citizen_id)).citizen
    assert reason_of(lambda: register_newborn(identity, gone)) == "CITIZEN_NOT_ACTIVE"
    assert reason_of(lambda: register_newborn(identity, mother, mother_citizen_id="x")) == "CITIZEN_NOT_FOUND"


def test_the_issued_number_replaces_the_key_and_the_citizen_stays(identity: Identity):
    mother = mother_of(identity)
    child = register_newborn(identity, mother)
    answer = issue_number(identity, child.citizen)
    assert answer.newborn.state == pb.NEWBORN_STATE_REPLACED
    assert (answer.newborn.citizen.citizen_id, answer.newborn.citizen.version) == (child.citizen.citizen_id, 2)
    assert list(answer.warnings) == []
    (hit,) = look_up(identity, number="019326000001")
    assert (hit.citizen.citizen_id, hit.masked_number) == (child.citizen.citizen_id, "019•••••0001")
    shown = [(child.citizen.citizen_id, "019•••••0001", "REPLACED")]
    assert own_newborns(identity, mother.citizen_id) == shown
    assert identity.events()[-1].WhichOneof("fact") == "personal_number_issued"
    assert identifiers_of(identity, child.citizen.citizen_id) == [("019•••••0001", True, child.citizen.citizen_id)]


def test_a_number_that_does_not_fit_the_child_is_entered_and_waits_for_an_officer(identity: Identity):
    child = register_newborn(identity, mother_of(identity))
    answer = issue_number(identity, child.citizen, "019225000001")  # a boy of 2025
    assert set(answer.warnings) == {"SEX_MISMATCH", "BIRTH_YEAR_MISMATCH"}
    assert {doubt.citizen_id for doubt in open_doubts(identity)} == {child.citizen.citizen_id}


def test_a_number_is_issued_once(identity: Identity):
    child = register_newborn(identity, mother_of(identity))
    assert reason_of(lambda: renumber(identity, child.citizen, "019326000001")) == "NUMBER_MISSING"
    assert reason_of(lambda: issue_number(identity, child.citizen, "01932600000")) == "IDENTIFIER_INVALID"
    after = issue_number(identity, child.citizen).newborn.citizen
    with pytest.raises(DomainError) as caught:
        issue_number(identity, after, "019326000002")
    assert (caught.value.reason.code, caught.value.details) == ("NEWBORN_NOT_TEMPORARY", {"state": "REPLACED"})
    assert reason_of(lambda: void_newborn(identity, after)) == "NEWBORN_NOT_TEMPORARY"
    assert renumber(identity, after, "019326000003").citizen.version == 3


def test_a_number_of_another_record_names_it_and_the_records_merge(identity: Identity):
    mother = mother_of(identity)
    child = register_newborn(identity, mother)
    linked = identity.link(number="019326000001", full_name="Hoàng Thị Sao Băng", birth_date="2026-11-19", level=1)
    with pytest.raises(DomainError) as caught:
        issue_number(identity, child.citizen)
    assert caught.value.reason.code == "NEWBORN_NUMBER_TAKEN"
    assert caught.value.details == {"citizen_id": linked.citizen.citizen_id}
    merge(identity, linked.citizen, child.citizen)
    assert own_profile(identity, child.citizen.citizen_id).citizen.citizen_id == linked.citizen.citizen_id
    assert own_newborns(identity, mother.citizen_id) == []  # an electronic identity of its own
    other = register_newborn(identity, mother, birth_order=2)
    assert reason_of(lambda: issue_number(identity, other.citizen)) == "NEWBORN_NUMBER_TAKEN"
    assert reason_of(lambda: issue_number(identity, child.citizen, expected_version=2)) == "CITIZEN_MERGED"


def test_eight_officers_who_issue_eight_numbers_to_one_child_at_once_issue_one(identity: Identity):
    child = register_newborn(identity, mother_of(identity))

    def give(number: int) -> str:
        return outcome_of(lambda: issue_number(identity, child.citizen, f"01932600000{number}"))

    with ThreadPoolExecutor(8) as pool:
        outcomes = Counter(pool.map(give, range(8)))
    assert outcomes == {"DONE": 1, "VERSION_CONFLICT": 7}
    held = identity.rows("select count(*) from identifiers where citizen_id = %s", child.citizen.citizen_id)
    assert held == [(1,)]


def test_eight_children_who_are_given_one_number_at_once_are_one(identity: Identity):
    mother = mother_of(identity)
    children = [register_newborn(identity, mother, birth_order=order).citizen for order in range(1, 9)]
    with ThreadPoolExecutor(8) as pool:
        outcomes = Counter(
            pool.map(lambda child: outcome_of(lambda: issue_number(identity, child, "019326000001")), children)
        )
    assert outcomes == {"DONE": 1, "NEWBORN_NUMBER_TAKEN": 7}


def test_the_database_itself_lets_a_citizen_be_known_by_one_number(identity: Identity):
    citizen = mother_of(identity)
    second = """insert into identifiers (identifier_id, citizen_id, kind, value_enc, value_bix, status, active_from)
        select gen_random_uuid(), citizen_id, 'FOREIGNER_EID', value_enc, value_bix, 'ACTIVE', now() from identifiers
        where citizen_id = %s"""
    with psycopg.connect(identity.url) as connection, pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute(second, (citizen.citizen_id,))


def test_an_officer_issues_no_number_to_their_own_child(identity: Identity):
    mother = mother_of(identity)
    child = register_newborn(identity, mother)
    own = identity.as_officer(acr="aal2", citizen_id=mother.citizen_id)
    assert reason_of(lambda: issue_number(identity, child.citizen, metadata=own)) == "OWN_RECORD"


def test_a_voided_entry_is_found_no_more_and_the_child_may_be_entered_anew(identity: Identity):
    mother = mother_of(identity)
    child = register_newborn(identity, mother)
    voided = void_newborn(identity, child.citizen, "ENTERED_TWICE")
    assert voided.state == pb.NEWBORN_STATE_VOIDED
    assert voided.citizen.status == citizen_pb2.CITIZEN_STATUS_UNLINKED
    assert identity.events()[-1].WhichOneof("fact") == "newborn_voided"
    assert find_by_name(identity, "Hoàng Thị Sao Băng") == []
    assert own_newborns(identity, mother.citizen_id) == []
    assert reason_of(lambda: issue_number(identity, voided.citizen)) == "NEWBORN_NOT_TEMPORARY"
    assert reason_of(lambda: void_newborn(identity, mother)) == "NEWBORN_NOT_FOUND"
    assert reason_of(lambda: void_newborn(identity, voided.citizen, "UNSPECIFIED")) == "NEWBORN_INVALID"
    again = register_newborn(identity, mother)
    assert again.citizen.citizen_id != child.citizen.citizen_id


def test_the_first_sign_in_of_a_child_with_a_number_is_a_first_link_of_the_same_citizen(identity: Identity):
    mother = mother_of(identity)
    child = issue_number(identity, register_newborn(identity, mother).citizen).newborn.citizen
    linked = identity.link(number="019326000001", full_name="Hoàng Thị Sao Băng", birth_date="2026-11-19", level=1)
    assert (linked.created, linked.citizen.citizen_id, linked.citizen.version) == (False, child.citizen_id, 3)
    event = identity.events()[-1]
    assert (event.WhichOneof("fact"), event.citizen_linked.first_link) == ("citizen_linked", True)
    assert event.citizen_linked.identity_level == citizen_pb2.IDENTITY_LEVEL_1
    assert own_newborns(identity, mother.citizen_id) == []


def test_facts_of_a_child_without_a_number_are_corrected_like_anybody_s(identity: Identity):
    child = register_newborn(identity, mother_of(identity)).citizen
    answer = correct(identity, child, full_name="Hoàng Thị Sao Mai")
    assert list(answer.warnings) == []
    (hit,) = find_by_name(identity, "Hoàng Thị Sao Mai")
    assert hit.citizen.citizen_id == child.citizen_id


def test_the_children_of_a_merged_mother_are_the_survivor_s(identity: Identity):
    mother = mother_of(identity)
    child = register_newborn(identity, mother)
    survivor = identity.link(number="019185000002", full_name="Hoàng Thị Thừ").citizen
    merge(identity, survivor, mother)
    assert [one[0] for one in own_newborns(identity, survivor.citizen_id)] == [child.citizen.citizen_id]
    assert own_newborns(identity, identity.link(number="019185000003").citizen.citizen_id) == []
    assert reason_of(lambda: register_newborn(identity, mother, expected_mother_version=2)) == "CITIZEN_MERGED"


def test_evidence_of_the_number_is_kept_sealed(identity: Identity):
    child = register_newborn(identity, mother_of(identity)).citizen
    issue_number(identity, child, evidence=document(document_number="TB-99/2026"))
    rows = identity.rows("select act, evidence_enc from record_acts order by recorded_at")
    assert [act for act, _ in rows] == ["REGISTER_NEWBORN", "ISSUE_PERSONAL_NUMBER"]
    assert b"TB-99" not in bytes(rows[1][1])

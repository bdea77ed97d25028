"""Foreigners with an electronic identity and with a passport only."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from songcau.identity.v1 import citizen_pb2
from songcau_kit.errors import DomainError
from support.identity_service import Identity, reason_of
from support.paper_acts import find_by_paper, own_papers, paper
from support.record_acts import merge, open_doubts, own_profile, renumber
from support.registration_acts import find_by_name, register_foreigner

PASSPORT = paper(number="12AB34567", issuer="FRA")


def test_a_foreigner_is_entered_by_passport_at_level_0_and_found_by_it(identity: Identity):
    answer = register_foreigner(identity)
    assert answer.citizen.identity_level == citizen_pb2.IDENTITY_LEVEL_0
    assert answer.citizen.status == citizen_pb2.CITIZEN_STATUS_ACTIVE
    assert find_by_paper(identity, PASSPORT) == [answer.citizen.citizen_id]
    (hit,) = find_by_name(identity, "Claire Inventée")
    assert hit.masked_number == "1•••••567"
    (own,) = own_papers(identity, answer.citizen.citizen_id)
    assert (own.paper_id, own.issuer) == (answer.paper_id, "FRA")
    assert own_profile(identity, answer.citizen.citizen_id).citizen == answer.citizen


def test_an_entry_is_told_by_ids_and_kinds_only_and_stands_sealed(identity: Identity):
    answer = register_foreigner(identity)
    registered, recorded = identity.events()
    assert registered.citizen_registered.identity_level == citizen_pb2.IDENTITY_LEVEL_0
    assert recorded.paper_recorded.paper_id == answer.paper_id
    assert [event.meta.aggregate_version for event in (registered, recorded)] == [1, 2]
    ((nationality,),) = identity.rows("select nationality_enc from citizen_profiles")
    assert b"FRA" not in bytes(nationality)
    assert identity.audit()[-1][3:6] == ("REGISTER_FOREIGNER", "COUNTER_ASSISTANCE", "ALLOWED")


@pytest.mark.parametrize(
    ("change", "reason", "pointer", "code"),
    [
        ({"full_name": " "}, "FOREIGNER_INVALID", "/full_name", "REQUIRED"),
        ({"birth_date": ""}, "FOREIGNER_INVALID", "/birth_date", "NOT_A_DATE"),
        ({"nationality": "VNM"}, "FOREIGNER_INVALID", "/nationality", "NOT_FOREIGN"),
        ({"issuing_state": "VNM"}, "FOREIGNER_INVALID", "/nationality", "NOT_FOREIGN"),
        ({"nationality": "XYZ"}, "FOREIGNER_INVALID", "/nationality", "NOT_A_STATE"),
        ({"nationality": "XXA", "issuing_state": "ZZZ"}, "PAPER_INVALID", "/issuer", "NOT_A_STATE"),
        ({"passport_number": "?"}, "PAPER_INVALID", "/number", "NOT_A_PASSPORT_NUMBER"),
    ],
)
def test_a_wrong_fact_is_named_and_nobody_is_entered(
    identity: Identity, change: dict[str, Any], reason: str, pointer: str, code: str
):
    with pytest.raises(DomainError) as caught:
        register_foreigner(identity, **change)
    assert caught.value.reason.code == reason
    assert [(violation.pointer, violation.code) for violation in caught.value.violations] == [(pointer, code)]
    assert identity.rows("select count(*) from citizens") == [(0,)]


def test_a_stateless_person_and_one_with_another_state_s_passport_are_entered(identity: Identity):
    register_foreigner(identity, nationality="XXA")
    register_foreigner(identity, passport_number="99ZZ99999", nationality="LAO")
    assert identity.rows("select count(*) from citizens") == [(2,)]


def test_a_passport_that_is_known_names_its_holder_and_enters_nobody(identity: Identity):
    known = register_foreigner(identity)
    with pytest.raises(DomainError) as caught:
        register_foreigner(identity, full_name="Autre Personne")
    details = {"citizen_id": known.citizen.citizen_id}
    assert (caught.value.reason.code, caught.value.details) == ("PAPER_TAKEN", details)
    assert identity.audit()[-1][0] == known.citizen.citizen_id


def test_a_repeated_request_enters_once(identity: Identity):
    key = str(uuid4())
    assert register_foreigner(identity, request_id=key) == register_foreigner(identity, request_id=key)
    assert identity.rows("select count(*) from citizens") == [(1,)]


def test_eight_officers_who_enter_one_foreigner_at_once_enter_them_once(identity: Identity):
    def attempt(_: int) -> str:
        try:
            return register_foreigner(identity).paper_id and "ENTERED"
        except DomainError as error:
            return error.reason.code

    with ThreadPoolExecutor(8) as pool:
        outcomes = Counter(pool.map(attempt, range(8)))
    assert outcomes == {"ENTERED": 1, "PAPER_TAKEN": 7}
    assert identity.rows("select count(*) from citizens") == [(1,)]


def foreigner(identity: Identity, **changes: Any) -> Any:
    given = {
        "number": "FR00012345",
        "full_name": "Claire Inventée",
        "birth_date": "1990-05-01",
        "nationality": "FRA",
        "papers": [PASSPORT],
    }
    return identity.link(**(given | changes))


def test_a_foreigner_with_electronic_identity_has_its_level_and_no_doubts_of_a_personal_number(identity: Identity):
    answer = foreigner(identity)
    assert (answer.created, list(answer.warnings)) == (True, [])
    assert answer.citizen.identity_level == citizen_pb2.IDENTITY_LEVEL_2
    assert own_profile(identity, answer.citizen.citizen_id).masked_number == "FR0•••2345"
    assert identity.rows("select kind from identifiers") == [("FOREIGNER_EID",)]
    again = foreigner(identity)
    assert (again.created, again.citizen) == (False, answer.citizen)
    assert reason_of(lambda: foreigner(identity, number="!", nationality="LAO")) == "IDENTITY_FACTS_INVALID"
    assert reason_of(lambda: foreigner(identity, nationality="Pháp")) == "IDENTITY_FACTS_INVALID"


def test_the_number_of_a_foreigner_s_electronic_identity_is_renewed_as_such(identity: Identity):
    citizen = foreigner(identity).citizen
    after = renumber(identity, citizen, "FR00099999")
    assert list(after.warnings) == []
    assert reason_of(lambda: foreigner(identity)) == "IDENTIFIER_CANCELLED"


def test_a_foreigner_known_by_passport_who_signs_in_waits_to_be_merged_and_keeps_the_passport(identity: Identity):
    known = register_foreigner(identity)
    answer = foreigner(identity)
    assert (answer.created, list(answer.warnings)) == (True, ["PAPER_OF_ANOTHER"])
    assert [doubt.doubt for doubt in open_doubts(identity)] == ["PAPER_OF_ANOTHER"]
    merge(identity, answer.citizen, known.citizen)
    assert find_by_paper(identity, PASSPORT) == [answer.citizen.citizen_id]
    assert len(own_papers(identity, known.citizen.citizen_id)) == 1


def test_nobody_signs_in_with_a_passport(identity: Identity):
    register_foreigner(identity)
    assert foreigner(identity, number="12AB34567", papers=[]).created

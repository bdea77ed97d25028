"""Papers beside the personal number: recorded, told by VNeID, found, withdrawn, by many officers at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from songcau.identity.v1 import paper_service_pb2 as pb
from songcau_kit.errors import DomainError
from support.identity_service import Identity, reason_of
from support.paper_acts import find_by_paper, own_papers, paper, papers_of, record_paper, withdraw_paper
from support.record_acts import document, look_up, merge, open_doubts, renumber, unmerge

CMND = paper("CMND_9", "090123456")
ALL = [
    paper(),
    CMND,
    paper("CCCD", "019185000001"),
    paper("GIAY_KHAI_SINH", "12/1985", "05740"),
    paper("SO_BHXH", "1901234567"),
    paper("THE_BHYT", "DN4191901234567"),
]


def two(identity: Identity) -> tuple[Any, Any]:
    first = identity.link(number="019185000001").citizen
    return first, identity.link(number="019185000002", full_name="Nông Văn Thử").citizen


@pytest.mark.parametrize("shown", ALL, ids=lambda shown: shown.number)
def test_a_recorded_paper_is_shown_masked_and_finds_its_citizen(identity: Identity, shown: Any):
    citizen = identity.link(number="019185000001").citizen
    answer = record_paper(identity, citizen, shown)
    assert (answer.citizen.version, list(answer.warnings)) == (2, [])
    assert find_by_paper(identity, shown) == [citizen.citizen_id]
    (own,) = own_papers(identity, citizen.citizen_id)
    assert (own.paper_id, own.kind, own.issuer, own.active) == (answer.paper_id, shown.kind, shown.issuer, True)
    assert own.masked_number.endswith(shown.number[-3:])
    assert shown.number not in own.masked_number
    assert pb.PaperSource.Name(own.source) == "PAPER_SOURCE_OFFICER"


def test_the_number_of_an_old_card_alone_finds_its_citizen(identity: Identity):
    citizen = identity.link().citizen
    record_paper(identity, citizen, CMND)
    (hit,) = look_up(identity, number="090123456")
    assert hit.citizen.citizen_id == citizen.citizen_id
    assert look_up(identity, number="090123457") == []


def test_a_former_number_on_a_chip_card_finds_its_citizen_and_signs_in_nobody(identity: Identity):
    citizen = identity.link(number="019185000001").citizen
    answer = record_paper(identity, citizen, paper("CCCD", "006185000009"))
    assert list(answer.warnings) == ["CARD_NUMBER_DIFFERS"]
    assert [doubt.doubt for doubt in open_doubts(identity)] == ["CARD_NUMBER_DIFFERS"]
    (hit,) = look_up(identity, number="006185000009")
    assert hit.citizen.citizen_id == citizen.citizen_id
    stranger = identity.link(number="006185000009", full_name="Nông Văn Thử")
    assert stranger.created
    assert stranger.citizen.citizen_id != citizen.citizen_id


def test_a_chip_card_with_a_number_the_citizen_has_or_had_is_no_doubt(identity: Identity):
    citizen = renumber(identity, identity.link(number="019185000001").citizen, "019185000005").citizen
    for number in ("019185000001", "019185000005"):
        answer = record_paper(identity, citizen, paper("CCCD", number))
        citizen = answer.citizen
        assert list(answer.warnings) == []


def test_the_number_of_another_citizen_is_on_nobody_else_s_chip_card(identity: Identity):
    first, other = two(identity)
    with pytest.raises(DomainError) as caught:
        record_paper(identity, first, paper("CCCD", "019185000002"))
    assert (caught.value.reason.code, caught.value.details) == ("PAPER_TAKEN", {"citizen_id": other.citizen_id})
    renumber(identity, other, "019185000006")
    assert reason_of(lambda: record_paper(identity, first, paper("CCCD", "019185000002"))) == "PAPER_TAKEN"


@pytest.mark.parametrize("shown", [one for one in ALL if one.number not in ("090123456", "019185000001")])
def test_a_paper_is_one_citizen_s_until_it_is_withdrawn(identity: Identity, shown: Any):
    first, other = two(identity)
    recorded = record_paper(identity, first, shown)
    with pytest.raises(DomainError) as caught:
        record_paper(identity, other, shown)
    assert (caught.value.reason.code, caught.value.details) == ("PAPER_TAKEN", {"citizen_id": first.citizen_id})
    assert reason_of(lambda: record_paper(identity, recorded.citizen, shown)) == "NOTHING_TO_CHANGE"
    withdraw_paper(identity, recorded, "EXPIRED")
    record_paper(identity, other, shown)
    assert set(find_by_paper(identity, shown)) == {first.citizen_id, other.citizen_id}


def test_one_passport_number_of_two_states_is_two_people_s(identity: Identity):
    first, other = two(identity)
    record_paper(identity, first, paper(issuer="FRA"))
    record_paper(identity, other, paper(issuer="LAO"))
    assert find_by_paper(identity, paper(issuer="FRA")) == [first.citizen_id]
    assert find_by_paper(identity, paper(issuer="LAO")) == [other.citizen_id]
    assert find_by_paper(identity, paper(issuer="CHN")) == []


def test_the_nine_digits_of_an_old_card_may_be_two_people_s_and_wait_for_an_officer(identity: Identity):
    first, other = two(identity)
    assert list(record_paper(identity, first, CMND).warnings) == []
    second = record_paper(identity, other, CMND)
    assert list(second.warnings) == ["PAPER_SHARED"]
    assert [(one.doubt, one.citizen_id) for one in open_doubts(identity)] == [("PAPER_SHARED", other.citizen_id)]
    assert set(find_by_paper(identity, CMND)) == {first.citizen_id, other.citizen_id}
    assert reason_of(lambda: record_paper(identity, second.citizen, CMND)) == "NOTHING_TO_CHANGE"
    withdraw_paper(identity, second, "ENTERED_IN_ERROR")
    assert open_doubts(identity) == []


def test_a_withdrawn_paper_stays_in_the_history_and_finds_unless_it_was_an_error(identity: Identity):
    citizen = identity.link().citizen
    lost = withdraw_paper(identity, record_paper(identity, citizen), "LOST")
    wrong = record_paper(identity, lost.citizen, paper(number="B7654321"))
    withdraw_paper(identity, wrong, "ENTERED_IN_ERROR")
    assert find_by_paper(identity, paper()) == [citizen.citizen_id]
    assert find_by_paper(identity, paper(number="B7654321")) == []
    shown = own_papers(identity, citizen.citizen_id)
    reasons = [pb.PaperWithdrawal.Name(one.withdrawal)[17:] for one in shown]
    assert reasons == ["ENTERED_IN_ERROR", "LOST"]
    assert all(one.HasField("withdrawn_at") and not one.active for one in shown)


def test_a_paper_is_withdrawn_once_on_the_version_that_was_seen(identity: Identity):
    recorded = record_paper(identity, identity.link().citizen)
    assert reason_of(lambda: withdraw_paper(identity, recorded, expected_citizen_version=1)) == "VERSION_CONFLICT"
    after = withdraw_paper(identity, recorded)
    assert reason_of(lambda: withdraw_paper(identity, after)) == "PAPER_ALREADY_WITHDRAWN"
    assert reason_of(lambda: withdraw_paper(identity, after, paper_id=str(uuid4()))) == "PAPER_NOT_FOUND"
    assert reason_of(lambda: withdraw_paper(identity, after, paper_id="none")) == "PAPER_NOT_FOUND"
    assert reason_of(lambda: withdraw_paper(identity, after, withdrawal=0)) == "PAPER_INVALID"


def test_a_paper_is_recorded_on_evidence_by_somebody_freshly_signed_in_and_never_on_the_own_record(identity: Identity):
    citizen = identity.link().citizen
    assert reason_of(lambda: record_paper(identity, citizen, evidence=None)) == "EVIDENCE_INVALID"
    assert reason_of(lambda: record_paper(identity, citizen, paper(number="!"))) == "PAPER_INVALID"
    stale = identity.as_officer(acr="aal1")
    assert reason_of(lambda: record_paper(identity, citizen, metadata=stale)) == "AUTHENTICATION_INSUFFICIENT"
    silent = identity.as_officer(acr="aal2", purpose=None)
    assert reason_of(lambda: record_paper(identity, citizen, metadata=silent)) == "PURPOSE_REQUIRED"
    own = identity.as_officer(acr="aal2", citizen_id=citizen.citizen_id)
    assert reason_of(lambda: record_paper(identity, citizen, metadata=own)) == "OWN_RECORD"
    assert papers_of(identity, citizen.citizen_id) == []


def test_an_organisation_holds_no_papers_of_a_person(identity: Identity):
    organisation = identity.link(number="0100109106", full_name="Hợp tác xã Thử", birth_date="", kind=2).citizen
    assert reason_of(lambda: record_paper(identity, organisation)) == "PERSON_REQUIRED"


def test_a_repeated_request_records_once(identity: Identity):
    citizen, key = identity.link().citizen, str(uuid4())
    first = record_paper(identity, citizen, request_id=key)
    assert record_paper(identity, citizen, request_id=key) == first
    assert len(own_papers(identity, citizen.citizen_id)) == 1
    other = paper(number="B7654321")
    assert reason_of(lambda: record_paper(identity, citizen, other, request_id=key)) == "IDEMPOTENCY_KEY_REUSED"


def test_a_paper_is_told_by_ids_and_kinds_only_and_stands_sealed(identity: Identity):
    recorded = record_paper(identity, identity.link().citizen)
    withdraw_paper(identity, recorded)
    told, withdrawn = identity.events()[-2:]
    assert told.paper_recorded.paper_id == withdrawn.paper_withdrawn.paper_id == recorded.paper_id
    assert (told.meta.aggregate_version, withdrawn.meta.aggregate_version) == (2, 3)
    assert b"C1234567" not in told.SerializeToString() + withdrawn.SerializeToString()
    ((value, digest),) = identity.rows("select value_enc, value_bix from papers")
    assert b"C1234567" not in bytes(value) + bytes(digest)
    assert [row[3:] for row in identity.audit()[-2:]] == [
        ("RECORD_PAPER", "COUNTER_ASSISTANCE", "ALLOWED", None),
        ("WITHDRAW_PAPER", "INSPECTION", "ALLOWED", None),
    ]


def test_eight_officers_who_record_one_passport_for_eight_citizens_at_once_record_it_once(identity: Identity):
    people = [identity.link(number=f"01918500000{number}").citizen for number in range(8)]

    def attempt(citizen: Any) -> str:
        try:
            return record_paper(identity, citizen).citizen.citizen_id
        except DomainError as error:
            return error.reason.code

    with ThreadPoolExecutor(8) as pool:
        outcomes = Counter(pool.map(attempt, people))
    assert outcomes["PAPER_TAKEN"] == 7
    assert identity.rows("select count(*) from papers") == [(1,)]


def test_the_database_itself_lets_one_hold_a_passport_and_many_an_old_card(identity: Identity):
    first, other = two(identity)
    record_paper(identity, record_paper(identity, first).citizen, CMND)
    copy = """insert into papers (paper_id, citizen_id, kind, value_enc, value_bix, source, act_id, recorded_at, status)
        select gen_random_uuid(), %s, kind, value_enc, value_bix, source, act_id, now(), status from papers
        where kind = %s"""
    with psycopg.connect(identity.url, autocommit=True) as connection:
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(copy, (other.citizen_id, "HO_CHIEU"))
        connection.execute(copy, (other.citizen_id, "CMND_9"))
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(copy, (first.citizen_id, "CMND_9"))


def test_the_papers_of_merged_records_are_the_survivor_s_and_go_back(identity: Identity):
    first, other = two(identity)
    first, other = record_paper(identity, first).citizen, record_paper(identity, other, CMND).citizen
    after = merge(identity, first, other)
    assert len(own_papers(identity, first.citizen_id)) == len(papers_of(identity, other.citizen_id)) == 2
    assert find_by_paper(identity, CMND) == [first.citizen_id]
    unmerge(identity, after.merged)
    assert len(own_papers(identity, first.citizen_id)) == 1
    assert find_by_paper(identity, CMND) == [other.citizen_id]


def test_a_look_up_by_paper_answers_alike_for_unknown_papers_and_unlinked_people(identity: Identity):
    from songcau.identity.v1 import citizen_service_pb2 as citizens

    citizen = record_paper(identity, identity.link().citizen).citizen
    unlink = citizens.UnlinkCitizenRequest(request_id=str(uuid4()), expected_version=citizen.version)
    identity.citizens.UnlinkCitizen(unlink, metadata=identity.as_citizen(citizen.citizen_id))
    assert find_by_paper(identity, paper()) == find_by_paper(identity, paper(number="B7654321")) == []
    assert reason_of(lambda: find_by_paper(identity, paper(number="!"))) == "LOOK_UP_INVALID"
    refused = identity.as_officer(purpose=None)
    assert reason_of(lambda: find_by_paper(identity, paper(), metadata=refused)) == "PURPOSE_REQUIRED"
    assert identity.audit()[-1][0] == citizen.citizen_id


def told(identity: Identity, *papers: Any, **person: Any) -> Any:
    return identity.link(papers=papers, **person)


def test_papers_vneid_states_are_recorded_once_and_malformed_ones_left_out(identity: Identity):
    answer = told(identity, paper(), CMND, paper(), paper(number="!"))
    assert (answer.created, answer.citizen.version, list(answer.warnings)) == (True, 3, [])
    again = told(identity, paper(), CMND)
    assert (again.citizen.version, again.created) == (3, False)
    shown = own_papers(identity, answer.citizen.citizen_id)
    assert {pb.PaperSource.Name(one.source) for one in shown} == {"PAPER_SOURCE_VNEID"}
    assert identity.facts() == ["citizen_linked", "paper_recorded", "paper_recorded"]


def test_a_paper_another_record_holds_refuses_no_sign_in_and_waits_for_an_officer(identity: Identity):
    holder = record_paper(identity, identity.link(number="019185000001").citizen).citizen
    answer = told(identity, paper(), number="019185000002", full_name="Nông Văn Thử")
    assert (answer.created, list(answer.warnings)) == (True, ["PAPER_OF_ANOTHER"])
    assert own_papers(identity, answer.citizen.citizen_id) == []
    assert find_by_paper(identity, paper()) == [holder.citizen_id]
    assert [one.doubt for one in open_doubts(identity)] == ["PAPER_OF_ANOTHER"]


def test_a_paper_an_officer_found_to_be_an_error_does_not_come_back_with_the_next_sign_in(identity: Identity):
    recorded = record_paper(identity, identity.link().citizen)
    after = withdraw_paper(identity, recorded, "ENTERED_IN_ERROR")
    assert told(identity, paper()).citizen.version == after.citizen.version
    assert [one.active for one in own_papers(identity, after.citizen.citizen_id)] == [False]


def test_sign_ins_and_officers_who_name_one_passport_at_once_leave_it_with_one(identity: Identity):
    people = [identity.link(number=f"01918500000{number}").citizen for number in range(4)]

    def attempt(index: int) -> str:
        try:
            if index % 2:
                return str(list(told(identity, paper(), number=f"01918500000{index // 2}").warnings))
            return record_paper(identity, people[index // 2]).paper_id and "RECORDED"
        except DomainError as error:
            return error.reason.code

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(8)))
    assert identity.rows("select count(*) from papers where status = 'ACTIVE'") == [(1,)]
    assert set(outcomes) <= {
        "RECORDED",
        "PAPER_TAKEN",
        "NOTHING_TO_CHANGE",
        "VERSION_CONFLICT",
        "[]",
        "['PAPER_OF_ANOTHER']",
    }


def test_the_evidence_of_a_paper_is_kept_sealed(identity: Identity):
    record_paper(identity, identity.link().citizen, evidence=document(document_number="HC-77/2026"))
    ((act, evidence),) = identity.rows("select act, evidence_enc from record_acts")
    assert act == "RECORD_PAPER"
    assert b"HC-77" not in bytes(evidence)

"""Numbers issued anew, facts corrected, and what does not fit together waiting for an officer."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from songcau.identity.v1 import citizen_record_service_pb2 as pb
from songcau_kit.errors import DomainError
from support.identity_service import Identity, reason_of
from support.record_acts import correct, document, identifiers_of, look_up, open_doubts, own_profile, renumber


def settle(identity: Identity, doubt_id: str, *, version: int = 1) -> Any:
    request = pb.SettleRecordDoubtRequest(
        request_id=str(uuid4()), doubt_id=doubt_id, expected_citizen_version=version, evidence=document()
    )
    return identity.records.SettleRecordDoubt(request, metadata=identity.as_data_officer())


def test_a_number_issued_anew_cancels_the_old_one_and_keeps_the_citizen(identity: Identity):
    citizen = identity.link(number="019185000001").citizen
    after = renumber(identity, citizen, "019185000005").citizen
    assert (after.citizen_id, after.version) == (citizen.citizen_id, 2)
    assert [one[:2] for one in identifiers_of(identity, citizen.citizen_id)] == [
        ("019•••••0005", True),
        ("019•••••0001", False),
    ]
    assert own_profile(identity, citizen.citizen_id).masked_number == "019•••••0005"
    event = identity.events()[-1]
    assert event.WhichOneof("fact") == "identifier_replaced"
    assert event.meta.aggregate_id == citizen.citizen_id


def test_a_cancelled_number_finds_its_citizen_and_links_nobody(identity: Identity):
    citizen = identity.link(number="019185000001").citizen
    renumber(identity, citizen, "019185000005")
    (hit,) = look_up(identity, number="019185000001")
    assert hit.citizen.citizen_id == citizen.citizen_id
    assert reason_of(lambda: identity.link(number="019185000001")) == "IDENTIFIER_CANCELLED"
    assert identity.link(number="019185000005").citizen.citizen_id == citizen.citizen_id


def test_a_number_is_nobody_else_s_ever_again(identity: Identity):
    first = identity.link(number="019185000001").citizen
    other = identity.link(number="019185000002").citizen
    with pytest.raises(DomainError) as caught:
        renumber(identity, first, "019185000002")
    assert caught.value.reason.code == "IDENTIFIER_TAKEN"
    assert caught.value.details == {"citizen_id": other.citizen_id}
    first = renumber(identity, first, "019185000005").citizen
    assert reason_of(lambda: renumber(identity, other, "019185000001")) == "IDENTIFIER_TAKEN"
    assert reason_of(lambda: renumber(identity, first, "019185000001")) == "IDENTIFIER_CANCELLED"
    assert reason_of(lambda: renumber(identity, first, "019185000005")) == "NOTHING_TO_CHANGE"
    assert reason_of(lambda: renumber(identity, first, "01918500000")) == "IDENTIFIER_INVALID"


def test_the_database_itself_gives_no_number_to_a_second_citizen(identity: Identity):
    first = identity.link(number="019185000001").citizen
    other = identity.link(number="019185000002").citizen
    renumber(identity, first, "019185000005")
    steal = """insert into identifiers (identifier_id, citizen_id, kind, value_enc, value_bix, status, active_from)
        select gen_random_uuid(), %s, kind, value_enc, value_bix, 'ACTIVE', now() from identifiers
        where citizen_id = %s and status = 'CANCELLED'"""
    with psycopg.connect(identity.url) as connection, pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute(steal, (other.citizen_id, first.citizen_id))


def test_eight_citizens_who_are_given_one_number_at_once_are_one(identity: Identity):
    people = [identity.link(number=f"01918500000{number}").citizen for number in range(8)]

    def give(citizen: Any) -> str:
        try:
            return renumber(identity, citizen, "019185999999").citizen.citizen_id
        except DomainError as error:
            return error.reason.code

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(give, people))
    assert outcomes.count("IDENTIFIER_TAKEN") == 7
    assert identity.rows("select count(*) from identifiers where status = 'CANCELLED'") == [(1,)]


def test_a_correction_changes_the_record_and_keeps_what_was(identity: Identity):
    citizen = identity.link(birth_date="1985-03-02").citizen
    answer = correct(identity, citizen, full_name="HOÀNG  THỊ THỬA", birth_date="1985-03-20", sex=pb.SEX_FEMALE)
    assert (answer.citizen.version, list(answer.warnings)) == (2, [])
    profile = own_profile(identity, citizen.citizen_id)
    assert (profile.full_name, profile.birth_date) == ("HOÀNG THỊ THỬA", "1985-03-20")
    assert look_up(identity, full_name="hoàng thị thửa", birth_date="1985-03-20")
    assert look_up(identity, full_name="Hoàng Thị Thử", birth_date="1985-03-02") == []
    names = [pb_name(fact) for fact in identity.events()[-1].citizen_corrected.corrected]
    assert names == ["PROFILE_FACT_FULL_NAME", "PROFILE_FACT_BIRTH_DATE", "PROFILE_FACT_SEX"]
    ((act, before),) = identity.rows("select act, before_enc from record_acts")
    assert act == "CORRECT"
    assert b"1985" not in bytes(before)


def pb_name(value: int) -> str:
    from songcau.identity.events.v1.citizen_event_pb2 import ProfileFact

    return ProfileFact.Name(value)


def test_a_correction_that_does_not_fit_the_number_is_done_and_waits_for_an_officer(identity: Identity):
    citizen = identity.link(number="019185000001", birth_date="1985-03-02").citizen
    answer = correct(identity, citizen, birth_date="1986-03-02", sex=pb.SEX_MALE)
    assert set(answer.warnings) == {"SEX_MISMATCH", "BIRTH_YEAR_MISMATCH"}
    assert {doubt.doubt for doubt in open_doubts(identity)} == {"SEX_MISMATCH", "BIRTH_YEAR_MISMATCH"}
    after = renumber(identity, answer.citizen, "019086000001")  # male, born in 1986
    assert list(after.warnings) == []
    assert open_doubts(identity) == []
    assert identity.rows("select distinct settlement from record_doubts") == [("CORRECTED",)]


def test_wrong_corrections_are_named_and_empty_ones_refused(identity: Identity):
    citizen = identity.link().citizen
    with pytest.raises(DomainError) as caught:
        correct(identity, citizen, full_name="NguyÔn V¨n Thö", birth_date="2999-01-01")
    assert caught.value.reason.code == "CORRECTION_INVALID"
    assert {(v.pointer, v.code) for v in caught.value.violations} == {
        ("/full_name", "LEGACY_ENCODING"),
        ("/birth_date", "IN_THE_FUTURE"),
    }
    assert reason_of(lambda: correct(identity, citizen)) == "CORRECTION_INVALID"
    assert reason_of(lambda: correct(identity, citizen, full_name="Hoàng Thị Thử")) == "NOTHING_TO_CHANGE"
    assert reason_of(lambda: correct(identity, citizen, sex=1, expected_version=7)) == "VERSION_CONFLICT"


def test_a_provider_that_still_states_what_was_corrected_changes_nothing(identity: Identity):
    citizen = identity.link(full_name="Hoàng Thị Thử").citizen
    correct(identity, citizen, full_name="Hoàng Thị Thửa")
    again = identity.link(full_name="Hoàng Thị Thử")
    assert again.citizen.version == 2
    assert list(again.warnings) == ["PROVIDER_DIFFERS"]
    assert own_profile(identity, citizen.citizen_id).full_name == "Hoàng Thị Thửa"
    assert [doubt.doubt for doubt in open_doubts(identity)] == ["PROVIDER_DIFFERS"]
    third = identity.link(full_name="Hoàng Thị Thửa Mới")
    assert third.citizen.version == 3
    assert own_profile(identity, citizen.citizen_id).full_name == "Hoàng Thị Thửa Mới"


def test_a_link_that_looks_odd_waits_once_and_is_confirmed_for_good(identity: Identity):
    citizen = identity.link(number="003099000001", birth_date="1999").citizen
    identity.link(number="003099000001", birth_date="1999")
    (doubt,) = open_doubts(identity)
    assert (doubt.doubt, doubt.citizen_id) == ("PLACE_CODE_UNASSIGNED", citizen.citizen_id)
    assert identity.audit()[-1][0] == citizen.citizen_id
    assert reason_of(lambda: settle(identity, doubt.doubt_id, version=7)) == "VERSION_CONFLICT"
    settle(identity, doubt.doubt_id, version=doubt.citizen_version)
    assert reason_of(lambda: settle(identity, doubt.doubt_id)) == "DOUBT_SETTLED"
    assert reason_of(lambda: settle(identity, str(uuid4()))) == "DOUBT_NOT_FOUND"
    identity.link(number="003099000001", birth_date="1999")
    assert open_doubts(identity) == []
    identity.link(number="003099000001", birth_date="1999-01-01")
    assert [one.doubt for one in open_doubts(identity)] == ["PLACE_CODE_UNASSIGNED"]


def test_doubts_come_in_pages_the_oldest_first(identity: Identity):
    ids = [identity.link(number=f"00309900000{number}", birth_date="1999").citizen.citizen_id for number in range(5)]
    seen: list[str] = []
    token = ""
    while True:
        request = pb.ListRecordDoubtsRequest(page_size=2, page_token=token)
        page = identity.records.ListRecordDoubts(request, metadata=identity.as_data_officer())
        seen += [doubt.citizen_id for doubt in page.doubts]
        token = page.next_page_token
        if not token:
            break
    assert seen == ids

"""Linking: the first time, again, changed, twenty at once."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest
from songcau.identity.v1 import citizen_pb2
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau_kit.errors import DomainError
from support.identity_service import Identity, Person, link_request, reason_of


def test_a_first_link_makes_a_citizen_and_tells_the_others(identity: Identity):
    answer = identity.link()
    assert answer.created
    assert answer.citizen.status == citizen_pb2.CITIZEN_STATUS_ACTIVE
    assert answer.citizen.identity_level == citizen_pb2.IDENTITY_LEVEL_2
    assert answer.citizen.version == 1
    (event,) = identity.events()
    assert event.citizen_linked.first_link
    assert event.meta.aggregate_id == answer.citizen.citizen_id
    assert event.meta.aggregate_version == 1
    assert event.meta.actor.kind == "SYSTEM"


def test_the_same_facts_again_change_nothing_and_tell_nobody(identity: Identity):
    first, second = identity.link(), identity.link()
    assert first.citizen == second.citizen
    assert not second.created
    assert identity.facts() == ["citizen_linked"]
    assert identity.rows("select count(*) from verifications") == [(2,)]


def test_a_repeated_request_gets_the_first_answer_marked_as_replayed(identity: Identity):
    request = link_request(Person())
    metadata = identity.as_linker()
    first = identity.citizens.LinkCitizen(request, metadata=metadata)
    answer, call = identity.citizens.LinkCitizen.with_call(request, metadata=metadata)
    assert answer == first
    assert answer.created
    assert dict(call.trailing_metadata())["songcau-replayed"] == "true"
    assert identity.rows("select count(*) from verifications") == [(1,)]


def test_a_request_id_with_other_facts_is_refused(identity: Identity):
    identity.link(Person(), request_id="key-1")
    assert reason_of(lambda: identity.link(Person(full_name="Hoàng Thị Khác"), request_id="key-1")) == (
        "IDEMPOTENCY_KEY_REUSED"
    )


def test_changed_facts_update_the_profile_and_name_what_changed(identity: Identity):
    citizen_id = identity.link(level=1).citizen.citizen_id
    answer = identity.link(full_name="Hoàng Thị Đổi", level=2, phone="0912345678")
    assert answer.citizen.citizen_id == citizen_id
    assert answer.citizen.version == 2
    event = identity.events()[-1]
    assert [citizen_event_fact(value) for value in event.citizen_profile_changed.changed] == [
        "PROFILE_FACT_FULL_NAME",
        "PROFILE_FACT_PHONE_NUMBER",
        "PROFILE_FACT_IDENTITY_LEVEL",
    ]
    profile = identity.citizens.GetOwnProfile(citizens.GetOwnProfileRequest(), metadata=identity.as_citizen(citizen_id))
    assert (profile.full_name, profile.phone_number) == ("Hoàng Thị Đổi", "+84912345678")


def citizen_event_fact(value: int) -> str:
    from songcau.identity.events.v1.citizen_event_pb2 import ProfileFact

    return ProfileFact.Name(value)


def test_a_phone_number_that_is_not_stated_again_stays(identity: Identity):
    citizen_id = identity.link(phone="0912345678").citizen.citizen_id
    identity.link()
    assert identity.facts() == ["citizen_linked"]
    profile = identity.citizens.GetOwnProfile(citizens.GetOwnProfileRequest(), metadata=identity.as_citizen(citizen_id))
    assert profile.phone_number == "+84912345678"


def test_fifty_first_links_of_one_number_at_once_make_one_citizen(identity: Identity):
    def link(_: int) -> str:
        return identity.link().citizen.citizen_id

    with ThreadPoolExecutor(50) as pool:
        ids = set(pool.map(link, range(50)))
    assert len(ids) == 1
    assert identity.rows("select count(*) from citizens") == [(1,)]
    assert identity.rows("select count(*) from identifiers") == [(1,)]
    assert identity.rows("select count(*) from data_keys") == [(1,)]
    assert identity.facts() == ["citizen_linked"]


def test_twenty_calls_with_one_request_id_do_the_work_once(identity: Identity):
    request, metadata = link_request(Person()), identity.as_linker()

    def link(_: int) -> str:
        try:
            return identity.citizens.LinkCitizen(request, metadata=metadata).citizen.citizen_id
        except DomainError as error:
            return error.reason.code

    with ThreadPoolExecutor(20) as pool:
        ids = set(pool.map(link, range(20))) - {"IDEMPOTENCY_KEY_IN_PROGRESS"}
    assert len(ids) == 1
    assert identity.rows("select count(*) from verifications") == [(1,)]


def test_an_organisation_and_its_owner_with_one_number_are_two(identity: Identity):
    owner = identity.link()
    business = identity.link(
        kind=citizen_pb2.ACCOUNT_KIND_ORGANISATION, full_name="Hộ kinh doanh Thử Nghiệm", birth_date=""
    )
    assert owner.citizen.citizen_id != business.citizen.citizen_id
    assert business.citizen.account_kind == citizen_pb2.ACCOUNT_KIND_ORGANISATION


def test_an_officer_s_own_identity_is_one_citizen_like_anybody_s(identity: Identity):
    citizen_id = identity.link().citizen.citizen_id
    both = {"citizen_id": citizen_id, "sub": "officer-1", "agency_codes": ["H55.242"], "acr": "aal2"}
    metadata = identity.call_as(
        roles=["officer", "citizen"], scopes=["identity:read", "identity:lookup"], purpose="COUNTER_ASSISTANCE", **both
    )
    profile = identity.citizens.GetOwnProfile(citizens.GetOwnProfileRequest(), metadata=metadata)
    found = identity.citizens.LookUpCitizen(citizens.LookUpCitizenRequest(number=Person().number), metadata=metadata)
    assert profile.citizen == found.citizens[0].citizen
    kinds = [(row[1], row[2], row[3]) for row in identity.audit()][-2:]
    assert kinds == [("CITIZEN", None, "GET_OWN_PROFILE"), ("OFFICER", "H55.242", "LOOK_UP_CITIZEN")]


def test_an_unassigned_place_code_links_with_a_warning(identity: Identity):
    answer = identity.link(number="003099000001", birth_date="1998")
    assert answer.created
    assert set(answer.warnings) == {"PLACE_CODE_UNASSIGNED", "BIRTH_YEAR_MISMATCH"}


def test_wrong_facts_are_named_and_the_refusal_is_audited(identity: Identity):
    with pytest.raises(DomainError) as caught:
        identity.link(number="٠١٩٣٠٩٠٠٠٠٠١", full_name="")
    assert caught.value.reason.code == "IDENTITY_FACTS_INVALID"
    assert {v.pointer for v in caught.value.violations} == {"/facts/number", "/facts/full_name"}
    assert identity.audit()[-1][3:] == ("LINK_CITIZEN", "", "FAILED", "IDENTITY_FACTS_INVALID")


def test_missing_evidence_and_an_unusable_key_are_refused(identity: Identity):
    request = link_request(Person())
    request.evidence.ClearField("verified_at")
    request.evidence.authentication_level = 7
    call = identity.citizens.LinkCitizen
    assert reason_of(lambda: call(request, metadata=identity.as_linker())) == "IDENTITY_FACTS_INVALID"
    request = link_request(Person(), request_id="khóa")
    assert reason_of(lambda: call(request, metadata=identity.as_linker())) == "INVALID_REQUEST"


def test_a_cancelled_number_is_history_and_links_nobody(identity: Identity):
    citizen_id = identity.link().citizen.citizen_id
    with psycopg.connect(identity.url) as connection:
        connection.execute("update identifiers set status = 'CANCELLED', cancelled_at = now()")
    assert reason_of(identity.link) == "IDENTIFIER_CANCELLED"
    assert identity.audit()[-1][0] == citizen_id


def test_a_number_may_stand_in_history_and_active_but_not_active_twice(identity: Identity):
    identity.link()
    copy = """insert into identifiers (identifier_id, citizen_id, kind, value_enc, value_bix, status, active_from,
        cancelled_at) select %s, citizen_id, kind, value_enc, value_bix, %s, active_from, %s from identifiers limit 1"""
    with psycopg.connect(identity.url, autocommit=True) as connection:
        connection.execute(copy, (uuid4(), "CANCELLED", "2026-01-01"))
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(copy, (uuid4(), "ACTIVE", None))

"""Two records of one person: merged, unmerged, by many officers at once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from songcau.identity.v1 import citizen_pb2
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau_kit.errors import DomainError
from support.identity_service import Identity, reason_of
from support.record_acts import document, identifiers_of, look_up, merge, own_profile, renumber, unmerge


def two(identity: Identity) -> tuple[Any, Any]:
    """Return the record a person has and a duplicate of it under a mistyped name."""
    survivor = identity.link(number="019185000001").citizen
    return survivor, identity.link(number="019185000002", full_name="Hoàng Thị Thừ").citizen


def outcome_of(call: Callable[[], Any]) -> str:
    try:
        call()
    except DomainError as error:
        return error.reason.code
    return "DONE"


def test_the_id_and_the_number_of_a_merged_record_mean_the_surviving_one(identity: Identity):
    survivor, other = two(identity)
    answer = merge(identity, survivor, other)
    assert answer.merged.merged_into_citizen_id == answer.survivor.citizen_id == survivor.citizen_id
    profile = own_profile(identity, other.citizen_id)
    assert (profile.citizen.citizen_id, profile.full_name) == (survivor.citizen_id, "Hoàng Thị Thử")
    for number in ("019185000001", "019185000002"):
        (hit,) = look_up(identity, number=number)
        assert hit.citizen.citizen_id == survivor.citizen_id
    (hit,) = look_up(identity, full_name="hoang thi thu")
    assert hit.citizen.citizen_id == survivor.citizen_id


def test_a_merge_is_one_event_of_the_merged_record_and_an_entry_of_both(identity: Identity):
    survivor, other = two(identity)
    merge(identity, survivor, other)
    event = identity.events()[-1]
    assert event.meta.aggregate_id == other.citizen_id
    assert event.meta.aggregate_version == other.version + 1
    assert event.citizens_merged.surviving_citizen_id == survivor.citizen_id
    entries = {row[0]: row[1:6] for row in identity.audit()[-2:]}
    entry = ("OFFICER", "H55", "MERGE_CITIZENS", "INSPECTION", "ALLOWED")
    assert entries == {survivor.citizen_id: entry, other.citizen_id: entry}


def test_the_survivor_s_access_list_shows_what_was_done_under_both_ids(identity: Identity):
    survivor, other = two(identity)
    look_up(identity, number="019185000002")
    look_up(identity, number="019185000001")
    merge(identity, survivor, other)
    for claim in (survivor.citizen_id, other.citizen_id):
        shown = identity.own_accesses(claim).accesses
        assert Counter(one.operation for one in shown)["LOOK_UP_CITIZEN"] == 2
    pages = [identity.own_accesses(other.citizen_id, page_size=3)]
    while pages[-1].next_page_token:
        token = pages[-1].next_page_token
        pages.append(identity.own_accesses(survivor.citizen_id, page_size=3, page_token=token))
    ids = [one.entry_id for page in pages for one in page.accesses]
    assert len(set(ids)) == len(ids) >= 8


def test_signing_in_with_the_number_of_a_merged_record_is_the_survivor_coming_in(identity: Identity):
    survivor, other = two(identity)
    now = merge(identity, survivor, other).survivor
    again = identity.link(number="019185000002", full_name="Hoàng Thị Thừ")
    assert (again.citizen, again.created) == (now, False)
    unlink = citizens.UnlinkCitizenRequest(request_id=str(uuid4()), expected_version=now.version)
    gone = identity.citizens.UnlinkCitizen(unlink, metadata=identity.as_citizen(other.citizen_id)).citizen
    assert (gone.citizen_id, gone.status) == (survivor.citizen_id, citizen_pb2.CITIZEN_STATUS_UNLINKED)
    assert look_up(identity, number="019185000002") == []
    back = identity.link(number="019185000002", full_name="Hoàng Thị Thừ").citizen
    assert (back.citizen_id, back.status) == (survivor.citizen_id, citizen_pb2.CITIZEN_STATUS_ACTIVE)
    assert identity.facts()[-2:] == ["citizen_unlinked", "citizen_linked"]


def test_a_blocked_survivor_is_blocked_under_the_merged_number_too(identity: Identity):
    survivor, other = two(identity)
    now = merge(identity, survivor, other).survivor
    request = citizens.BlockCitizenRequest(
        request_id=str(uuid4()), citizen_id=survivor.citizen_id, expected_version=now.version
    )
    identity.citizens.BlockCitizen(request, metadata=identity.as_data_officer())
    assert reason_of(lambda: identity.link(number="019185000002")) == "CITIZEN_BLOCKED"
    assert reason_of(lambda: own_profile(identity, other.citizen_id)) == "CITIZEN_NOT_ACTIVE"


def test_undoing_a_merge_gives_back_exactly_what_each_had(identity: Identity):
    survivor, other = two(identity)
    tables = ("citizen_profiles", "identifiers", "data_keys", "verifications")
    before = {table: identity.rows(f"select t::text from {table} t order by 1") for table in tables}
    merged = merge(identity, survivor, other).merged
    answer = unmerge(identity, merged)
    assert {table: identity.rows(f"select t::text from {table} t order by 1") for table in tables} == before
    assert answer.unmerged.merged_into_citizen_id == ""
    assert own_profile(identity, other.citizen_id).full_name == "Hoàng Thị Thừ"
    assert own_profile(identity, survivor.citizen_id).full_name == "Hoàng Thị Thử"
    assert identity.own_accesses(other.citizen_id).accesses[0].operation == "GET_OWN_PROFILE"
    event = identity.events()[-1]
    assert event.citizens_unmerged.former_surviving_citizen_id == survivor.citizen_id
    assert reason_of(lambda: unmerge(identity, answer.unmerged)) == "CITIZEN_NOT_MERGED"


def test_the_evidence_of_a_merge_is_kept_closed(identity: Identity):
    survivor, other = two(identity)
    merge(identity, survivor, other, evidence=document(document_number="SỐ-ĐẶC-BIỆT-77"))
    ((act, officer, agencies, evidence),) = identity.rows(
        "select act, officer, agencies, evidence_enc from record_acts"
    )
    assert (act, officer, agencies) == ("MERGE", "data-officer-1", "H55")
    assert "SỐ-ĐẶC-BIỆT-77".encode() not in bytes(evidence)


@pytest.mark.parametrize("field", ["kind", "document_number", "issuer", "issued_on"])
def test_a_merge_without_evidence_is_refused_and_leaves_nothing(identity: Identity, field: str):
    survivor, other = two(identity)
    evidence = document()
    evidence.ClearField(field)
    with pytest.raises(DomainError) as caught:
        merge(identity, survivor, other, evidence=evidence)
    assert caught.value.reason.code == "EVIDENCE_INVALID"
    assert [violation.pointer for violation in caught.value.violations] == [f"/evidence/{field}"]
    assert identity.rows("select count(*) from citizens where merged_into is not null") == [(0,)]


def test_records_that_cannot_be_one_are_refused(identity: Identity):
    survivor, other = two(identity)
    business = identity.link(
        kind=citizen_pb2.ACCOUNT_KIND_ORGANISATION, number="0100109106", full_name="Công ty Thử", birth_date=""
    ).citizen
    assert reason_of(lambda: merge(identity, survivor, survivor)) == "MERGE_INVALID"
    assert reason_of(lambda: merge(identity, survivor, business)) == "MERGE_KINDS_DIFFER"
    stranger = citizen_pb2.Citizen(citizen_id=str(uuid4()), version=1)
    assert reason_of(lambda: merge(identity, survivor, stranger)) == "CITIZEN_NOT_FOUND"
    assert reason_of(lambda: merge(identity, survivor, other, expected_merged_version=9)) == "VERSION_CONFLICT"
    assert reason_of(lambda: merge(identity, survivor, other, expected_merged_version=0)) == "VERSION_REQUIRED"


def test_officers_never_merge_their_own_record(identity: Identity):
    survivor, other = two(identity)
    for own in (survivor, other):
        metadata = identity.as_data_officer(citizen_id=own.citizen_id)
        assert reason_of(lambda: merge(identity, survivor, other, metadata=metadata)) == "OWN_RECORD"  # noqa: B023
    assert identity.audit()[-1][5:] == ("DENIED", "OWN_RECORD")


def test_a_merge_asks_for_purpose_agency_role_and_a_fresh_strong_sign_in(identity: Identity):
    survivor, other = two(identity)

    def refusal(**claims: Any) -> str:
        return reason_of(lambda: merge(identity, survivor, other, metadata=identity.as_data_officer(**claims)))

    assert refusal(purpose=None) == "PURPOSE_REQUIRED"
    assert refusal(agency_codes=None) == "OFFICER_WITHOUT_AGENCY"
    assert refusal(realm_access={"roles": ["officer"]}) == "PERMISSION_DENIED"
    assert refusal(acr="aal1") == "AUTHENTICATION_INSUFFICIENT"
    assert refusal(auth_time=None) == "AUTHENTICATION_INSUFFICIENT"
    stale = int(identity.issuer.clock.now().timestamp()) - 3600
    assert refusal(auth_time=stale) == "AUTHENTICATION_INSUFFICIENT"
    assert identity.audit()[-1][5:] == ("DENIED", "AUTHENTICATION_INSUFFICIENT")


def test_a_repeated_merge_gets_the_first_answer(identity: Identity):
    survivor, other = two(identity)
    first = merge(identity, survivor, other, request_id="merge-1")
    assert merge(identity, survivor, other, request_id="merge-1") == first
    assert identity.facts().count("citizens_merged") == 1


def test_ten_officers_who_merge_one_pair_either_way_merge_it_once(identity: Identity):
    survivor, other = two(identity)
    pairs = [(survivor, other), (other, survivor)] * 5
    with ThreadPoolExecutor(10) as pool:
        outcomes = Counter(pool.map(lambda pair: outcome_of(lambda: merge(identity, *pair)), pairs))
    assert outcomes["DONE"] == 1
    assert outcomes.keys() <= {"DONE", "VERSION_CONFLICT"}
    assert identity.facts().count("citizens_merged") == 1
    assert identity.rows("select count(*) from citizens where merged_into is not null") == [(1,)]


def test_a_merge_into_a_record_that_is_just_being_merged_is_settled_for_one(identity: Identity):
    for attempt in range(8):
        a, b, c = (identity.link(number=f"0191850{attempt}000{number}").citizen for number in "123")
        pairs = [(b, a), (c, b)]  # A into B while B into C
        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(lambda pair: outcome_of(lambda: merge(identity, *pair)), pairs))
        assert sorted(outcomes) == ["DONE", "VERSION_CONFLICT"]


def test_a_record_that_stands_for_others_cannot_be_merged_itself(identity: Identity):
    a, b, c = (identity.link(number=f"01918500000{number}").citizen for number in "123")
    done = merge(identity, b, a)
    assert reason_of(lambda: merge(identity, c, done.survivor)) == "MERGE_CHAIN"
    assert reason_of(lambda: merge(identity, done.merged, c)) == "CITIZEN_MERGED"
    assert merge(identity, done.survivor, c).merged.merged_into_citizen_id == b.citizen_id
    assert {holder for _, _, holder in identifiers_of(identity, b.citizen_id)} == {
        a.citizen_id,
        b.citizen_id,
        c.citizen_id,
    }


def test_the_database_itself_knows_no_chains_and_no_circles(identity: Identity):
    a, b, c = (identity.link(number=f"01918500000{number}").citizen.citizen_id for number in "123")
    into = "update citizens set merged_into = %s, is_merged = true where citizen_id = %s"
    with psycopg.connect(identity.url) as first, psycopg.connect(identity.url) as second:
        first.execute(into, (b, a))  # A into B, not committed yet
        second.execute("set lock_timeout = '10s'")
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(second.execute, into, (c, b))  # B into C waits for it
            first.commit()
            with pytest.raises(psycopg.errors.ForeignKeyViolation):
                waiting.result(timeout=10)
        second.rollback()
        for broken in ((a, a), (a, b), (a, c)):  # itself, a circle, into a merged one
            with pytest.raises(psycopg.IntegrityError):
                first.execute(into, broken)
            first.rollback()


def test_acts_on_a_merged_record_name_the_surviving_one(identity: Identity):
    survivor, other = two(identity)
    merged = merge(identity, survivor, other).merged
    with pytest.raises(DomainError) as caught:
        renumber(identity, merged, "019185000009")
    assert caught.value.reason.code == "CITIZEN_MERGED"
    assert caught.value.details == {"surviving_citizen_id": survivor.citizen_id}

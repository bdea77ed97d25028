"""The own profile, look-ups by officers, unlinking, blocking."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from songcau.identity.v1 import citizen_pb2
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau_kit.errors import DomainError
from support.identity_service import AGENCY, Identity, reason_of


def own_profile(identity: Identity, citizen_id: str):
    return identity.citizens.GetOwnProfile(citizens.GetOwnProfileRequest(), metadata=identity.as_citizen(citizen_id))


def look_up(identity: Identity, metadata=None, **query: str):
    return identity.citizens.LookUpCitizen(
        citizens.LookUpCitizenRequest(**query), metadata=metadata or identity.as_officer()
    )


def unlink(identity: Identity, citizen_id: str, version: int, request_id: str = ""):
    request = citizens.UnlinkCitizenRequest(request_id=request_id or str(uuid4()), expected_version=version)
    return identity.citizens.UnlinkCitizen(request, metadata=identity.as_citizen(citizen_id))


def block(identity: Identity, citizen_id: str, version: int, *, purpose: str | None = "INSPECTION"):
    request = citizens.BlockCitizenRequest(request_id=str(uuid4()), citizen_id=citizen_id, expected_version=version)
    return identity.citizens.BlockCitizen(request, metadata=data_officer(identity, purpose))


def unblock(identity: Identity, citizen_id: str, version: int):
    request = citizens.UnblockCitizenRequest(request_id=str(uuid4()), citizen_id=citizen_id, expected_version=version)
    return identity.citizens.UnblockCitizen(request, metadata=data_officer(identity, "INSPECTION"))


def data_officer(identity: Identity, purpose: str | None):
    return identity.as_data_officer(purpose=purpose)


def test_citizens_see_their_own_profile_with_the_number_masked(identity: Identity):
    citizen_id = identity.link(phone="0912345678").citizen.citizen_id
    profile = own_profile(identity, citizen_id)
    assert profile.full_name == "Hoàng Thị Thử"
    assert profile.masked_number == "019•••••0001"
    assert profile.birth_date == "1985-03-02"
    assert profile.phone_number == "+84912345678"
    assert profile.citizen.version == 1
    assert profile.linked_at.seconds == profile.last_verified_at.seconds > 0
    assert identity.audit()[-1] == (citizen_id, "CITIZEN", None, "GET_OWN_PROFILE", "", "ALLOWED", None)


def test_a_token_that_names_no_known_citizen_finds_nothing(identity: Identity):
    assert reason_of(lambda: own_profile(identity, str(uuid4()))) == "CITIZEN_NOT_FOUND"
    assert reason_of(lambda: own_profile(identity, "not-an-id")) == "CITIZEN_NOT_FOUND"
    assert [row[5:] for row in identity.audit()] == [("FAILED", "CITIZEN_NOT_FOUND")] * 2


def test_an_officer_finds_a_citizen_by_number_and_the_citizen_learns_of_it(identity: Identity):
    citizen_id = identity.link().citizen.citizen_id
    found = look_up(identity, number="019185000001")
    (hit,) = found.citizens
    assert (hit.full_name, hit.masked_number, hit.birth_year) == ("Hoàng Thị Thử", "019•••••0001", 1985)
    assert hit.citizen.citizen_id == citizen_id
    assert "019185000001" not in str(found)
    assert identity.audit()[-1] == (
        citizen_id, "OFFICER", AGENCY, "LOOK_UP_CITIZEN", "DOSSIER_PROCESSING", "ALLOWED", None,
    )  # fmt: skip


def test_names_are_found_however_accented_and_exact_accents_come_first(identity: Identity):
    for number, name in (
        ("1", "Lý Thi Văn Lang"),
        ("2", "Lý Thị Văn Lăng"),
        ("3", "LÝ THỊ VĂN LANG"),
        ("4", "Lý Lang"),
    ):
        identity.link(number=f"01918500000{number}", full_name=name)
    names = [hit.full_name for hit in look_up(identity, full_name="lý thị văn lăng").citizens]
    assert names[0] == "Lý Thị Văn Lăng"
    assert sorted(names[1:]) == ["LÝ THỊ VĂN LANG", "Lý Thi Văn Lang"]
    assert len(look_up(identity, full_name="ly thi van lang").citizens) == 3
    assert not look_up(identity, full_name="ly thi van").citizens


def test_tone_placement_and_unicode_form_do_not_matter(identity: Identity):
    identity.link(full_name="Hoà Thị Thuý")
    assert look_up(identity, full_name="Hòa Thị Thúy").citizens
    assert look_up(identity, full_name="Ho\u0061\u0300 Thị Thuy\u0301").citizens


def test_a_birth_date_narrows_a_search_by_name(identity: Identity):
    identity.link(number="019185000001", birth_date="1985-03-02")
    identity.link(number="019185000002", birth_date="1985-07-09")
    identity.link(number="019190000003", birth_date="1990-03-02")
    identity.link(number="019185000004", birth_date="1985")

    def born(date: str) -> int:
        return len(look_up(identity, full_name="hoang thi thu", birth_date=date).citizens)

    assert (born(""), born("1985"), born("1985-03"), born("1985-03-02"), born("1970")) == (4, 3, 2, 2, 0)


def test_more_than_twenty_of_a_name_are_cut_and_said_so(identity: Identity):
    for index in range(22):
        identity.link(number=f"0191850000{index:02d}", level=2)
    found = look_up(identity, full_name="Hoàng Thị Thử")
    assert (len(found.citizens), found.more_exist) == (20, True)
    assert len([row for row in identity.audit() if row[3] == "LOOK_UP_CITIZEN"]) == 20


def test_nobody_and_only_the_unlinked_are_the_same_empty_answer(identity: Identity):
    answer = identity.link()
    unlink(identity, answer.citizen.citizen_id, answer.citizen.version)
    unlinked = look_up(identity, number="019185000001")
    unknown = look_up(identity, number="019185999999")
    assert unlinked == unknown
    assert not unlinked.citizens
    nobody = "00000000-0000-0000-0000-000000000000"
    assert [(row[0], row[3], row[5]) for row in identity.audit()][-2:] == [(nobody, "LOOK_UP_CITIZEN", "ALLOWED")] * 2


def test_a_blocked_citizen_is_found_as_blocked(identity: Identity):
    answer = identity.link()
    block(identity, answer.citizen.citizen_id, 1)
    assert look_up(identity, number="019185000001").citizens[0].citizen.status == citizen_pb2.CITIZEN_STATUS_BLOCKED


def test_an_organisation_is_found_by_tax_code_with_or_without_dash(identity: Identity):
    identity.link(
        kind=citizen_pb2.ACCOUNT_KIND_ORGANISATION, number="0100109106-001", full_name="Hợp tác xã Thử", birth_date=""
    )
    for number in ("0100109106-001", "0100109106001"):
        (hit,) = look_up(identity, number=number).citizens
        assert (hit.full_name, hit.birth_year) == ("Hợp tác xã Thử", 0)


@pytest.mark.parametrize(
    ("purpose", "reason"),
    [(None, "PURPOSE_REQUIRED"), ("CURIOSITY", "PURPOSE_UNKNOWN"), ("019185000001", "PURPOSE_UNKNOWN")],
    ids=["none", "unknown", "personal"],
)
def test_a_look_up_needs_a_purpose_of_the_list_and_enters_no_other_word(identity: Identity, purpose, reason):
    identity.link()
    metadata = identity.as_officer(purpose=purpose)
    assert reason_of(lambda: look_up(identity, metadata, number="019185000001")) == reason
    assert identity.audit()[-1][3:] == ("LOOK_UP_CITIZEN", "", "DENIED", reason)


def test_a_denied_look_up_by_number_stands_on_the_list_of_who_was_sought(identity: Identity):
    citizen_id = identity.link().citizen.citizen_id
    with pytest.raises(DomainError):
        look_up(identity, identity.as_officer(purpose=None), number="019185000001")
    assert identity.audit()[-1][0] == citizen_id


def test_an_officer_without_agency_looks_nobody_up(identity: Identity):
    metadata = identity.as_officer(agency_codes=None)
    assert reason_of(lambda: look_up(identity, metadata, number="019185000001")) == "OFFICER_WITHOUT_AGENCY"
    assert identity.audit()[-1][5:] == ("DENIED", "OFFICER_WITHOUT_AGENCY")


def test_a_station_officer_acts_for_the_facility(identity: Identity):
    identity.link()
    metadata = identity.as_officer(
        roles=["station-officer"], agency_codes=None, facility_codes=["19242"], purpose="CARE"
    )
    look_up(identity, metadata, number="019185000001")
    assert identity.audit()[-1][1:3] == ("OFFICER", "19242")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"number": "12"}, "/number"),
        ({"number": "٠١٩٣٠٩٠٠٠٠٠١"}, "/number"),
        ({"full_name": "  "}, "/full_name"),
        ({}, "/full_name"),
        ({"full_name": "Hoàng", "birth_date": "hôm qua"}, "/birth_date"),
    ],
)
def test_a_malformed_search_says_where(identity: Identity, query, pointer):
    with pytest.raises(DomainError) as caught:
        look_up(identity, **query)
    assert caught.value.reason.code == "LOOK_UP_INVALID"
    assert [violation.pointer for violation in caught.value.violations] == [pointer]


def test_unlinking_ends_the_link_and_linking_again_brings_the_same_citizen_back(identity: Identity):
    first = identity.link().citizen
    gone = unlink(identity, first.citizen_id, first.version).citizen
    assert (gone.status, gone.version) == (citizen_pb2.CITIZEN_STATUS_UNLINKED, 2)
    with pytest.raises(DomainError) as caught:
        own_profile(identity, first.citizen_id)
    assert (caught.value.reason.code, caught.value.details["state"]) == ("CITIZEN_NOT_ACTIVE", "UNLINKED")
    back = identity.link()
    assert (back.citizen.citizen_id, back.citizen.version, back.created) == (first.citizen_id, 3, False)
    assert own_profile(identity, first.citizen_id).full_name == "Hoàng Thị Thử"
    assert identity.facts() == ["citizen_linked", "citizen_unlinked", "citizen_linked"]
    assert [event.citizen_linked.first_link for event in identity.events()[::2]] == [True, False]
    assert [event.meta.aggregate_version for event in identity.events()] == [1, 2, 3]


def test_unlinking_needs_the_version_that_stands(identity: Identity):
    citizen = identity.link().citizen
    assert reason_of(lambda: unlink(identity, citizen.citizen_id, 0)) == "VERSION_REQUIRED"
    with pytest.raises(DomainError) as caught:
        unlink(identity, citizen.citizen_id, 7)
    assert (caught.value.reason.code, caught.value.details) == ("VERSION_CONFLICT", {"current_version": "1"})
    unlink(identity, citizen.citizen_id, 1)
    assert reason_of(lambda: unlink(identity, citizen.citizen_id, 2)) == "CITIZEN_NOT_ACTIVE"
    assert reason_of(lambda: unlink(identity, str(uuid4()), 1)) == "CITIZEN_NOT_FOUND"


def test_a_repeated_unlink_is_answered_and_not_done_again(identity: Identity):
    citizen = identity.link().citizen
    first = unlink(identity, citizen.citizen_id, 1, "key-1")
    assert unlink(identity, citizen.citizen_id, 1, "key-1") == first
    assert identity.facts() == ["citizen_linked", "citizen_unlinked"]
    assert reason_of(lambda: unlink(identity, citizen.citizen_id, 2, "key-1")) == "IDEMPOTENCY_KEY_REUSED"


def test_twenty_unlinks_at_once_end_one_link_once(identity: Identity):
    citizen = identity.link().citizen

    def attempt(_: int) -> str:
        try:
            unlink(identity, citizen.citizen_id, 1)
        except DomainError as error:
            return error.reason.code
        return "done"

    with ThreadPoolExecutor(20) as pool:
        outcomes = sorted(pool.map(attempt, range(20)))
    assert outcomes == ["VERSION_CONFLICT"] * 19 + ["done"]
    assert identity.facts() == ["citizen_linked", "citizen_unlinked"]


def test_a_block_stops_everything_until_it_is_lifted(identity: Identity):
    citizen_id = identity.link().citizen.citizen_id
    blocked = block(identity, citizen_id, 1).citizen
    assert blocked.status == citizen_pb2.CITIZEN_STATUS_BLOCKED
    assert reason_of(lambda: own_profile(identity, citizen_id)) == "CITIZEN_NOT_ACTIVE"
    assert reason_of(identity.link) == "CITIZEN_BLOCKED"
    assert reason_of(lambda: unlink(identity, citizen_id, 2)) == "CITIZEN_NOT_ACTIVE"
    assert reason_of(lambda: block(identity, citizen_id, 2)) == "CITIZEN_NOT_ACTIVE"
    assert identity.own_accesses(citizen_id).accesses
    active = unblock(identity, citizen_id, 2).citizen
    assert (active.status, active.version) == (citizen_pb2.CITIZEN_STATUS_ACTIVE, 3)
    assert reason_of(lambda: unblock(identity, citizen_id, 3)) == "CITIZEN_NOT_BLOCKED"
    assert identity.facts() == ["citizen_linked", "citizen_blocked", "citizen_unblocked"]
    assert identity.events()[1].meta.actor.organization == "H55"


def test_a_block_needs_a_purpose_and_a_known_citizen(identity: Identity):
    assert reason_of(lambda: block(identity, str(uuid4()), 1, purpose=None)) == "PURPOSE_REQUIRED"
    assert reason_of(lambda: block(identity, str(uuid4()), 1)) == "CITIZEN_NOT_FOUND"
    assert reason_of(lambda: block(identity, "nobody", 1)) == "CITIZEN_NOT_FOUND"

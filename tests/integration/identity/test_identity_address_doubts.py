"""What waits for the officers of a commune: who sees it, who decides, what is left of it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from songcau.identity.v1 import address_service_pb2 as pb
from songcau_identity.rights import repository_proposals as proposals
from songcau_kit.errors import DomainError
from support.address_acts import accept, doubts, own, propose, record, refuse, resolve, written
from support.identity_service import AGENCY, Identity, reason_of
from support.record_acts import merge, unmerge

GIA_SANG, TICH_LUONG, PROVINCE, HEALTH = "H55.211", "H55.214", "H55", "H55.3"
FLAGGED = "Xã Cúc Đường, huyện Võ Nhai"
HAMLET = "Xóm Thử Nghiệm"


@pytest.fixture
def citizen(identity: Identity) -> Any:
    return identity.link().citizen


def another(identity: Identity, place: int = 2) -> Any:
    return identity.link(number=f"01918500000{place}", full_name="Nông Văn Thử").citizen


def seen(identity: Identity, *agencies: str) -> list[str]:
    return [one.address.address_id for one in doubts(identity, *agencies).doubts]


def test_an_address_waits_in_each_commune_it_may_lie_in_and_in_no_other(identity: Identity, citizen: Any):
    answer = propose(identity, citizen.citizen_id, written(hamlet=HAMLET, written_on="2020-01-01"))
    (one,) = doubts(identity, TICH_LUONG).doubts
    assert list(one.doubts) == ["UNIT_AMBIGUOUS", "HAMLET_UNKNOWN"]
    assert (one.address.written.hamlet, one.address.citizen_id) == (HAMLET, citizen.citizen_id)
    assert one.citizen_version == answer.citizen.version
    assert seen(identity, GIA_SANG) == seen(identity, PROVINCE) == seen(identity, AGENCY, GIA_SANG)
    assert seen(identity, GIA_SANG) == [answer.address_id]
    assert seen(identity, AGENCY) == []


def test_what_names_no_commune_waits_for_the_province_alone(identity: Identity, citizen: Any):
    answer = propose(identity, citizen.citizen_id, written("Nhà ông Tám"))
    propose(identity, citizen.citizen_id, written("Phường Cửa Nam, Hà Nội", "CURRENT"))
    assert seen(identity, PROVINCE) == [answer.address_id]
    assert seen(identity, AGENCY) == []


def test_a_district_written_after_the_merger_waits_until_an_officer_confirms_the_unit(identity: Identity, citizen: Any):
    flagged = record(identity, citizen, written(FLAGGED))
    (one,) = doubts(identity, AGENCY).doubts
    assert (list(one.doubts), one.address.unit_now.code) == (["DISTRICT_ABOLISHED"], "05740")
    confirmed = resolve(identity, flagged, "05740")
    (address,) = own(identity, citizen.citizen_id)
    assert (address.unit_then.name, address.unit_now.code, address.basis) == (
        "Xã Cúc Đường",
        "05740",
        pb.ADDRESS_BASIS_TEXT,
    )
    assert seen(identity, AGENCY) == []
    assert reason_of(lambda: resolve(identity, confirmed, "05740")) == "ADDRESS_STATE_CONFLICT"


def test_an_officer_finds_another_unit_for_a_flagged_address_on_its_hamlet(identity: Identity, citizen: Any):
    flagged = record(identity, citizen, written(FLAGGED))
    assert reason_of(lambda: resolve(identity, flagged, "05746")) == "ADDRESS_INVALID"
    resolve(identity, flagged, "05746", hamlet=HAMLET)
    (address,) = own(identity, citizen.citizen_id)
    assert (address.unit_then.name, address.unit_now.code) == ("Xã Cúc Đường", "05746")
    # The commune was no split unit: its hamlet tells nothing about those of others.
    assert identity.rows("select from hamlets") == []


def test_a_decision_takes_the_address_from_every_queue_and_stands_on_the_citizens_list(
    identity: Identity, citizen: Any
):
    proposed = propose(identity, citizen.citizen_id, written())
    resolve(identity, proposed, "05500", hamlet=HAMLET)
    assert seen(identity, GIA_SANG) == seen(identity, TICH_LUONG) == seen(identity, PROVINCE) == []
    assert identity.rows("select from address_doubts") == []
    assert identity.facts()[-1] == "address_resolved"
    assert "RESOLVE_ADDRESS" in [entry[3] for entry in identity.audit()]
    assert own(identity, citizen.citizen_id)[0].unit_now.code == "05500"


@pytest.mark.parametrize("ending", ["refused", "replaced", "ended"])
def test_what_ends_waits_no_more(identity: Identity, citizen: Any, ending: str):
    answer = propose(identity, citizen.citizen_id, written())
    if ending == "refused":
        refuse(identity, answer)
    elif ending == "replaced":
        propose(identity, citizen.citizen_id, written("Xã La Hiên"))
    else:
        accepted = accept(identity, answer)
        assert seen(identity, GIA_SANG) == [answer.address_id]
        record(identity, accepted.citizen, written("Xã La Hiên"))
    assert identity.rows("select from address_doubts") == []


def test_two_officers_who_decide_at_once_leave_one_decision(identity: Identity, citizen: Any):
    waiting = propose(identity, citizen.citizen_id, written())

    def decide(place: int) -> str:
        try:
            resolve(identity, waiting, ("05467", "05500")[place % 2], hamlet=f"Xóm Thử {place}")
        except DomainError as error:
            return error.reason.code
        return "OK"

    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(decide, range(4)))
    assert sorted(ended) == ["OK"] + ["VERSION_CONFLICT"] * 3
    assert len(identity.rows("select from record_acts where act = 'RESOLVE_ADDRESS'")) == 1
    assert len(identity.rows("select from hamlets")) == 1
    assert identity.facts().count("address_resolved") == 1
    assert own(identity, citizen.citizen_id)[0].resolution == pb.ADDRESS_RESOLUTION_RESOLVED


def test_pages_show_everything_once_the_oldest_first(identity: Identity):
    expected = [propose(identity, another(identity, place).citizen_id, written()).address_id for place in range(1, 6)]
    found, token = [], ""
    for _ in range(3):
        page = doubts(identity, GIA_SANG, TICH_LUONG, page_size=2, page_token=token)
        found += [one.address.address_id for one in page.doubts]
        token = page.next_page_token
    assert (found, token) == (expected, "")


def test_a_look_names_its_purpose_and_stands_on_the_list_of_each_citizen_shown(identity: Identity, citizen: Any):
    propose(identity, citizen.citizen_id, written())
    before = len(identity.audit())
    doubts(identity, GIA_SANG)
    assert identity.audit()[before:] == [
        (citizen.citizen_id, "OFFICER", GIA_SANG, "LIST_ADDRESS_DOUBTS", "INSPECTION", "ALLOWED", None)
    ]
    assert reason_of(lambda: doubts(identity, GIA_SANG, purpose=None)) == "PURPOSE_REQUIRED"
    assert reason_of(lambda: doubts(identity, GIA_SANG, page_token="x")) == "CURSOR_INVALID"


def test_who_looks_after_no_residents_is_refused(identity: Identity):
    for agencies, reason in (((HEALTH,), "AGENCY_WITHOUT_RESIDENTS"), ((), "OFFICER_WITHOUT_AGENCY")):
        assert reason_of(lambda given=agencies: doubts(identity, *given)) == reason
    assert reason_of(lambda: doubts(identity, GIA_SANG, roles=["citizen"])) == "PERMISSION_DENIED"


def test_officers_are_not_shown_their_own_address(identity: Identity, citizen: Any):
    propose(identity, citizen.citizen_id, written())
    assert doubts(identity, GIA_SANG, citizen_id=citizen.citizen_id).doubts == []


def test_a_record_that_was_merged_waits_again_once_that_is_undone(identity: Identity, citizen: Any):
    answer = propose(identity, citizen.citizen_id, written())
    both = merge(identity, another(identity), answer.citizen)
    assert seen(identity, GIA_SANG) == []
    unmerge(identity, both.merged)
    assert seen(identity, GIA_SANG) == [answer.address_id]


def test_the_commune_of_what_waits_is_nowhere_in_clear_and_goes_with_an_erasure(identity: Identity, citizen: Any):
    propose(identity, citizen.citizen_id, written())
    ((rows,),) = identity.rows("select json_agg(address_doubts)::text from address_doubts")
    assert "05467" not in rows
    assert "05500" not in rows
    with identity.database.transaction() as conn:
        proposals.forget(conn, [UUID(citizen.citizen_id)])
    assert identity.rows("select from address_doubts") == []

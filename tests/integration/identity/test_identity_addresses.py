"""Where citizens live: proposed, recorded, resolved; the words as entered, the units then and now, the history."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from songcau.identity.v1 import address_pb2
from songcau.identity.v1 import address_service_pb2 as pb
from songcau_identity.app import build_desk
from songcau_identity.own_copy.sections import OwnCopies
from songcau_identity.rights import repository_proposals as proposals
from songcau_kit.clock import SystemClock
from songcau_kit.errors import DomainError
from support.address_acts import SPLIT, accept, lodging, own, propose, record, refuse, resolve, states, written
from support.identity_service import Identity, reason_of
from support.record_acts import document, merge

HAMLET = "Xóm Thử Nghiệm"
CUC_DUONG = "Xóm Mỏ Chì,  xã Cúc Đường, huyện Võ Nhai, tỉnh Thái Nguyên"


@pytest.fixture
def citizen(identity: Identity) -> Any:
    return identity.link().citizen


def another(identity: Identity) -> Any:
    return identity.link(number="019185000002", full_name="Nông Văn Thử").citizen


def test_an_old_address_keeps_its_words_and_leads_to_the_units_then_and_now(identity: Identity, citizen: Any):
    record(identity, citizen, written(CUC_DUONG, written_on="2019-05-01"))
    (address,) = own(identity, citizen.citizen_id)
    assert address.written.text == CUC_DUONG.replace("  ", " ")
    assert (address.unit_then.name, address.unit_then.valid_from) == ("Xã Cúc Đường", "2004-07-08")
    assert (address.unit_now.code, address.unit_now.name, address.basis) == ("05740", "Xã La Hiên", 1)
    assert list(address.warnings) == ["OLD_UNIT_NAME"]


def test_a_district_written_after_the_merger_is_flagged(identity: Identity, citizen: Any):
    assert "DISTRICT_ABOLISHED" in record(identity, citizen, written(CUC_DUONG, written_on="2025-07-01")).warnings


def test_a_split_unit_stays_open_and_shows_its_candidates(identity: Identity, citizen: Any):
    answer = propose(identity, citizen.citizen_id, written())
    assert answer.resolution == pb.ADDRESS_RESOLUTION_AMBIGUOUS
    (address,) = own(identity, citizen.citizen_id)
    assert {one.unit_now.code for one in address.candidates} == {"05467", "05500"}
    assert all(one.partial for one in address.candidates)
    # The code of the old ward is the code of another ward today.
    assert (address.unit_then.code, address.unit_then.name) == ("05467", "Phường Cam Giá")
    assert not address.HasField("unit_now")


def test_a_proposal_is_no_address_on_record_until_an_officer_accepts_it(identity: Identity, citizen: Any):
    first = record(identity, citizen, written("Xã La Hiên"))
    proposed = propose(identity, citizen.citizen_id, written("Xã Võ Nhai"))
    assert states(identity, citizen.citizen_id) == ["PROPOSED", "RECORDED"]
    answer = accept(identity, proposed)
    assert (answer.address_id, answer.citizen.version) == (proposed.address_id, first.citizen.version + 1)
    assert states(identity, citizen.citizen_id) == ["RECORDED", "ENDED"]
    assert reason_of(lambda: accept(identity, answer)) == "ADDRESS_STATE_CONFLICT"


def test_a_refused_proposal_tells_the_citizen_why(identity: Identity, citizen: Any):
    proposed = propose(identity, citizen.citizen_id, written("Xã La Hiên"))
    refuse(identity, proposed, "NOT_RESIDENT")
    (address,) = own(identity, citizen.citizen_id)
    assert (address.state, address.refusal) == (pb.ADDRESS_STATE_REFUSED, pb.ADDRESS_REFUSAL_NOT_RESIDENT)
    assert reason_of(lambda: accept(identity, proposed)) == "ADDRESS_STATE_CONFLICT"


def test_a_new_proposal_takes_the_place_of_the_one_that_waits(identity: Identity, citizen: Any):
    for text in ("Xã La Hiên", "Xã Võ Nhai"):
        propose(identity, citizen.citizen_id, written(text))
    propose(identity, citizen.citizen_id, lodging("Xã Dân Tiến"))
    assert states(identity, citizen.citizen_id) == ["PROPOSED", "PROPOSED", "REPLACED"]


def test_a_hamlet_an_officer_found_decides_the_next_address(identity: Identity, citizen: Any):
    answer = resolve(identity, record(identity, citizen, written()), "05500", hamlet=HAMLET)
    assert answer.resolution == pb.ADDRESS_RESOLUTION_RESOLVED
    (address,) = own(identity, citizen.citizen_id)
    assert (address.unit_now.code, address.basis) == ("05500", pb.ADDRESS_BASIS_HAMLET)
    assert (address.written.text, address.written.hamlet) == (SPLIT, HAMLET)
    other = another(identity)
    later = propose(identity, other.citizen_id, written(hamlet=HAMLET.upper()))
    assert later.resolution == pb.ADDRESS_RESOLUTION_RESOLVED
    # Accents count: another hamlet.
    open_one = propose(identity, other.citizen_id, written(hamlet="Xóm Thu Nghiêm", kind="CURRENT"))
    assert open_one.resolution == pb.ADDRESS_RESOLUTION_AMBIGUOUS


def test_one_hamlet_does_not_go_to_two_units(identity: Identity, citizen: Any):
    other = another(identity)
    waiting = propose(identity, other.citizen_id, written())
    resolve(identity, record(identity, citizen, written()), "05500", hamlet=HAMLET)
    with pytest.raises(DomainError) as caught:
        resolve(identity, waiting, "05467", hamlet=HAMLET)
    assert (caught.value.reason.code, caught.value.details) == ("HAMLET_ELSEWHERE", {"unit_code": "05500"})
    assert not own(identity, other.citizen_id)[0].HasField("unit_now")


def test_an_officer_names_a_candidate_and_what_decides(identity: Identity, citizen: Any):
    answer = record(identity, citizen, written())
    with pytest.raises(DomainError) as caught:
        resolve(identity, answer, "05740", hamlet=HAMLET)
    assert caught.value.reason.code == "ADDRESS_UNIT_INVALID"
    assert set(caught.value.details["candidates"].split(",")) == {"05467", "05500"}
    assert reason_of(lambda: resolve(identity, answer, "05500")) == "ADDRESS_INVALID"
    point = address_pb2.Coordinates(latitude=21.56, longitude=105.87)
    assert reason_of(lambda: resolve(identity, answer, "05500", coordinates=point)) == "BOUNDARIES_UNAVAILABLE"
    settled = resolve(identity, answer, "05500", hamlet=HAMLET)
    assert reason_of(lambda: resolve(identity, settled, "05467", hamlet=HAMLET)) == "ADDRESS_STATE_CONFLICT"


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"text": " "}, "/address/text", "REQUIRED"),
        ({"text": "x" * 501}, "/address/text", "LENGTH_OUT_OF_RANGE"),
        ({"text": "X· La Hiªn"}, "/address/text", "LEGACY_ENCODING"),
        ({"written_on": "2999-01-01"}, "/address/written_on", "OUT_OF_RANGE"),
        ({"coordinates": address_pb2.Coordinates(latitude=float("nan"))}, "/address/coordinates", "OUT_OF_RANGE"),
        ({"kind": "UNSPECIFIED"}, "/address/kind", "REQUIRED"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(
    identity: Identity, citizen: Any, changes: dict[str, Any], pointer: str, code: str
):
    with pytest.raises(DomainError) as caught:
        propose(identity, citizen.citizen_id, written(**({"text": "Xã La Hiên"} | changes)))
    assert caught.value.reason.code == "ADDRESS_INVALID"
    assert [(one.pointer, one.code) for one in caught.value.violations] == [(pointer, code)]
    assert own(identity, citizen.citizen_id) == []


def test_proposals_at_once_leave_one_that_waits(identity: Identity, citizen: Any):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: propose(identity, citizen.citizen_id, written()), range(8)))
    assert sorted(states(identity, citizen.citizen_id)) == ["PROPOSED"] + ["REPLACED"] * 7


def test_officers_at_once_record_one_address(identity: Identity, citizen: Any):
    def attempt(text: str) -> str:
        try:
            record(identity, citizen, written(text))
        except DomainError as error:
            return error.reason.code
        return "OK"

    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(attempt, ["Xã La Hiên", "Xã Võ Nhai", "Xã Dân Tiến", "Xã Thần Sa"]))
    assert sorted(ended) == ["OK"] + ["VERSION_CONFLICT"] * 3
    assert states(identity, citizen.citizen_id) == ["RECORDED"]


def test_a_repeated_request_changes_nothing(identity: Identity, citizen: Any):
    key = str(uuid4())
    answers = [propose(identity, citizen.citizen_id, written(), request_id=key) for _ in range(2)]
    assert answers[0] == answers[1]
    assert states(identity, citizen.citizen_id) == ["PROPOSED"]


def test_addresses_of_merged_records_stay_in_the_history(identity: Identity, citizen: Any):
    other = another(identity)
    recorded = record(identity, other, written("Xã La Hiên"))
    merge(identity, citizen, recorded.citizen)
    (address,) = own(identity, citizen.citizen_id)
    assert address.citizen_id == other.citizen_id


def test_where_somebody_lives_is_nowhere_in_clear(identity: Identity, citizen: Any):
    record(identity, citizen, written(CUC_DUONG))
    assert identity.facts()[-1] == "address_recorded"
    sealed = identity.rows("select value_enc from addresses")[0][0]
    rows = identity.rows("select row_to_json(addresses)::text from addresses")
    told = [bytes(payload) for (payload,) in identity.rows("select payload from outbox")]
    kept = identity.rows("select array_agg(response) from idempotency_keys")
    everything = b"".join([bytes(sealed), repr(rows).encode(), repr(kept).encode(), *told])
    for secret in ("Cúc", "La Hiên", "05740"):
        assert secret.encode() not in everything


def test_a_copy_of_the_data_holds_the_addresses_and_an_erasure_leaves_none(identity: Identity, citizen: Any):
    record(identity, citizen, written(CUC_DUONG))
    desk = build_desk(identity.settings, identity.database, SystemClock())
    citizen_id = UUID(citizen.citizen_id)
    with identity.database.transaction() as conn:
        part = OwnCopies(desk).gather(conn, [citizen_id])
        proposals.forget(conn, [citizen_id])
    copied = part.model_dump_json()
    assert "Xóm Mỏ Chì" in copied
    assert "Xã La Hiên" in copied
    assert identity.rows("select from addresses") == []


def test_evidence_in_an_old_encoding_is_told_as_such(identity: Identity, citizen: Any):
    evidence = document(issuer="C«ng an x· La Hiªn")
    with pytest.raises(DomainError) as caught:
        record(identity, citizen, written("Xã La Hiên"), evidence=evidence)
    assert [(one.pointer, one.code) for one in caught.value.violations] == [("/evidence/issuer", "LEGACY_ENCODING")]

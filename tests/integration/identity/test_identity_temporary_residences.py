"""Temporary residences at the door: their days, the end with the last of them, and the next one."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from songcau.identity.v1 import address_service_pb2 as pb
from songcau_identity.addresses import repository
from songcau_identity.addresses.frame import open_address, seal_address
from songcau_identity.app import build_desk
from songcau_kit.clock import VIETNAM, SystemClock, local_date
from songcau_kit.errors import DomainError
from support.address_acts import accept, doubts, lodging, own, propose, record, refuse, resolve, states, written
from support.identity_service import Identity, reason_of


@pytest.fixture
def citizen(identity: Identity) -> Any:
    return identity.link().citizen


def let_pass(identity: Identity, address_id: str) -> date:
    """Seal an address again as if its last day had been yesterday, which is what waiting comes to; return the day."""
    desk, yesterday = build_desk(identity.settings, identity.database, SystemClock()), local_date(datetime.now(UTC))
    yesterday -= timedelta(days=1)
    with identity.database.transaction() as conn:
        held = repository.find_address(conn, UUID(address_id))
        assert held is not None
        key = desk.data_keys.get(conn, held.citizen_id)
        value = open_address(key, held)
        period = {"valid_from": yesterday - timedelta(days=365), "valid_to": yesterday}
        blob = seal_address(key, held.address_id, replace(value, written=replace(value.written, **period)))
        repository.save_resolution(conn, held.address_id, resolution=held.resolution, value_enc=blob, act_id=None)
    return yesterday


def test_both_days_are_shown_to_the_citizen_and_nothing_of_them_stands_in_the_database(
    identity: Identity, citizen: Any
):
    stated = lodging()
    record(identity, citizen, stated)
    (address,) = own(identity, citizen.citizen_id)
    assert address.state == pb.ADDRESS_STATE_RECORDED
    assert (address.written.valid_from, address.written.valid_to) == (stated.valid_from, stated.valid_to)
    (row,) = identity.rows("select row_to_json(addresses)::text from addresses")
    assert stated.valid_to not in row[0]


def test_a_residence_is_over_the_day_after_its_last_and_waits_for_no_officer(identity: Identity, citizen: Any):
    answer = record(identity, citizen, lodging())
    assert doubts(identity, "H55").doubts
    last = let_pass(identity, answer.address_id)
    (address,) = own(identity, citizen.citizen_id)
    assert address.state == pb.ADDRESS_STATE_ENDED
    assert address.ended_at.ToDatetime(tzinfo=UTC) == datetime.combine(last + timedelta(days=1), time.min, VIETNAM)
    assert list(doubts(identity, "H55").doubts) == []
    with pytest.raises(DomainError) as caught:
        resolve(identity, answer, "05500", hamlet="Xóm Thử Nghiệm")
    assert (caught.value.reason.code, caught.value.details) == ("ADDRESS_STATE_CONFLICT", {"state": "ENDED"})


def test_who_stays_longer_states_it_anew_before_or_after_the_end(identity: Identity, citizen: Any):
    first = record(identity, citizen, lodging("Xã La Hiên"))
    second = record(identity, first.citizen, lodging("Xã La Hiên", begins=1, days=730))
    assert states(identity, citizen.citizen_id) == ["RECORDED", "ENDED"]
    let_pass(identity, second.address_id)
    assert states(identity, citizen.citizen_id) == ["ENDED", "ENDED"]
    record(identity, second.citizen, lodging("Xã La Hiên"))
    assert states(identity, citizen.citizen_id) == ["RECORDED", "ENDED", "ENDED"]


def test_a_proposal_whose_days_have_passed_is_refused_not_accepted(identity: Identity, citizen: Any):
    proposed = propose(identity, citizen.citizen_id, lodging("Xã La Hiên"))
    let_pass(identity, proposed.address_id)
    with pytest.raises(DomainError) as caught:
        accept(identity, proposed)
    assert [(one.pointer, one.code) for one in caught.value.violations] == [("/address/valid_to", "OUT_OF_RANGE")]
    refuse(identity, proposed)
    assert states(identity, citizen.citizen_id) == ["REFUSED"]


def test_a_temporary_residence_without_its_days_is_refused_and_nothing_is_written(identity: Identity, citizen: Any):
    for address in (written(kind="TEMPORARY"), lodging(days=900), written(valid_to="2027-01-01")):
        assert reason_of(lambda a=address: propose(identity, citizen.citizen_id, a)) == "ADDRESS_INVALID"
        assert reason_of(lambda a=address: record(identity, citizen, a)) == "ADDRESS_INVALID"
    assert states(identity, citizen.citizen_id) == []


def test_the_same_request_with_other_days_is_another_request(identity: Identity, citizen: Any):
    first, again = (propose(identity, citizen.citizen_id, lodging(), request_id="r") for _ in range(2))
    assert first.address_id == again.address_id
    other = lambda: propose(identity, citizen.citizen_id, lodging(days=30), request_id="r")  # noqa: E731
    assert reason_of(other) == "IDEMPOTENCY_KEY_REUSED"

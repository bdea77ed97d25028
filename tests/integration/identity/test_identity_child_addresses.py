"""Addresses of children: read and proposed by who represents them, by nobody else."""

from typing import Any
from uuid import uuid4

import pytest
from songcau.identity.v1 import address_service_pb2 as pb
from songcau.identity.v1 import representation_service_pb2 as representations
from support.address_acts import accept, own, propose, written
from support.identity_service import Identity, reason_of
from support.representations import FATHER, answer, authorise, born, end, family, grant

PLAIN = "Xóm Cây Bòng, xã La Hiên, tỉnh Thái Nguyên"


@pytest.fixture
def home(identity: Identity) -> Any:
    return family(identity)


def test_a_parent_proposes_where_the_child_lives_and_reads_it(identity: Identity, home: Any) -> None:
    grant(identity, home.child, home.mother)
    mother, child = home.mother.citizen_id, home.child.citizen_id
    proposed = propose(identity, mother, written(PLAIN), child_id=child)
    assert proposed.citizen.citizen_id == child
    (shown,) = own(identity, mother, child_id=child)
    assert (shown.citizen_id, shown.state) == (child, pb.ADDRESS_STATE_PROPOSED)
    assert [one.address_id for one in own(identity, child)] == [proposed.address_id]
    assert own(identity, mother) == []
    accept(identity, proposed)
    assert own(identity, mother, child_id=child)[0].state == pb.ADDRESS_STATE_RECORDED
    entries = {(one[0], one[3], one[5]) for one in identity.audit()}
    assert {(child, "PROPOSE_ADDRESS", "ALLOWED"), (child, "LIST_OWN_ADDRESSES", "ALLOWED")} <= entries


def test_the_same_request_for_a_child_and_for_oneself_are_two(identity: Identity, home: Any) -> None:
    grant(identity, home.child, home.mother)
    mother, child = home.mother.citizen_id, home.child.citizen_id
    first = propose(identity, mother, written(PLAIN), child_id=child, request_id="once")
    assert propose(identity, mother, written(PLAIN), child_id=child, request_id="once").address_id == first.address_id
    assert reason_of(lambda: propose(identity, mother, written(PLAIN), request_id="once")) == "IDEMPOTENCY_KEY_REUSED"


def test_who_represents_nobody_neither_proposes_nor_reads(identity: Identity, home: Any) -> None:
    made = grant(identity, home.child, home.mother)
    father, mother, child = home.father.citizen_id, home.mother.citizen_id, home.child.citizen_id
    for child_id in (child, str(uuid4())):
        assert reason_of(lambda one=child_id: propose(identity, father, written(PLAIN), child_id=one)) == (
            "NOT_REPRESENTED"
        )
        assert reason_of(lambda one=child_id: own(identity, father, child_id=one)) == "NOT_REPRESENTED"
    end(identity, made)
    assert reason_of(lambda: propose(identity, mother, written(PLAIN), child_id=child)) == "NOT_REPRESENTED"
    assert own(identity, child) == []


def test_an_authorisation_for_dossiers_does_not_tell_where_somebody_lives(identity: Identity, home: Any) -> None:
    authorise(identity, home.mother, FATHER)
    father, mother = home.father.citizen_id, home.mother.citizen_id
    assert reason_of(lambda: propose(identity, father, written(PLAIN), child_id=mother)) == "NOT_REPRESENTED"
    assert reason_of(lambda: own(identity, father, child_id=mother)) == "NOT_REPRESENTED"


def test_until_a_child_of_seven_was_heard_its_parent_reads_and_does_not_propose(identity: Identity) -> None:
    home = family(identity, birth_date=born(years_ago=9))
    made = grant(identity, home.child, home.mother)
    mother, child = home.mother.citizen_id, home.child.citizen_id
    assert own(identity, mother, child_id=child) == []
    assert reason_of(lambda: propose(identity, mother, written(PLAIN), child_id=child)) == "NOT_REPRESENTED"
    answer(identity, made, child, representations.CHILD_ANSWER_CONFIRMED)
    assert propose(identity, mother, written(PLAIN), child_id=child).citizen.citizen_id == child

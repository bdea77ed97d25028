"""Two records of one person: the survivor sees the dossiers of both, and each has its own again afterwards."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from songcau.common.v1.event_meta_pb2 import EventMeta
from songcau.eservices.v1 import dossier_service_pb2 as pb
from songcau.identity.events.v1.citizen_event_pb2 import (
    CitizenBlocked,
    CitizenEvent,
    CitizenLinked,
    CitizensMerged,
    CitizensUnmerged,
)
from songcau_eservices.consumers import on_citizen
from songcau_kit.database import Database
from support.dossier_world import DossierWorld, Person, actions_of, key, reason_of
from support.paper_reuse import accepted_residence, content_of, decide, offered, reuse, temporary_draft

Tell = Callable[..., None]


@pytest.fixture
def tell(dossier_world: DossierWorld) -> Iterator[Tell]:
    database = Database(dossier_world.url, max_size=2, application_name="eservices-work")

    def apply(person: Person, version: int, **fact: Any) -> None:
        meta = EventMeta(
            id=str(dossier_world.clock.new_id()), aggregate_id=person.citizen_id, aggregate_version=version
        )
        with database.transaction() as conn:
            on_citizen(conn, CitizenEvent(meta=meta, **fact))

    yield apply
    database.close()
    dossier_world.identity.merged.clear()


def merge(world: DossierWorld, tell: Tell, other: Person, survivor: Person, version: int = 2) -> None:
    world.identity.merged[other.citizen_id] = survivor.citizen_id
    tell(other, version, citizens_merged=CitizensMerged(surviving_citizen_id=survivor.citizen_id))


def own_list(world: DossierWorld, person: Person) -> set[str]:
    answer = world.dossiers.ListDossiers(pb.ListDossiersRequest(), metadata=world.as_citizen(person))
    return {dossier.id for dossier in answer.dossiers}


def test_a_survivor_sees_and_acts_on_the_dossiers_of_both_until_the_merge_is_undone(
    dossier_world: DossierWorld, tell: Tell
):
    world, survivor, other = dossier_world, dossier_world.person(), dossier_world.person()
    first, second = world.submitted(survivor), world.submitted(other)
    assert reason_of(lambda: world.get(second, world.as_citizen(survivor))) == "DOSSIER_NOT_FOUND"
    merge(world, tell, other, survivor)
    for person in (survivor, other):
        assert own_list(world, person) == {first.id, second.id}
        for dossier in (first, second):
            assert world.get(dossier, world.as_citizen(person)).id == dossier.id
            assert world.checklist(dossier, world.as_citizen(person)) is not None
    gone = world.move("Withdraw", second, world.as_citizen(survivor), reason="Nộp nhầm hai lần")
    assert gone.citizen_id == other.citizen_id
    new = world.create(other)
    assert new.citizen_id == survivor.citizen_id
    assert ("WITHDRAW_DOSSIER", "CITIZEN", None, "OWN_USE", "ALLOWED", None) in world.audit(other)
    world.identity.merged.clear()
    tell(other, 3, citizens_unmerged=CitizensUnmerged(former_surviving_citizen_id=survivor.citizen_id))
    assert own_list(world, other) == {second.id}
    assert own_list(world, survivor) == {first.id, new.id}
    assert reason_of(lambda: world.get(first, world.as_citizen(other))) == "DOSSIER_NOT_FOUND"


def test_representatives_of_either_record_see_the_dossiers_of_both_until_the_merge_is_undone(
    dossier_world: DossierWorld, tell: Tell
):
    world, survivor, other = dossier_world, dossier_world.person(), dossier_world.person()
    first, second = world.submitted(survivor), world.submitted(other)
    of_survivor, of_other = dossier_world.person(), dossier_world.person()
    for who, whom in ((of_survivor, survivor), (of_other, other)):
        world.known(who)
        world.represent(who, whom)

    def seen(who: Person, whom: Person) -> set[str]:
        stands = world.as_citizen(who, on_behalf_of=whom.citizen_id)
        answer = world.dossiers.ListDossiers(pb.ListDossiersRequest(), metadata=stands)
        return {dossier.id for dossier in answer.dossiers if world.get(dossier, stands).id == dossier.id}

    def refused(who: Person, whom: Person, *dossiers: Any) -> set[str]:
        stands = world.as_citizen(who, on_behalf_of=whom.citizen_id)
        reasons = {reason_of(lambda one=one: world.get(one, stands)) for one in dossiers}
        return reasons | {reason_of(lambda: seen(who, whom))}

    apart = [(of_survivor, other), (of_other, survivor)]
    assert all(refused(*pair, first, second) == {"NOT_REPRESENTED"} for pair in apart)
    merge(world, tell, other, survivor)
    for who in (of_survivor, of_other):
        assert all(seen(who, whom) == {first.id, second.id} for whom in (survivor, other))
    world.identity.merged.clear()
    tell(other, 3, citizens_unmerged=CitizensUnmerged(former_surviving_citizen_id=survivor.citizen_id))
    assert all(refused(*pair, first, second) == {"NOT_REPRESENTED"} for pair in apart)
    assert (seen(of_survivor, survivor), seen(of_other, other)) == ({first.id}, {second.id})


def test_a_paper_taken_from_the_other_record_is_not_handed_in_once_the_merge_is_undone(
    dossier_world: DossierWorld, tell: Tell
):
    world, survivor, other = dossier_world, dossier_world.person(), dossier_world.person()
    accepted_residence(world, other)
    decide(world, survivor)
    merge(world, tell, other, survivor)
    draft = temporary_draft(world, survivor)
    taken = reuse(world, survivor, draft, offered(world, survivor, draft)[0])
    world.identity.merged.clear()
    tell(other, 3, citizens_unmerged=CitizensUnmerged(former_surviving_citizen_id=survivor.citizen_id))
    citizen = world.as_citizen(survivor)
    draft = world.get(draft, citizen)
    assert reason_of(lambda: world.move("Submit", draft, citizen)) == "PAPER_NOT_REUSABLE"
    assert reason_of(lambda: content_of(world, draft, taken.attachment.id, citizen)) == "ATTACHMENT_NOT_FOUND"


def test_an_older_merge_that_comes_late_changes_nothing(dossier_world: DossierWorld, tell: Tell):
    world, survivor, other = dossier_world, dossier_world.person(), dossier_world.person()
    dossier = world.submitted(other)
    tell(other, 3, citizens_unmerged=CitizensUnmerged(former_surviving_citizen_id=survivor.citizen_id))
    merge(world, tell, other, survivor, version=2)
    assert own_list(world, survivor) == set()
    assert own_list(world, other) == {dossier.id}


def test_a_blocked_survivor_acts_under_neither_id(dossier_world: DossierWorld, tell: Tell):
    world, survivor, other = dossier_world, dossier_world.person(), dossier_world.person()
    draft = world.ready_draft(other)
    world.create(survivor)
    merge(world, tell, other, survivor)
    tell(survivor, 2, citizen_blocked=CitizenBlocked())
    for person in (survivor, other):
        assert reason_of(lambda of=person: world.move("Submit", draft, world.as_citizen(of))) == "CITIZEN_BLOCKED"


def test_officers_find_their_own_dossier_theirs_under_a_merged_id_too(dossier_world: DossierWorld, tell: Tell):
    world, survivor, other = dossier_world, dossier_world.person(), dossier_world.person()
    tell(survivor, 1, citizen_linked=CitizenLinked(account_kind=1, identity_level=2))
    dossier = world.marital(other)
    both = world.as_officer(roles=("officer", "citizen"), citizen_id=survivor.citizen_id)
    assert "ACCEPT" in actions_of(world.get(dossier, both))
    merge(world, tell, other, survivor)
    assert actions_of(world.get(dossier, both)) == {"WITHDRAW"}


def test_a_repeated_creation_gets_its_first_answer_after_the_records_became_one(
    dossier_world: DossierWorld, tell: Tell
):
    world, survivor, other = dossier_world, dossier_world.person(), dossier_world.person()
    request_id = key()
    first = world.create(other, request_id=request_id)
    world.create(survivor)
    merge(world, tell, other, survivor)
    assert world.create(other, request_id=request_id) == first
    assert own_list(world, survivor) >= {first.id}
    assert world.rows("select count(*) from dossiers") == [(2,)]


def test_what_was_created_as_one_is_not_answered_to_the_other_after_the_merge_was_undone(
    dossier_world: DossierWorld, tell: Tell
):
    world, survivor, other = dossier_world, dossier_world.person(), dossier_world.person()
    world.create(survivor)
    world.create(other)
    merge(world, tell, other, survivor)
    request_id = key()
    made = world.create(other, request_id=request_id)
    assert made.citizen_id == survivor.citizen_id
    world.identity.merged.clear()
    tell(other, 3, citizens_unmerged=CitizensUnmerged(former_surviving_citizen_id=survivor.citizen_id))
    assert reason_of(lambda: world.create(other, request_id=request_id)) == "IDEMPOTENCY_KEY_REUSED"
    assert made.id not in own_list(world, other)

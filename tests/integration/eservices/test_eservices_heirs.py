"""An heir carries on what somebody who died had begun, begins what an heir may, and nobody else does either."""

from typing import Any

import pytest
from songcau.eservices.v1 import dossier_service_pb2 as pb
from songcau_kit.errors import DomainError
from support.at_once import at_once
from support.dossier_world import EXTRACT, LA_HIEN, DossierWorld, Person, key, reason_of, state_of

LAND = "1.013831"
SCOPES = ("IDENTITY_READ", "DOSSIER_READ", "DOSSIER_WRITE")


@pytest.fixture
def dead(dossier_world: DossierWorld) -> Person:
    return dossier_world.person()


@pytest.fixture
def heir(dossier_world: DossierWorld) -> Person:
    return dossier_world.known(dossier_world.person())


def inherits(world: DossierWorld, heir: Person, dead: Person) -> Any:
    """Let somebody die and another be their heir; return the metadata with which the heir acts."""
    world.die(dead)
    world.represent(heir, dead, kind="REPRESENTATION_KIND_HEIR", scopes=SCOPES)
    return world.as_citizen(heir, on_behalf_of=dead.citizen_id)


def create(world: DossierWorld, procedure: str, metadata: Any) -> Any:
    request = pb.CreateDossierRequest(
        request_id=key(), procedure_code=procedure, receiving_agency_code=LA_HIEN, channel="CHANNEL_DIRECT"
    )
    return world.dossiers.CreateDossier(request, metadata=metadata).dossier


def withdraw(world: DossierWorld, dossier: Any, metadata: Any) -> Any:
    return world.move("Withdraw", dossier, metadata, reason="Người nộp đã mất.")


def test_an_heir_reads_and_carries_on_what_the_dead_had_handed_in(
    dossier_world: DossierWorld, dead: Person, heir: Person
):
    world = dossier_world
    dossier = world.marital(dead)
    who = inherits(world, heir, dead)
    assert world.get(dossier, who).id == dossier.id
    listed = world.dossiers.ListDossiers(pb.ListDossiersRequest(), metadata=who).dossiers
    assert [one.id for one in listed] == [dossier.id]
    assert state_of(withdraw(world, dossier, who)) == "WITHDRAWN"
    entry = world.rows(
        """select actor_id, on_behalf_of, outcome from audit_entries
        where subject_id = %s and operation = 'WITHDRAW_DOSSIER'""",
        dead.citizen_id,
    )
    assert entry == [(heir.account, dead.citizen_id, "ALLOWED")]


def test_nobody_acts_with_the_account_of_the_dead(dossier_world: DossierWorld, dead: Person, heir: Person):
    world = dossier_world
    dossier = world.marital(dead)
    inherits(world, heir, dead)
    own = world.as_citizen(dead)
    assert reason_of(lambda: withdraw(world, dossier, own)) == "CITIZEN_DECEASED"
    assert reason_of(lambda: create(world, LAND, own)) == "CITIZEN_DECEASED"


@pytest.mark.parametrize("kind", ["PARENT", "GUARDIAN", "LIMITED_CAPACITY", "AUTHORISATION"])
def test_who_stood_for_the_living_does_not_stand_for_the_dead(
    dossier_world: DossierWorld, dead: Person, heir: Person, kind: str
):
    world = dossier_world
    dossier = world.marital(dead)
    world.represent(heir, dead, kind=f"REPRESENTATION_KIND_{kind}")
    world.die(dead)
    who = world.as_citizen(heir, on_behalf_of=dead.citizen_id)
    assert reason_of(lambda: withdraw(world, dossier, who)) == "CITIZEN_DECEASED"
    assert reason_of(lambda: create(world, LAND, who)) == "CITIZEN_DECEASED"


def test_a_copy_an_older_release_took_over_makes_no_heir(dossier_world: DossierWorld, dead: Person, heir: Person):
    world = dossier_world
    dossier = world.marital(dead)
    who = inherits(world, heir, dead)
    world.execute("update representations set kind = '' where represented_id = %s", dead.citizen_id)
    assert reason_of(lambda: withdraw(world, dossier, who)) == "CITIZEN_DECEASED"


def test_whoever_acts_for_somebody_of_limited_capacity_acts_within_what_the_court_named(
    dossier_world: DossierWorld, dead: Person, heir: Person
):
    world, ward = dossier_world, dead
    limited = {"kind": "REPRESENTATION_KIND_LIMITED_CAPACITY"}
    first = world.represent(heir, ward, scopes=("DOSSIER_READ",), **limited)
    who = world.as_citizen(heir, on_behalf_of=ward.citizen_id)
    dossier = world.marital(ward)
    assert world.get(dossier, who).id == dossier.id
    assert reason_of(lambda: withdraw(world, dossier, who)) == "NOT_REPRESENTED"
    same = first.representation.representation_id
    world.represent(heir, ward, scopes=SCOPES, version=2, representation_id=same, **limited)
    assert state_of(create(world, EXTRACT, who)) == "DRAFT"
    assert state_of(withdraw(world, dossier, who)) == "WITHDRAWN"
    world.represent(heir, ward, scopes=(), version=3, representation_id=same, **limited)
    assert reason_of(lambda: world.get(dossier, who)) == "NOT_REPRESENTED"


def test_an_heir_begins_what_is_open_to_heirs_and_nothing_else(dossier_world: DossierWorld, dead: Person, heir: Person):
    who = inherits(dossier_world, heir, dead)
    opened = create(dossier_world, LAND, who)
    assert (state_of(opened), opened.citizen_id) == ("DRAFT", dead.citizen_id)
    assert reason_of(lambda: create(dossier_world, EXTRACT, who)) == "PROCEDURE_NOT_FOR_HEIRS"


def test_a_draft_the_dead_left_is_handed_in_only_where_heirs_may_begin_it(
    dossier_world: DossierWorld, dead: Person, heir: Person
):
    world = dossier_world
    draft = world.ready_draft(dead)
    who = inherits(world, heir, dead)
    assert reason_of(lambda: world.move("Submit", draft, who)) == "PROCEDURE_NOT_FOR_HEIRS"
    assert state_of(world.get(draft, who)) == "DRAFT"


def test_an_heir_signs_with_the_own_level_and_stops_when_blocked_or_dead(
    dossier_world: DossierWorld, dead: Person, heir: Person
):
    world = dossier_world
    dossier = world.marital(dead)
    who = inherits(world, heir, dead)
    world.execute("update citizens set identity_level = 1 where id = %s", heir.citizen_id)
    assert reason_of(lambda: create(world, LAND, who)) == "IDENTITY_LEVEL_TOO_LOW"
    for status, reason in (("BLOCKED", "CITIZEN_BLOCKED"), ("DECEASED", "CITIZEN_DECEASED")):
        world.execute("update citizens set status = %s where id = %s", status, heir.citizen_id)
        assert reason_of(lambda: withdraw(world, dossier, who)) == reason
        assert reason_of(lambda: world.get(dossier, who)) == "NOT_REPRESENTED"


def test_of_two_heirs_who_act_at_once_one_does(dossier_world: DossierWorld, dead: Person, heir: Person):
    world, other = dossier_world, dossier_world.known(dossier_world.person())
    dossier = world.marital(dead)
    callers = [inherits(world, one, dead) for one in (heir, other)]
    tries = [lambda who=who: state_of(withdraw(world, dossier, who)) for who in callers]
    outcomes = [one.reason.code if isinstance(one, DomainError) else one for one in at_once(tries)]
    assert sorted(outcomes) == ["VERSION_CONFLICT", "WITHDRAWN"]

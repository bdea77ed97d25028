"""A parent files for a child: on the service's own copy of representations, until the very moment they end."""

import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from songcau.eservices.v1 import dossier_service_pb2 as pb
from songcau_eservices.consumers import GROUP, REPRESENTATION_TOPIC, handlers
from songcau_eservices.rights_parts import build_rights
from songcau_kit.audit import NOBODY
from songcau_kit.bus import Record, open_bus
from songcau_kit.consumer import Consumer
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Database
from songcau_kit.events import to_outbox
from songcau_kit.topics import load_topics, topics_folder
from songcau_kit.wrapping_keys import open_wrapping_keys
from support.dossier_world import LA_HIEN, DossierWorld, Person, key, reason_of, state_of
from support.told_representations import told
from support.waiting import wait_until

READ_ONLY = ("IDENTITY_READ", "DOSSIER_READ", "CONSULTATION_READ", "CONSULTATION_WRITE")


@pytest.fixture
def child(dossier_world: DossierWorld) -> Person:
    return dossier_world.person(level=1)


@pytest.fixture
def mother(dossier_world: DossierWorld) -> Person:
    return dossier_world.known(dossier_world.person())


def for_child(world: DossierWorld, who: Person, child: Person) -> Any:
    return world.as_citizen(who, on_behalf_of=child.citizen_id)


def create_for(world: DossierWorld, who: Person, child: Person, **fields: Any) -> Any:
    given = {"request_id": key(), "procedure_code": "2.000635", "receiving_agency_code": LA_HIEN} | fields
    return world.dossiers.CreateDossier(pb.CreateDossierRequest(**given), metadata=for_child(world, who, child)).dossier


def listed(world: DossierWorld, metadata: Any) -> list[str]:
    return [one.id for one in world.dossiers.ListDossiers(pb.ListDossiersRequest(), metadata=metadata).dossiers]


def test_a_parent_creates_reads_lists_and_withdraws_the_child_s_dossier(
    dossier_world: DossierWorld, child: Person, mother: Person
):
    world = dossier_world
    world.represent(mother, child)
    dossier = create_for(world, mother, child)
    assert dossier.citizen_id == child.citizen_id
    assert dossier.applicant.full_name == child.full_name
    assert world.get(dossier, for_child(world, mother, child)).id == dossier.id
    assert listed(world, for_child(world, mother, child)) == [dossier.id]
    assert listed(world, world.as_citizen(mother)) == []
    assert listed(world, world.as_citizen(child)) == [dossier.id]


def test_whoever_acts_signs_with_the_own_level(dossier_world: DossierWorld, child: Person, mother: Person):
    world = dossier_world
    assert reason_of(lambda: world.create(child)) == "IDENTITY_LEVEL_TOO_LOW"
    world.represent(mother, child)
    assert state_of(create_for(world, mother, child)) == "DRAFT"


def test_a_blocked_parent_acts_for_nobody(dossier_world: DossierWorld, child: Person, mother: Person):
    world = dossier_world
    world.represent(mother, child)
    world.execute("update citizens set status = 'BLOCKED' where id = %s", mother.citizen_id)
    assert reason_of(lambda: create_for(world, mother, child)) == "CITIZEN_BLOCKED"


def test_a_blocked_parent_reads_nothing_of_the_child_and_the_own_dossiers_still(
    dossier_world: DossierWorld, child: Person, mother: Person
):
    world, who = dossier_world, for_child(dossier_world, mother, child)
    world.represent(mother, child)
    dossier, own = create_for(world, mother, child), world.create(mother)
    world.execute("update citizens set status = 'BLOCKED' where id = %s", mother.citizen_id)
    assert reason_of(lambda: world.get(dossier, who)) == "NOT_REPRESENTED"
    assert reason_of(lambda: listed(world, who)) == "NOT_REPRESENTED"
    assert listed(world, world.as_citizen(mother)) == [own.id]


def test_both_stand_in_every_entry_of_the_child_s_list(dossier_world: DossierWorld, child: Person, mother: Person):
    world = dossier_world
    world.represent(mother, child)
    world.get(create_for(world, mother, child), for_child(world, mother, child))
    entries = world.rows(
        "select operation, actor_id, on_behalf_of from audit_entries where subject_id = %s order by occurred_at",
        child.citizen_id,
    )
    acts = [(name, mother.account, child.citizen_id) for name in ("CREATE_DOSSIER", "GET_DOSSIER")]
    assert entries == acts


def test_without_a_representation_nothing_is_shown_and_the_attempt_is_entered(
    dossier_world: DossierWorld, child: Person, mother: Person
):
    world = dossier_world
    person = world.person()
    dossier = world.create(person)
    stranger = world.as_citizen(mother, on_behalf_of=person.citizen_id)
    assert reason_of(lambda: world.get(dossier, stranger)) == "NOT_REPRESENTED"
    assert reason_of(lambda: listed(world, stranger)) == "NOT_REPRESENTED"
    assert reason_of(lambda: create_for(world, mother, person)) == "NOT_REPRESENTED"
    denied = world.rows(
        """select operation, actor_id, outcome, reason from audit_entries
        where subject_id = %s and outcome = 'DENIED' order by occurred_at""",
        person.citizen_id,
    )
    assert denied == [
        ("GET_DOSSIER", mother.account, "DENIED", "NOT_REPRESENTED"),
        ("LIST_DOSSIERS", mother.account, "DENIED", "NOT_REPRESENTED"),
    ]


def test_whoever_makes_ids_up_fills_nobody_s_list(dossier_world: DossierWorld, mother: Person):
    made_up = str(uuid4())
    stranger = dossier_world.as_citizen(mother, on_behalf_of=made_up)
    assert reason_of(lambda: listed(dossier_world, stranger)) == "NOT_REPRESENTED"
    entries = dossier_world.rows(
        "select subject_id, object_id, outcome from audit_entries where on_behalf_of = %s", made_up
    )
    assert entries == [(NOBODY, str(NOBODY), "DENIED")]


def test_one_who_stands_for_a_child_reaches_nobody_else_in_its_name(
    dossier_world: DossierWorld, child: Person, mother: Person
):
    world = dossier_world
    world.represent(mother, child)
    other, own = world.create(world.person()), world.create(mother)
    for dossier in (other, own):
        assert reason_of(lambda one=dossier: world.get(one, for_child(world, mother, child))) == "DOSSIER_NOT_FOUND"
    mine = create_for(world, mother, child)
    assert reason_of(lambda: world.get(mine, world.as_citizen(mother))) == "DOSSIER_NOT_FOUND"


def test_a_scope_that_was_not_given_is_refused(dossier_world: DossierWorld, child: Person, mother: Person):
    world = dossier_world
    first = world.represent(mother, child)
    dossier = create_for(world, mother, child)
    same = first.representation.representation_id
    world.represent(mother, child, scopes=READ_ONLY, version=2, representation_id=same)
    who = for_child(world, mother, child)
    assert world.get(dossier, who).id == dossier.id
    request = pb.UpdateDossierRequest(request_id=key(), dossier_id=dossier.id, expected_version=dossier.version)
    assert reason_of(lambda: world.dossiers.UpdateDossier(request, metadata=who)) == "NOT_REPRESENTED"
    assert reason_of(lambda: create_for(world, mother, child)) == "NOT_REPRESENTED"


@pytest.mark.parametrize("period", [{"valid_until": "2020-06-30"}, {"valid_from": "2099-01-01"}])
def test_outside_its_days_a_representation_gives_no_right(
    dossier_world: DossierWorld, child: Person, mother: Person, period: dict[str, str]
):
    dossier_world.represent(mother, child, **period)
    assert reason_of(lambda: create_for(dossier_world, mother, child)) == "NOT_REPRESENTED"


def test_an_older_fact_that_comes_late_gives_no_right_back(dossier_world: DossierWorld, child: Person, mother: Person):
    world = dossier_world
    first = world.represent(mother, child)
    same = first.representation.representation_id
    world.represent(mother, child, scopes=(), version=3, representation_id=same)
    world.tell(first)
    assert reason_of(lambda: create_for(world, mother, child)) == "NOT_REPRESENTED"


def test_one_key_used_for_two_children_is_two_requests(dossier_world: DossierWorld, child: Person, mother: Person):
    world, other, same = dossier_world, dossier_world.person(level=1), key()
    world.represent(mother, child)
    world.represent(mother, other)
    first = create_for(world, mother, child, request_id=same)
    assert create_for(world, mother, child, request_id=same).id == first.id
    assert reason_of(lambda: create_for(world, mother, other, request_id=same)) == "IDEMPOTENCY_KEY_REUSED"


def test_an_officer_does_not_work_on_the_dossier_of_somebody_they_stand_for(
    dossier_world: DossierWorld, mother: Person
):
    world, applicant = dossier_world, dossier_world.person()
    dossier = world.marital(applicant)
    officer = world.as_officer(citizen_id=mother.citizen_id)
    assert world.get(dossier, officer).id == dossier.id
    world.represent(mother, applicant)
    assert reason_of(lambda: world.get(dossier, officer)) == "DOSSIER_NOT_FOUND"
    assert reason_of(lambda: world.move("Accept", dossier, officer)) == "DOSSIER_NOT_FOUND"


@pytest.mark.parametrize("is_survivor_represented", [True, False])
def test_an_officer_does_not_work_on_the_dossier_of_either_record_of_somebody_they_stand_for(
    dossier_world: DossierWorld, mother: Person, *, is_survivor_represented: bool
):
    world, applicant, other = dossier_world, dossier_world.person(), dossier_world.person()
    dossier = world.marital(applicant)
    officer = world.as_officer(citizen_id=mother.citizen_id)
    world.represent(mother, other)
    assert world.get(dossier, officer).id == dossier.id
    merged, survivor = (applicant, other) if is_survivor_represented else (other, applicant)
    world.execute(
        "insert into citizen_aliases (citizen_id, surviving_id, version) values (%s, %s, 9)",
        merged.citizen_id,
        survivor.citizen_id,
    )
    assert reason_of(lambda: world.get(dossier, officer)) == "DOSSIER_NOT_FOUND"


@pytest.mark.parametrize("kind", ["PARENT", "HEIR"])
def test_an_end_that_comes_during_an_act_waits_for_it_and_holds_from_then_on(
    dossier_world: DossierWorld, mother: Person, kind: str
):
    world, child = dossier_world, dossier_world.person()
    dossier = world.create(child)
    first = world.represent(mother, child, kind=f"REPRESENTATION_KIND_{kind}")
    if kind == "HEIR":
        world.die(child)
    over = told(mother.citizen_id, child.citizen_id, scopes=(), version=2,
                representation_id=first.representation.representation_id)  # fmt: skip
    with psycopg.connect(world.url) as holder:
        # The act stops at the dossier's row, after it has asked whether the representation holds.
        holder.execute("select 1 from dossiers where id = %s for update", (dossier.id,))
        outcome: list[str] = []
        who = for_child(world, mother, child)
        act = threading.Thread(target=lambda: outcome.append(updated(world, dossier, who)))
        act.start()
        wait_until(lambda: waiting(world) == 1, seconds=30)
        end = threading.Thread(target=lambda: world.tell(over))
        end.start()
        wait_until(lambda: waiting(world) == 2, seconds=30)
        ids = "select representation_id::text from representations where cardinality(scopes) > 0"
        assert (over.representation.representation_id,) in world.rows(ids)
    act.join()
    end.join()
    assert outcome == ["done"]
    assert reason_of(lambda: world.get(dossier, for_child(world, mother, child))) == "NOT_REPRESENTED"


def updated(world: DossierWorld, dossier: Any, who: Any) -> str:
    request = pb.UpdateDossierRequest(request_id=key(), dossier_id=dossier.id, expected_version=dossier.version)
    world.dossiers.UpdateDossier(request, metadata=who)
    return "done"


def waiting(world: DossierWorld) -> int:
    found = world.rows(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    )
    return int(found[0][0])


def test_a_revocation_is_effective_over_the_bus_well_within_a_minute(
    dossier_world: DossierWorld, child: Person, mother: Person, bus_url_factory: Callable[[str], str]
):
    world = dossier_world
    first = told(mother.citizen_id, child.citizen_id)
    over = told(mother.citizen_id, child.citizen_id, scopes=(), version=2,
                representation_id=first.representation.representation_id)  # fmt: skip
    bus = open_bus(bus_url_factory("bus"), "test")
    database = Database(world.url, max_size=2, application_name="eservices-work")
    parts = build_rights(
        world.settings, database, world.clock, DataKeys(open_wrapping_keys(world.settings), world.clock)
    )
    consumer = Consumer(bus, database, group=GROUP, handlers=handlers(parts.rights, parts.gate.forget, ()))
    try:
        bus.ensure_topics(load_topics(topics_folder()))
        consumer.start()
        publish(bus, first)
        wait_until(lambda: can_list(world, mother, child), seconds=30)
        began = time.monotonic()
        publish(bus, over)
        wait_until(lambda: not can_list(world, mother, child), seconds=30)
        assert time.monotonic() - began < 60
    finally:
        consumer.stop(2)
        bus.close()
        database.close()


def publish(bus: Any, event: Any) -> None:
    sent = to_outbox(REPRESENTATION_TOPIC, event)
    bus.publish([Record(sent.topic, sent.key, sent.payload, dict(sent.headers))])


def can_list(world: DossierWorld, who: Person, child: Person) -> bool:
    from songcau_kit.errors import DomainError

    try:
        listed(world, for_child(world, who, child))
    except DomainError:
        return False
    return True

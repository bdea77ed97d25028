"""What identity tells of citizens: kept in order, whatever the order of arrival, and asked at submission."""

from collections.abc import Callable
from typing import Any

import pytest
from songcau.common.v1.event_meta_pb2 import EventMeta
from songcau.identity.events.v1.citizen_event_pb2 import (
    CitizenBlocked,
    CitizenDied,
    CitizenEvent,
    CitizenLinked,
    CitizenProfileChanged,
    CitizenRegistered,
    CitizenUnblocked,
    CitizenUnlinked,
    DeathAnnulled,
    NewbornVoided,
)
from songcau_eservices.consumers import CITIZEN_TOPIC, GROUP, handlers, on_citizen
from songcau_eservices.dossiers.repository_citizens import LEVEL_UNKNOWN
from songcau_eservices.rights_parts import build_rights
from songcau_kit.bus import Record, open_bus
from songcau_kit.consumer import Consumer
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Database
from songcau_kit.events import to_outbox
from songcau_kit.topics import load_topics, topics_folder
from songcau_kit.wrapping_keys import open_wrapping_keys
from support.dossier_world import DossierWorld, Person, reason_of
from support.waiting import wait_until


def event(world: DossierWorld, person: Person, version: int, **fact: Any) -> CitizenEvent:
    meta = EventMeta(id=str(world.clock.new_id()), aggregate_id=person.citizen_id, aggregate_version=version)
    meta.occurred_at.FromDatetime(world.clock.now())
    return CitizenEvent(meta=meta, **fact)


def copy_of(world: DossierWorld, person: Person) -> Any:
    rows = world.rows("select status, identity_level, version from citizens where id = %s", person.citizen_id)
    return rows[0] if rows else None


@pytest.fixture
def tell(dossier_world: DossierWorld):
    database = Database(dossier_world.url, max_size=2, application_name="eservices-work")

    def apply(*events: CitizenEvent) -> None:
        for one in events:
            with database.transaction() as conn:
                on_citizen(conn, one)

    yield apply
    database.close()


def test_the_copy_follows_the_facts(dossier_world: DossierWorld, tell: Callable[..., None]):
    world, person = dossier_world, dossier_world.person()
    tell(event(world, person, 1, citizen_linked=CitizenLinked(account_kind=1, identity_level=1)))
    assert copy_of(world, person) == ("ACTIVE", 1, 1)
    tell(event(world, person, 2, citizen_profile_changed=CitizenProfileChanged(identity_level=2)))
    assert copy_of(world, person) == ("ACTIVE", 2, 2)
    tell(event(world, person, 3, citizen_blocked=CitizenBlocked()))
    assert copy_of(world, person) == ("BLOCKED", 2, 3)
    tell(event(world, person, 4, citizen_unblocked=CitizenUnblocked()))
    assert copy_of(world, person) == ("ACTIVE", 2, 4)
    tell(event(world, person, 5, citizen_unlinked=CitizenUnlinked()))
    assert copy_of(world, person) == ("UNLINKED", 2, 5)


def test_who_died_is_dead_here_until_the_death_is_annulled(dossier_world: DossierWorld, tell: Callable[..., None]):
    world, person = dossier_world, dossier_world.person()
    tell(event(world, person, 1, citizen_linked=CitizenLinked(account_kind=1, identity_level=2)))
    tell(event(world, person, 2, citizen_died=CitizenDied()))
    assert copy_of(world, person) == ("DECEASED", 2, 2)
    tell(event(world, person, 3, death_annulled=DeathAnnulled()))
    assert copy_of(world, person) == ("BLOCKED", 2, 3)


def test_a_person_entered_on_papers_is_served_at_level_0_until_the_entry_is_voided(
    dossier_world: DossierWorld, tell: Callable[..., None]
):
    world, person = dossier_world, dossier_world.person()
    tell(event(world, person, 1, citizen_registered=CitizenRegistered(account_kind=1, identity_level=-1)))
    assert copy_of(world, person) == ("ACTIVE", 0, 1)
    tell(event(world, person, 2, newborn_voided=NewbornVoided()))
    assert copy_of(world, person) == ("UNLINKED", 0, 2)


def test_an_older_fact_and_an_unknown_one_change_nothing(dossier_world: DossierWorld, tell: Callable[..., None]):
    world, person = dossier_world, dossier_world.person()
    tell(
        event(world, person, 5, citizen_unlinked=CitizenUnlinked()),
        event(world, person, 4, citizen_linked=CitizenLinked(account_kind=1, identity_level=2)),
        event(world, person, 6),
    )
    assert copy_of(world, person) == ("UNLINKED", LEVEL_UNKNOWN, 5)


@pytest.mark.parametrize(("stated", "kept"), [(0, LEVEL_UNKNOWN), (-1, 0), (1, 1), (2, 2), (3, LEVEL_UNKNOWN)])
def test_a_level_is_kept_as_stated_and_an_unknown_one_is_below_every_other(
    dossier_world: DossierWorld, tell: Callable[..., None], stated: int, kept: int
):
    world, person = dossier_world, dossier_world.person()
    tell(event(world, person, 1, citizen_linked=CitizenLinked(account_kind=1, identity_level=stated)))
    assert copy_of(world, person) == ("ACTIVE", kept, 1)
    tell(event(world, person, 2, citizen_profile_changed=CitizenProfileChanged(identity_level=2)))
    tell(event(world, person, 3, citizen_profile_changed=CitizenProfileChanged(identity_level=stated)))
    assert copy_of(world, person) == ("ACTIVE", kept, 3)


def test_a_citizen_unlinked_over_the_bus_cannot_submit_afterwards(
    dossier_world: DossierWorld, bus_url_factory: Callable[[str], str]
):
    world, person = dossier_world, dossier_world.person()
    draft = world.ready_draft(person)
    bus = open_bus(bus_url_factory("bus"), "test")
    database = Database(world.url, max_size=2, application_name="eservices-work")
    keys = DataKeys(open_wrapping_keys(world.settings), world.clock)
    parts = build_rights(world.settings, database, world.clock, keys)
    consumer = Consumer(bus, database, group=GROUP, handlers=handlers(parts.rights, parts.gate.forget, ()))
    try:
        bus.ensure_topics(load_topics(topics_folder()))
        consumer.start()
        told = to_outbox(CITIZEN_TOPIC, event(world, person, 2, citizen_unlinked=CitizenUnlinked()))
        bus.publish([Record(told.topic, told.key, told.payload, dict(told.headers))])
        wait_until(lambda: copy_of(world, person) == ("UNLINKED", 2, 2))
    finally:
        consumer.stop(2)
        bus.close()
        database.close()
    assert reason_of(lambda: world.move("Submit", draft, world.as_citizen(person))) == "CITIZEN_NOT_LINKED"

"""The copy of consents: the newest decision holds, in whatever order and however often it is told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from songcau.common.v1.event_meta_pb2 import EventMeta
from songcau.identity.events.v1.citizen_event_pb2 import CitizenEvent, CitizensMerged, CitizensUnmerged
from songcau_eservices.consents import repository
from songcau_eservices.consents.model import ConsentState, Purpose
from songcau_eservices.consumers import CONSENT_TOPIC, GROUP, handlers, on_citizen
from songcau_eservices.dossiers import repository_citizens
from songcau_eservices.rights_parts import build_rights
from songcau_kit.bus import Record, open_bus
from songcau_kit.consumer import Consumer
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Database
from songcau_kit.events import to_outbox
from songcau_kit.topics import load_topics, topics_folder
from songcau_kit.wrapping_keys import open_wrapping_keys
from support.dossier_world import DossierWorld, Person, key
from support.paper_reuse import consent_event, hear
from support.waiting import wait_until

GIVEN, WITHDRAWN, LAPSED = ConsentState.GIVEN, ConsentState.WITHDRAWN, ConsentState.LAPSED
Held = Callable[[Person], ConsentState | None]


@pytest.fixture
def held(dossier_world: DossierWorld) -> Any:
    database = Database(dossier_world.url, max_size=2, application_name="eservices-work")

    def ask(person: Person) -> ConsentState | None:
        with database.transaction() as conn:
            family = repository_citizens.ask_family(conn, UUID(person.citizen_id))()
            return repository.hold_newest(conn, family, Purpose.REUSE_PAPERS)

    yield ask
    database.close()


def told(world: DossierWorld, person: Person, *facts: str) -> list[Any]:
    """Return the events of one consent, a minute apart."""
    start = world.clock.now()
    return [
        consent_event(world, person.citizen_id, fact, number, at=start + timedelta(minutes=number))
        for number, fact in enumerate(facts, start=1)
    ]


@pytest.mark.parametrize(
    ("order", "state"),
    [
        ((0,), GIVEN),
        ((0, 1), WITHDRAWN),
        ((1, 0), WITHDRAWN),
        ((0, 1, 2), GIVEN),
        ((2, 0, 1), GIVEN),
        ((2, 1, 0, 2), GIVEN),
        ((0, 0, 1, 1, 0), WITHDRAWN),
        ((0, 1, 2, 3), LAPSED),
        ((3, 2, 1, 0), LAPSED),
    ],
)
def test_the_newest_decision_holds_in_whatever_order_and_how_often_it_comes(
    dossier_world: DossierWorld, held: Held, order: tuple[int, ...], state: ConsentState
) -> None:
    world, person = dossier_world, dossier_world.person()
    events = told(world, person, "consent_given", "consent_withdrawn", "consent_given", "consent_lapsed")
    hear(world, *(events[number] for number in order))
    assert held(person) is state
    assert world.rows("select count(*) from citizen_consents where citizen_id = %s", person.citizen_id) == [(1,)]


def test_nobody_decided_is_no_consent_and_another_purpose_is_another_matter(
    dossier_world: DossierWorld, held: Held
) -> None:
    world, person = dossier_world, dossier_world.person()
    assert held(person) is None
    hear(world, consent_event(world, person.citizen_id, "consent_given", purpose="REMOTE_CARE"))
    assert held(person) is None


def test_a_refusal_before_anybody_asked_holds(dossier_world: DossierWorld, held: Held) -> None:
    world, person = dossier_world, dossier_world.person()
    hear(world, *told(world, person, "consent_withdrawn"))
    assert held(person) is WITHDRAWN


def test_a_fact_of_a_later_release_counts_as_withdrawn(dossier_world: DossierWorld, held: Held) -> None:
    world, person = dossier_world, dossier_world.person()
    hear(world, *told(world, person, "consent_given", ""))
    assert held(person) is WITHDRAWN


def test_over_merged_records_the_newest_decision_under_any_id_holds_until_the_merge_is_undone(
    dossier_world: DossierWorld, held: Held
) -> None:
    world, survivor, other = dossier_world, dossier_world.person(), dossier_world.person()
    now = world.clock.now()
    given = consent_event(world, other.citizen_id, "consent_given", at=now)
    gone = consent_event(world, survivor.citizen_id, "consent_withdrawn", at=now + timedelta(minutes=1))
    hear(world, gone, given)
    assert (held(other), held(survivor)) == (GIVEN, WITHDRAWN)
    _tell(world, other, 2, citizens_merged=CitizensMerged(surviving_citizen_id=survivor.citizen_id))
    assert (held(other), held(survivor)) == (WITHDRAWN, WITHDRAWN)
    hear(world, consent_event(world, survivor.citizen_id, "consent_given", 2, at=now + timedelta(minutes=2)))
    assert held(other) is GIVEN
    _tell(world, other, 3, citizens_unmerged=CitizensUnmerged(former_surviving_citizen_id=survivor.citizen_id))
    assert (held(other), held(survivor)) == (GIVEN, GIVEN)


def test_events_reach_the_copy_over_the_bus_though_they_are_delivered_twice(
    dossier_world: DossierWorld, held: Held, bus_url_factory: Callable[[str], str]
) -> None:
    world, person, last = dossier_world, dossier_world.person(), dossier_world.person()
    bus = open_bus(bus_url_factory("bus"), "test")
    database = Database(world.url, max_size=2, application_name="eservices-work")
    keys = DataKeys(open_wrapping_keys(world.settings), world.clock)
    parts = build_rights(world.settings, database, world.clock, keys)
    consumer = Consumer(bus, database, group=GROUP, handlers=handlers(parts.rights, parts.gate.forget, ()))
    events = told(world, person, "consent_given", "consent_withdrawn", "consent_given")
    for event in events:  # one consent, so one key: the bus keeps their order
        event.meta.aggregate_id = events[0].meta.aggregate_id
    try:
        bus.ensure_topics(load_topics(topics_folder()))
        consumer.start()
        for event in (*events, *events[:2], *told(world, last, "consent_given")):
            made = to_outbox(CONSENT_TOPIC, event)
            bus.publish([Record(made.topic, made.key, made.payload, dict(made.headers))])
        wait_until(lambda: held(last) is GIVEN and held(person) is not None)
        wait_until(lambda: _version(world, person) == 3)
    finally:
        consumer.stop(2)
        bus.close()
        database.close()
    assert held(person) is GIVEN


def _version(world: DossierWorld, person: Person) -> int:
    ((version,),) = world.rows("select version from citizen_consents where citizen_id = %s", person.citizen_id)
    return int(version)


def _tell(world: DossierWorld, person: Person, version: int, **fact: Any) -> None:
    meta = EventMeta(id=key(), aggregate_id=person.citizen_id, aggregate_version=version)
    database = Database(world.url, max_size=2, application_name="eservices-work")
    with database.transaction() as conn:
        on_citizen(conn, CitizenEvent(meta=meta, **fact))
    database.close()

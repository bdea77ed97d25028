"""Telehealth on the bus: what identity tells decides who may book, what happens here is told once and in order."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from songcau.identity.events.v1 import citizen_event_pb2 as events
from songcau.identity.v1 import citizen_pb2
from songcau.telehealth.events.v1.consultation_event_pb2 import ConsultationEvent
from songcau_kit.bus import Bus, Record, open_bus
from songcau_kit.consumer import Consumer
from songcau_kit.events import Actor, event_meta, to_outbox
from songcau_kit.relay import Relay
from songcau_kit.topics import load_topics, topics_folder
from songcau_telehealth import consumers
from songcau_telehealth.app import build_desk
from songcau_telehealth.rights_parts import build_rights
from support.telehealth_service import Telehealth, error_of, reason_of

TOPIC = "identity.citizen.v1"
LINKED = events.CitizenLinked(account_kind=citizen_pb2.ACCOUNT_KIND_CITIZEN, first_link=True)
ORGANISATION = events.CitizenLinked(account_kind=citizen_pb2.ACCOUNT_KIND_ORGANISATION)


@pytest.fixture
def bus(bus_url_factory: Callable[[str], str]) -> Iterator[Bus]:
    opened = open_bus(bus_url_factory("bus"), "test")
    opened.ensure_topics(load_topics(topics_folder()))
    yield opened
    opened.close()


@contextmanager
def following(site: Telehealth, bus: Bus) -> Iterator[None]:
    keys = build_desk(site.settings, site.database, site.clock).data_keys
    parts = build_rights(site.settings, site.database, site.clock, keys)
    handlers = consumers.handlers(parts.rights, parts.gate.forget, ())
    consumer = Consumer(bus, site.database, group=consumers.GROUP, handlers=handlers)
    consumer.start()
    yield
    consumer.stop(5)


def tell(site: Telehealth, bus: Bus, citizen_id: UUID, version: int, **fact: object) -> None:
    """Publish an event as identity's relay does."""
    meta = event_meta(site.clock, citizen_id, version, Actor("linker", "SYSTEM"), correlation_id="test")
    event = to_outbox(TOPIC, events.CitizenEvent(meta=meta, **fact))
    bus.publish([Record(event.topic, event.key, event.payload, event.headers)])


def until(site: Telehealth, citizen_id: UUID, status: str) -> None:
    for _ in range(200):
        if (status,) in site.rows("select status from citizens where citizen_id = %s", citizen_id):
            return
        threading.Event().wait(0.05)
    raise AssertionError(f"the copy never became {status}")


def refused_to_act(site: Telehealth, citizen: UUID, waiting: Any, offered: Any, *, status: str) -> None:
    for attempt in (
        lambda: site.request(str(citizen)),
        lambda: site.offer(waiting, site.slot(hours=2)),
        lambda: site.confirm(offered),
    ):
        error = error_of(attempt)
        assert (error.reason.code, error.details) == ("CITIZEN_NOT_ACTIVE", {"status": status})


def test_a_citizen_unlinked_or_blocked_in_identity_cannot_book_afterwards(telehealth: Telehealth, bus: Bus) -> None:
    citizen = telehealth.clock.new_id()
    error = error_of(lambda: telehealth.request(str(citizen)))
    assert (error.reason.code, error.reason.status) == ("CITIZEN_NOT_KNOWN_YET", "UNAVAILABLE")
    with following(telehealth, bus):
        tell(telehealth, bus, citizen, 1, citizen_linked=LINKED)
        until(telehealth, citizen, "ACTIVE")
        waiting = telehealth.triage(telehealth.request(str(citizen)))
        offered = telehealth.offer(telehealth.triage(telehealth.request(str(citizen))), telehealth.slot())

        tell(telehealth, bus, citizen, 2, citizen_unlinked=events.CitizenUnlinked())
        until(telehealth, citizen, "UNLINKED")
        refused_to_act(telehealth, citizen, waiting, offered, status="UNLINKED")

        tell(telehealth, bus, citizen, 3, citizen_linked=LINKED)
        until(telehealth, citizen, "ACTIVE")
        assert telehealth.confirm(offered).version == offered.version + 1
        tell(telehealth, bus, citizen, 4, citizen_blocked=events.CitizenBlocked())
        until(telehealth, citizen, "BLOCKED")
        assert reason_of(lambda: telehealth.request(str(citizen))) == "CITIZEN_NOT_ACTIVE"
        tell(telehealth, bus, citizen, 5, citizen_unblocked=events.CitizenUnblocked())
        until(telehealth, citizen, "ACTIVE")


def test_nobody_books_for_the_dead_nor_confirms_what_they_were_offered(telehealth: Telehealth, bus: Bus) -> None:
    citizen = telehealth.clock.new_id()
    with following(telehealth, bus):
        tell(telehealth, bus, citizen, 1, citizen_linked=LINKED)
        until(telehealth, citizen, "ACTIVE")
        waiting = telehealth.triage(telehealth.request(str(citizen)))
        offered = telehealth.offer(telehealth.triage(telehealth.request(str(citizen))), telehealth.slot())
        tell(telehealth, bus, citizen, 2, citizen_died=events.CitizenDied())
        until(telehealth, citizen, "DECEASED")
        refused_to_act(telehealth, citizen, waiting, offered, status="DECEASED")
        tell(telehealth, bus, citizen, 3, death_annulled=events.DeathAnnulled())
        until(telehealth, citizen, "BLOCKED")


def test_an_old_event_does_not_win_and_a_profile_change_does_not_reactivate(telehealth: Telehealth, bus: Bus) -> None:
    citizen = telehealth.clock.new_id()
    with following(telehealth, bus):
        tell(telehealth, bus, citizen, 1, citizen_linked=LINKED)
        tell(telehealth, bus, citizen, 3, citizen_unlinked=events.CitizenUnlinked())
        tell(telehealth, bus, citizen, 2, citizen_linked=LINKED)
        tell(telehealth, bus, citizen, 4, citizen_profile_changed=events.CitizenProfileChanged())
        until(telehealth, citizen, "UNLINKED")
        for _ in range(100):
            if telehealth.rows("select version from citizens where citizen_id = %s", citizen) == [(4,)]:
                break
            threading.Event().wait(0.05)
    assert telehealth.rows("select status, version from citizens") == [("UNLINKED", 4)]


def test_a_person_entered_on_papers_is_a_patient_until_the_entry_is_voided(telehealth: Telehealth, bus: Bus) -> None:
    child = telehealth.clock.new_id()
    with following(telehealth, bus):
        registered = events.CitizenRegistered(account_kind=citizen_pb2.ACCOUNT_KIND_CITIZEN)
        tell(telehealth, bus, child, 1, citizen_registered=registered)
        until(telehealth, child, "ACTIVE")
        telehealth.request(str(child))
        tell(telehealth, bus, child, 2, newborn_voided=events.NewbornVoided())
        until(telehealth, child, "UNLINKED")
    assert reason_of(lambda: telehealth.request(str(child))) == "CITIZEN_NOT_ACTIVE"


def test_an_organisation_cannot_be_a_patient(telehealth: Telehealth, bus: Bus) -> None:
    organisation = telehealth.clock.new_id()
    with following(telehealth, bus):
        tell(telehealth, bus, organisation, 1, citizen_linked=ORGANISATION)
        until(telehealth, organisation, "ACTIVE")
    assert reason_of(lambda: telehealth.request(str(organisation))) == "PERSON_REQUIRED"


def test_unlinking_waits_for_a_booking_under_way_and_the_next_one_sees_it(telehealth: Telehealth) -> None:
    """The check and the booking are one transaction: the copy cannot change between them."""
    from songcau_telehealth.citizens.citizens import hold_active_citizen
    from songcau_telehealth.citizens.model import CitizenStatus

    citizen_id = telehealth.link()
    unlinked = threading.Event()

    def unlink() -> None:
        telehealth.tell(citizen_id, CitizenStatus.UNLINKED, version=2)
        unlinked.set()

    with telehealth.database.transaction() as connection:
        hold_active_citizen(connection, UUID(citizen_id))
        thread = threading.Thread(target=unlink)
        thread.start()
        assert not unlinked.wait(0.3)
    thread.join(5)
    assert unlinked.is_set()
    assert reason_of(lambda: telehealth.request(citizen_id)) == "CITIZEN_NOT_ACTIVE"


def test_every_step_reaches_the_bus_once_and_in_order(telehealth: Telehealth, bus: Bus) -> None:
    done = telehealth.complete(telehealth.in_call())
    relay = Relay(telehealth.database, bus)
    while relay.relay_batch():
        pass
    reader = bus.subscribe("reader", ["telehealth.consultation.v1", "telehealth.access.v1"])
    records = []
    while batch := reader.poll(0.5):
        records += batch
        reader.commit(batch)
    reader.close()
    told = [ConsultationEvent.FromString(r.value) for r in records if r.topic == "telehealth.consultation.v1"]
    assert [event.meta.aggregate_version for event in told] == [1, 2, 3, 4, 5, 6, 7]
    assert told[-1].WhichOneof("fact") == "completed"
    assert {event.meta.aggregate_id for event in told} == {done.consultation_id}
    assert sum(record.topic == "telehealth.access.v1" for record in records) == 7
    assert telehealth.rows("select count(*) from outbox") == [(0,)]


def test_events_tell_nothing_of_the_illness(telehealth: Telehealth) -> None:
    asked = telehealth.request(telehealth.link())
    telehealth.triage(asked, redirect="REDIRECT_TARGET_EMERGENCY", priority="PRIORITY_URGENT", note="Nguy kịch")
    payloads = b"".join(bytes(payload) for (payload,) in telehealth.rows("select payload from outbox"))
    for word in ("GENERAL_INTERNAL", "EMERGENCY", "URGENT", "Nguy"):
        assert word.encode() not in payloads

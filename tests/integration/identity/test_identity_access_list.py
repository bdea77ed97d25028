"""The citizen's own access list: this service's entries at once, other services' over the bus, pages, who sees what."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from songcau.common.v1.access_event_pb2 import AccessEvent
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau_identity import consumers
from songcau_identity.rights.answers import Answers
from songcau_kit.bus import Record, open_bus
from songcau_kit.clock import SystemClock
from songcau_kit.consumer import Consumer
from songcau_kit.topics import load_topics
from support.identity_service import AGENCY, Identity, reason_of
from support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]


def access_event(subject_id: str, *, at: datetime | None = None, **changes: str) -> AccessEvent:
    event = AccessEvent(
        subject_id=subject_id,
        service="eservices",
        client_id="officer-console",
        operation="GET_DOSSIER",
        object_kind="dossier",
        object_id=str(uuid4()),
        purpose="DOSSIER_PROCESSING",
        outcome="ACCESS_OUTCOME_ALLOWED",
    )
    event.meta.id = changes.pop("id", str(uuid4()))
    event.meta.aggregate_id = subject_id
    event.meta.occurred_at.FromDatetime(at or datetime.now(UTC))
    event.meta.actor.id, event.meta.actor.kind, event.meta.actor.organization = "officer-9", "OFFICER", AGENCY
    for name, value in changes.items():
        setattr(event, name, value)
    return event


def test_citizens_see_who_touched_their_data_newest_first(identity: Identity):
    citizen_id = identity.link().citizen.citizen_id
    identity.citizens.GetOwnProfile(citizens.GetOwnProfileRequest(), metadata=identity.as_citizen(citizen_id))
    identity.citizens.LookUpCitizen(
        citizens.LookUpCitizenRequest(number="019185000001"), metadata=identity.as_officer()
    )
    accesses = identity.own_accesses(citizen_id).accesses
    assert [(entry.operation, entry.actor_kind, entry.own) for entry in accesses] == [
        ("LOOK_UP_CITIZEN", "OFFICER", False),
        ("GET_OWN_PROFILE", "CITIZEN", True),
        ("LINK_CITIZEN", "SYSTEM", False),
    ]
    looked_up = accesses[0]
    assert (looked_up.actor_id, looked_up.actor_organization) == ("officer-1", AGENCY)
    assert (looked_up.purpose, looked_up.outcome, looked_up.service) == ("DOSSIER_PROCESSING", "ALLOWED", "identity")
    assert looked_up.client_id == "officer-console"


def test_reading_the_list_is_an_access_itself(identity: Identity):
    citizen_id = identity.link().citizen.citizen_id
    identity.own_accesses(citizen_id)
    assert identity.own_accesses(citizen_id).accesses[0].operation == "LIST_OWN_ACCESSES"


def test_refused_accesses_stand_on_the_list_with_their_reason(identity: Identity):
    citizen_id = identity.link().citizen.citizen_id
    metadata = identity.as_officer(purpose=None)
    request = citizens.LookUpCitizenRequest(number="019185000001")
    assert reason_of(lambda: identity.citizens.LookUpCitizen(request, metadata=metadata)) == "PURPOSE_REQUIRED"
    entry = identity.own_accesses(citizen_id).accesses[0]
    assert (entry.outcome, entry.reason) == ("DENIED", "PURPOSE_REQUIRED")


def test_nobody_sees_the_list_of_another(identity: Identity):
    first = identity.link(number="019185000001").citizen.citizen_id
    second = identity.link(number="019185000002").citizen.citizen_id
    identity.own_accesses(first)
    assert [entry.operation for entry in identity.own_accesses(second).accesses] == ["LINK_CITIZEN"]
    assert reason_of(lambda: identity.own_accesses(str(uuid4()))) == "CITIZEN_NOT_FOUND"


def test_the_list_stays_readable_after_unlinking(identity: Identity):
    citizen_id = identity.link().citizen.citizen_id
    request = citizens.UnlinkCitizenRequest(request_id="u-1", expected_version=1)
    identity.citizens.UnlinkCitizen(request, metadata=identity.as_citizen(citizen_id))
    assert identity.own_accesses(citizen_id).accesses[0].operation == "UNLINK_CITIZEN"


def put_entries(identity: Identity, citizen_id: str, count: int) -> None:
    now = datetime.now(UTC)
    with psycopg.connect(identity.url) as connection:
        for index in range(count):
            # Every third entry shares its instant with the one before: only the id tells them apart.
            at = now - timedelta(minutes=index - (index % 3 == 2))
            consumers.on_access(connection, access_event(citizen_id, at=at))


def test_pages_hold_every_entry_once_while_new_ones_arrive(identity: Identity):
    citizen_id = identity.link().citizen.citizen_id
    put_entries(identity, citizen_id, 24)
    expected = {entry.entry_id for entry in identity.own_accesses(citizen_id, page_size=200).accesses}
    seen: list[tuple[str, float]] = []
    page_token = ""
    while True:
        page = identity.own_accesses(citizen_id, page_size=4, page_token=page_token)
        seen += [(entry.entry_id, entry.occurred_at.ToNanoseconds()) for entry in page.accesses]
        page_token = page.next_page_token
        if not page_token:
            break
    ids = [entry_id for entry_id, _ in seen]
    assert len(ids) == len(set(ids))
    assert expected <= set(ids)
    assert [at for _, at in seen] == sorted((at for _, at in seen), reverse=True)


def test_a_cursor_is_good_for_its_citizen_only_and_unaltered(identity: Identity):
    first = identity.link(number="019185000001").citizen.citizen_id
    second = identity.link(number="019185000002").citizen.citizen_id
    put_entries(identity, first, 5)
    cursor = identity.own_accesses(first, page_size=2).next_page_token
    assert reason_of(lambda: identity.own_accesses(second, page_token=cursor)) == "CURSOR_INVALID"
    assert reason_of(lambda: identity.own_accesses(first, page_token=cursor[:-2] + "xx")) == "CURSOR_INVALID"
    assert reason_of(lambda: identity.own_accesses(first, page_token="x")) == "CURSOR_INVALID"


@pytest.mark.parametrize(("asked", "given"), [(0, 50), (1, 1), (200, 200), (1000, 200), (-1, 50)])
def test_a_page_has_fifty_entries_unless_asked_and_never_more_than_two_hundred(identity: Identity, asked, given):
    citizen_id = identity.link().citizen.citizen_id
    put_entries(identity, citizen_id, 210)
    assert len(identity.own_accesses(citizen_id, page_size=asked).accesses) == given


@pytest.mark.parametrize("filters", [{}, {"client_ids": ("c",)}, {"on_behalf_of": (str(UUID(int=7)),)}])
def test_a_page_is_two_short_index_reads_however_long_the_list(identity: Identity, filters: dict[str, tuple[str, ...]]):
    from songcau_identity.repositories import accesses as repository

    citizen_id = identity.link().citizen.citizen_id
    with psycopg.connect(identity.url, autocommit=True) as connection:
        connection.execute(
            """insert into access_entries select gen_random_uuid(), now() - n * interval '1 second', gen_random_uuid(),
                'eservices', 'a', 'OFFICER', '', '', 'c', 'GET_DOSSIER', 'dossier', 'o', '', 'ALLOWED', ''
            from generate_series(1, 20000) n"""
        )
        connection.execute("analyze access_entries")
        wanted = repository.AccessFilter(**filters).values()
        values = {"subjects": [citizen_id], "limit": 51, **repository._NEWEST, **wanted}
        plan = "\n".join(row[0] for row in connection.execute("explain " + repository._PAGE, values))
    assert "access_entries_by_subject" in plan
    assert "Seq Scan on access_entries" not in plan


def test_acts_for_one_person_are_found_among_the_own_acts_for_others(identity: Identity):
    from songcau_identity.repositories import accesses as repository

    with psycopg.connect(identity.url, autocommit=True) as connection:
        connection.execute(
            """insert into access_entries select gen_random_uuid(), now() - n * interval '1 second', gen_random_uuid(),
                'eservices', 'actor-' || n % 200, 'CITIZEN', '', gen_random_uuid()::text, 'c', 'GET_DOSSIER', 'dossier',
                'o', '', 'ALLOWED', '' from generate_series(1, 20000) n"""
        )
        connection.execute("analyze access_entries")
        wanted = repository.AccessFilter(on_behalf_of=(str(UUID(int=7)),), for_others=True).values()
        values = {"actor": "actor-7", "limit": 51, **repository._NEWEST, **wanted}
        plan = "\n".join(row[0] for row in connection.execute("explain " + repository._FOR_OTHERS, values))
    assert "access_entries_for_others" in plan or "access_entries_by_actor" in plan
    assert "Seq Scan on access_entries" not in plan


def test_accesses_of_other_services_arrive_over_the_bus_once(identity: Identity, bus_url_factory):
    citizen_id = identity.link().citizen.citizen_id
    bus = open_bus(bus_url_factory("bus"), "identity-test")
    bus.ensure_topics(load_topics(ROOT / "proto/topics"))
    handlers = consumers.handlers(Answers(SystemClock()), (), ())
    consumer = Consumer(bus, identity.database, group=consumers.GROUP, handlers=handlers)
    consumer.start()
    dossier = access_event(citizen_id)
    visit = access_event(citizen_id, service="telehealth", operation="GET_SUMMARY", purpose="CARE")
    denied = access_event(citizen_id, reason="AGENCY_MISMATCH")
    denied.outcome = "ACCESS_OUTCOME_DENIED"
    records = [
        Record(topic, citizen_id, event.SerializeToString(), {"ce_id": event.meta.id})
        for topic, event in (
            ("eservices.access.v1", dossier),
            ("eservices.access.v1", dossier),
            ("eservices.access.v1", denied),
            ("telehealth.access.v1", visit),
        )
    ]
    try:
        bus.publish(records)
        wait_until(lambda: identity.rows("select count(*) from access_entries") == [(3,)])
    finally:
        consumer.stop(5)
        bus.close()
    listed = {entry.entry_id: entry for entry in identity.own_accesses(citizen_id).accesses}
    assert listed[visit.meta.id].service == "telehealth"
    assert listed[dossier.meta.id].actor_organization == AGENCY
    assert (listed[denied.meta.id].outcome, listed[denied.meta.id].reason) == ("DENIED", "AGENCY_MISMATCH")


def test_every_access_of_this_service_is_an_event_for_others(identity: Identity):
    identity.link()
    ((payload,),) = identity.rows("select payload from outbox where topic = 'identity.access.v1'")
    event = AccessEvent.FromString(bytes(payload))
    assert (event.service, event.operation, event.meta.actor.kind) == ("identity", "LINK_CITIZEN", "SYSTEM")

"""The citizen narrows the access list by time, service, actor, purpose and outcome."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from songcau.common.v1.access_event_pb2 import AccessEvent
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau_identity import consumers
from support.identity_service import Identity, reason_of

NOW = datetime.now(UTC)


def entry(citizen_id: str, number: int, **changes: str) -> AccessEvent:
    event = AccessEvent(
        subject_id=citizen_id,
        service=changes.get("service", "eservices"),
        client_id="officer-console",
        operation=changes.get("operation", "GET_DOSSIER"),
        object_kind="dossier",
        object_id="d",
        purpose=changes.get("purpose", "DOSSIER_PROCESSING"),
        outcome=f"ACCESS_OUTCOME_{changes.get('outcome', 'ALLOWED')}",
    )
    event.meta.id = f"00000000-0000-4000-8000-{number:012}"
    event.meta.occurred_at.FromDatetime(NOW - timedelta(days=number))
    event.meta.actor.id, event.meta.actor.kind = "officer-9", changes.get("kind", "OFFICER")
    return event


@pytest.fixture
def citizen(identity: Identity) -> str:
    citizen_id = str(identity.link().citizen.citizen_id)
    told = (
        entry(citizen_id, 1),
        entry(citizen_id, 2, kind="LEADER"),
        entry(citizen_id, 3, outcome="DENIED", purpose="INSPECTION"),
        entry(citizen_id, 4, service="telehealth", operation="GET_SUMMARY", purpose="CARE", kind="CLINICIAN"),
        entry(citizen_id, 5, service="telehealth", operation="GET_SUMMARY", purpose="CARE", kind="CITIZEN"),
    )
    with psycopg.connect(identity.url) as connection:
        for one in told:
            consumers.on_access(connection, one)
    return citizen_id


def numbers(identity: Identity, citizen_id: str, **filters: object) -> list[int]:
    """Return which of the entries above pass, by number; own entries of identity are left out."""
    listed = identity.own_accesses(citizen_id, **filters).accesses
    return [int(one.entry_id[-12:]) for one in listed if one.service != "identity"]


def stamp(days_ago: float) -> Timestamp:
    at = Timestamp()
    at.FromDatetime(NOW - timedelta(days=days_ago))
    return at


def test_without_a_filter_everything_is_listed(identity: Identity, citizen: str) -> None:
    assert numbers(identity, citizen) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"services": ["telehealth"]}, [4, 5]),
        ({"services": ["eservices", "telehealth"], "outcomes": ["DENIED"]}, [3]),
        ({"actor_kinds": ["LEADER", "CITIZEN"]}, [2, 5]),
        ({"purposes": ["CARE"], "actor_kinds": ["CLINICIAN"]}, [4]),
        ({"outcomes": ["FAILED"]}, []),
    ],
)
def test_filters_narrow_together(identity: Identity, citizen: str, filters: dict[str, list[str]], found: list[int]):
    assert numbers(identity, citizen, **filters) == found


def test_a_time_span_holds_its_beginning_and_not_its_end(identity: Identity, citizen: str) -> None:
    assert numbers(identity, citizen, since=stamp(4), until=stamp(2)) == [3, 4]


def test_the_service_s_own_entries_are_filtered_as_those_of_others(identity: Identity, citizen: str) -> None:
    request = citizens.LookUpCitizenRequest(number="019185000001")
    identity.citizens.LookUpCitizen(request, metadata=identity.as_officer())
    listed = identity.own_accesses(citizen, services=["identity"], actor_kinds=["OFFICER"]).accesses
    assert [(one.service, one.operation) for one in listed] == [("identity", "LOOK_UP_CITIZEN")]


def test_pages_of_a_filtered_list_hold_each_entry_once(identity: Identity, citizen: str) -> None:
    first = identity.own_accesses(citizen, services=["eservices"], page_size=2)
    second = identity.own_accesses(citizen, services=["eservices"], page_size=2, page_token=first.next_page_token)
    ids = [int(one.entry_id[-12:]) for page in (first, second) for one in page.accesses]
    assert ids == [1, 2, 3]
    assert second.next_page_token == ""


def test_a_cursor_goes_on_only_with_the_filters_it_came_with(identity: Identity, citizen: str) -> None:
    cursor = identity.own_accesses(citizen, services=["eservices"], page_size=2).next_page_token
    for filters in ({}, {"services": ["telehealth"]}, {"services": ["eservices"], "outcomes": ["ALLOWED"]}):
        reason = reason_of(lambda f=filters: identity.own_accesses(citizen, page_token=cursor, **f))
        assert reason == "CURSOR_INVALID"


@pytest.mark.parametrize(
    "filters",
    [
        {"services": ["e services"]},
        {"purposes": [""]},
        {"outcomes": ["ALLOWED"] * 21},
        {"since": stamp(1), "until": stamp(1)},
        {"since": stamp(1), "until": stamp(2)},
    ],
)
def test_a_filter_that_can_mean_nothing_is_refused(identity: Identity, citizen: str, filters: dict[str, object]):
    assert reason_of(lambda: identity.own_accesses(citizen, **filters)) == "INVALID_REQUEST"

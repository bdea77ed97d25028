"""The citizen narrows the access list by time, service, actor, purpose, outcome, app and whom somebody acted for."""

from datetime import UTC, datetime, timedelta
from itertools import product

import psycopg
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from songcau.common.v1.access_event_pb2 import AccessEvent, AccessOutcome
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau_identity import consumers
from support.identity_service import Identity, reason_of
from support.record_acts import merge

NOW = datetime.now(UTC)
SHOP = "00000000-0000-4000-8000-0000000000aa"


def entry(citizen_id: str, number: int, **changes: str) -> AccessEvent:
    event = AccessEvent(
        subject_id=citizen_id,
        service=changes.get("service", "eservices"),
        client_id=changes.get("client", "officer-console"),
        operation=changes.get("operation", "GET_DOSSIER"),
        object_kind="dossier",
        object_id="d",
        purpose=changes.get("purpose", "DOSSIER_PROCESSING"),
        outcome=f"ACCESS_OUTCOME_{changes.get('outcome', 'ALLOWED')}",
        on_behalf_of=changes.get("on_behalf_of", ""),
    )
    event.meta.id = f"00000000-0000-4000-8000-{number:012}"
    event.meta.occurred_at.FromDatetime(NOW - timedelta(days=number))
    event.meta.actor.id, event.meta.actor.kind = changes.get("actor", "officer-9"), changes.get("kind", "OFFICER")
    return event


def take_in(identity: Identity, *told: AccessEvent) -> None:
    with psycopg.connect(identity.url) as connection:
        for one in told:
            consumers.on_access(connection, one)


@pytest.fixture
def citizen(identity: Identity) -> str:
    citizen_id = str(identity.link().citizen.citizen_id)
    take_in(
        identity,
        entry(citizen_id, 1),
        entry(citizen_id, 2, kind="LEADER"),
        entry(citizen_id, 3, outcome="DENIED", purpose="INSPECTION"),
        entry(citizen_id, 4, service="telehealth", operation="GET_SUMMARY", purpose="CARE", kind="CLINICIAN"),
        entry(citizen_id, 5, service="telehealth", operation="GET_SUMMARY", purpose="CARE", kind="CITIZEN"),
    )
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
        {"client_ids": ["citizen app"]},
        {"client_ids": [""]},
        {"client_ids": ["a" * 65]},
        {"client_ids": ["citizen-app"] * 21},
        {"on_behalf_of": ["my mother"]},
        {"on_behalf_of": ["{00000000-0000-4000-8000-0000000000aa}"]},
        {"on_behalf_of": [""]},
        {"on_behalf_of": [SHOP] * 21},
    ],
)
def test_a_filter_that_can_mean_nothing_is_refused(identity: Identity, citizen: str, filters: dict[str, object]):
    assert reason_of(lambda: identity.own_accesses(citizen, **filters)) == "INVALID_REQUEST"


@pytest.fixture
def acts(identity: Identity, citizen: str) -> list[AccessEvent]:
    """Return what is told of the citizen through three apps, in three names, in the order of the list."""
    names, apps, outcomes = (
        ("", citizen, SHOP),
        ("citizen-app", "hospital-his", "officer-console"),
        ("ALLOWED", "FAILED"),
    )
    told = [
        entry(citizen, 100 + number, on_behalf_of=name, client=app, outcome=outcome, kind="CITIZEN")
        for number, (name, app, outcome) in enumerate(product(names, apps, outcomes))
    ]
    take_in(identity, *told)
    return told


@pytest.mark.parametrize(
    ("apps", "represented", "outcomes"),
    [
        *product(
            ([], ["citizen-app"], ["hospital-his", "officer-console"], ["app-of-nobody"]),
            ([], [SHOP], ["the citizen"], [SHOP, "the citizen"]),
            ([], ["FAILED"]),
        )
    ],
)
def test_pages_by_app_and_by_whom_somebody_acted_for_hold_each_entry_that_fits_once(
    identity: Identity,
    citizen: str,
    acts: list[AccessEvent],
    apps: list[str],
    represented: list[str],
    outcomes: list[str],
):
    names = [citizen if name == "the citizen" else name for name in represented]
    filters = {"client_ids": apps, "on_behalf_of": names, "outcomes": outcomes, "until": stamp(99)}
    fitting = [
        act.meta.id
        for act in acts
        if (not apps or act.client_id in apps)
        and (not names or act.on_behalf_of in names)
        and (not outcomes or AccessOutcome.Name(act.outcome).removeprefix("ACCESS_OUTCOME_") in outcomes)
    ]
    seen, cursor = [], ""
    while True:
        page = identity.own_accesses(citizen, page_size=4, page_token=cursor, **filters)
        seen += [one.entry_id for one in page.accesses]
        if not (cursor := page.next_page_token):
            break
    assert seen == fitting


def test_acts_for_others_are_narrowed_to_those_for_one_of_them(identity: Identity, citizen: str):
    account = f"account-of-{citizen}"
    child, neighbour = (str(identity.link(number=f"01918500001{n}").citizen.citizen_id) for n in (1, 2))
    take_in(
        identity,
        entry(child, 1001, actor=account, kind="CITIZEN", on_behalf_of=child),
        entry(neighbour, 1002, actor=account, kind="CITIZEN", on_behalf_of=neighbour, client="hospital-his"),
    )

    def found(**filters: object) -> list[int]:
        listed = identity.own_accesses(citizen, for_others=True, **filters).accesses
        return [int(one.entry_id[-12:]) for one in listed]

    assert found() == [1001, 1002]
    assert found(on_behalf_of=[child.upper()]) == [1001]
    assert found(on_behalf_of=[child, neighbour], client_ids=["hospital-his"]) == [1002]
    assert found(on_behalf_of=[citizen]) == []


def test_a_merged_person_is_found_by_every_id_the_person_had(identity: Identity, citizen: str):
    now, former = (identity.link(number=f"01918500002{n}", full_name="Hoàng Văn Mẫu").citizen for n in (1, 2))
    told = [
        entry(one.citizen_id, 1100 + n, actor=f"account-of-{citizen}", kind="CITIZEN", on_behalf_of=one.citizen_id)
        for n, one in enumerate((now, former))
    ]
    take_in(identity, *told)
    merge(identity, now, former)
    for one in (now, former):
        found = identity.own_accesses(citizen, for_others=True, on_behalf_of=[one.citizen_id]).accesses
        assert [entry.entry_id for entry in found] == [event.meta.id for event in told]

"""Facilities, practitioners, slots and lists: what is shown, in pages, to whom."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from songcau.telehealth.v1 import consultation_pb2 as pb
from songcau.telehealth.v1 import consultation_service_pb2 as calls
from songcau.telehealth.v1 import facility_pb2
from songcau.telehealth.v1 import facility_service_pb2 as directory
from songcau.telehealth.v1 import slot_service_pb2 as slots
from songcau_kit.clock import SystemClock
from songcau_kit.migrations import migrate
from songcau_telehealth.seeding import seed_development
from songcau_telehealth.settings import Settings
from support.telehealth_service import (
    COLLEAGUE,
    DOCTOR,
    HOSPITAL,
    LICENCE,
    SERVICE,
    STATION,
    UNDECLARED,
    Telehealth,
    error_of,
    key,
    reason_of,
)


def new_slots(site: Telehealth, *starts: float, minutes: int = 20) -> list[slots.NewSlot]:
    found = []
    for hours in starts:
        slot = slots.NewSlot()
        slot.starts_at.FromDatetime(site.clock.now() + timedelta(hours=hours))
        slot.ends_at.FromDatetime(site.clock.now() + timedelta(hours=hours, minutes=minutes))
        found.append(slot)
    return found


def publish(site: Telehealth, who: Any = None, **changes: Any) -> Any:
    given = {
        "request_id": key(),
        "facility_code": HOSPITAL,
        "practitioner_id": str(DOCTOR),
        "slots": new_slots(site, 1, 2),
    } | changes
    return site.slots.PublishSlots(slots.PublishSlotsRequest(**given), metadata=who or site.as_manager()).slots


def listed(site: Telehealth, who: Any = None, **changes: Any) -> Any:
    request = slots.ListSlotsRequest(**({"facility_code": HOSPITAL} | changes))
    return site.slots.ListSlots(request, metadata=who or site.as_citizen("x"))


def test_a_manager_publishes_slots_and_a_repeat_publishes_none(telehealth: Telehealth) -> None:
    same = key()
    first = publish(telehealth, request_id=same)
    assert [slot.free for slot in first] == [True, True]
    assert publish(telehealth, request_id=same) == first
    assert telehealth.rows("select count(*) from slots") == [(2,)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"facility_code": UNDECLARED}, "FACILITY_NOT_FOUND"),
        ({"practitioner_id": str(UUID(int=3))}, "PRACTITIONER_NOT_FOUND"),
        ({"slots": []}, "INVALID_REQUEST"),
        ({"practitioner_id": "nobody"}, "INVALID_REQUEST"),
    ],
)
def test_slots_of_others_are_not_published(telehealth: Telehealth, changes: dict[str, Any], reason: str) -> None:
    assert reason_of(lambda: publish(telehealth, **changes)) == reason


def test_each_wrong_slot_is_named_and_none_is_published(telehealth: Telehealth) -> None:
    wrong = [*new_slots(telehealth, 1, -1), *new_slots(telehealth, 3, minutes=3), slots.NewSlot()]
    error = error_of(lambda: publish(telehealth, slots=wrong[:3]))
    assert {v.pointer for v in error.violations} == {"/slots/1", "/slots/2"}
    assert error_of(lambda: publish(telehealth, slots=wrong)).violations[0].pointer == "/slots/3/starts_at"
    overlapping = new_slots(telehealth, 1, 1.2)
    assert reason_of(lambda: publish(telehealth, slots=overlapping)) == "SLOT_OVERLAPS"
    assert telehealth.rows("select 1 from slots") == []
    first = publish(telehealth)[0]
    error = error_of(lambda: publish(telehealth, slots=new_slots(telehealth, 1.1)))
    assert error.details["slot_id"] == first.slot_id


def test_only_managers_publish(telehealth: Telehealth) -> None:
    for who in (telehealth.as_doctor(), telehealth.as_station(), telehealth.as_citizen("x")):
        assert reason_of(lambda who=who: publish(telehealth, who=who)) == "PERMISSION_DENIED"


def test_free_slots_come_in_pages_that_stay_stable(telehealth: Telehealth) -> None:
    published = publish(telehealth, slots=new_slots(telehealth, *range(1, 8)))
    telehealth.offer(telehealth.triage(telehealth.request(telehealth.link())), published[2].slot_id)
    seen: list[str] = []
    token = ""
    while True:
        page = listed(telehealth, page_size=2, page_token=token, free_only=True)
        seen += [slot.slot_id for slot in page.slots]
        token = page.next_page_token
        if not token:
            break
        assert len(page.slots) == 2
    assert seen == [slot.slot_id for slot in published if slot.slot_id != published[2].slot_id]
    assert [slot.free for slot in listed(telehealth).slots].count(False) == 1


def test_slots_are_filtered_and_the_past_is_never_shown(telehealth: Telehealth) -> None:
    publish(telehealth)
    publish(telehealth, practitioner_id=str(COLLEAGUE), slots=new_slots(telehealth, 3))
    until = Timestamp()
    until.FromDatetime(telehealth.clock.now() + timedelta(hours=2))
    assert len(listed(telehealth, to=until).slots) == 1
    assert len(listed(telehealth, practitioner_id=str(COLLEAGUE)).slots) == 1
    assert len(listed(telehealth, service_code="CARDIOLOGY").slots) == 0
    telehealth.clock.advance(timedelta(hours=1, minutes=30))
    assert len(listed(telehealth).slots) == 2
    assert reason_of(lambda: listed(telehealth, facility_code="")) == "INVALID_REQUEST"
    assert reason_of(lambda: listed(telehealth, page_token="made-up")) == "CURSOR_INVALID"
    assert reason_of(lambda: listed(telehealth, page_size=201)) == "INVALID_REQUEST"


def test_the_directory_shows_declarations_contracts_and_hours(telehealth: Telehealth) -> None:
    me = telehealth.as_citizen("x")
    found = telehealth.facilities.GetFacility(
        directory.GetFacilityRequest(facility_code=HOSPITAL), metadata=me
    ).facility
    assert found.kind == facility_pb2.FACILITY_KIND_HOSPITAL
    assert {each.service_code for each in found.declarations} == {SERVICE, "PAEDIATRICS", "CARDIOLOGY"}
    assert found.declarations[0].valid_from == "2026-01-15"
    assert found.contracts[0].supported_facility_code == STATION
    request = directory.GetFacilityRequest(facility_code="19999")
    assert reason_of(lambda: telehealth.facilities.GetFacility(request, metadata=me)) == "FACILITY_NOT_FOUND"

    people = telehealth.facilities.ListPractitioners(
        directory.ListPractitionersRequest(facility_code=HOSPITAL, service_code=SERVICE), metadata=me
    ).practitioners
    assert [person.card.licence_number for person in people] == [LICENCE, "990102/TNG-GPHN"]
    assert len(people[0].hours) == 7


def test_facilities_come_in_pages_and_by_filters(telehealth: Telehealth) -> None:
    me = telehealth.as_station()

    def ask(**fields: Any) -> Any:
        return telehealth.facilities.ListFacilities(directory.ListFacilitiesRequest(**fields), metadata=me)

    first = ask(page_size=3)
    second = ask(page_size=3, page_token=first.next_page_token)
    codes = [facility.facility_code for page in (first, second) for facility in page.facilities]
    assert codes == sorted(codes)
    assert (len(codes), second.next_page_token) == (4, "")
    assert len(ask(kind="FACILITY_KIND_COMMUNE_STATION").facilities) == 2
    assert [f.facility_code for f in ask(service_code=SERVICE).facilities] == [HOSPITAL]
    assert len(ask(unit_code="99999").facilities) == 0


def consultations(site: Telehealth, who: Any, **fields: Any) -> Any:
    return site.consultations.ListConsultations(calls.ListConsultationsRequest(**fields), metadata=who)


def test_everybody_lists_their_own_part(telehealth: Telehealth) -> None:
    first, second = telehealth.link(), telehealth.link()
    mine = telehealth.request(first)
    other = telehealth.scheduled(second)
    newest_first = [other.consultation_id, mine.consultation_id]

    def ids(who: Any, **fields: Any) -> list[str]:
        return [line.consultation_id for line in consultations(telehealth, who, **fields).consultations]

    assert ids(telehealth.as_citizen(first)) == [mine.consultation_id]
    assert ids(telehealth.as_station()) == newest_first
    assert ids(telehealth.as_station(facility_codes=["19912"])) == []
    assert ids(telehealth.as_doctor()) == newest_first
    assert ids(telehealth.as_doctor(), view="CONSULTATION_VIEW_ASSIGNED") == [other.consultation_id]
    assert ids(telehealth.as_doctor(COLLEAGUE), view="CONSULTATION_VIEW_ASSIGNED") == []
    assert ids(telehealth.as_station(), states=["CONSULTATION_STATE_SCHEDULED"]) == [other.consultation_id]
    assert reason_of(lambda: ids(telehealth.as_citizen(first), view="CONSULTATION_VIEW_QUEUE")) == "VIEW_NOT_YOURS"
    assert reason_of(lambda: ids(telehealth.as_station(purpose=None))) == "PURPOSE_REQUIRED"
    line = consultations(telehealth, telehealth.as_doctor()).consultations[0]
    assert (line.state, line.patient_name != "", line.starts_at.seconds > 0) == (
        pb.CONSULTATION_STATE_SCHEDULED,
        True,
        True,
    )


def test_pages_of_consultations_do_not_repeat_when_new_ones_come(telehealth: Telehealth) -> None:
    asked = [telehealth.request(telehealth.link()).consultation_id for _ in range(5)]
    who = telehealth.as_station()
    first = consultations(telehealth, who, page_size=2)
    telehealth.request(telehealth.link())
    second = consultations(telehealth, who, page_size=3, page_token=first.next_page_token)
    seen = [line.consultation_id for page in (first, second) for line in page.consultations]
    assert seen == asked[::-1]
    # A token counts for the view it came from.
    assert reason_of(
        lambda: consultations(telehealth, telehealth.as_doctor(), page_token=listed_token(telehealth))
    ) == "CURSOR_INVALID"  # fmt: skip


def listed_token(site: Telehealth) -> str:
    publish(site)
    return str(listed(site, page_size=1).next_page_token)


def test_the_seed_is_idempotent_and_its_slots_lie_ahead(postgres_url_factory: Callable[[str], str]) -> None:
    url = postgres_url_factory("telehealth_seed")
    migrate(url, package="songcau_telehealth")
    settings = Settings(database_url=url)
    clock = SystemClock()
    assert "3 facilities, 2 contracts, 3 practitioners" in seed_development(settings, clock)
    assert seed_development(settings, clock).endswith(" 0 new slots")
    with psycopg.connect(url) as connection:
        count, first, last = (
            connection.execute("select count(*), min(starts_at), max(starts_at) from slots").fetchone() or ()
        )
    assert count > 100
    assert clock.now() < first < clock.now() + timedelta(minutes=20)
    assert last > clock.now() + timedelta(days=1)

"""Fills a development database from `development.toml`: the same facts each time, slots from the clock on."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from songcau_kit.clock import VIETNAM, Clock, SystemClock
from songcau_kit.database import Connection, Database

from songcau_telehealth.app import build_cursors, build_desk
from songcau_telehealth.facilities import repository
from songcau_telehealth.facilities.model import (
    Contract,
    Facility,
    FacilityKind,
    Practitioner,
    PractitionerCard,
    WorkingHours,
)
from songcau_telehealth.settings import Settings
from songcau_telehealth.slots.model import Period
from songcau_telehealth.slots.slots import Slots

FILE = Path(__file__).parent / "development.toml"
HOURS_FROM = date(2026, 1, 1)
HEADWAY = timedelta(minutes=5)


def seed_development(settings: Settings, clock: Clock | None = None) -> str:
    """Seed and return a sentence about it; refuses any environment but development."""
    if settings.environment != "development":
        raise SystemExit("the seed holds invented people: it runs in development only")
    clock = clock or SystemClock()
    content = tomllib.loads(FILE.read_text())
    database = Database(settings.database_url, max_size=2, application_name="telehealth-seed")
    try:
        with database.transaction() as connection:
            _save_facts(connection, content)
        slots = Slots(database, clock, build_cursors(settings), build_desk(settings, database, clock).register)
        published = sum(
            slots.publish_seeded(
                facility_code=entry["facility_code"],
                practitioner_id=UUID(entry["practitioner_id"]),
                periods=list(periods_of(entry, clock.now())),
            )
            for entry in content["practitioners"]
            if "slot_minutes" in entry
        )
    finally:
        database.close()
    return (
        f"{len(content['facilities'])} facilities, {len(content['contracts'])} contracts, "
        f"{len(content['practitioners'])} practitioners, {published} new slots"
    )


def periods_of(entry: Mapping[str, Any], now: datetime) -> Iterator[Period]:
    """Yield the slots of a practitioner's declared hours from a little after now on."""
    length = timedelta(minutes=entry["slot_minutes"])
    today = now.astimezone(VIETNAM).date()
    for day in (today + timedelta(days=ahead) for ahead in range(entry["slot_days"])):
        if day.isoweekday() not in entry["weekdays"]:
            continue
        midnight = datetime.combine(day, time(), tzinfo=VIETNAM)
        for first, last in entry["hours"]:
            start = midnight + timedelta(minutes=first)
            while start + length <= midnight + timedelta(minutes=last):
                if start >= now + HEADWAY:
                    yield Period(start, start + length)
                start += length


def _save_facts(connection: Connection, content: Mapping[str, Any]) -> None:
    for entry in content["facilities"]:
        facility = Facility(entry["facility_code"], FacilityKind(entry["kind"]), entry["name"], entry["unit_code"])
        repository.save_facility(connection, facility)
        for service in entry.get("services", ()):
            repository.save_declaration(
                connection,
                facility.facility_code,
                service,
                receipt_slip_on=entry["receipt_slip_on"],
                published_on=entry["published_on"],
            )
    for entry in content["contracts"]:
        repository.save_contract(
            connection,
            Contract(
                UUID(entry["contract_id"]),
                entry["number"],
                entry["supporting_facility_code"],
                entry["supported_facility_code"],
                entry["valid_from"],
                entry.get("valid_to"),
            ),
        )
    for entry in content["practitioners"]:
        repository.save_practitioner(connection, _practitioner_of(entry))


def _practitioner_of(entry: Mapping[str, Any]) -> Practitioner:
    card = PractitionerCard(
        UUID(entry["practitioner_id"]), 0, entry["full_name"], entry["title"], entry["licence_number"]
    )
    hours: Sequence[WorkingHours] = [
        WorkingHours(entry["facility_code"], weekday, first, last, HOURS_FROM)
        for weekday in entry["weekdays"]
        for first, last in entry["hours"]
    ]
    return Practitioner(card, tuple(entry["services"]), tuple(hours))

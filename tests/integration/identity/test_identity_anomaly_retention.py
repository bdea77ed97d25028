"""What look-ups were judged from, and what became of it, goes when its years are over; what waits stays."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from songcau_identity.anomalies.retention import AnomalyRetention
from songcau_identity.app import build_desk
from songcau_kit.clock import years_after
from songcau_kit.errors import DomainError
from songcau_kit.processing import processing_register
from support.anomalies import DAY, Review, ask, at, call, data_officer, decide, enter, explain, listed, officer
from support.identity_service import Identity, Person

YEARS = 5


def citizen(identity: Identity, number: int = 1) -> str:
    person = Person(number=f"0191850000{number:02}", full_name=f"Hoàng Thị Thử {chr(64 + number)}")
    return str(identity.link(person).citizen.citizen_id)


class Retention:
    """The job on a clock of its own."""

    def __init__(self, identity: Identity, *, at_most: int = 500) -> None:
        self.review = Review(identity)
        desk = build_desk(identity.settings, identity.database, self.review.clock)
        self.keys = desk.data_keys
        self.job = AnomalyRetention(desk, years=YEARS, at_most=at_most)

    def on(self, day: Any) -> int:
        """Work as on this day until nothing is left; return in how many portions."""
        self.review.clock.set(at(day, 0, 5))
        portions = 1
        while self.job.tidy():
            portions += 1
        return portions


def explained(identity: Identity, number: int, day: Any) -> Any:
    """Return an anomaly of a day that was asked about, answered and decided; decided on that day as far as is kept."""
    citizen_id, officer_id = citizen(identity, number), f"officer-{number}"
    enter(identity, citizen_id, when=at(day), actor_id=officer_id)
    review = Review(identity)
    review.go_to(day + timedelta(days=4))
    (found,) = [one for one in listed(identity) if one.officer_id == officer_id]
    answered = explain(identity, ask(identity, found), caller=officer(identity, sub=officer_id))
    decided = decide(identity, answered, "EXPLAINED")
    with identity.database.transaction() as conn:
        conn.execute("update anomalies set decided_at = %s where anomaly_id = %s", (at(day), decided.anomaly_id))
    return decided


def counts(identity: Identity) -> tuple[int, int, int]:
    return tuple(
        identity.rows(f"select count(*) from {table}")[0][0]
        for table in ("anomalies", "anomaly_entries", "officer_days")
    )


def test_a_decided_anomaly_stays_for_its_years_and_goes_with_its_words_the_day_after(identity: Identity) -> None:
    anomaly = explained(identity, 1, DAY)
    retention = Retention(identity)
    last_day = years_after(DAY, YEARS)

    retention.on(last_day)
    assert counts(identity) == (1, 1, 1)
    retention.on(last_day + timedelta(days=1))
    assert counts(identity) == (0, 0, 0)
    assert listed(identity) == []
    with pytest.raises(DomainError) as caught, identity.database.read() as conn:
        retention.keys.get(conn, UUID(anomaly.anomaly_id))
    assert caught.value.reason.code == "DATA_KEY_DESTROYED"
    # The look-up itself is on the citizen's list still: accesses have a time of their own.
    assert identity.rows("select count(*) from audit_entries where operation = 'LOOK_UP_CITIZEN'") == [(1,)]


def test_what_nobody_decided_stays_and_so_does_a_day_that_is_not_judged(identity: Identity) -> None:
    enter(identity, citizen(identity))
    Review(identity).run()
    with identity.database.transaction() as conn:
        conn.execute("update officer_days set judged_at = null")
    Retention(identity).on(years_after(DAY, 2 * YEARS))
    assert counts(identity) == (1, 1, 1)


def test_a_day_is_not_judged_again_once_its_anomalies_are_gone(identity: Identity) -> None:
    explained(identity, 1, DAY)
    retention = Retention(identity)
    retention.on(years_after(DAY, YEARS) + timedelta(days=1))
    retention.review.run()
    assert counts(identity)[0] == 0


def test_many_go_in_portions(identity: Identity) -> None:
    for number in range(1, 6):
        explained(identity, number, DAY + timedelta(days=number))
    assert Retention(identity, at_most=2).on(years_after(DAY, YEARS) + timedelta(days=4)) == 2
    assert counts(identity)[0] == 2
    assert Retention(identity, at_most=2).on(years_after(DAY, YEARS) + timedelta(days=40)) == 2
    assert counts(identity) == (0, 0, 0)


def test_who_is_watched_stays_and_an_ended_place_goes_after_its_years(identity: Identity) -> None:
    watched, ended = citizen(identity, 1), citizen(identity, 2)
    call(identity, "WatchCitizen", citizen_id=watched, reason="Người có ảnh hưởng.")
    place = call(identity, "WatchCitizen", citizen_id=ended, reason="Người có ảnh hưởng.").watched
    other = data_officer(identity, sub="data-officer-2")
    call(identity, "UnwatchCitizen", caller=other, watch_id=place.watch_id, expected_version=place.version)
    with identity.database.transaction() as conn:
        conn.execute("update watched_citizens set ended_at = %s where ended_at is not null", (at(),))
    retention = Retention(identity)
    retention.on(years_after(DAY, YEARS))
    assert identity.rows("select count(*) from watched_citizens") == [(2,)]
    retention.on(years_after(DAY, YEARS) + timedelta(days=1))
    assert identity.rows("select citizen_id::text from watched_citizens") == [(watched,)]


def test_the_register_says_the_years_that_are_the_default(identity: Identity) -> None:
    period = processing_register().activities["look-up-supervision"].retention.period
    assert period == f"P{identity.settings.anomaly_years}Y"

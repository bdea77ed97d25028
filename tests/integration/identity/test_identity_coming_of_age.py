"""What time does to representations, watched over the years on a clock that moves."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from songcau.identity.v1 import representation_pb2 as shapes
from songcau.identity.v1 import representation_service_pb2 as pb
from songcau_identity.app import build_desk
from songcau_identity.representations.coming_of_age import ComingOfAge
from songcau_kit.clock import VIETNAM, FixedClock
from support.identity_service import Identity, Person
from support.representations import (
    FATHER,
    answer,
    authorise,
    born,
    family,
    grant,
    own_representations,
    representation_events,
    representation_facts,
    status_of,
)


class Years:
    """The job of `work` on a clock of its own."""

    def __init__(self, identity: Identity, **options: Any) -> None:
        self.clock = FixedClock(datetime(2026, 11, 27, 3, tzinfo=UTC), seed=7)
        self.job = ComingOfAge(build_desk(identity.settings, identity.database, self.clock), **options)

    def go_to(self, day: date, at: time = time(0, 0, 30)) -> int:
        """Put the clock to a local time and let the job look until there is nothing left."""
        self.clock.set(datetime.combine(day, at, tzinfo=VIETNAM))
        looked = 0
        while portion := self.job.look():
            looked += portion
        return looked


@pytest.fixture
def years(identity: Identity) -> Years:
    return Years(identity)


def now_of(identity: Identity, made: Any, citizen_id: str) -> Any:
    return next(
        one for one in own_representations(identity, citizen_id) if one.representation_id == made.representation_id
    )


def birthday(birth_date: str, years: int) -> date:
    born_on = date.fromisoformat(birth_date)
    return born_on.replace(year=born_on.year + years)


def test_a_child_is_asked_on_the_seventh_birthday_and_the_right_ends_on_the_eighteenth(
    identity: Identity, years: Years
):
    birth_date = born(years_ago=4)
    home = family(identity, birth_date=birth_date)
    made = grant(identity, home.child, home.mother)
    seventh, eighteenth = birthday(birth_date, 7), birthday(birth_date, 18)
    years.go_to(seventh - timedelta(days=1), time(23, 59))
    assert status_of(now_of(identity, made, home.child.citizen_id)) == "ACTIVE"
    years.go_to(seventh)
    asked = now_of(identity, made, home.child.citizen_id)
    assert status_of(asked) == "AWAITING_CHILD"
    answer(identity, asked, home.child.citizen_id, pb.CHILD_ANSWER_CONFIRMED)
    years.go_to(seventh + timedelta(days=1))
    years.go_to(eighteenth - timedelta(days=1), time(23, 59))
    assert status_of(now_of(identity, made, home.child.citizen_id)) == "ACTIVE"
    years.go_to(eighteenth)
    ended = now_of(identity, made, home.child.citizen_id)
    assert (status_of(ended), ended.end_cause) == ("ENDED", shapes.REPRESENTATION_END_CAUSE_MAJORITY)
    assert representation_facts(identity) == [
        "representation_granted",
        "child_asked",
        "child_confirmed",
        "representation_ended",
    ]
    assert representation_events(identity)[-1].representation_ended.consents_due


def test_a_child_that_never_answered_is_free_at_eighteen_too(identity: Identity, years: Years):
    birth_date = born(years_ago=10)
    home = family(identity, birth_date=birth_date)
    made = [grant(identity, home.child, parent) for parent in (home.mother, home.father)]
    years.go_to(birthday(birth_date, 18))
    assert {status_of(now_of(identity, one, home.child.citizen_id)) for one in made} == {"ENDED"}


@pytest.mark.parametrize(
    ("birth_date", "day"),
    [
        ("2020-02-29", date(2038, 3, 1)),
        ("2021", date(2039, 12, 31)),
        ("2021-06", date(2039, 6, 30)),
    ],
)
def test_birth_dates_without_a_day_end_the_right_on_the_last_possible_day(
    identity: Identity, years: Years, birth_date: str, day: date
):
    home = family(identity, birth_date=birth_date)
    made = grant(identity, home.child, home.mother)
    years.go_to(day - timedelta(days=1), time(23, 59))
    assert status_of(now_of(identity, made, home.child.citizen_id)) != "ENDED"
    years.go_to(day)
    assert status_of(now_of(identity, made, home.child.citizen_id)) == "ENDED"


def test_an_authorisation_ends_after_its_last_day(identity: Identity, years: Years):
    home = family(identity)
    made = authorise(identity, home.mother, FATHER)
    last = date.fromisoformat(made.valid_until)
    years.go_to(last, time(23, 59))
    assert status_of(now_of(identity, made, home.mother.citizen_id)) == "ACTIVE"
    years.go_to(last + timedelta(days=1))
    ended = now_of(identity, made, home.mother.citizen_id)
    assert ended.end_cause == shapes.REPRESENTATION_END_CAUSE_EXPIRED


def test_a_day_is_looked_at_once_and_asks_once(identity: Identity, years: Years):
    birth_date = born(years_ago=6)
    home = family(identity, birth_date=birth_date)
    grant(identity, home.child, home.mother)
    assert years.go_to(birthday(birth_date, 7)) == 1
    assert years.go_to(birthday(birth_date, 7), time(12)) == 0
    years.go_to(birthday(birth_date, 7) + timedelta(days=1))
    assert representation_facts(identity).count("child_asked") == 1


def test_several_workers_at_once_ask_once(identity: Identity, years: Years):
    birth_date = born(years_ago=6)
    home = family(identity, birth_date=birth_date)
    grant(identity, home.child, home.mother)
    grant(identity, home.child, home.father)
    years.clock.set(datetime.combine(birthday(birth_date, 7), time(1), tzinfo=VIETNAM))
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: years.job.look(), range(12)))
    assert representation_facts(identity).count("child_asked") == 2


def test_what_time_did_stands_on_both_access_lists(identity: Identity, years: Years):
    birth_date = born(years_ago=17)
    home = family(identity, birth_date=birth_date)
    grant(identity, home.child, home.mother)
    years.go_to(birthday(birth_date, 18))
    entries = identity.rows(
        "select subject_id, outcome from audit_entries where operation = 'END_REPRESENTATION' and actor_kind = 'SYSTEM'"
    )
    assert set(entries) == {(UUID(one.citizen_id), "ALLOWED") for one in (home.child, home.mother)}


def test_an_erased_child_is_represented_no_more(identity: Identity, years: Years):
    home = family(identity)
    made = grant(identity, home.child, home.mother)
    with identity.database.transaction() as conn:
        build_desk(identity.settings, identity.database, years.clock).data_keys.destroy(
            conn, UUID(home.child.citizen_id)
        )
    years.go_to(date(2027, 1, 1))
    ended = now_of(identity, made, home.mother.citizen_id)
    assert ended.end_cause == shapes.REPRESENTATION_END_CAUSE_RECORD_ERASED


def test_a_whole_portion_that_cannot_be_opened_keeps_no_other_child_from_coming_of_age(identity: Identity):
    years, birth_date = Years(identity, at_most=1), born(years_ago=17)
    home = family(identity, birth_date=birth_date)
    other = identity.link(Person(number="019323000099", full_name="Hoàng Thử Hỏng", birth_date=born(years_ago=4)))
    grant(identity, other.citizen, home.father)
    made = grant(identity, home.child, home.mother)
    with identity.database.transaction() as conn:
        conn.execute(
            "update citizen_profiles set birth_date_enc = 'broken' where citizen_id = %s", (other.citizen.citizen_id,)
        )
    years.go_to(birthday(birth_date, 18))
    assert status_of(now_of(identity, made, home.child.citizen_id)) == "ENDED"


def test_a_record_that_could_not_be_opened_is_tried_again_on_the_same_day(identity: Identity, years: Years):
    birth_date = born(years_ago=17)
    home = family(identity, birth_date=birth_date)
    made = grant(identity, home.child, home.mother)
    ((sealed,),) = identity.rows(
        "select birth_date_enc from citizen_profiles where citizen_id = %s", home.child.citizen_id
    )
    change = "update citizen_profiles set birth_date_enc = %s where citizen_id = %s"
    with identity.database.transaction() as conn:
        conn.execute(change, (b"broken", home.child.citizen_id))
    years.go_to(birthday(birth_date, 18))
    assert status_of(now_of(identity, made, home.child.citizen_id)) != "ENDED"
    with identity.database.transaction() as conn:
        conn.execute(change, (bytes(sealed), home.child.citizen_id))
    years.go_to(birthday(birth_date, 18), time(0, 2))
    assert status_of(now_of(identity, made, home.child.citizen_id)) == "ENDED"

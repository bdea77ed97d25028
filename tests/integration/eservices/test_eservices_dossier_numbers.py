"""Numbers of dossiers: per receiving agency and local day, never twice, whoever accepts at the same moment."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from songcau_kit.errors import DomainError
from support.dossier_world import LA_HIEN, TRANG_XA, DossierWorld, reason_of

NUMBER = re.compile(r"^[A-Z][0-9]{2}(\.[0-9]{1,3})*-[0-9]{6}-[0-9]{4,6}$")


def test_parallel_acceptances_count_without_collision_or_gap(dossier_world: DossierWorld):
    world = dossier_world
    dossiers = [world.marital(world.person()) for _ in range(24)]
    officers = [world.as_officer(sub=f"officer-{number}") for number in range(6)]

    def accept(at: int) -> str:
        return world.move("Accept", dossiers[at], officers[at % 6]).code

    with ThreadPoolExecutor(12) as pool:
        codes = list(pool.map(accept, range(24)))
    assert all(NUMBER.fullmatch(code) for code in codes)
    assert sorted(codes) == [f"{LA_HIEN}-261123-{number:04d}" for number in range(1, 25)]


def test_two_officers_at_one_dossier_give_it_one_number(dossier_world: DossierWorld):
    world = dossier_world
    dossier = world.marital(world.person())

    def accept(number: int) -> str:
        try:
            return world.move("Accept", dossier, world.as_officer(sub=f"officer-{number}")).code
        except DomainError as error:
            return error.reason.code

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(accept, range(6)))
    assert sorted(answers) == [f"{LA_HIEN}-261123-0001", *["VERSION_CONFLICT"] * 5]
    assert world.rows("select last from dossier_numbers") == [(1,)]


def test_a_refused_acceptance_takes_no_number(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    unpaid = world.submitted(person)
    assert reason_of(lambda: world.move("Accept", unpaid, world.as_officer())) == "PAYMENT_REQUIRED"
    assert world.accepted(person).code.endswith("-0001")


def test_each_agency_and_each_local_day_counts_from_one(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    answers = {"marital_history": "never", "renewed": False, "authorised": False}
    there = world.submitted(
        person, "1.004873", components=["status_form"], answers=answers, receiving_agency_code=TRANG_XA
    )
    assert world.move("Accept", there, world.as_officer(TRANG_XA)).code == f"{TRANG_XA}-261123-0001"
    assert world.accepted(person).code == f"{LA_HIEN}-261123-0001"
    world.clock.set(datetime(2026, 11, 23, 16, 59, tzinfo=UTC))  # 23:59 in Vietnam
    assert world.accepted(person).code == f"{LA_HIEN}-261123-0002"
    world.clock.set(datetime(2026, 11, 23, 17, 0, tzinfo=UTC))  # 00:00 in Vietnam
    assert world.accepted(person).code == f"{LA_HIEN}-261124-0001"


def test_a_number_may_grow_beyond_four_digits(dossier_world: DossierWorld):
    world = dossier_world
    world.execute("insert into dossier_numbers (agency, day, last) values (%s, '2026-11-23', 9999)", LA_HIEN)
    assert world.accepted(world.person()).code == f"{LA_HIEN}-261123-10000"


def test_what_comes_after_fifteen_oclock_is_due_the_next_working_day(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()

    def due(at: datetime) -> str:
        dossier = world.submitted(person)
        world.pay(person, dossier)
        world.clock.set(at)
        accepted = world.move("Accept", world.get(dossier, world.as_officer()), world.as_officer())
        assert [step.vi for step in accepted.deadline.explained]
        return str(accepted.deadline.due_date)

    assert due(datetime(2026, 11, 23, 8, 0, tzinfo=UTC)) == "2026-11-23"  # 15:00
    assert due(datetime(2026, 11, 23, 8, 1, tzinfo=UTC)) == "2026-11-25"  # 15:01; the 24th is a holiday

"""An officer looks up so many people and no more, whoever counts; and whom nobody finds is nobody, by the same work."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau_identity.app import build_desk
from songcau_identity.auditing import Access, Asker
from songcau_identity.look_up_limits import LookUpLimits
from songcau_identity.look_ups import LookUps, Search
from songcau_identity.profiles import OpenedCitizen, Profiles
from songcau_identity.representations.covering import Covering
from songcau_kit.caller import Caller
from songcau_kit.clock import FixedClock, SystemClock
from songcau_kit.database import Database
from songcau_kit.errors import DomainError
from songcau_kit.personal import Personal
from support.identity_service import Identity, Person
from support.record_acts import merge
from support.round_trips import counting_proxy

REACHED = "LOOK_UP_LIMIT_REACHED"
NOON = datetime(2026, 11, 23, 5, 0, 10, tzinfo=UTC)
KNOWN, MERGED, UNKNOWN = "019185000001", "019185000002", "019185999999"


def limits(identity: Identity, clock: Any, *, per_minute: int = 3, per_day: int = 100) -> LookUpLimits:
    return LookUpLimits(database=identity.database, clock=clock, per_minute=per_minute, per_day=per_day)


def taken(counted: LookUpLimits, actor: str = "officer-1") -> dict[str, str] | None:
    """Take one look-up; return the details of the refusal, None where there was room."""
    try:
        counted.take(actor)
    except DomainError as error:
        return dict(error.details) | {"code": error.reason.code}
    return None


def test_a_minute_has_its_look_ups_and_the_next_one_as_many_again(identity: Identity) -> None:
    clock = FixedClock(NOON)
    counted = limits(identity, clock)
    assert [taken(counted) for _ in range(3)] == [None] * 3
    assert taken(counted) == {"code": REACHED, "per": "MINUTE", "limit": "3", "retry_after": "50"}
    assert taken(counted, "officer-2") is None
    clock.advance(timedelta(seconds=50))
    assert taken(counted) is None


def test_a_day_has_its_look_ups_and_ends_at_midnight_in_vietnam(identity: Identity) -> None:
    clock = FixedClock(datetime(2026, 11, 23, 16, 58, tzinfo=UTC))
    counted = limits(identity, clock, per_day=2)
    assert (taken(counted), taken(counted)) == (None, None)
    assert taken(counted) == {"code": REACHED, "per": "DAY", "limit": "2", "retry_after": "120"}
    clock.advance(timedelta(seconds=119))
    assert taken(counted) is not None
    clock.advance(timedelta(seconds=1))
    assert taken(counted) is None


def test_what_is_refused_counts_in_neither_window(identity: Identity) -> None:
    clock = FixedClock(NOON)
    counted = limits(identity, clock, per_minute=1, per_day=2)
    assert [taken(counted) is None for _ in range(5)] == [True, False, False, False, False]
    clock.advance(timedelta(minutes=1))
    assert taken(counted) is None


def test_past_days_are_forgotten_with_the_next_look_up(identity: Identity) -> None:
    clock = FixedClock(NOON)
    counted = limits(identity, clock)
    taken(counted)
    clock.advance(timedelta(days=4))
    taken(counted)
    with identity.database.read() as conn:
        assert conn.execute("select count(*) from look_up_counts").fetchone() == (2,)


def test_processes_that_count_at_once_let_exactly_the_limit_through(identity: Identity) -> None:
    clock = FixedClock(NOON)
    other = Database(identity.url, max_size=8, application_name="another-process")
    both = [
        LookUpLimits(database=database, clock=clock, per_minute=10, per_day=100)
        for database in (identity.database, other)
    ]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda turn: taken(both[turn % 2]), range(40)))
    other.close()
    assert Counter(answer is None for answer in answers) == {True: 10, False: 30}


def test_over_the_limit_the_one_who_was_sought_reads_of_it(identity: Identity) -> None:
    citizen_id = identity.link().citizen.citizen_id
    officer, request = identity.as_officer(), citizens.LookUpCitizenRequest(number=KNOWN)
    with pytest.raises(DomainError) as caught:
        for _ in range(2 * identity.settings.look_ups_per_minute + 1):
            identity.citizens.LookUpCitizen(request, metadata=officer)
    assert caught.value.reason.code == REACHED
    assert int(caught.value.details["retry_after"]) >= 1
    last = identity.audit()[-1]
    assert (str(last[0]), *last[3:]) == (
        citizen_id,
        "LOOK_UP_CITIZEN",
        "DOSSIER_PROCESSING",
        "DENIED",
        REACHED,
    )


class CountedProfiles(Profiles):
    """Profiles that know how many were opened."""

    opened = 0

    def open(self, *arguments: Any) -> OpenedCitizen:
        self.opened += 1
        return super().open(*arguments)


def test_unknown_and_unlinked_numbers_cost_the_same_statements_and_open_nothing(identity: Identity) -> None:
    known = identity.link(Person(number=KNOWN)).citizen
    merged = identity.link(Person(number=MERGED)).citizen
    merge(identity, known, merged)
    work = {}
    with counting_proxy(identity.url) as proxy:
        database = Database(proxy.url, application_name="look-ups")
        desk = build_desk(identity.settings, database, SystemClock())
        profiles = CountedProfiles(
            database=database, data_keys=desk.data_keys, vault=desk.vault, covering=Covering(desk.clock)
        )
        counted = LookUpLimits(database=database, clock=SystemClock(), per_minute=10_000, per_day=10_000)
        look_ups = LookUps(database=database, clock=SystemClock(), vault=desk.vault, profiles=profiles, limits=counted)

        def done(number: str) -> tuple[Any, ...]:
            search = Search(
                number=Personal(number), full_name=Personal(""), birth_date=Personal(""), phone_number=Personal("")
            )
            asker = Asker(Caller("officer-1", "console", attributes={"agency_codes": ("H55",)}), "c", "INSPECTION")
            access, before = Access(), profiles.opened
            with proxy.counting() as count:
                found = look_ups.look_up(asker, search, access)
            return found, access.subjects, count.statements, count.round_trips, profiles.opened - before

        assert len(done(KNOWN)[0].citizens) == len(done(MERGED)[0].citizens) == 1
        version = identity.citizens.GetOwnProfile(
            citizens.GetOwnProfileRequest(), metadata=identity.as_citizen(known.citizen_id)
        ).citizen.version
        unlink = citizens.UnlinkCitizenRequest(request_id="unlink", expected_version=version)
        identity.citizens.UnlinkCitizen(unlink, metadata=identity.as_citizen(known.citizen_id, acr="aal2"))
        for _ in range(8):  # statements are prepared on the server once they have come a few times
            done(UNKNOWN)
        for number in (KNOWN, MERGED, UNKNOWN):
            work[number] = done(number)
        database.close()
    assert work[KNOWN] == work[UNKNOWN]
    assert work[MERGED] == work[UNKNOWN]
    assert (work[UNKNOWN][1], work[UNKNOWN][-1]) == ([], 0)
    assert work[UNKNOWN][2]


def test_a_malformed_number_is_refused_by_its_form_alone(identity: Identity) -> None:
    identity.link(Person(number=KNOWN))
    answers = []
    for number in (f"{KNOWN}0", f"{UNKNOWN}0"):
        with pytest.raises(DomainError) as caught:
            identity.citizens.LookUpCitizen(
                citizens.LookUpCitizenRequest(number=number), metadata=identity.as_officer()
            )
        error = caught.value
        answers.append((error.reason.code, dict(error.details), list(error.violations)))
    assert answers[0] == answers[1]
    assert answers[0][0] == "LOOK_UP_INVALID"

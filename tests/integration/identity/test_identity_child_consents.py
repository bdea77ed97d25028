"""Consent for children: a representative's below 7, both from 7 until 18, asked again at 7 and at 18."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from time import sleep
from typing import Any
from uuid import uuid4

import pytest
from songcau.identity.v1 import consent_pb2
from songcau.identity.v1 import consent_service_pb2 as pb
from songcau.identity.v1 import representation_service_pb2 as representations
from songcau_identity.app import build_desk
from songcau_identity.consent.ageing import ConsentAgeing
from songcau_identity.representations.coming_of_age import ComingOfAge
from songcau_kit.clock import VIETNAM, FixedClock
from support.consent_acts import PURPOSE, VERSION, consent_events, give, record, record_withdrawal, withdraw
from support.identity_service import Identity, Person, reason_of
from support.record_acts import merge, unmerge
from support.representations import answer, born, end, family, grant, own_representations

GIVEN, WITHDRAWN, LAPSED, AWAITING_CHILD, AWAITING_REPRESENTATIVE = (
    consent_pb2.ConsentState.Value(f"CONSENT_STATE_{name}")
    for name in ("GIVEN", "WITHDRAWN", "LAPSED", "AWAITING_CHILD", "AWAITING_REPRESENTATIVE")
)


def give_for(identity: Identity, parent: Any, child: Any, *, request_id: str = "", **changes: Any) -> Any:
    given = {"purpose": PURPOSE, "text_version": VERSION, "agreed": True} | changes
    request = pb.GiveConsentRequest(request_id=request_id or str(uuid4()), **given)
    metadata = identity.as_citizen(parent.citizen_id, on_behalf_of=child.citizen_id)
    return identity.consents.GiveConsent(request, metadata=metadata).consent


def withdraw_for(identity: Identity, parent: Any, child: Any) -> Any:
    request = pb.WithdrawConsentRequest(request_id=str(uuid4()), purpose=PURPOSE)
    metadata = identity.as_citizen(parent.citizen_id, on_behalf_of=child.citizen_id)
    return identity.consents.WithdrawConsent(request, metadata=metadata).consent


def seen(identity: Identity, caller: Any, child: Any | None = None) -> Any:
    metadata = identity.as_citizen(caller.citizen_id, on_behalf_of=child.citizen_id if child else None)
    consents = identity.consents.ListOwnConsents(pb.ListOwnConsentsRequest(), metadata=metadata).consents
    return next(one for one in consents if one.purpose.purpose == PURPOSE)


def facts(identity: Identity) -> list[str | None]:
    return [one.WhichOneof("fact") for one in consent_events(identity)]


def heard_family(identity: Identity, years: int = 10) -> Any:
    """Return a family whose child of seven or more has agreed to its mother's representation."""
    home = family(identity, birth_date=born(years_ago=years, days=-3))
    made = grant(identity, home.child, home.mother)
    answer(identity, made, home.child.citizen_id, representations.CHILD_ANSWER_CONFIRMED)
    return home


def test_a_parent_agrees_for_a_small_child_and_the_proof_names_both(identity: Identity) -> None:
    home = family(identity)
    grant(identity, home.child, home.mother)
    consent = give_for(identity, home.mother, home.child)
    assert (consent.state, consent.citizen_id) == (GIVEN, home.child.citizen_id)
    (decision,) = seen(identity, home.mother, home.child).decisions
    assert (decision.decided_as, decision.decided_by_citizen_id) == ("REPRESENTATIVE", home.mother.citizen_id)
    (event,) = consent_events(identity)
    assert (event.citizen_id, event.consent_given.given_as) == (home.child.citizen_id, "REPRESENTATIVE")
    assert not seen(identity, home.mother).HasField("consent")
    entry = next(one for one in identity.audit() if one[3] == "GIVE_CONSENT")
    assert (entry[0], entry[5]) == (home.child.citizen_id, "ALLOWED")
    assert withdraw_for(identity, home.mother, home.child).state == WITHDRAWN


def test_a_small_child_does_not_agree_alone_but_withdraws(identity: Identity) -> None:
    home = family(identity)
    grant(identity, home.child, home.mother)
    assert reason_of(lambda: give(identity, home.child.citizen_id)) == "REPRESENTATIVE_CONSENT_REQUIRED"
    give_for(identity, home.mother, home.child)
    assert withdraw(identity, home.child.citizen_id).state == WITHDRAWN


def test_who_represents_nobody_neither_decides_nor_reads(identity: Identity) -> None:
    home = family(identity)
    grant(identity, home.child, home.mother)
    for act in (give_for, withdraw_for, seen):
        assert reason_of(lambda act=act: act(identity, home.father, home.child)) == "NOT_REPRESENTED"
    nobody = type(home.child)(citizen_id=str(uuid4()))
    assert reason_of(lambda: give_for(identity, home.mother, nobody)) == "NOT_REPRESENTED"
    assert facts(identity) == []
    denied = [one for one in identity.audit() if one[3] == "GIVE_CONSENT"]
    assert (home.child.citizen_id, "DENIED") in {(one[0], one[5]) for one in denied}


def test_until_a_child_of_seven_has_answered_about_the_representation_nobody_agrees_for_it(identity: Identity) -> None:
    home = family(identity, birth_date=born(years_ago=9))
    grant(identity, home.child, home.mother)
    assert reason_of(lambda: give_for(identity, home.mother, home.child)) == "NOT_REPRESENTED"


@pytest.mark.parametrize("is_parent_first", [True, False])
def test_from_seven_nothing_holds_until_child_and_parent_both_agreed(identity: Identity, is_parent_first: bool) -> None:
    home = heard_family(identity)
    steps = [
        lambda: give_for(identity, home.mother, home.child),
        lambda: give(identity, home.child.citizen_id),
    ]
    first, second = steps if is_parent_first else steps[::-1]
    waiting = AWAITING_CHILD if is_parent_first else AWAITING_REPRESENTATIVE
    half = first()
    assert (half.state, half.version, first().consent_id) == (waiting, 0, half.consent_id)
    assert facts(identity) == []
    own = seen(identity, home.child)
    assert (own.HasField("consent"), own.waiting.state) == (False, waiting)
    assert second().state == GIVEN
    assert first().state == GIVEN
    own = seen(identity, home.child)
    assert not own.HasField("waiting")
    (decision,) = own.decisions
    by = [("REPRESENTATIVE", home.mother.citizen_id), ("SELF", home.child.citizen_id)]
    half_by, whole_by = by if is_parent_first else by[::-1]
    assert (decision.first_half.decided_as, decision.first_half.decided_by_citizen_id) == half_by
    assert (decision.decided_as, decision.decided_by_citizen_id) == whole_by
    assert facts(identity) == ["consent_given"]


@pytest.mark.parametrize("by_child", [True, False])
def test_either_withdraws_alone_and_then_both_are_asked_anew(identity: Identity, by_child: bool) -> None:
    home = heard_family(identity)
    give_for(identity, home.mother, home.child)
    give(identity, home.child.citizen_id)
    gone = withdraw(identity, home.child.citizen_id) if by_child else withdraw_for(identity, home.mother, home.child)
    assert gone.state == WITHDRAWN
    assert give(identity, home.child.citizen_id).state == AWAITING_REPRESENTATIVE
    assert facts(identity) == ["consent_given", "consent_withdrawn"]


def test_a_withdrawal_ends_a_yes_that_waits(identity: Identity) -> None:
    home = heard_family(identity)
    give(identity, home.child.citizen_id)
    withdraw_for(identity, home.mother, home.child)
    assert give_for(identity, home.mother, home.child).state == AWAITING_CHILD


def test_a_withdrawal_ends_what_waits_under_every_record_of_a_child(identity: Identity) -> None:
    home = heard_family(identity)
    born_on = born(years_ago=10, days=-3)
    record_of_its_own = Person(number="019323000077", full_name="Hoàng Thử Bé", birth_date=born_on, level=1)
    second = identity.link(record_of_its_own).citizen
    made = grant(identity, second, home.father)
    answer(identity, made, second.citizen_id, representations.CHILD_ANSWER_CONFIRMED)
    give_for(identity, home.mother, home.child)
    give_for(identity, home.father, second)
    merge(identity, home.child, second)
    assert withdraw_for(identity, home.mother, home.child).state == WITHDRAWN
    assert give(identity, home.child.citizen_id).state == AWAITING_REPRESENTATIVE
    assert facts(identity) == ["consent_withdrawn"]


def test_what_was_agreed_to_while_records_were_one_is_asked_again_once_they_are_two(identity: Identity) -> None:
    home = family(identity)
    stranger = Person(number="019323000077", full_name="Hoàng Thử Bé", birth_date=born(years_ago=4), level=1)
    other = identity.link(stranger).citizen
    grant(identity, home.child, home.mother)
    grant(identity, other, home.father)
    before = give_for(identity, home.mother, home.child, purpose="REUSE_PAPERS", text_version="reuse-papers-1")
    joined = merge(identity, home.child, other)
    assert give_for(identity, home.father, home.child).citizen_id == home.child.citizen_id
    assert seen(identity, home.mother, home.child).consent.state == GIVEN
    unmerge(identity, joined.merged)
    assert seen(identity, home.mother, home.child).consent.state == LAPSED
    assert not seen(identity, home.father, other).HasField("consent")
    assert reason_of(lambda: give_for(identity, home.father, home.child)) == "NOT_REPRESENTED"
    assert reason_of(lambda: give_for(identity, home.mother, other)) == "NOT_REPRESENTED"
    states = dict(identity.rows("select consent_id::text, state from consents"))
    assert states[before.consent_id] == "GIVEN"
    assert facts(identity) == ["consent_given", "consent_given", "consent_lapsed"]


def until_somebody_waits(identity: Identity) -> None:
    for _ in range(200):
        ((waiting,),) = identity.rows(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        )
        if waiting:
            return
        sleep(0.02)
    raise AssertionError("nobody waits")


def test_a_decision_that_waited_for_the_end_of_a_merge_finds_the_records_apart(identity: Identity) -> None:
    home = family(identity)
    stranger = Person(number="019323000077", full_name="Hoàng Thử Bé", birth_date=born(years_ago=4), level=1)
    other = identity.link(stranger).citizen
    grant(identity, other, home.father)
    merge(identity, home.child, other)
    with ThreadPoolExecutor(1) as pool, identity.database.transaction() as conn:
        conn.execute("select from citizens where citizen_id = %s for update", (home.child.citizen_id,))
        decision = pool.submit(reason_of, lambda: give_for(identity, home.father, home.child))
        until_somebody_waits(identity)
        apart = "update citizens set merged_into = null, is_merged = false where citizen_id = %s"
        conn.execute(apart, (other.citizen_id,))
        conn.commit()
        assert decision.result(10) == "NOT_REPRESENTED"
    assert facts(identity) == []


def test_a_yes_that_waits_ends_with_the_right_of_the_parent_who_said_it(identity: Identity) -> None:
    home = heard_family(identity)
    give_for(identity, home.mother, home.child)
    end(identity, own_representations(identity, home.child.citizen_id)[0])
    assert give(identity, home.child.citizen_id).state == AWAITING_REPRESENTATIVE
    assert facts(identity) == []


def test_an_officer_enters_a_parent_s_paper_and_the_child_s(identity: Identity) -> None:
    home = heard_family(identity)
    half = record(identity, home.child.citizen_id, representative_id=home.mother.citizen_id)
    assert half.state == AWAITING_CHILD
    ((sealed,),) = identity.rows("select evidence_enc from consent_halves")
    assert sealed
    assert record(identity, home.child.citizen_id).state == GIVEN
    stranger = home.father.citizen_id
    assert reason_of(lambda: record(identity, home.child.citizen_id, representative_id=stranger)) == "NOT_REPRESENTED"
    assert reason_of(lambda: record(identity, home.child.citizen_id, representative_id="x")) == "NOT_REPRESENTED"
    gone = record_withdrawal(identity, home.child.citizen_id, representative_id=home.mother.citizen_id)
    assert gone.state == WITHDRAWN


def test_sixteen_halves_at_once_make_one_decision(identity: Identity) -> None:
    home = heard_family(identity)

    def decide(number: int) -> Any:
        return give(identity, home.child.citizen_id) if number % 2 else give_for(identity, home.mother, home.child)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(decide, range(16)))
    assert facts(identity) == ["consent_given"]
    assert identity.rows("select count(*) from consent_halves where ended_at is null") == [(0,)]
    assert identity.rows("select count(*) from consent_halves") == [(1,)]


def test_a_parent_whose_right_ended_decides_no_more(identity: Identity) -> None:
    home = family(identity)
    made = grant(identity, home.child, home.mother)
    give_for(identity, home.mother, home.child)
    end(identity, made)
    assert reason_of(lambda: withdraw_for(identity, home.mother, home.child)) == "NOT_REPRESENTED"
    assert seen(identity, home.child).consent.state == GIVEN


class Years:
    """Both jobs of `work` on a clock of their own."""

    def __init__(self, identity: Identity) -> None:
        self.clock = FixedClock(datetime(2026, 11, 27, 3, tzinfo=UTC), seed=7)
        desk = build_desk(identity.settings, identity.database, self.clock)
        self.jobs = (ComingOfAge(desk), ConsentAgeing(desk))

    def go_to(self, day: date, at: time = time(0, 0, 30)) -> None:
        self.clock.set(datetime.combine(day, at, tzinfo=VIETNAM))
        for job in self.jobs:
            while job.look():
                pass


def birthday(birth_date: str, years: int) -> date:
    born_on = date.fromisoformat(birth_date)
    return born_on.replace(year=born_on.year + years)


def test_what_a_parent_agreed_to_lapses_on_the_seventh_birthday_and_the_child_is_asked(identity: Identity) -> None:
    birth_date, years = born(years_ago=4), Years(identity)
    home = family(identity, birth_date=birth_date)
    grant(identity, home.child, home.mother)
    give_for(identity, home.mother, home.child)
    seventh = birthday(birth_date, 7)
    years.go_to(seventh - timedelta(days=1), time(23, 59))
    assert seen(identity, home.child).consent.state == GIVEN
    years.go_to(seventh)
    assert seen(identity, home.child).consent.state == LAPSED
    years.go_to(seventh + timedelta(days=1))
    assert facts(identity) == ["consent_given", "consent_lapsed"]
    assert seen(identity, home.child).decisions[0].decided_as == "SYSTEM"


def test_what_child_and_parent_agreed_to_lapses_at_eighteen(identity: Identity) -> None:
    years, birth_date = Years(identity), born(years_ago=10, days=-3)
    home = heard_family(identity)
    give_for(identity, home.mother, home.child)
    give(identity, home.child.citizen_id)
    eighteenth = birthday(birth_date, 18)
    years.go_to(birthday(birth_date, 17))
    assert seen(identity, home.child).consent.state == GIVEN
    years.go_to(eighteenth - timedelta(days=1), time(23, 59))
    assert seen(identity, home.child).consent.state == GIVEN
    years.go_to(eighteenth)
    assert seen(identity, home.child).consent.state == LAPSED
    assert reason_of(lambda: withdraw_for(identity, home.mother, home.child)) == "NOT_REPRESENTED"
    assert [one.end_cause for one in own_representations(identity, home.child.citizen_id)]


def test_a_consent_lapses_at_eighteen_though_the_parent_s_right_ended_before(identity: Identity) -> None:
    years, birth_date = Years(identity), born(years_ago=10, days=-3)
    home = heard_family(identity)
    give_for(identity, home.mother, home.child)
    give(identity, home.child.citizen_id)
    end(identity, own_representations(identity, home.child.citizen_id)[0])
    years.go_to(birthday(birth_date, 18))
    assert seen(identity, home.child).consent.state == LAPSED


def test_an_adult_s_own_consent_lapses_at_no_age(identity: Identity) -> None:
    years = Years(identity)
    home = family(identity)
    give(identity, home.mother.citizen_id)
    years.go_to(date(2060, 1, 1))
    assert seen(identity, home.mother).consent.state == GIVEN


def test_several_workers_at_once_let_a_consent_lapse_once(identity: Identity) -> None:
    birth_date, years = born(years_ago=6), Years(identity)
    home = family(identity, birth_date=birth_date)
    grant(identity, home.child, home.mother)
    give_for(identity, home.mother, home.child)
    years.clock.set(datetime.combine(birthday(birth_date, 7), time(1), tzinfo=VIETNAM))
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: years.jobs[1].look(), range(12)))
    assert facts(identity).count("consent_lapsed") == 1


def test_a_record_that_cannot_be_opened_keeps_no_other_child_from_being_asked(identity: Identity) -> None:
    birth_date, years = born(years_ago=6), Years(identity)
    home = family(identity, birth_date=birth_date)
    grant(identity, home.child, home.mother)
    give_for(identity, home.mother, home.child)
    with identity.database.transaction() as conn:
        conn.execute(
            "update citizen_profiles set birth_date_enc = 'broken' where citizen_id = %s", (home.child.citizen_id,)
        )
    years.clock.set(datetime.combine(birthday(birth_date, 7), time(1), tzinfo=VIETNAM))
    assert years.jobs[1].look() == 1
    assert years.jobs[1].look() == 0
    assert facts(identity) == ["consent_given"]

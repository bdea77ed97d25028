"""The clocks and the lifecycle of requests of people about their data."""

from datetime import date
from itertools import product

import pytest
from songcau_identity.consent.texts import consent_purposes
from songcau_identity.rights.clocks import acknowledge_by, due_on
from songcau_identity.rights.model import (
    CLOCKS,
    LIFECYCLE,
    OPEN,
    TOLD_IN_WORDS,
    ActorKind,
    RequestAct,
    RequestKind,
    RequestState,
    find_transition,
)
from songcau_identity.rights.receiving import read_wish
from songcau_kit.errors import DomainError
from songcau_kit.processing import processing_register
from songcau_kit.working_days import WorkingDays

MONDAY = date(2026, 1, 5)


def test_a_deletion_received_on_a_monday_is_acknowledged_by_wednesday_and_done_in_twenty_days() -> None:
    assert acknowledge_by(MONDAY, WorkingDays()) == date(2026, 1, 7)
    assert due_on(MONDAY, RequestKind.DELETE) == date(2026, 1, 25)
    assert due_on(MONDAY, RequestKind.DELETE, third_party=True) == date(2026, 2, 4)
    assert due_on(MONDAY, RequestKind.DELETE, extended=True) == date(2026, 2, 14)


@pytest.mark.parametrize(
    ("kinds", "days", "third_party", "extension"),
    [
        (("WITHDRAW_CONSENT", "RESTRICT", "OBJECT"), 15, 20, 15),
        (("VIEW", "CORRECT", "COPY"), 10, 15, 10),
        (("DELETE",), 20, 30, 20),
        (("PROTECT",), 15, 15, 15),
    ],
)
def test_every_kind_has_the_days_of_the_law(
    kinds: tuple[str, ...], days: int, third_party: int, extension: int
) -> None:
    for kind in map(RequestKind, kinds):
        clock = CLOCKS[kind]
        assert (clock.days, clock.with_third_party, clock.extension) == (days, third_party, extension)


def test_no_kind_is_without_a_clock() -> None:
    assert CLOCKS.keys() == set(RequestKind)


def test_an_acknowledgement_waits_over_tet_and_counts_a_saturday_an_authority_swapped() -> None:
    assert acknowledge_by(date(2026, 2, 13), WorkingDays()) == date(2026, 2, 24)
    decided = WorkingDays({date(2026, 1, 10): True})
    assert acknowledge_by(date(2026, 1, 8), decided) == date(2026, 1, 10)
    assert acknowledge_by(date(2026, 1, 8), WorkingDays()) == date(2026, 1, 12)


def test_the_whole_table_is_walked_and_nothing_outside_it_is_legal() -> None:
    legal = {(step.before, step.act, step.actor, kind): step.after for step in LIFECYCLE for kind in sorted(step.kinds)}
    for before, act, actor, kind in product((None, *RequestState), RequestAct, ActorKind, RequestKind):
        step = find_transition(before, act, actor, kind)
        assert (step.after if step else None) == legal.get((before, act, actor, kind)), (before, act, actor, kind)


def test_a_step_stands_once_in_the_table() -> None:
    rows = [(step.before, step.act, step.actor, kind) for step in LIFECYCLE for kind in step.kinds]
    assert len(set(rows)) == len(rows)


@pytest.mark.parametrize("kind", RequestKind)
def test_every_kind_reaches_an_end_by_steps_of_officers_and_the_platform(kind: RequestKind) -> None:
    reached: set[RequestState] = {RequestState.RECEIVED}
    while (
        new := {
            step.after
            for step in LIFECYCLE
            if step.before in reached and kind in step.kinds and step.actor is not ActorKind.CITIZEN
        }
        - reached
    ):
        reached |= new
    assert {RequestState.COMPLETED, RequestState.REFUSED} <= reached


def test_nothing_leaves_an_end() -> None:
    assert {step.before for step in LIFECYCLE} - {None} == OPEN


def test_an_erasure_is_never_completed_by_an_officer_alone() -> None:
    officers = [step for step in LIFECYCLE if step.actor is ActorKind.OFFICER and step.act is RequestAct.COMPLETE]
    assert all(RequestKind.DELETE not in step.kinds for step in officers)


@pytest.mark.parametrize("kind", sorted(TOLD_IN_WORDS))
def test_what_cannot_be_answered_without_words_needs_them(kind: RequestKind) -> None:
    with pytest.raises(DomainError) as caught:
        read_wish(kind, "remote-examination", "  ")
    assert [(each.pointer, each.code) for each in caught.value.violations] == [("/details", "REQUIRED")]


@pytest.mark.parametrize(
    ("kind", "activity", "details", "pointer"),
    [
        (None, "", "", "/kind"),
        (RequestKind.OBJECT, "no-such-activity", "x", "/activity"),
        (RequestKind.OBJECT, "", "x", "/activity"),
        (RequestKind.RESTRICT, "", "", "/activity"),
        (RequestKind.VIEW, "", "x" * 2001, "/details"),
        (RequestKind.VIEW, "", "ViÖt Nam céng hßa x· héi", "/details"),
    ],
)
def test_a_malformed_request_is_refused_by_the_name_of_the_field(
    kind: RequestKind | None, activity: str, details: str, pointer: str
) -> None:
    with pytest.raises(DomainError) as caught:
        read_wish(kind, activity, details)
    assert caught.value.reason.code == "SUBJECT_REQUEST_INVALID"
    assert [each.pointer for each in caught.value.violations] == [pointer]


def test_every_activity_people_may_object_to_rests_on_a_consent_that_can_be_withdrawn() -> None:
    activities = processing_register().activities.values()
    open_to_objection = {one.id for one in activities if one.legal_basis.allows_objection}
    assert open_to_objection == {purpose.activity for purpose in consent_purposes().all}


def test_every_activity_of_the_register_is_either_open_to_objection_or_bound_by_law() -> None:
    for one in processing_register().activities.values():
        if not one.legal_basis.allows_objection:
            with pytest.raises(DomainError) as caught:
                read_wish(RequestKind.OBJECT, one.id, "x")
            assert caught.value.details == {"activity": one.id, "legal_basis": one.legal_basis}
        else:
            assert read_wish(RequestKind.OBJECT, one.id, "x").kind is RequestKind.OBJECT

"""The lifecycle of a breach, walked whole, and the clocks of the law."""

from __future__ import annotations

import itertools
from datetime import date

import pytest
from songcau_identity.breaches.model import BreachAct, BreachState, find_breach_transition, kept_until

LEGAL = {
    (None, "OPEN"): "OPEN",
    ("OPEN", "AMEND"): "OPEN",
    ("OPEN", "ASSESS"): "OPEN",
    ("OPEN", "TELL_AUTHORITY"): "NOTIFIED",
    ("OPEN", "TELL_PERSONS"): "OPEN",
    ("OPEN", "DISMISS"): "DISMISSED",
    ("NOTIFIED", "AMEND"): "NOTIFIED",
    ("NOTIFIED", "ASSESS"): "NOTIFIED",
    ("NOTIFIED", "TELL_PERSONS"): "NOTIFIED",
    ("NOTIFIED", "CLOSE"): "CLOSED",
}


@pytest.mark.parametrize(("before", "act"), list(itertools.product((None, *BreachState), BreachAct)))
def test_every_state_allows_exactly_the_acts_of_the_table(before: BreachState | None, act: BreachAct) -> None:
    step = find_breach_transition(before, act)
    assert (step.after if step else None) == LEGAL.get((before, act))


@pytest.mark.parametrize(
    ("closed", "kept"), [(date(2026, 11, 27), date(2031, 11, 27)), (date(2028, 2, 29), date(2033, 3, 1))]
)
def test_a_file_is_kept_five_years_a_leap_day_included(closed: date, kept: date) -> None:
    assert kept_until(closed) == kept

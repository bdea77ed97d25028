"""How sure and how fresh a sign-in must be (RFC 9470)."""

from datetime import UTC, datetime, timedelta

import pytest
from songcau_kit.caller import Caller
from songcau_kit.errors import DomainError
from songcau_kit.step_up import StepUp

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
WANTED = StepUp(level=2, max_age_seconds=600)


def caller(acr: str | None, age_seconds: float | None) -> Caller:
    auth_time = None if age_seconds is None else NOW - timedelta(seconds=age_seconds)
    return Caller("s", "c", acr=acr, auth_time=auth_time)


@pytest.mark.parametrize(("acr", "age"), [("aal2", 0), ("aal2", 600), ("aal2", 604), ("aal3", 1), ("2", 1)])
def test_a_strong_and_fresh_sign_in_passes(acr: str, age: float) -> None:
    WANTED.check(caller(acr, age), NOW)


def test_without_an_age_any_sign_in_of_the_level_will_do_and_none_is_asked_for() -> None:
    second_factor = StepUp(level=2)
    for age in (0, 86_400, None):
        second_factor.check(caller("aal2", age), NOW)
    with pytest.raises(DomainError) as caught:
        second_factor.check(caller("aal1", 0), NOW)
    assert caught.value.details == {"acr_values": "aal2"}


@pytest.mark.parametrize(
    ("acr", "age"), [("aal2", 606), ("aal1", 1), (None, 1), ("aal2", None), ("", 1), ("mfa", 1), ("aal9", 86_400)]
)
def test_any_other_is_told_what_to_ask_the_issuer_for(acr: str | None, age: float | None) -> None:
    with pytest.raises(DomainError) as caught:
        WANTED.check(caller(acr, age), NOW)
    assert caught.value.reason.code == "AUTHENTICATION_INSUFFICIENT"
    assert caught.value.details == {"acr_values": "aal2", "max_age": "600"}

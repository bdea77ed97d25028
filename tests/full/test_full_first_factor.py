"""Who has no second factor yet sets up an authenticator app before the officers' console opens; nobody else does."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from songcau_local.browser import Attempt
from songcau_local.one_time_codes import PERIOD_SECONDS, code_at
from support.chromium import finish, prove_code, prove_password
from support.keycloak_issuer import KeycloakIssuer
from support.officers import Officer, new_officer
from support.passkey_pages import reach
from support.sign_in_suite import claims_of

SET_UP = "Cài đặt Xác thực Di động"


@pytest.fixture
def newcomer(issuer: KeycloakIssuer) -> Iterator[Officer]:
    """Return an officer with a password and nothing beside it."""
    with new_officer(issuer, has_authenticator=False) as officer:
        yield officer


def begin(page: Page, officer: Officer) -> Attempt:
    """Prove the password at the officers' console in a browser without a past."""
    page.context.clear_cookies()
    attempt = Attempt.of("officer-console")
    page.goto(attempt.address(officer.layout))
    prove_password(page, officer.username, officer.password)
    return attempt


def seed_on(page: Page) -> str:
    """Return the secret that the page shows as a picture for the authenticator app."""
    page.locator("#totp").wait_for()
    return page.locator("#totpSecret").input_value()


def answer(page: Page, code: str) -> None:
    page.fill("#totp", code)
    page.locator("#saveTOTPBtn").click()


def test_a_newcomer_sets_up_an_authenticator_app_and_is_asked_for_it_from_then_on(page: Page, newcomer: Officer):
    attempt = begin(page, newcomer)
    seed, step = seed_on(page), int(time.time()) // PERIOD_SECONDS
    reach(page, SET_UP)
    answer(page, code_at(seed, step))
    claims = claims_of(finish(page, newcomer.layout, attempt))
    assert (claims["acr"], claims["realm_access"]["roles"]) == ("aal2", ["officer"])
    assert newcomer.factors() == ["password", "otp"]
    attempt = begin(page, newcomer)
    prove_code(page, code_at(seed, step + 1))
    assert claims_of(finish(page, newcomer.layout, attempt))["acr"] == "aal2"


def test_a_code_of_another_app_is_told_and_the_set_up_goes_on(page: Page, newcomer: Officer):
    attempt = begin(page, newcomer)
    seed_on(page)
    answer(page, "000000")
    assert page.locator("[id^=input-error]").first.inner_text().strip() == "Mã xác thực không hợp lệ."
    answer(page, code_at(seed_on(page), int(time.time()) // PERIOD_SECONDS))
    assert claims_of(finish(page, newcomer.layout, attempt))["acr"] == "aal2"


def test_who_leaves_the_set_up_has_no_factor_and_stands_before_it_again(page: Page, newcomer: Officer):
    begin(page, newcomer)
    seed = seed_on(page)
    page.goto(Attempt.of("officer-console").address(newcomer.layout))
    assert page.url.startswith(newcomer.layout.realm)
    begin(page, newcomer)
    assert seed_on(page) != seed
    assert newcomer.factors() == ["password"]


def test_who_has_a_factor_is_offered_no_other_way_in(page: Page, officer: Officer):
    begin(page, officer)
    page.locator("input[name=otp]").wait_for()
    assert page.locator("#try-another-way").count() == 0
    assert page.locator("#totpSecret").count() == 0

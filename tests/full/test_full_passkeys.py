"""Officers register passkeys at Keycloak in a real browser and sign in with them: as good as an authenticator app."""

import datetime as dt

import httpx
import pytest
from playwright.sync_api import Page
from songcau_kit.clock import SystemClock
from songcau_kit.errors import DomainError
from songcau_kit.step_up import StepUp
from songcau_kit.tokens import TokenVerifier
from songcau_local.browser import Attempt
from songcau_local.layout import Layout
from support.chromium import come_back, finish, prove_code, prove_password
from support.named_issuer import gateway_for
from support.officers import AGENCY, Officer
from support.passkey_pages import address_for_passkeys, press, reach, register
from support.passkeys import Authenticator
from support.sign_in_suite import call, claims_of


def sign_in_with_passkey(page: Page, officer: Officer) -> str:
    """Sign in where the account has nothing but the passkey beside its password; return the access token."""
    attempt = Attempt.of("officer-console")
    page.goto(address_for_passkeys(officer.layout, attempt.address(officer.layout)))
    prove_password(page, officer.username, officer.password)
    press(page, "#authenticateWebAuthnButton")
    return finish(page, officer.layout, attempt)


def test_an_officer_registers_a_passkey_and_chooses_it_over_the_authenticator_app(page: Page, officer: Officer):
    (passkey,) = register(page, officer, Authenticator(page))
    assert officer.factors() == ["password", "otp", "webauthn"]
    page.context.clear_cookies()
    attempt = Attempt.of("officer-console")
    page.goto(address_for_passkeys(officer.layout, attempt.address(officer.layout)))
    prove_password(page, officer.username, officer.password)
    page.get_by_role("link", name="Thử cách khác").click()
    reach(page, "Chọn phương thức đăng nhập")
    assert page.locator("[name=authenticationExecution]").count() == 2
    page.get_by_text("Sử dụng Passkey để đăng nhập.").click()
    reach(page, "Đăng nhập Passkey")
    press(page, "#authenticateWebAuthnButton")
    claims = claims_of(finish(page, officer.layout, attempt))
    assert (claims["acr"], claims["realm_access"]["roles"], claims["agency_codes"]) == ("aal2", ["officer"], [AGENCY])
    assert passkey.relying_party == "localhost"


def test_a_sign_in_with_a_passkey_is_strong_and_fresh_to_the_services(page: Page, officer: Officer):
    register(page, officer, Authenticator(page))
    officer.lose("otp")
    page.context.clear_cookies()
    caller = verifier_of(officer.layout).verify(sign_in_with_passkey(page, officer))
    StepUp(2, 600).check(caller, dt.datetime.now(dt.UTC))
    with pytest.raises(DomainError):
        StepUp(2, 600).check(caller, dt.datetime.now(dt.UTC) + dt.timedelta(seconds=700))


def test_the_gateway_takes_a_sign_in_with_a_passkey_from_the_issuer_it_was_told_of(page: Page, officer: Officer):
    layout = officer.layout
    register(page, officer, Authenticator(page))
    officer.lose("otp")
    page.context.clear_cookies()
    token = sign_in_with_passkey(page, officer)
    with gateway_for(layout, address_for_passkeys(layout, layout.realm)) as gateway:
        queue = httpx.get(f"{gateway}/v1/dossiers", headers={"authorization": f"Bearer {token}"}, timeout=30)
    assert queue.status_code == 200, queue.text
    assert call(layout, token, "GET", "/v1/dossiers").status_code == 401


def test_a_step_up_asks_for_the_passkey_again_within_the_session(page: Page, officer: Officer):
    register(page, officer, Authenticator(page))
    officer.lose("otp")
    page.context.clear_cookies()
    first = claims_of(sign_in_with_passkey(page, officer))
    page.wait_for_timeout(2100)
    attempt = Attempt.of("officer-console", acr_values="aal2", max_age="1")
    page.goto(address_for_passkeys(officer.layout, attempt.address(officer.layout)))
    page.fill("input[name=password]", officer.password)
    page.press("input[name=password]", "Enter")
    press(page, "#authenticateWebAuthnButton")
    second = claims_of(finish(page, officer.layout, attempt))
    assert second["sid"] == first["sid"]
    assert second["auth_time"] > first["auth_time"]
    assert second["acr"] == "aal2"


def test_a_password_alone_registers_no_passkey(page: Page, officer: Officer):
    Authenticator(page)
    attempt = Attempt.of("citizen-app", kc_action="webauthn-register")
    page.goto(address_for_passkeys(officer.layout, attempt.address(officer.layout)))
    prove_password(page, officer.username, officer.password)
    page.locator("input[name=otp]").wait_for()
    prove_code(page, officer.code())
    page.locator("#registerWebAuthn").wait_for()


def test_who_thinks_better_of_it_has_no_passkey_and_is_signed_in(page: Page, officer: Officer):
    attempt = Attempt.of("officer-console", kc_action="webauthn-register")
    page.goto(address_for_passkeys(officer.layout, attempt.address(officer.layout)))
    prove_password(page, officer.username, officer.password)
    prove_code(page, officer.code())
    press(page, "#cancelWebAuthnAIA")
    assert come_back(page, attempt)["kc_action_status"] == "cancelled"
    assert officer.factors() == ["password", "otp"]


def verifier_of(layout: Layout) -> TokenVerifier:
    """Return what services check tokens with, for the host name under which passkeys exist."""
    issuer = address_for_passkeys(layout, layout.realm)
    keys = f"{layout.realm}/protocol/openid-connect/certs"
    return TokenVerifier(issuer=issuer, audience="songcau", jwks_url=keys, clock=SystemClock())

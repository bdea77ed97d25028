"""Staff sign in with password and authenticator app in a real browser; wrong codes, locks, step-up."""

import re
import time
import uuid
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page
from songcau_local.browser import Attempt
from songcau_local.layout import Layout
from support.chromium import finish, prove_code, prove_password
from support.keycloak_issuer import KeycloakIssuer
from support.officers import AGENCY, Officer, new_officer
from support.sign_in_suite import call, claims_of

WRONG = "Tên người dùng hoặc mật khẩu không hợp lệ."
PURPOSE = {"x-access-purpose": "DATA_SUBJECT_REQUEST"}


def begin(page: Page, layout: Layout, **changes: str) -> Attempt:
    """Stand before the login page of the officers' console."""
    attempt = Attempt.of("officer-console", **changes)
    page.goto(attempt.address(layout))
    return attempt


def test_an_officer_signs_in_with_password_and_authenticator(page: Page, officer: Officer):
    attempt = begin(page, officer.layout)
    prove_password(page, officer.username, officer.password)
    prove_code(page, officer.code())
    token = finish(page, officer.layout, attempt)
    claims = claims_of(token)
    assert (claims["acr"], claims["realm_access"]["roles"], claims["agency_codes"]) == ("aal2", ["officer"], [AGENCY])
    assert call(officer.layout, token, "GET", "/v1/dossiers").status_code == 200


def test_a_wrong_code_is_told_on_the_page_and_the_next_one_may_be_right(page: Page, officer: Officer):
    attempt = begin(page, officer.layout)
    prove_password(page, officer.username, officer.password)
    prove_code(page, "000000")
    assert page.locator("#input-error-otp").inner_text().strip() == "Mã xác thực không hợp lệ."
    prove_code(page, officer.code())
    assert claims_of(finish(page, officer.layout, attempt))["acr"] == "aal2"


def test_wrong_passwords_lock_the_account_and_the_right_one_is_told_nothing_else(page: Page, officer: Officer):
    attempt = begin(page, officer.layout)
    for attempted in ("sai-mat-khau-roi",) * 5 + (officer.password,):
        prove_password(page, officer.username, attempted)
        assert page.locator("#input-error-username").inner_text().strip() == WRONG
    officer.unlock()
    prove_password(page, officer.username, officer.password)
    prove_code(page, officer.code())
    assert claims_of(finish(page, officer.layout, attempt))["acr"] == "aal2"


def test_wrong_codes_lock_the_account_too(page: Page, officer: Officer):
    begin(page, officer.layout)
    prove_password(page, officer.username, officer.password)
    for _ in range(5):
        prove_code(page, "000000")
        page.locator("#input-error-otp").wait_for()
    page.context.clear_cookies()
    begin(page, officer.layout)
    prove_password(page, officer.username, officer.password)
    assert page.locator("#input-error-username").inner_text().strip() == WRONG


def test_an_account_without_a_role_of_staff_is_let_in_nowhere_but_told_so_by_the_gateway(page: Page, officer: Officer):
    role = officer.issuer.admin.get_realm_role("officer")
    officer.issuer.admin.delete_realm_roles_of_user(officer.account_id, [role])
    attempt = begin(page, officer.layout)
    prove_password(page, officer.username, officer.password)
    prove_code(page, officer.code())
    answer = call(officer.layout, finish(page, officer.layout, attempt), "GET", "/v1/dossiers")
    assert (answer.status_code, answer.headers["content-language"]) == (403, "vi")


@pytest.fixture
def data_officer(issuer: KeycloakIssuer) -> Iterator[Officer]:
    with new_officer(issuer, role="data-officer") as officer:
        yield officer


def test_what_the_gateway_asks_for_in_a_step_up_is_what_keycloak_gives(page: Page, data_officer: Officer):
    layout = data_officer.layout
    attempt = begin(page, layout)
    prove_password(page, data_officer.username, data_officer.password)
    prove_code(page, data_officer.code())
    first = claims_of(finish(page, layout, attempt))
    old = data_officer.issuer.sign(first | {"auth_time": int(time.time()) - 3600})
    refused = disable_somebody(layout, old)
    assert (refused.status_code, refused.json()["code"]) == (401, "AUTHENTICATION_INSUFFICIENT")
    asked = dict(re.findall(r'(acr_values|max_age)="(\w+)"', refused.headers["www-authenticate"]))
    assert asked == {"acr_values": "aal2", "max_age": "600"}
    time.sleep(2.1)
    # A session of seconds is fresh enough for what the gateway asks; that of this test may be one second old.
    attempt = begin(page, layout, acr_values=asked["acr_values"], max_age="1")
    page.fill("input[name=password]", data_officer.password)
    page.press("input[name=password]", "Enter")
    prove_code(page, data_officer.code())
    token = finish(page, layout, attempt)
    assert claims_of(token)["auth_time"] > first["auth_time"]
    assert claims_of(token)["acr"] == asked["acr_values"]
    assert disable_somebody(layout, token).json()["code"] == "ACCOUNT_NOT_FOUND"


def disable_somebody(layout: Layout, token: str) -> httpx.Response:
    headers = PURPOSE | {"if-match": '"v1"', "idempotency-key": str(uuid.uuid4())}
    return call(layout, token, "POST", f"/v1/accounts/{uuid.uuid4()}/disable", headers=headers)

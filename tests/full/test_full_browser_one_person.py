"""An officer is a citizen too: two accounts on one personal number, also in one browser, that never mix."""

import uuid
from typing import Any

from playwright.sync_api import Page
from songcau_local.browser import Attempt
from songcau_local.layout import Layout
from support.chromium import finish, prove_at_vneid, prove_code, prove_password, prove_through_vneid
from support.officers import Officer
from support.sign_in_suite import call, claims_of


def as_citizen(page: Page, layout: Layout, client: str = "citizen-app") -> str:
    attempt = Attempt.of(client)
    page.goto(attempt.address(layout))
    prove_through_vneid(page, "hoa")
    return finish(page, layout, attempt)


def as_officer(page: Page, officer: Officer) -> str:
    attempt = Attempt.of("officer-console")
    page.goto(attempt.address(officer.layout))
    prove_both_factors(page, officer)
    return finish(page, officer.layout, attempt)


def prove_both_factors(page: Page, officer: Officer) -> None:
    prove_password(page, officer.username, officer.password)
    prove_code(page, officer.code())


def sign_out(page: Page, layout: Layout) -> None:
    page.goto(f"{layout.realm}/protocol/openid-connect/logout")
    page.locator("#kc-logout").click()
    page.get_by_text("Bạn đã đăng xuất").first.wait_for()


def accept_a_dossier(layout: Layout, token: str) -> int:
    """Do at a dossier that does not exist what only officers do; return the status."""
    headers = {"if-match": '"v1"', "idempotency-key": str(uuid.uuid4())}
    return call(layout, token, "POST", f"/v1/dossiers/{uuid.uuid4()}/accept", headers=headers).status_code


def is_citizen(claims: dict[str, Any]) -> bool:
    return claims.get("acct_type") == "CITIZEN" and claims["realm_access"]["roles"] == ["citizen"]


def is_officer(claims: dict[str, Any]) -> bool:
    return not {"acct_type", "citizen_id", "ial"} & claims.keys() and claims["realm_access"]["roles"] == ["officer"]


def test_two_accounts_one_after_the_other_in_one_browser(page: Page, full_stack: Layout, officer: Officer):
    at_work = as_officer(page, officer)
    assert accept_a_dossier(full_stack, at_work) == 404
    assert call(full_stack, at_work, "GET", "/v1/me").status_code == 403
    sign_out(page, full_stack)
    at_home = as_citizen(page, full_stack)
    assert is_officer(claims_of(at_work))
    assert is_citizen(claims_of(at_home))
    assert claims_of(at_work)["sub"] != claims_of(at_home)["sub"]
    assert (claims_of(at_work)["acr"], claims_of(at_home)["acr"]) == ("aal2", "aal1")
    assert accept_a_dossier(full_stack, at_home) == 403
    assert call(full_stack, at_home, "GET", "/v1/me").status_code == 200


def test_the_console_does_not_take_the_citizen_s_session_for_the_officer(
    page: Page, full_stack: Layout, officer: Officer
):
    citizen = claims_of(as_citizen(page, full_stack))
    attempt = Attempt.of("officer-console")
    page.goto(attempt.address(full_stack))
    assert page.locator("input[name=username]").count() == 0
    page.locator("#reset-login").click()
    prove_both_factors(page, officer)
    claims = claims_of(finish(page, full_stack, attempt))
    assert is_officer(claims)
    assert claims["sid"] != citizen["sid"]


def test_the_officer_s_session_is_no_citizen_s_in_the_citizens_application(
    page: Page, full_stack: Layout, officer: Officer
):
    as_officer(page, officer)
    attempt = Attempt.of("citizen-app")
    page.goto(attempt.address(full_stack))
    token = finish(page, full_stack, attempt)
    assert "citizen_id" not in claims_of(token)
    assert claims_of(token).get("realm_access", {"roles": []})["roles"] == []
    assert call(full_stack, token, "GET", "/v1/me").status_code == 403


def test_who_is_another_person_at_vneid_is_told_to_sign_out_first(page: Page, full_stack: Layout, officer: Officer):
    as_officer(page, officer)
    page.goto(Attempt.of("citizen-app", prompt="login", kc_idp_hint="vneid").address(full_stack))
    prove_at_vneid(page, "hoa")
    told = page.locator("#kc-error-message").inner_text()
    assert (
        f"Bạn đã xác thực với người dùng khác '{officer.username}' trong phiên này. Vui lòng đăng xuất trước." in told
    )


def test_a_citizen_at_the_officers_console_has_no_role_there(page: Page, full_stack: Layout):
    token = as_citizen(page, full_stack, "officer-console")
    claims = claims_of(token)
    assert (claims["acct_type"], claims["acr"], claims.get("realm_access")) == ("CITIZEN", "aal1", None)
    assert accept_a_dossier(full_stack, token) == 403

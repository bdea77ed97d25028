"""Citizens sign in through VNeID in a real browser: what they see where it works, ends early or is not theirs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page
from songcau_local.browser import Attempt, SignInError
from songcau_local.layout import Layout
from support.chromium import finish, notice_of, open_page, prove_through_vneid, stand_in_at
from support.keycloak_issuer import KeycloakIssuer
from support.sign_in_suite import PROCEDURE, call, claims_of

REFUSED = "Truy cập bị từ chối khi xác thực với VNeID"
AWAY = "Lỗi không mong muốn khi xác thực với nhà cung cấp danh tính"


def begin(page: Page, layout: Layout) -> Attempt:
    """Stand before the login page of the citizens' application."""
    attempt = Attempt.of("citizen-app")
    page.goto(attempt.address(layout))
    return attempt


def sign_in(page: Page, layout: Layout, name: str) -> str:
    """Return the access token of a citizen who signs in."""
    attempt = begin(page, layout)
    prove_through_vneid(page, name)
    return finish(page, layout, attempt)


@contextmanager
def realm_with(issuer: KeycloakIssuer, **settings: int) -> Iterator[None]:
    """Give the realm other lifetimes for a moment."""
    before = {name: value for name, value in issuer.admin.get_realm("songcau").items() if name in settings}
    issuer.admin.update_realm("songcau", settings)
    try:
        yield
    finally:
        issuer.admin.update_realm("songcau", before)


def test_a_citizen_signs_in_twice_and_is_the_same(page: Page, full_stack: Layout):
    found = []
    for _ in range(2):
        page.context.clear_cookies()
        token = sign_in(page, full_stack, "khanh")
        assert call(full_stack, token, "GET", "/v1/me").status_code == 200
        found.append(claims_of(token)["citizen_id"])
    assert found[0] == found[1]


def test_who_cancels_at_vneid_stands_before_the_login_page_again_and_can_try_anew(page: Page, full_stack: Layout):
    attempt = begin(page, full_stack)
    page.get_by_role("link", name="VNeID").click()
    page.locator("button[name=outcome][value=CANCELLED]").click()
    assert notice_of(page) == REFUSED
    prove_through_vneid(page, "khanh")
    assert claims_of(finish(page, full_stack, attempt))["acct_type"] == "CITIZEN"


@pytest.mark.parametrize(
    ("name", "notice"),
    [("dung", REFUSED), ("lam", REFUSED), ("minh", AWAY)],
    ids=["the account is locked at VNeID", "the code of VNeID has expired", "VNeID is away"],
)
def test_a_sign_in_that_ends_at_vneid_is_told_in_vietnamese_and_another_person_can_try(
    page: Page, full_stack: Layout, name: str, notice: str
):
    attempt = begin(page, full_stack)
    prove_through_vneid(page, name)
    assert notice_of(page) == notice
    assert page.url.startswith(full_stack.realm)
    prove_through_vneid(page, "khanh")
    assert claims_of(finish(page, full_stack, attempt))["ial"] == "2"


def test_an_answer_with_a_state_nobody_gave_ends_on_a_page(page: Page, full_stack: Layout):
    page.goto(f"{full_stack.realm}/broker/vneid/endpoint?state=made-up&code=x")
    assert page.locator("#kc-error-message").inner_text().strip() == "Yêu cầu không hợp lệ"


@pytest.mark.parametrize(
    ("stop", "told"),
    [
        ("{realm}/broker/vneid/endpoint?*", "Không tìm thấy cookie khởi động lại đăng nhập"),
        ("{bridge}/callback?*", "Yêu cầu đăng nhập không khớp hoặc đã hết hạn"),
    ],
    ids=["of the bridge", "of VNeID"],
)
def test_the_answer_to_one_browser_signs_nobody_in_at_another(
    page: Page, chromium: Browser, full_stack: Layout, stop: str, told: str
):
    stand_in_at(page, stop.format(realm=full_stack.realm, bridge=full_stack.url("bridge")))
    begin(page, full_stack)
    prove_through_vneid(page, "an")
    page.get_by_role("heading", name="Ứng dụng").wait_for()
    other = open_page(chromium)
    other.goto(page.url)
    assert told in other.locator("body").inner_text()
    other.context.close()


def test_a_code_that_waited_too_long_is_worth_nothing_and_the_next_one_comes_without_a_question(
    page: Page, full_stack: Layout, issuer: KeycloakIssuer
):
    attempt = begin(page, full_stack)
    with realm_with(issuer, accessCodeLifespan=1):
        prove_through_vneid(page, "an")
        page.get_by_role("heading", name="Ứng dụng").wait_for()
        time.sleep(2.5)
        with pytest.raises(SignInError, match="invalid_grant"):
            finish(page, full_stack, attempt)
    attempt = begin(page, full_stack)
    assert claims_of(finish(page, full_stack, attempt))["acct_type"] == "CITIZEN"


def test_a_login_page_left_open_too_long_begins_anew_and_says_so(
    page: Page, full_stack: Layout, issuer: KeycloakIssuer
):
    with realm_with(issuer, accessCodeLifespanLogin=1):
        attempt = begin(page, full_stack)
        time.sleep(2.5)
        page.get_by_role("link", name="VNeID").click()
        assert notice_of(page) == "Thời gian đăng nhập đã hết. Quá trình đăng nhập sẽ bắt đầu lại từ đầu."
    prove_through_vneid(page, "an")
    assert claims_of(finish(page, full_stack, attempt))["acct_type"] == "CITIZEN"


def test_a_level_one_account_signs_in_and_is_told_what_a_level_two_procedure_needs(page: Page, full_stack: Layout):
    token = sign_in(page, full_stack, "chi")
    claims = claims_of(token)
    assert (claims["ial"], call(full_stack, token, "GET", "/v1/me").status_code) == ("1", 200)
    wish = {
        "procedure_code": PROCEDURE,
        "channel": "ONLINE",
        "receiving_agency_code": "H55.242",
        "answers": {"family_members": True, "has_electronic_identity": True},
    }
    headers = {"idempotency-key": f"browser-{claims['jti']}"}
    answer = call(full_stack, token, "POST", "/v1/dossiers", json=wish, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "IDENTITY_LEVEL_TOO_LOW")
    assert answer.headers["content-language"] == "vi"
    assert "mức độ 2" in answer.json()["detail"]
    english = call(full_stack, token, "POST", "/v1/dossiers", json=wish, headers=headers | {"accept-language": "en"})
    assert english.headers["content-language"] == "en"

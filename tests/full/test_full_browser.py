"""A real browser signs in at Keycloak: a citizen through VNeID, an officer with password and authenticator."""

import shutil
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, sync_playwright
from songcau_local.browser import CALLBACKS, Attempt, open_browser, redeem, second_factor
from songcau_local.layout import Layout
from songcau_local.people import get_citizen, get_staff
from support.sign_in_suite import call, claims_of

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]


@pytest.fixture
def page(full_stack: Layout) -> Iterator[Page]:
    """Return a page of a fresh browser that can reach loopback only."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip("no Chromium on this machine: tools/browser installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        context = browser.new_context(locale="vi-VN")

        def only_loopback(route: Route) -> None:
            if urlsplit(route.request.url).hostname == "127.0.0.1":
                route.fallback()
            else:
                route.abort()

        context.route("**/*", only_loopback)
        for callback in CALLBACKS.values():
            context.route(f"{callback}?**", lambda route: route.fulfill(body="<h1>Ứng dụng</h1>"))
        page = context.new_page()
        page.set_default_timeout(60_000)
        yield page
        browser.close()


def finish(page: Page, layout: Layout, attempt: Attempt) -> str:
    """Wait until the app has its code and return the access token it becomes."""
    page.wait_for_url(f"{CALLBACKS[attempt.client_id]}?**")
    came_back = parse_qs(urlsplit(page.url).query)
    assert came_back["state"] == [attempt.query["state"]]
    with open_browser() as http:
        return redeem(http, layout, attempt.form(came_back["code"][0])).access


def test_a_citizen_signs_in_through_vneid_twice_and_is_the_same(page: Page, full_stack: Layout):
    person, found = get_citizen("khanh"), []
    for _ in range(2):
        page.context.clear_cookies()
        attempt = Attempt.of("citizen-app")
        page.goto(attempt.address(full_stack))
        page.get_by_role("link", name="VNeID").click()
        page.fill("input[name=personal_number]", person["personal_number"])
        page.fill("input[name=passcode]", person["passcode"])
        page.locator("button.main").click()
        token = finish(page, full_stack, attempt)
        assert call(full_stack, token, "GET", "/v1/me").status_code == 200
        found.append(claims_of(token)["citizen_id"])
    assert found[0] == found[1]


def test_a_citizen_who_cancels_at_vneid_stands_before_the_login_page_again(page: Page, full_stack: Layout):
    page.goto(Attempt.of("citizen-app").address(full_stack))
    page.get_by_role("link", name="VNeID").click()
    page.locator("button[name=outcome][value=CANCELLED]").click()
    page.get_by_role("link", name="VNeID").wait_for()
    assert page.url.startswith(full_stack.realm)


def test_an_officer_signs_in_with_password_and_authenticator(page: Page, full_stack: Layout):
    attempt = Attempt.of("officer-console")
    page.goto(attempt.address(full_stack))
    page.fill("input[name=username]", "officer.lahien")
    page.fill("input[name=password]", get_staff("officer.lahien")["password"])
    page.press("input[name=password]", "Enter")
    page.fill("input[name=otp]", second_factor(full_stack, "officer.lahien")["otp"])
    page.press("input[name=otp]", "Enter")
    claims = claims_of(finish(page, full_stack, attempt))
    assert (claims["acr"], claims["realm_access"]["roles"]) == ("aal2", ["officer"])


def test_a_wrong_code_of_the_authenticator_is_told_on_the_page(page: Page, full_stack: Layout):
    page.goto(Attempt.of("officer-console").address(full_stack))
    page.fill("input[name=username]", "leader.lahien")
    page.fill("input[name=password]", get_staff("leader.lahien")["password"])
    page.press("input[name=password]", "Enter")
    page.fill("input[name=otp]", "000000")
    page.press("input[name=otp]", "Enter")
    page.locator("#input-error-otp").wait_for()
    assert page.url.startswith(full_stack.realm)

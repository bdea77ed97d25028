"""A Chromium as a person has it, and the steps people take in it; it reaches this machine only."""

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from songcau_local.browser import CALLBACKS, Attempt, open_browser, redeem
from songcau_local.layout import Layout
from songcau_local.people import get_citizen

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
LOOPBACK_ONLY = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", LOOPBACK_ONLY]
TIMEOUT_MILLISECONDS = 30_000
STAND_IN = "<!doctype html><title>Ứng dụng</title><h1>Ứng dụng</h1>"


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """Start the machine's Chromium; the test is skipped where there is none."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("no Chromium on this machine: tools/browser installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


def open_page(browser: Browser, *, locale: str = "vi-VN") -> Page:
    """Return a page without a past; at the addresses of the applications it shows a page that stands for them."""
    page = browser.new_context(locale=locale).new_page()
    page.set_default_timeout(TIMEOUT_MILLISECONDS)
    stand_in_at(page, *(f"{callback}?*" for callback in CALLBACKS.values()))
    return page


def stand_in_at(page: Page, *patterns: str) -> None:
    """Answer addresses with a plain page, also where a redirect leads there, which Playwright's routes do not see."""
    session = page.context.new_cdp_session(page)

    def answer(event: dict[str, Any]) -> None:
        header = {"name": "content-type", "value": "text/html; charset=utf-8"}
        body = base64.b64encode(STAND_IN.encode()).decode()
        shape = {"requestId": event["requestId"], "responseCode": 200, "responseHeaders": [header], "body": body}
        session.send("Fetch.fulfillRequest", shape)

    session.on("Fetch.requestPaused", answer)
    session.send("Fetch.enable", {"patterns": [{"urlPattern": pattern} for pattern in patterns]})


def prove_through_vneid(page: Page, name: str) -> None:
    """Choose VNeID on the login page and sign a citizen of the seed file in there."""
    page.get_by_role("link", name="VNeID").click()
    prove_at_vneid(page, name)


def prove_at_vneid(page: Page, name: str) -> None:
    """Sign a citizen of the seed file in on VNeID's page."""
    person = get_citizen(name)
    page.fill("input[name=personal_number]", person["personal_number"])
    page.fill("input[name=passcode]", person["passcode"])
    page.locator("button.main").click()


def prove_password(page: Page, username: str, password: str) -> None:
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")


def prove_code(page: Page, code: str) -> None:
    page.fill("input[name=otp]", code)
    page.press("input[name=otp]", "Enter")


def come_back(page: Page, attempt: Attempt) -> dict[str, str]:
    """Wait until the browser is at the application again and return what it carries there."""
    page.wait_for_url(f"{CALLBACKS[attempt.client_id]}?**")
    carried = {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}
    assert carried["state"] == attempt.query["state"]
    return carried


def finish(page: Page, layout: Layout, attempt: Attempt) -> str:
    """Wait until the application has its code and return the access token it becomes."""
    carried = come_back(page, attempt)
    with open_browser() as http:
        return redeem(http, layout, attempt.form(carried["code"])).access


def notice_of(page: Page) -> str:
    """Return what the login page says above its form."""
    return page.locator(".pf-v5-c-alert__title").first.inner_text().strip()

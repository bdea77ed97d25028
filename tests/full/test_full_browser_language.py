"""Keycloak's pages speak Vietnamese unless a person or an application asks for English."""

import pytest
from playwright.sync_api import Browser
from songcau_local.browser import Attempt
from songcau_local.layout import Layout
from support.chromium import open_page, prove_code, prove_password
from support.officers import Officer
from support.passkey_pages import reach

VIETNAMESE = "Đăng nhập vào tài khoản của bạn"
ENGLISH = "Sign in to your account"


@pytest.mark.parametrize(
    ("locale", "asked", "language", "title"),
    [
        ("vi-VN", "", "vi", VIETNAMESE),
        ("fr-FR", "", "vi", VIETNAMESE),
        ("en-US", "", "en", ENGLISH),
        ("en-US", "vi", "vi", VIETNAMESE),
        ("vi-VN", "en", "en", ENGLISH),
        ("vi-VN", "fr", "vi", VIETNAMESE),
    ],
    ids=[
        "a Vietnamese browser",
        "a browser in a language nobody has",
        "an English browser",
        "an application that asks for Vietnamese",
        "an application that asks for English",
        "an application that asks for what nobody has",
    ],
)
def test_the_login_page_is_in_the_language_of(
    chromium: Browser, full_stack: Layout, locale: str, asked: str, language: str, title: str
):
    page = open_page(chromium, locale=locale)
    page.goto(Attempt.of("officer-console", ui_locales=asked).address(full_stack))
    reach(page, title)
    assert page.locator("html").get_attribute("lang") == language
    page.context.close()


def test_the_language_an_application_asked_for_stays_through_the_sign_in(chromium: Browser, officer: Officer):
    page = open_page(chromium, locale="en-US")
    page.goto(Attempt.of("officer-console", ui_locales="vi").address(officer.layout))
    prove_password(page, officer.username, officer.password)
    assert page.locator("label[for=otp]").inner_text().strip() == "Mã một lần"
    prove_code(page, "000000")
    assert page.locator("#input-error-otp").inner_text().strip() == "Mã xác thực không hợp lệ."
    assert page.locator("html").get_attribute("lang") == "vi"
    page.context.close()

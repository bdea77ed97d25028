"""Keycloak's pages for passkeys, as a person uses them."""

from playwright.sync_api import Dialog, Page, expect
from songcau_local.browser import Attempt
from songcau_local.layout import Layout
from support.chromium import come_back, prove_code, prove_password
from support.officers import Officer
from support.passkeys import Authenticator, Passkey

LABEL = "khóa của tôi"


def address_for_passkeys(layout: Layout, address: str) -> str:
    """Return an address of the stack's Keycloak by host name: browsers keep passkeys for names, never for numbers."""
    numeric = layout.realm.split("/realms/")[0]
    return address.replace(numeric, numeric.replace("127.0.0.1", "localhost"), 1)


def register(page: Page, officer: Officer, authenticator: Authenticator) -> list[Passkey]:
    """Sign an officer in with the authenticator app, add a passkey, and return all the authenticator holds."""
    attempt = Attempt.of("officer-console", kc_action="webauthn-register")
    page.goto(address_for_passkeys(officer.layout, attempt.address(officer.layout)))
    prove_password(page, officer.username, officer.password)
    prove_code(page, officer.code())
    reach(page, "Đăng ký Passkey")
    page.once("dialog", name_the_key)
    press(page, "#registerWebAuthn")
    assert come_back(page, attempt)["kc_action_status"] == "success"
    return authenticator.passkeys()


def press(page: Page, button: str) -> None:
    """Press a button once the page's scripts, which make it work, are there."""
    page.locator(button).wait_for()
    page.wait_for_load_state("load")
    page.locator(button).click()


def reach(page: Page, title: str) -> None:
    """Wait until the page with a heading is there whole, whichever page is shown while it comes."""
    expect(page.locator("#kc-page-title")).to_have_text(title, timeout=20_000)
    page.wait_for_load_state("load")


def name_the_key(dialog: Dialog) -> None:
    assert dialog.message == "Vui lòng nhập nhãn cho passkey đã đăng ký"
    dialog.accept(LABEL)

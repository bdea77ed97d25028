"""What is not the officer's passkey, at Keycloak's address, for this very sign-in, is refused."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from playwright.sync_api import Browser, Page
from songcau_local.browser import Attempt
from support.chromium import finish, notice_of, open_page, prove_password, stand_in_at
from support.keycloak_issuer import KeycloakIssuer
from support.officers import Officer, new_officer
from support.passkey_pages import address_for_passkeys, press, register
from support.passkeys import USER_PRESENT, Answer, Authenticator, Passkey
from support.sign_in_suite import claims_of

# Chromium keeps no passkeys for numbers, so a stranger's page needs a name; this one is loopback as well.
STRANGER = "http://giamao.localhost:8199"
# What the authenticators count up; these begin where no registration of these tests has come.
COUNTS = itertools.count(1000)
ASK = """async ([party, id]) => {
  const challenge = new Uint8Array(32);
  const known = [{type: "public-key", id: Uint8Array.from(atob(id), letter => letter.charCodeAt(0))}];
  try {
    await navigator.credentials.get({publicKey: {challenge, rpId: party, allowCredentials: known}});
    return "given";
  } catch (error) { return error.name; }
}"""
SEND = """fields => {
  const form = document.getElementById("webauth");
  for (const [name, value] of Object.entries(fields)) form.elements[name].value = value;
  form.submit();
}"""


@dataclass(frozen=True)
class Holder:
    """An officer who has a passkey beside the password, and nothing else."""

    officer: Officer
    passkey: Passkey


@pytest.fixture(scope="module")
def holders(chromium: Browser, issuer: KeycloakIssuer) -> Iterator[tuple[Holder, Holder]]:
    """Return two officers with a passkey each."""
    with new_officer(issuer) as first, new_officer(issuer) as second:
        yield holder_of(chromium, first), holder_of(chromium, second)


def holder_of(chromium: Browser, officer: Officer) -> Holder:
    page = open_page(chromium)
    (passkey,) = register(page, officer, Authenticator(page))
    page.context.close()
    officer.lose("otp")
    return Holder(officer, passkey)


@pytest.fixture
def holder(holders: tuple[Holder, Holder]) -> Iterator[Holder]:
    """Return the first officer, unlocked again after each refusal."""
    yield holders[0]
    holders[0].officer.unlock()


def stand_before_passkey(page: Page, officer: Officer) -> tuple[Attempt, Answer]:
    """Prove the password; return the attempt and what the right authenticator would answer now."""
    attempt = Attempt.of("officer-console")
    page.goto(address_for_passkeys(officer.layout, attempt.address(officer.layout)))
    prove_password(page, officer.username, officer.password)
    page.locator("#authenticateWebAuthnButton").wait_for()
    challenge = re.search(r'challenge\s*:\s*"([\w-]+)"', page.content())
    assert challenge is not None
    origin = address_for_passkeys(officer.layout, officer.layout.realm).split("/realms/")[0]
    return attempt, Answer(challenge[1], origin, "localhost", next(COUNTS))


def send(page: Page, form: dict[str, str]) -> None:
    with page.expect_navigation():
        page.evaluate(SEND, form)


def refusal_of(page: Page) -> str:
    """Return what Keycloak's page says; the browser did not come back to the application."""
    page.locator("#kc-page-title", has_text="Lỗi Passkey").wait_for()  # a script sends the answer: no press to wait for
    return notice_of(page)


def test_the_right_answer_made_by_hand_passes(page: Page, holder: Holder):
    attempt, answer = stand_before_passkey(page, holder.officer)
    send(page, answer.form(holder.passkey))
    assert claims_of(finish(page, holder.officer.layout, attempt))["acr"] == "aal2"


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "http://giamao.example"},
        {"origin": "http://localhost:1"},
        {"relying_party": "giamao.example"},
        {"challenge": "A" * 43},
        {"count": 0},
        {"flags": USER_PRESENT},
        {"kind": "webauthn.create"},
    ],
    ids=[
        "another origin",
        "another port",
        "another relying party",
        "a challenge of one's own",
        "a copy that counts anew",
        "nobody recognised",
        "a registration",
    ],
)
def test_an_answer_with_one_lie_in_it_is_refused(page: Page, holder: Holder, lie: dict[str, str | int]):
    _, answer = stand_before_passkey(page, holder.officer)
    send(page, replace(answer, **lie).form(holder.passkey))
    assert refusal_of(page)


def test_an_answer_that_opened_the_door_once_does_not_open_it_again(page: Page, holder: Holder):
    attempt, answer = stand_before_passkey(page, holder.officer)
    form = answer.form(holder.passkey)
    send(page, form)
    finish(page, holder.officer.layout, attempt)
    page.context.clear_cookies()
    stand_before_passkey(page, holder.officer)
    send(page, form)
    assert refusal_of(page)


def test_the_passkey_of_another_officer_is_refused_under_either_name(page: Page, holders: tuple[Holder, Holder]):
    mine, other = holders
    for named in (None, mine.passkey):
        page.context.clear_cookies()
        _, answer = stand_before_passkey(page, mine.officer)
        send(page, answer.form(other.passkey, named=named))
        assert refusal_of(page)
        mine.officer.unlock()


def test_a_browser_that_holds_only_another_officer_s_passkey_has_nothing_to_show(
    page: Page, holders: tuple[Holder, Holder]
):
    mine, other = holders
    Authenticator(page).give(other.passkey)
    stand_before_passkey(page, mine.officer)
    press(page, "#authenticateWebAuthnButton")
    assert "Không thể xác thực bằng Passkey" in refusal_of(page)
    mine.officer.unlock()


def test_an_authenticator_that_does_not_recognise_its_owner_is_refused(page: Page, holder: Holder):
    Authenticator(page, verifies_user=False).give(holder.passkey)
    stand_before_passkey(page, holder.officer)
    press(page, "#authenticateWebAuthnButton")
    assert "Không thể xác thực bằng Passkey" in refusal_of(page)


def test_a_page_of_another_origin_cannot_make_the_browser_use_the_passkey(page: Page, holder: Holder):
    Authenticator(page).give(holder.passkey)
    stand_in_at(page, f"{STRANGER}/*")
    asked = ["localhost", holder.passkey.credential_id]
    page.goto(f"{STRANGER}/dang-nhap")
    assert page.evaluate(ASK, asked) == "SecurityError"
    page.goto(address_for_passkeys(holder.officer.layout, holder.officer.layout.realm))
    assert page.evaluate(ASK, asked) == "given"

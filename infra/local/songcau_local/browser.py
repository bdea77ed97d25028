"""Signs demo people in as a browser would: redirects, login pages, the code exchanged with its verifier.

It knows neither the development issuer nor Keycloak: it fills the form that asks for most of what a person can answer.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx

from songcau_local.errors import StackError
from songcau_local.layout import Layout
from songcau_local.one_time_codes import OFFSETS, next_code
from songcau_local.people import get_citizen, get_staff, people

CALLBACKS = {
    "citizen-app": "http://127.0.0.1:8199/callback",
    "officer-console": "http://127.0.0.1:8199/officer/callback",
}
SCOPES = {
    "citizen-app": "openid identity:read identity:link access:read dossier:read dossier:write consultation:read "
    "consultation:write consent:read consent:write assistance:act",
    "officer-console": "openid identity:read identity:lookup access:read dossier:read dossier:process "
    "consultation:read consultation:write consultation:attend facility:manage account:manage "
    "consent:write breach:manage assistance:act",
}
STEPS = 15
# All that the realm accepts now may have been shown elsewhere; the one after them belongs to the next time step.
CODES = len(OFFSETS) + 1
# The realm takes refused codes within a second for an attack and locks the account (quickLoginCheckMilliSeconds).
PAUSE_SECONDS = 1.5
TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True)
class Tokens:
    """What the token endpoint gave."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in: int


class SignInError(StackError):
    """A person could not sign in; the text says where it ended."""


class CodeRefusedError(SignInError):
    """A one-time code was not taken: its owner may have shown it elsewhere, as in another task of a cluster."""


@dataclass(frozen=True)
class Attempt:
    """One sign-in of an app: what it sends the browser away with, and what only it knows."""

    client_id: str
    query: Mapping[str, str]
    verifier: str = field(repr=False)

    @classmethod
    def of(cls, client_id: str, **changes: str) -> "Attempt":
        """Return a fresh attempt with PKCE, state and nonce; an empty change leaves a parameter out."""
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        query = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": CALLBACKS[client_id],
            "scope": SCOPES[client_id],
            "state": secrets.token_urlsafe(16),
            "nonce": secrets.token_urlsafe(16),
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **changes,
        }
        return cls(client_id, {name: value for name, value in query.items() if value}, verifier)

    def address(self, layout: Layout) -> str:
        """Return where the browser starts."""
        return f"{layout.realm}/protocol/openid-connect/auth?{urlencode(self.query)}"

    def form(self, code: str) -> dict[str, str]:
        """Return the token request for a code."""
        return {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "redirect_uri": CALLBACKS[self.client_id],
            "code": code,
            "code_verifier": self.verifier,
        }


def sign_in(layout: Layout, name: str, **changes: str) -> Tokens:
    """Sign a citizen of the seed file in through VNeID, or a member of staff by password and one-time code.

    `changes` are parameters of the authorization request, such as another scope. Raises SignInError.
    """
    for _ in range(CODES - 1):
        with suppress(CodeRefusedError):
            return _sign_in_once(layout, name, changes)
        time.sleep(PAUSE_SECONDS)
    return _sign_in_once(layout, name, changes)


def _sign_in_once(layout: Layout, name: str, changes: Mapping[str, str]) -> Tokens:
    attempt, answers = attempt_of(layout, name, **changes)
    with open_browser() as http:
        return redeem(http, layout, attempt.form(come_back(http, layout, attempt, answers)))


def attempt_of(layout: Layout, name: str, **changes: str) -> tuple[Attempt, dict[str, str]]:
    """Return the attempt of a person of the seed file, and what they answer on the pages."""
    if name in people()["citizens"]:
        entry = get_citizen(name)
        answers = {"personal_number": entry["personal_number"], "passcode": entry["passcode"]}
        return Attempt.of("citizen-app", kc_idp_hint="vneid", **changes), answers
    entry = get_staff(name)
    answers = {"username": name, "password": entry["password"], **second_factor(layout, name)}
    return Attempt.of("officer-console", **changes), answers


def come_back(http: httpx.Client, layout: Layout, attempt: Attempt, answers: Mapping[str, str]) -> str:
    """Walk through the pages and return the code the browser comes back with; raises SignInError."""
    came_back = walk(http, attempt.address(layout), CALLBACKS[attempt.client_id], answers)
    if came_back.get("state") != attempt.query.get("state") or "code" not in came_back:
        told = came_back.get("error_description") or came_back.get("error") or "no code came back"
        raise SignInError(f"the sign-in was refused: {told}")
    return came_back["code"]


def second_factor(layout: Layout, name: str) -> dict[str, str]:
    """Return the answer to the form that asks for a member of staff's second factor, by the form's field."""
    entry = get_staff(name)
    if layout.is_full:
        return {"otp": next_code(layout, name, entry["authenticator"])}
    return {"one_time_code": entry["one_time_code"]}


def open_browser() -> httpx.Client:
    """Return a client with a browser's view of cookies: to it loopback is as safe as TLS, so secure ones are sent."""
    http = httpx.Client(timeout=TIMEOUT_SECONDS)

    def loosen(_: httpx.Response) -> None:
        for cookie in http.cookies.jar:
            cookie.secure = False

    http.event_hooks["response"] = [loosen]
    return http


def renew(layout: Layout, client_id: str, tokens: Tokens) -> Tokens:
    """Exchange a refresh token for new tokens."""
    with httpx.Client(timeout=TIMEOUT_SECONDS) as http:
        form = {"grant_type": "refresh_token", "client_id": client_id, "refresh_token": tokens.refresh}
        return redeem(http, layout, form)


def walk(http: httpx.Client, first: str, goal: str, answers: Mapping[str, str]) -> dict[str, str]:
    """Follow redirects and fill forms until the browser is sent to `goal`; return what it carries there.

    Raises SignInError where a page asks for what nobody can answer, or for the same again.
    """
    response = http.get(first)
    asked: set[frozenset[str]] = set()
    for _ in range(STEPS):
        if response.is_redirect:
            target = urljoin(str(response.url), response.headers["location"])
            if target.split("?")[0] == goal:
                return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
            response = http.get(target)
            continue
        form = FormReader.best(response.text, answers)
        where = urljoin(str(response.url), form.action) if form.action else str(response.url)
        # A form that asks for the same again did not like what it got.
        known = frozenset(form.fields.keys() & answers.keys())
        if response.is_error or not form.fields or known in asked:
            raise (CodeRefusedError if "otp" in known & form.fields.keys() else SignInError)(
                f"the sign-in ended at {response.url.copy_with(query=None)} with status {response.status_code}"
            )
        asked.add(known)
        response = http.post(where, data={**form.fields, **{k: v for k, v in answers.items() if k in form.fields}})
    raise SignInError("the sign-in went in circles")


def redeem(http: httpx.Client, layout: Layout, form: Mapping[str, str]) -> Tokens:
    """Ask the token endpoint; raises SignInError with its error."""
    answer = http.post(f"{layout.realm}/protocol/openid-connect/token", data=form)
    body: dict[str, Any] = answer.json()
    if answer.is_error:
        raise SignInError(f"no token: {body.get('error')} {body.get('error_description', '')}")
    return Tokens(body["access_token"], body.get("refresh_token", ""), int(body["expires_in"]))


@dataclass
class Form:
    """A form of a page: where it goes, its fields with their values, its first named button."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    has_button: bool = False


class FormReader(HTMLParser):
    """Reads the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None

    @classmethod
    def best(cls, page: str, answers: Mapping[str, str]) -> Form:
        """Return the form that asks for most of what we can answer; an empty one where there is none."""
        reader = cls()
        reader.feed(page)
        return max(reader.forms, key=lambda form: len(form.fields.keys() & answers.keys()), default=Form(""))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the form's address and fields."""
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(values.get("action", ""))
            self.forms.append(self._open)
        elif self._open is not None and values.get("name"):
            if tag == "input":
                self._open.fields[values["name"]] = values.get("value", "")
            elif tag == "button" and not self._open.has_button:
                self._open.has_button = True
                self._open.fields[values["name"]] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """Stop at the end of a form."""
        if tag == "form":
            self._open = None

"""VNeID as the platform meets it: OAuth2 with a code, no id_token, answers in RSA-wrapped AES-ECB envelopes.

`persona=<key of the people file>` on the authorize address signs a person in without a page; `persona=` with `outcome`
chooses what goes wrong. Codes always hold a `+`, sent as it is.
"""

import base64
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from flask import Flask, Response, jsonify, redirect, render_template, request
from songcau_kit.clock import Clock
from songcau_kit.legacy_envelope import close_envelope, public_key_of
from werkzeug.wrappers import Response as AnyResponse

from songcau_local.simulators.settings import SimulatorSettings
from songcau_local.simulators.vneid_pushes import add_pushes

CODE_LIFETIME = timedelta(seconds=60)
TOKEN_LIFETIME = timedelta(minutes=5)
ACCOUNT_TYPES = {"CITIZEN": "1", "ORGANISATION": "2"}
Answer = tuple[Response, int]


class Outcome(StrEnum):
    """How a person's sign-in ends."""

    SIGNED_IN = "SIGNED_IN"
    CANCELLED = "CANCELLED"
    LOCKED = "LOCKED"
    EXPIRED_CODE = "EXPIRED_CODE"  # the code is refused when the platform uses it
    AWAY = "AWAY"  # the token endpoint fails
    GARBLED = "GARBLED"  # the answer is in no envelope of the platform's


@dataclass(frozen=True)
class Person:
    """Somebody VNeID knows; invented, as everybody in the people file."""

    key: str
    description: str
    personal_number: str
    passcode: str
    claims: Mapping[str, str]
    later_name: str
    outcome: Outcome
    is_code_encrypted: bool


@dataclass(frozen=True)
class Grant:
    """A code or token that was given out."""

    person: Person
    redirect_uri: str
    until: datetime
    outcome: Outcome


@dataclass
class Memory:
    """What VNeID remembers while the process runs."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    codes: dict[str, Grant] = field(default_factory=dict)
    tokens: dict[str, Grant] = field(default_factory=dict)
    sign_ins: dict[str, int] = field(default_factory=dict)


class Vneid:
    """VNeID's side of the flow."""

    def __init__(self, settings: SimulatorSettings, clock: Clock) -> None:
        self.people = read_people(settings.people_file)
        self._settings = settings
        self._clock = clock
        self._partner_key = public_key_of(settings.vneid_partner_key.read_bytes())
        self._memory = Memory()

    def knows(self, query: Mapping[str, str]) -> bool:
        """Say whether the request is one of the platform's; nothing else is redirected anywhere."""
        is_platform = query.get("client_id") == self._settings.vneid_client_id
        is_exact = query.get("redirect_uri") == self._settings.vneid_redirect_uri
        return is_platform and is_exact and query.get("response_type") == "code"

    def find_person(self, form: Mapping[str, str]) -> Person | None:
        """Return who proved to be somebody: a persona by key, or a person by number and passcode."""
        if form.get("persona"):
            return self.people.get(form["persona"])
        number, passcode = form.get("personal_number"), form.get("passcode")
        matching = (p for p in self.people.values() if (p.personal_number, p.passcode) == (number, passcode))
        return next(matching, None)

    def way_back(self, person: Person, query: Mapping[str, str]) -> str:
        """Return where the person's browser goes now."""
        outcome = Outcome(query.get("outcome") or person.outcome)
        state, target = quote(query.get("state", ""), safe=""), query["redirect_uri"]
        if outcome is Outcome.CANCELLED:
            return f"{target}?error=access_denied&error_description=USER_CANCELLED&state={state}"
        if outcome is Outcome.LOCKED:
            return f"{target}?error=access_denied&error_description=ACCOUNT_LOCKED&state={state}"
        code = new_code()
        with self._memory.lock:
            self._memory.codes[code] = Grant(person, target, self._clock.now() + CODE_LIFETIME, outcome)
        if not (person.is_code_encrypted or query.get("encrypt_code")):
            return f"{target}?code={as_sent(code)}&state={state}"
        envelope = close_envelope(code.encode(), self._partner_key)
        return f"{target}?code={as_sent(envelope.data)}&encrypt_key={as_sent(envelope.key)}&state={state}"

    def redeem(self, form: Mapping[str, str]) -> Answer:
        """Answer the token endpoint."""
        expected = (self._settings.vneid_client_id, self._settings.vneid_client_secret.get_secret_value())
        if (form.get("client_id"), form.get("client_secret")) != expected:
            return jsonify(error="invalid_client"), 401
        with self._memory.lock:
            grant = self._memory.codes.pop(form.get("code", ""), None)
        if grant is not None and grant.outcome is Outcome.AWAY:
            return jsonify(error="temporarily_unavailable"), 503
        is_good = grant is not None and self._clock.now() < grant.until and grant.outcome is not Outcome.EXPIRED_CODE
        if grant is None or not is_good or form.get("redirect_uri") != grant.redirect_uri:
            return jsonify(error="invalid_grant"), 400
        token = secrets.token_urlsafe(32)
        until = self._clock.now() + TOKEN_LIFETIME
        with self._memory.lock:
            self._memory.tokens[token] = Grant(grant.person, grant.redirect_uri, until, grant.outcome)
        body = {"access_token": token, "token_type": "Bearer", "expires_in": int(TOKEN_LIFETIME.total_seconds())}
        return self._closed(body), 200

    def describe(self, authorization: str) -> Answer:
        """Answer the userinfo endpoint."""
        with self._memory.lock:
            grant = self._memory.tokens.get(authorization.removeprefix("Bearer "))
        if grant is None or self._clock.now() >= grant.until:
            return jsonify(error="invalid_token"), 401
        if grant.outcome is Outcome.GARBLED:
            return jsonify(data="AAAA", key="AAAA"), 200
        return self._closed(self._claims(grant.person)), 200

    def _claims(self, person: Person) -> Mapping[str, str]:
        with self._memory.lock:
            seen = self._memory.sign_ins.get(person.key, 0)
            self._memory.sign_ins[person.key] = seen + 1
        return {**person.claims, **({"fullName": person.later_name} if seen and person.later_name else {})}

    def _closed(self, body: Mapping[str, object]) -> Response:
        envelope = close_envelope(json.dumps(body, ensure_ascii=False).encode(), self._partner_key)
        return jsonify(data=envelope.data, key=envelope.key)


def create_app(settings: SimulatorSettings, clock: Clock) -> Flask:
    """Build VNeID's page and endpoints."""
    app = Flask(__name__)
    vneid = Vneid(settings, clock)
    app.add_url_rule("/readyz", "readyz", lambda: jsonify(status="ok"))

    @app.get("/oauth2/authorize")
    def show() -> AnyResponse:
        return _page_or_way_back(vneid, request.args)

    @app.post("/oauth2/authorize")
    def sign_in() -> AnyResponse:
        return _page_or_way_back(vneid, request.form, is_answer=True)

    @app.post("/oauth2/token")
    def token() -> Answer:
        return vneid.redeem(request.form)

    @app.get("/oauth2/userinfo")
    def userinfo() -> Answer:
        return vneid.describe(request.headers.get("Authorization", ""))

    def find_number(form: Mapping[str, str]) -> str | None:
        person = vneid.find_person(form)
        return person.personal_number if person else None

    add_pushes(app, settings, clock, find_number)
    return app


def _page_or_way_back(vneid: Vneid, query: Mapping[str, str], *, is_answer: bool = False) -> AnyResponse:
    if not vneid.knows(query):
        return Response("Yêu cầu đăng nhập không hợp lệ.", 400, content_type="text/plain; charset=utf-8")
    person = vneid.find_person(query)
    if person is not None:
        return redirect(vneid.way_back(person, query), 303)
    kept = {name: query.get(name, "") for name in ("response_type", "client_id", "redirect_uri", "scope", "state")}
    page = render_template("vneid.html", kept=kept, people=vneid.people.values(), is_wrong=is_answer)
    return Response(page, 401 if is_answer else 200)


def read_people(file: Path) -> Mapping[str, Person]:
    """Return the persons of the people file's section `citizens`."""
    entries: Mapping[str, Mapping[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))["citizens"]
    return {key: _person(key, entry) for key, entry in entries.items()}


def _person(key: str, entry: Mapping[str, Any]) -> Person:
    is_organisation = entry["account_type"] == "ORGANISATION"
    claims = {
        "citizenPid": entry["tax_code"] if is_organisation else entry["personal_number"],
        "fullName": entry["full_name"].upper(),
        "birthDate": "" if is_organisation else entry["birth_date"].replace("-", "").ljust(8, "0"),
        "accountType": ACCOUNT_TYPES[entry["account_type"]],
        "accountLevel": str(entry["account_level"]),
    }
    outcome = Outcome.LOCKED if entry.get("locked") else Outcome(entry.get("outcome", Outcome.SIGNED_IN))
    return Person(
        key=key,
        description=entry["description"],
        personal_number=entry["personal_number"],
        passcode=entry["passcode"],
        claims=claims,
        later_name=str(entry.get("later_full_name", "")).upper(),
        outcome=outcome,
        is_code_encrypted=bool(entry.get("encrypted_code")),
    )


def new_code() -> str:
    """Return a code with a `+` in it, as VNeID's codes often have."""
    while "+" not in (code := base64.b64encode(secrets.token_bytes(48)).decode()):
        pass
    return code


def as_sent(text: str) -> str:
    """Return a text as VNeID writes it into an address: everything escaped but the plus."""
    return quote(text, safe="+")

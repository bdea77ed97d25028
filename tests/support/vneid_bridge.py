"""The VNeID bridge, the simulator behind it and a broker before it, over real HTTP."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet
from songcau_identity.bridge.app import Bridge
from songcau_identity.bridge.service_tokens import ServiceTokens
from songcau_identity.settings import Settings
from songcau_kit.database import Database
from support.linker_issuer import LinkerIssuer

REDIRECT_URI = "http://127.0.0.1:8180/realms/songcau/broker/vneid/endpoint"
CLIENT_ID = "keycloak"


@dataclass
class Broker:
    """A stock OIDC broker with one person's browser; `base` is the bridge's issuer."""

    base: str
    client_secret: str
    browser: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=20))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    def authorize_query(self, **changes: str | None) -> str:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")
        query = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": REDIRECT_URI,
            "scope": "openid",
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        } | changes
        return urlencode({name: value for name, value in query.items() if value is not None})

    def begin(self, **changes: str | None) -> httpx.Response:
        return self.browser.get(f"{self.base}/authorize?{self.authorize_query(**changes)}")

    def at_vneid(self, persona: str, **query: str) -> str:
        """Sign the persona in and return the address VNeID sends the browser back to."""
        page = self.begin()
        assert page.status_code == 303, page.text
        answer = self.browser.get(f"{page.headers['location']}&{urlencode({'persona': persona} | query)}")
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def sign_in(self, persona: str, **query: str) -> dict[str, str]:
        """Walk the whole way and return what comes back to the broker's redirect address."""
        return came_back(self.browser.get(self.at_vneid(persona, **query)))

    def token(self, code: str, **changes: str | None) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT_URI,
            "code_verifier": self.verifier,
            "client_id": CLIENT_ID,
            "client_secret": self.client_secret,
        } | changes
        return self.browser.post(f"{self.base}/token", data={k: v for k, v in form.items() if v is not None})

    def id_token(self, token: str) -> Mapping[str, Any]:
        keys = KeySet.import_key_set(self.browser.get(f"{self.base}/jwks").json())
        return jwt.decode(token, keys, algorithms=["RS256"]).claims


def came_back(response: httpx.Response) -> dict[str, str]:
    """Return the query a redirect carries to the broker."""
    assert response.status_code == 303, response.text
    target = response.headers["location"]
    assert target.split("?")[0] == REDIRECT_URI
    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}


@dataclass
class BridgeSite:
    """The bridge, twice as two processes would run it, with everything around it."""

    base: str
    second_base: str
    database: Database
    linker: LinkerIssuer
    settings: Settings
    faces: list[Bridge]
    brokers: list[Broker] = field(default_factory=list)

    def broker(self, base: str | None = None) -> Broker:
        self.brokers.append(Broker(base or self.base, self.settings.bridge_client_secret.get_secret_value()))
        return self.brokers[-1]

    def begin_anew(self) -> None:
        """Let the token issuer work again and the bridge have no token of it."""
        self.linker.asked, self.linker.lifetime, self.linker.is_away = 0, 300, False
        self.linker.roles = ["identity-linker"]
        for tokens in (part for face in self.faces for part in face.outward if isinstance(part, ServiceTokens)):
            tokens.forget()

    def close(self) -> None:
        while self.brokers:
            self.brokers.pop().browser.close()

"""Who asks at the token endpoint: a public app by its name, a system by a signed assertion (RFC 7523)."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

import urllib3
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from .realm import Client, Realm

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class ClientAuthenticator:
    """Checks client assertions against each client's published keys; an assertion works once."""

    def __init__(self, realm: Realm, *, audiences: tuple[str, ...], now: Callable[[], float]) -> None:
        self._realm = realm
        self._audiences = audiences
        self._now = now
        self._http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(3))
        self._lock = threading.Lock()
        self._used: dict[str, float] = {}

    def authenticate(self, form: Mapping[str, str]) -> Client | None:
        """Return the client that sent the form; None where it is unknown or its proof is wrong."""
        if form.get("client_assertion_type") == ASSERTION_TYPE:
            return self._by_assertion(form.get("client_assertion", ""))
        client = self._realm.clients.get(form.get("client_id", ""))
        return client if client is not None and client.public else None

    def _by_assertion(self, assertion: str) -> Client | None:
        try:
            claimed = json.loads(_unpadded(assertion.split(".")[1]))
            client = self._realm.clients[claimed["sub"]]
            claims = jwt.decode(assertion, self._keys_of(client), algorithms=["RS256"]).claims
        except (JoseError, urllib3.exceptions.HTTPError, ValueError, KeyError, IndexError):
            return None
        return client if self._holds(claims, client) else None

    def _holds(self, claims: Mapping[str, Any], client: Client) -> bool:
        audience = claims.get("aud")
        named = {audience} if isinstance(audience, str) else set(audience or ())
        expires = float(claims.get("exp", 0))
        is_fresh = self._now() < expires <= self._now() + 300
        is_from_client = claims.get("iss") == claims.get("sub") == client.client_id
        return bool(named & set(self._audiences)) and is_fresh and is_from_client and self._first_use(claims, expires)

    def _first_use(self, claims: Mapping[str, Any], expires: float) -> bool:
        name = f"{claims.get('iss')}/{claims.get('jti')}"
        with self._lock:
            self._used = {key: until for key, until in self._used.items() if until > self._now()}
            if not claims.get("jti") or name in self._used:
                return False
            self._used[name] = expires
            return True

    def _keys_of(self, client: Client) -> KeySet:
        answer = self._http.request("GET", client.jwks_url)
        if answer.status != 200:
            raise ValueError("the client's keys cannot be fetched")
        return KeySet.import_key_set(answer.json())


def _unpadded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))

"""Writes the tokens as Keycloak writes them for this realm: RS256, internal ids only, never a personal number."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from .grants import Session
from .realm import Realm

SINGLE_VALUED = ("citizen_id", "ial", "acct_type", "practitioner_id")


class TokenWriter:
    """Signs access, id and refresh tokens for one realm."""

    def __init__(self, realm: Realm, *, issuer: str, key: RSAKey, now: Callable[[], float]) -> None:
        self._realm = realm
        self._issuer = issuer
        self._key = key
        self._now = now

    def answer(self, session: Session) -> dict[str, object]:
        """Return the token endpoint's answer for a session."""
        body: dict[str, object] = {
            "access_token": self.access_token(session),
            "token_type": "Bearer",
            "expires_in": self._realm.access_token_seconds,
            "scope": " ".join(sorted(session.scopes)),
            "session_state": session.session_id,
        }
        if session.refresh_id:
            body["refresh_token"] = self._sign("Refresh", self._refresh_claims(session), self._realm.idle_seconds)
            body["refresh_expires_in"] = self._realm.idle_seconds
        if "openid" in session.scopes:
            body["id_token"] = self._sign("ID", self._id_claims(session), self._realm.access_token_seconds)
        return body

    def access_token(self, session: Session) -> str:
        """Return a signed access token."""
        claims = {
            **self._person(session),
            "aud": [self._realm.audience],
            "scope": " ".join(sorted(session.scopes)),
            "realm_access": {"roles": sorted(self._roles(session))},
        }
        return self._sign("Bearer", claims, self._realm.access_token_seconds)

    def _roles(self, session: Session) -> frozenset[str]:
        """Return the person's roles that may stand in a token of this client."""
        return frozenset(session.account.roles) & self._realm.roles & self._realm.clients[session.client_id].roles

    def read_refresh(self, token: str) -> Mapping[str, Any] | None:
        """Return the claims of a refresh token of ours that is still valid."""
        return self._read(token, "Refresh")

    def read_access(self, token: str) -> Mapping[str, Any] | None:
        """Return the claims of an access token of ours that is still valid."""
        return self._read(token, "Bearer")

    def _read(self, token: str, kind: str) -> Mapping[str, Any] | None:
        try:
            claims = jwt.decode(token, self._key, algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            return None
        is_ours = claims.get("typ") == kind and claims.get("iss") == self._issuer
        return claims if is_ours and claims.get("exp", 0) > self._now() else None

    def _person(self, session: Session) -> dict[str, Any]:
        attributes = session.account.attributes
        single = {name: attributes[name][0] for name in SINGLE_VALUED if attributes.get(name)}
        many = {name: list(values) for name, values in attributes.items() if name not in SINGLE_VALUED}
        return {
            "sub": session.account.subject,
            "azp": session.client_id,
            "sid": session.session_id,
            "acr": session.acr,
            "auth_time": session.auth_time,
            **single,
            **many,
        }

    def _id_claims(self, session: Session) -> dict[str, Any]:
        nonce = {"nonce": session.nonce} if session.nonce else {}
        return {**self._person(session), **nonce, "aud": session.client_id}

    def _refresh_claims(self, session: Session) -> dict[str, Any]:
        return {
            "sub": session.account.subject,
            "azp": session.client_id,
            "sid": session.session_id,
            "aud": self._issuer,
            "rid": session.refresh_id,
        }

    def _sign(self, kind: str, claims: Mapping[str, Any], seconds: int) -> str:
        now = int(self._now())
        standard = {
            "iss": self._issuer,
            "iat": now,
            "exp": now + seconds,
            "jti": secrets.token_urlsafe(12),
            "typ": kind,
        }
        return jwt.encode({"alg": "RS256", "kid": self._key.kid}, {**standard, **claims}, self._key)

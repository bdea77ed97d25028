"""The other half of a brokered sign-in: to the VNeID bridge with PKCE, and back with a checked id_token."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import urllib3
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from .realm import IdentityProvider


class BrokerError(Exception):
    """The bridge did not vouch for the person; the text is for the issuer's log."""


def challenge_of(verifier: str) -> str:
    """Return the S256 code challenge of a verifier (RFC 7636 section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


class Broker:
    """Speaks to one OIDC identity provider as a stock broker does."""

    def __init__(self, provider: IdentityProvider, *, redirect_uri: str, now: Callable[[], float]) -> None:
        self._provider = provider
        self._redirect_uri = redirect_uri
        self._now = now
        self._http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(10))

    def address(self, *, state: str, nonce: str, verifier: str) -> str:
        """Return where the browser goes to sign in at the bridge."""
        query = {
            "response_type": "code",
            "client_id": self._provider.client_id,
            "redirect_uri": self._redirect_uri,
            "scope": "openid",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
        }
        return f"{self._provider.authorization_url}?{urlencode(query)}"

    def redeem(self, code: str, *, verifier: str, nonce: str) -> Mapping[str, Any]:
        """Exchange the bridge's code and return its id_token's claims; raises BrokerError."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "client_id": self._provider.client_id,
            "client_secret": self._provider.client_secret,
            "code_verifier": verifier,
        }
        try:
            answer = self._http.request("POST", self._provider.token_url, fields=form, encode_multipart=False)
            token = answer.json()["id_token"] if answer.status == 200 else ""
            keys = KeySet.import_key_set(self._http.request("GET", self._provider.jwks_url).json())
            claims = jwt.decode(token, keys, algorithms=["RS256"]).claims
        except (urllib3.exceptions.HTTPError, JoseError, ValueError, KeyError) as error:
            raise BrokerError(f"the bridge's answer cannot be used: {type(error).__name__}") from error
        self._check(claims, nonce)
        return claims

    def _check(self, claims: Mapping[str, Any], nonce: str) -> None:
        audience = claims.get("aud")
        named = [audience] if isinstance(audience, str) else list(audience or ())
        expected = claims.get("iss") == self._provider.issuer and self._provider.client_id in named
        if not expected or claims.get("nonce") != nonce or float(claims.get("exp", 0)) <= self._now():
            raise BrokerError("the bridge's id_token is for somebody else, for another sign-in, or old")


def new_secret() -> str:
    """Return 256 random bits as text."""
    return secrets.token_urlsafe(32)

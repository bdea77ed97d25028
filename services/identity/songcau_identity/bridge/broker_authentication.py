"""Who asks at the token endpoint: the broker, by its secret (RFC 6749 2.3.1) or by a signed assertion (RFC 7523)."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from songcau_kit.client_assertions import ASSERTION_TYPE
from songcau_kit.clock import Clock
from songcau_kit.database import Database
from songcau_kit.errors import DomainError
from songcau_kit.tokens import TokenVerifier

from songcau_identity.bridge.errors import TokenError
from songcau_identity.repositories import sign_ins as repository

LONGEST_ASSERTION_SECONDS = 300


@dataclass(frozen=True)
class Broker:
    """The one client of the bridge; an empty secret or key address turns that way of proof off."""

    client_id: str
    redirect_uris: frozenset[str]
    secret: str = field(repr=False, default="")
    jwks_url: str = ""


class BrokerAuthenticator:
    """Checks the broker's proof of itself."""

    def __init__(self, broker: Broker, *, database: Database, clock: Clock, audiences: tuple[str, ...]) -> None:
        self._broker = broker
        self._database = database
        self._clock = clock
        self._verifiers = [
            TokenVerifier(issuer=broker.client_id, audience=audience, jwks_url=broker.jwks_url, clock=clock)
            for audience in (audiences if broker.jwks_url else ())
        ]

    def authenticate(self, form: Mapping[str, str], authorization: str | None) -> str:
        """Return the client id of who sent the form; raises TokenError. Exactly one proof is allowed."""
        ways = [
            authorization is not None,
            "client_secret" in form,
            "client_assertion" in form,
        ]
        if sum(ways) != 1:
            raise TokenError(
                "invalid_client" if not any(ways) else "invalid_request", status=401 if not any(ways) else 400
            )
        if authorization is not None:
            name, secret = read_basic(authorization)
            is_good = self._has_secret(name, secret)
        elif "client_secret" in form:
            is_good = self._has_secret(form.get("client_id", ""), form["client_secret"])
        else:
            is_good = self._has_signed(form)
        if not is_good:
            raise TokenError("invalid_client", status=401)
        return self._broker.client_id

    def _has_secret(self, name: str, secret: str) -> bool:
        matches = hmac.compare_digest(self._broker.secret.encode(), secret.encode("utf-8", "surrogateescape"))
        return matches and bool(self._broker.secret) and name == self._broker.client_id

    def _has_signed(self, form: Mapping[str, str]) -> bool:
        assertion = form["client_assertion"]
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            return False
        if form.get("client_id", self._broker.client_id) != self._broker.client_id:
            return False
        if not any(self._is_ours(verifier, assertion) for verifier in self._verifiers):
            return False
        claims = read_claims(assertion)
        expires_at = float(claims.get("exp", 0))
        is_short = expires_at <= self._clock.now().timestamp() + LONGEST_ASSERTION_SECONDS
        return is_short and bool(claims.get("jti")) and self._is_first_use(str(claims["jti"]), expires_at)

    def _is_ours(self, verifier: TokenVerifier, assertion: str) -> bool:
        try:
            return verifier.verify(assertion).subject == self._broker.client_id
        except DomainError:
            return False

    def _is_first_use(self, assertion_id: str, expires_at: float) -> bool:
        used = hashlib.sha256(assertion_id.encode()).digest()
        with self._database.transaction() as conn:
            return repository.use_assertion(conn, used, datetime.fromtimestamp(expires_at, UTC))


def read_basic(authorization: str) -> tuple[str, str]:
    """Return name and secret of HTTP Basic, each form-encoded as RFC 6749 wants; raises TokenError."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        name, separator, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        separator = ""
    if scheme.lower() != "basic" or not separator:
        raise TokenError("invalid_client", status=401)
    return unquote_plus(name), unquote_plus(secret)


def read_claims(token: str) -> Mapping[str, Any]:
    """Return the claims of a token whose signature was verified before."""
    part = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims if isinstance(claims, dict) else {}

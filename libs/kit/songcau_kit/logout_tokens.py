"""Logout tokens: the issuer's signed word that a session has ended (OpenID Connect Back-Channel Logout 1.0)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from songcau_kit import errors
from songcau_kit._key_set import KeySet
from songcau_kit.clock import Clock
from songcau_kit.errors import DomainError
from songcau_kit.tokens import signed_claims

EVENT = "http://schemas.openid.net/event/backchannel-logout"
OLDEST_SECONDS = 120.0
LEEWAY_SECONDS = 5.0


@dataclass(frozen=True)
class SessionEnd:
    """What ended: one session, or where none is named every session a person opened until now."""

    subject: str | None
    session_id: str | None
    at: float


class LogoutTokenVerifier:
    """Turns a logout token into the end of a session; it keeps its own keys, as it is asked rarely."""

    def __init__(self, *, issuer: str, clients: frozenset[str], jwks_url: str, clock: Clock) -> None:
        self._issuer = issuer
        self._clients = clients
        self._clock = clock
        self._keys = KeySet(jwks_url, least_interval=10, greatest_age=600)

    def verify(self, token: str) -> SessionEnd:
        """Return what ended; raises TOKEN_INVALID, or UNAVAILABLE without a key set. May wait for the issuer."""
        claims = signed_claims(token, self._keys)
        self._check(claims)
        return SessionEnd(_text(claims, "sub"), _text(claims, "sid"), float(claims["iat"]))

    def _check(self, claims: Mapping[str, Any]) -> None:
        """Check the token as section 2.6 of the specification asks."""
        audience = claims.get("aud")
        named = {audience} if isinstance(audience, str) else set(audience or ())
        issued, events, now = claims.get("iat"), claims.get("events"), self._clock.now().timestamp()
        is_fresh = isinstance(issued, int) and now - OLDEST_SECONDS <= issued <= now + LEEWAY_SECONDS
        ends = claims.get("exp", now)
        rules = (
            claims.get("iss") == self._issuer,
            bool(named & self._clients),
            is_fresh,
            isinstance(ends, int | float) and ends + LEEWAY_SECONDS >= now,
            isinstance(events, Mapping) and EVENT in events,
            "nonce" not in claims,
            bool(_text(claims, "sub") or _text(claims, "sid")),
        )
        if not all(rules):
            raise DomainError(errors.TOKEN_INVALID)


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) and value else None

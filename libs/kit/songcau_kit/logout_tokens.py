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
        claims = self._told(token, oldest_seconds=OLDEST_SECONDS)
        ends = claims.get("exp", self._now())
        if not isinstance(ends, int | float) or ends + LEEWAY_SECONDS < self._now():
            raise DomainError(errors.TOKEN_INVALID)
        return _session_end(claims)

    def verify_kept(self, token: str, *, oldest_seconds: float) -> SessionEnd:
        """Return what ended by a token that somebody verified and kept: what it says stays true past its own end.

        Raises as `verify`, also for a token issued longer ago than `oldest_seconds`.
        """
        return _session_end(self._told(token, oldest_seconds=oldest_seconds))

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _told(self, token: str, *, oldest_seconds: float) -> Mapping[str, Any]:
        claims = signed_claims(token, self._keys)
        self._check(claims, oldest_seconds)
        return claims

    def _check(self, claims: Mapping[str, Any], oldest_seconds: float) -> None:
        """Check the token as section 2.6 of the specification asks."""
        audience = claims.get("aud")
        named = {audience} if isinstance(audience, str) else set(audience or ())
        issued, events, now = claims.get("iat"), claims.get("events"), self._now()
        is_fresh = isinstance(issued, int) and now - oldest_seconds <= issued <= now + LEEWAY_SECONDS
        rules = (
            claims.get("iss") == self._issuer,
            bool(named & self._clients),
            is_fresh,
            isinstance(events, Mapping) and EVENT in events,
            "nonce" not in claims,
            bool(_text(claims, "sub") or _text(claims, "sid")),
        )
        if not all(rules):
            raise DomainError(errors.TOKEN_INVALID)


def _session_end(claims: Mapping[str, Any]) -> SessionEnd:
    return SessionEnd(_text(claims, "sub"), _text(claims, "sid"), float(claims["iat"]))


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) and value else None

"""Access tokens are verified in the process that receives them; the issuer is asked for its keys and nothing else.

RFC 7519 (JWT), RFC 7515 (JWS), RFC 8725 (best practices): one algorithm, issuer and audience checked, no key from the
token itself.
"""

import asyncio
import base64
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError

from songcau_kit import errors
from songcau_kit._key_set import KeySet, KeySetError
from songcau_kit.caller import Caller
from songcau_kit.clock import Clock
from songcau_kit.errors import DomainError

ALGORITHM = "RS256"
ATTRIBUTES = ("citizen_id", "ial", "acct_type", "agency_codes", "facility_codes", "practitioner_id")
LONGEST_TOKEN = 8192

REMEMBERED_TOKENS = 4096
REMEMBERED_SECONDS = 60.0


class TokenVerifier:
    """Turns an access token into a Caller.

    A verified token is remembered for at most a minute and never beyond its expiry, which saves the RSA computation on
    the calls that follow. With the key at hand `verify` only computes (about 50 µs); in asyncio use `verify_async`,
    which leaves the event loop only for the rare fetch of keys.
    """

    def __init__(  # noqa: PLR0913
        self,
        *,
        issuer: str,
        audience: str,
        jwks_url: str,
        clock: Clock,
        leeway_seconds: float = 5,
        refresh_interval_seconds: float = 10,
        keys_age_seconds: float = 600,
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._leeway = leeway_seconds
        self._keys = KeySet(jwks_url, least_interval=refresh_interval_seconds, greatest_age=keys_age_seconds)
        self._remembered = _Remembered()

    @property
    def fetches(self) -> int:
        """Return how many times the issuer was asked for its keys."""
        return self._keys.fetches

    def verify(self, token: str) -> Caller:
        """Return the caller of a valid access token.

        Raises TOKEN_EXPIRED, TOKEN_INVALID, or UNAVAILABLE where no key set was ever fetched. May wait for the issuer
        when the token names a key nobody has seen.
        """
        now = self._clock.now().timestamp()
        caller = self._remembered.find(token, now)
        if caller is None:
            caller, expires_at = self._verify(token, now)
            self._remembered.add(token, caller, until=min(expires_at, now + REMEMBERED_SECONDS))
        return caller

    async def verify_async(self, token: str) -> Caller:
        """Do as `verify`, on another thread where the issuer has to be asked."""
        caller = self._remembered.find(token, self._clock.now().timestamp())
        if caller is not None:
            return caller
        if self._keys.wants_fetch(key_id_of(token)):
            return await asyncio.to_thread(self.verify, token)
        return self.verify(token)

    def _verify(self, token: str, now: float) -> tuple[Caller, float]:
        claims = signed_claims(token, self._keys)
        expires_at = self._check(claims, now)
        return _caller(claims, token), expires_at

    def _check(self, claims: Mapping[str, Any], now: float) -> float:
        """Check who issued the token, for whom and for which time; return its expiry (seconds since 1970)."""
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        ours = claims.get("iss") == self._issuer and self._audience in audiences
        # Keycloak writes the use into `typ`; an id or refresh token is not an access token.
        if not ours or claims.get("typ", "Bearer") != "Bearer":
            raise DomainError(errors.TOKEN_INVALID)
        expires_at = _moment(claims, "exp")
        if expires_at is None:
            raise DomainError(errors.TOKEN_INVALID)
        if now >= expires_at + self._leeway:
            raise DomainError(errors.TOKEN_EXPIRED)
        starts_at = max(_moment(claims, "nbf") or 0.0, _moment(claims, "iat") or 0.0)
        if now < starts_at - self._leeway:
            raise DomainError(errors.TOKEN_INVALID)
        return expires_at


def signed_claims(token: str, keys: KeySet) -> Mapping[str, Any]:
    """Return the claims of a token that one of the issuer's keys signed; what they say is still to be checked.

    Raises TOKEN_INVALID, or UNAVAILABLE without a key set.
    """
    try:
        key = keys.find(key_id_of(token))
    except KeySetError:
        raise DomainError(errors.UNAVAILABLE) from None
    if key is None:
        raise DomainError(errors.TOKEN_INVALID)
    try:
        return jwt.decode(token, key, algorithms=[ALGORITHM]).claims
    except (JoseError, ValueError):
        raise DomainError(errors.TOKEN_INVALID) from None


def key_id_of(token: str) -> str:
    """Return the key a token names, after refusing every form that is not a signed RS256 token."""
    try:
        if len(token) > LONGEST_TOKEN or token.count(".") != 2:
            raise ValueError("form")
        head = token.partition(".")[0]
        header = json.loads(base64.urlsafe_b64decode(head.encode("ascii") + b"=" * (-len(head) % 4)))
        algorithm, key_id = header["alg"], header["kid"]
    except (ValueError, KeyError, TypeError):
        raise DomainError(errors.TOKEN_INVALID) from None
    if algorithm != ALGORITHM or not isinstance(key_id, str):
        raise DomainError(errors.TOKEN_INVALID)
    return key_id


def _moment(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DomainError(errors.TOKEN_INVALID)
    return float(value)


def _caller(claims: Mapping[str, Any], token: str) -> Caller:
    auth_time = _moment(claims, "auth_time")
    realm_access = claims.get("realm_access")
    roles = realm_access.get("roles") if isinstance(realm_access, Mapping) else None
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise DomainError(errors.TOKEN_INVALID)
    return Caller(
        subject=subject,
        client_id=_text(claims, "azp") or _text(claims, "client_id") or "",
        roles=frozenset(_texts(roles)),
        scopes=frozenset((_text(claims, "scope") or "").split()),
        attributes={name: _texts(claims[name]) for name in ATTRIBUTES if name in claims},
        acr=_text(claims, "acr"),
        auth_time=datetime.fromtimestamp(auth_time, UTC) if auth_time is not None else None,
        session_id=_text(claims, "sid"),
        token=token,
    )


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) else None


def _texts(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(str(item) for item in values if isinstance(item, str | int) and not isinstance(item, bool))


@dataclass(frozen=True)
class _Memory:
    caller: Caller
    until: float


class _Remembered:
    """The callers of tokens that were verified a moment ago, by hash, the longest unused forgotten first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._memories: OrderedDict[bytes, _Memory] = OrderedDict()

    def find(self, token: str, now: float) -> Caller | None:
        key = _digest(token)
        with self._lock:
            memory = self._memories.get(key)
            if memory is None:
                return None
            if now >= memory.until:
                del self._memories[key]
                return None
            self._memories.move_to_end(key)
            return memory.caller

    def add(self, token: str, caller: Caller, *, until: float) -> None:
        with self._lock:
            self._memories[_digest(token)] = _Memory(caller, until)
            while len(self._memories) > REMEMBERED_TOKENS:
                self._memories.popitem(last=False)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()

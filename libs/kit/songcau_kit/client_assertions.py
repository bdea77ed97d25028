"""How a system proves itself at the token issuer: an assertion that its own key signed (RFC 7523), no shared secret."""

from joserfc import jwt
from joserfc.jwk import RSAKey

from songcau_kit.clock import Clock
from songcau_kit.tokens import ALGORITHM

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME_SECONDS = 60


class ClientAssertions:
    """Signs what a client says of itself; the key's id is its thumbprint (RFC 7638)."""

    def __init__(self, client_id: str, *, issuer: str, key: bytes, clock: Clock) -> None:
        """Read an RSA key (PEM); raises ValueError where it is none."""
        self._client_id = client_id
        self._issuer = issuer
        self._clock = clock
        self._key = RSAKey.import_key(key, {"use": "sig", "alg": ALGORITHM})
        self._key.ensure_kid()

    def sign(self) -> str:
        """Return an assertion that works once, within a minute."""
        now = int(self._clock.now().timestamp())
        claims = {
            "iss": self._client_id,
            "sub": self._client_id,
            "aud": self._issuer,
            "jti": str(self._clock.new_id()),
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
        }
        return jwt.encode({"alg": ALGORITHM, "kid": self._key.kid}, claims, self._key)

"""A token issuer for tests: real RSA keys, a real key set over HTTP on loopback, tokens of any shape."""

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import dumps
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey
from songcau_kit.clock import Clock
from songcau_kit.tokens import TokenVerifier

AUDIENCE = "songcau"
_KEYS: list[RSAKey] = []


def signing_key(number: int) -> RSAKey:
    """Return the n-th signing key of this test process; making one takes a tenth of a second."""
    while len(_KEYS) <= number:
        _KEYS.append(RSAKey.generate_key(2048, {"kid": f"key-{len(_KEYS)}", "use": "sig", "alg": "RS256"}))
    return _KEYS[number]


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # a race of callers asks at one moment; the default lets five wait


class TokenIssuer:
    """Issues access tokens as the realm does; `with TokenIssuer(clock) as issuer: issuer.token(roles=["officer"])`."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.issuer = "https://issuer.example/realms/songcau"
        self.current = 0
        self.published = [0]
        self.requests = 0
        self.delay_seconds = 0.0
        self.is_broken = False
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self.jwks_url = f"http://127.0.0.1:{self._server.server_port}/certs"

    def __enter__(self) -> "TokenIssuer":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def verifier(self, **options: Any) -> TokenVerifier:
        """Return a verifier that trusts this issuer."""
        given = {"issuer": self.issuer, "audience": AUDIENCE, "jwks_url": self.jwks_url, "clock": self.clock}
        return TokenVerifier(**(given | options))

    def rotate(self) -> None:
        """Sign with a new key from now on; the key set holds it and the one before."""
        self.current += 1
        self.published = [self.current - 1, self.current]

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return the claims of an access token; a change to None leaves the claim out."""
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": [AUDIENCE, "account"],
            "azp": "test-app",
            "sub": "018f0000-0000-7000-8000-000000000001",
            "sid": "session-1",
            "typ": "Bearer",
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "acr": "aal1",
            "scope": "openid",
            "realm_access": {"roles": []},
        } | changes
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, *, roles: Any = (), scopes: Any = (), headers: Any = None, **changes: Any) -> str:
        """Return a signed access token; `changes` are claims, attributes included."""
        claims = self.claims(
            **{"realm_access": {"roles": list(roles)}, "scope": " ".join(("openid", *scopes))} | changes
        )
        key = signing_key(self.current)
        return jwt.encode({"alg": "RS256", "kid": key.kid} | (headers or {}), claims, key)

    def _handler(issuer) -> "type[BaseHTTPRequestHandler]":  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.requests += 1
                time.sleep(issuer.delay_seconds)
                body = dumps({"keys": [signing_key(number).as_dict(private=False) for number in issuer.published]})
                self.send_response(500 if issuer.is_broken else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            log_message: Callable[..., None] = lambda *_: None

        return Handler

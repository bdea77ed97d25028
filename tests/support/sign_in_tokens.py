"""What the gateway must refuse, whoever issued it: the token rules, tried with keys that the issuer publishes."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import httpx
import pytest
from joserfc import jwk, jwt
from songcau_local.browser import sign_in
from support.sign_in_suite import Issuer, call, claims_of

PATH = "/v1/me"


@pytest.fixture(scope="module")
def good(issuer: Issuer) -> dict[str, Any]:
    """Return the claims of a token that the gateway takes."""
    return claims_of(sign_in(issuer.layout, "an").access)


class TokenSuite:
    """The rules; a test class of each issuer inherits them and gives the fixture `issuer`."""

    def code(self, issuer: Issuer, token: str) -> tuple[int, str]:
        answer = call(issuer.layout, token, "GET", PATH)
        return answer.status_code, answer.json().get("code", "")

    def test_a_token_of_the_issuer_s_key_is_taken_so_the_refusals_below_mean_something(self, issuer: Issuer, good):
        assert self.code(issuer, issuer.sign(good))[0] == 200

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"aud": "another-api"}, "TOKEN_INVALID"),
            ({"aud": None}, "TOKEN_INVALID"),
            ({"iss": "http://127.0.0.1:1/realms/songcau"}, "TOKEN_INVALID"),
            ({"exp": -60}, "TOKEN_EXPIRED"),
            ({"exp": None}, "TOKEN_INVALID"),
            ({"nbf": +60}, "TOKEN_INVALID"),
            ({"iat": +60}, "TOKEN_INVALID"),
            ({"typ": "ID"}, "TOKEN_INVALID"),
            ({"typ": "Refresh"}, "TOKEN_INVALID"),
        ],
        ids=[
            "wrong audience",
            "no audience",
            "wrong issuer",
            "expired",
            "no end",
            "not yet valid",
            "of the future",
            "an id token",
            "a refresh token",
        ],
    )
    def test_a_token_outside_the_rules_is_refused(self, issuer: Issuer, good, changes: dict[str, Any], code: str):
        now = int(time.time())
        moved = {name: now + value if isinstance(value, int) else value for name, value in changes.items()}
        claims = {name: value for name, value in (good | moved).items() if value is not None}
        assert self.code(issuer, issuer.sign(claims)) == (401, code)

    def test_a_token_without_a_signature_is_refused(self, issuer: Issuer, good):
        signed = issuer.sign(good)
        header = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"  # {"alg":"none","typ":"JWT"}
        assert self.code(issuer, f"{header}.{signed.split('.')[1]}.") == (401, "TOKEN_INVALID")

    def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(self, issuer: Issuer, good):
        keys = httpx.get(f"{issuer.layout.realm}/protocol/openid-connect/certs", timeout=30).json()["keys"]
        published = next(key for key in keys if key.get("use") == "sig" and key["kty"] == "RSA")
        public = jwk.RSAKey.import_key({name: published[name] for name in ("kty", "n", "e")})
        # By hand, since the libraries refuse to be so careless.
        parts = [json.dumps({"alg": "HS256", "kid": published["kid"]}).encode(), json.dumps(good).encode()]
        signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
        for secret in (public.as_pem(private=False), published["n"].encode()):
            mark = base64.urlsafe_b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).rstrip(b"=")
            assert self.code(issuer, (signed + b"." + mark).decode()) == (401, "TOKEN_INVALID")

    def test_a_token_of_a_key_that_nobody_published_is_refused(self, issuer: Issuer, good):
        key = jwk.RSAKey.generate_key(2048, {"kid": "made-up"}, private=True)
        assert self.code(issuer, jwt.encode({"alg": "RS256", "kid": "made-up"}, good, key)) == (401, "TOKEN_INVALID")

    def test_a_changed_claim_breaks_the_signature(self, issuer: Issuer, good):
        head, _, signature = issuer.sign(good).split(".")
        body = issuer.sign(good | {"citizen_id": "00000000-0000-7000-8000-000000000000"}).split(".")[1]
        assert self.code(issuer, f"{head}.{body}.{signature}") == (401, "TOKEN_INVALID")

    def test_a_token_without_the_scope_of_the_route_is_refused(self, issuer: Issuer):
        tokens = sign_in(issuer.layout, "an", scope="openid access:read")
        answer = call(issuer.layout, tokens, "GET", "/v1/dossiers")
        assert (answer.status_code, answer.json()["code"]) == (403, "SCOPE_MISSING")
        assert "insufficient_scope" in answer.headers["www-authenticate"]

"""The development issuer keeps the rules of sign-in that Keycloak keeps; the same suite runs there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from joserfc import jwt
from songcau_local.issuer.keys import load_or_create
from songcau_local.layout import Layout
from support.e2e_stack import IS_FULL
from support.sign_in_suite import SignInSuite
from support.sign_in_tokens import TokenSuite, good

__all__ = ["good"]

pytestmark = pytest.mark.skipif(IS_FULL, reason="test_full_sign_in runs the same suite on Keycloak")


@dataclass(frozen=True)
class DevelopmentIssuer:
    layout: Layout

    def sign(self, claims: Mapping[str, Any], *, header: Mapping[str, Any] | None = None) -> str:
        key = load_or_create(self.layout.secrets / "issuer" / "issuer-key.pem")
        return jwt.encode({"alg": "RS256", "kid": key.kid, **(header or {})}, dict(claims), key)

    def unlock(self, username: str) -> None:
        """Nothing else signs in with that name."""


@pytest.fixture(scope="module")
def issuer(stack: Layout) -> DevelopmentIssuer:
    return DevelopmentIssuer(stack)


class TestDevelopmentIssuerSignIn(SignInSuite):
    pass


class TestDevelopmentIssuerTokens(TokenSuite):
    pass

"""A real Keycloak as the sign-in suite sees it: its administration, and a key of the tests that it publishes."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from joserfc import jwk, jwt
from keycloak import KeycloakAdmin
from songcau_local import key_material
from songcau_local.full.administration import open_administration
from songcau_local.layout import Layout

LEAST_INTERVAL_SECONDS = 10.5  # between two fetches of keys, so that made-up key ids do not become requests
KEY_PROVIDER = "org.keycloak.keys.KeyProvider"


@dataclass(frozen=True)
class KeycloakIssuer:
    layout: Layout

    @cached_property
    def admin(self) -> KeycloakAdmin:
        return open_administration(self.layout, key_material.load_or_make(self.layout))

    @cached_property
    def _key(self) -> tuple[jwk.RSAKey, str]:
        """Return a key that Keycloak publishes and never signs with, since its priority is the lowest."""
        key = jwk.RSAKey.import_key(key_material.private_key(self.layout, "tests-rsa").read_bytes())
        if not any(item["name"] == "tests" for item in self.admin.get_components({"type": KEY_PROVIDER})):
            config = {"privateKey": [key.as_pem(private=True).decode()], "priority": ["-1"], "enabled": ["true"]}
            component = {"name": "tests", "providerId": "rsa", "providerType": KEY_PROVIDER}
            self.admin.create_component({**component, "config": config | {"active": ["true"], "algorithm": ["RS256"]}})
            time.sleep(LEAST_INTERVAL_SECONDS)  # who fetched the keys a moment ago has to be let fetch again
        ids = {item["id"] for item in self.admin.get_components({"type": KEY_PROVIDER}) if item["name"] == "tests"}
        published = self.admin.get_keys()["keys"]
        return key, next(item["kid"] for item in published if item.get("providerId") in ids and item["use"] == "SIG")

    def sign(self, claims: Mapping[str, Any], *, header: Mapping[str, Any] | None = None) -> str:
        key, name = self._key
        return jwt.encode({"alg": "RS256", "kid": name, **(header or {})}, dict(claims), key)

    def unlock(self, username: str) -> None:
        self.admin.clear_bruteforce_attempts_for_user(str(self.admin.get_user_id(username)))

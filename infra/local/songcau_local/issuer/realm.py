"""Reads the realm file: the clients, scopes, roles and lifetimes the issuer must honour as Keycloak does."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

# Keycloak replaces ${NAME} and ${NAME:default} when it imports a realm; so do we, before the text is parsed.
# Its own templates (${ALIAS}, ${CLAIM.sub}) stay as they are.
PLACEHOLDER = re.compile(r"\$\{(SONGCAU_[A-Z0-9_]*)(?::([^}]*))?\}")


class RealmError(Exception):
    """The realm file asks for something the issuer cannot honour; the text says what."""


@dataclass(frozen=True)
class Client:
    """One OAuth client of the realm."""

    client_id: str
    public: bool
    redirect_uris: tuple[str, ...]
    scopes: frozenset[str]
    service_roles: frozenset[str] = frozenset()
    service_attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    jwks_url: str = ""
    service_account: bool = False
    roles: frozenset[str] = frozenset()
    demands_second_factor: bool = False


@dataclass(frozen=True)
class IdentityProvider:
    """The broker's other side: the VNeID bridge."""

    issuer: str
    authorization_url: str
    token_url: str
    jwks_url: str
    client_id: str
    client_secret: str = field(repr=False)
    claims: tuple[str, ...]
    role: str


@dataclass(frozen=True)
class Realm:
    """What the issuer takes from the realm file; lifetimes in seconds."""

    name: str
    roles: frozenset[str]
    scope_names: frozenset[str]
    clients: Mapping[str, Client]
    provider: IdentityProvider
    audience: str
    access_token_seconds: int
    code_seconds: int
    idle_seconds: int
    max_session_seconds: int
    failure_factor: int
    failure_wait_seconds: int


def load_realm(path: Path, variables: Mapping[str, str]) -> Realm:
    """Read and check the realm file; raises RealmError where a client allows what the platform forbids."""
    raw: dict[str, Any] = json.loads(PLACEHOLDER.sub(lambda match: replaced(match, variables), path.read_text()))
    accounts = {user["serviceAccountClientId"]: user for user in raw["users"] if "serviceAccountClientId" in user}
    allowed = {item["client"]: frozenset(item["roles"]) for item in raw["scopeMappings"]}
    clients = {
        name: replace(read_client(item, accounts.get(name, {})), roles=allowed.get(name, frozenset()))
        for name, item in ((item["clientId"], item) for item in raw["clients"])
    }
    return Realm(
        name=raw["realm"],
        roles=frozenset(role["name"] for role in raw["roles"]["realm"]),
        scope_names=frozenset(s["name"] for s in raw["clientScopes"] if in_token(s)),
        clients=clients,
        provider=read_provider(raw),
        audience=audience_of(raw),
        access_token_seconds=raw["accessTokenLifespan"],
        code_seconds=raw["accessCodeLifespan"],
        idle_seconds=raw["ssoSessionIdleTimeout"],
        max_session_seconds=raw["ssoSessionMaxLifespan"],
        failure_factor=raw["failureFactor"],
        failure_wait_seconds=raw["waitIncrementSeconds"],
    )


def replaced(match: re.Match[str], variables: Mapping[str, str]) -> str:
    """Return the value of one placeholder; raises RealmError where it has neither value nor default."""
    value = variables.get(match[1], match[2])
    if value is None:
        raise RealmError(f"the realm file needs {match[1]}, which has no default")
    return value


def in_token(scope: Mapping[str, Any]) -> bool:
    """Say whether the scope's name appears in the token's `scope` claim."""
    return bool(scope["attributes"].get("include.in.token.scope") == "true")


def read_client(item: Mapping[str, Any], account: Mapping[str, Any]) -> Client:
    """Read one client; raises RealmError for the flows and forms the platform never allows."""
    name = item["clientId"]
    if item["directAccessGrantsEnabled"] or item["implicitFlowEnabled"]:
        raise RealmError(f"client {name} allows the password or the implicit grant")
    if item["publicClient"] and item["attributes"].get("pkce.code.challenge.method") != "S256":
        raise RealmError(f"public client {name} does not demand PKCE with S256")
    if item["publicClient"] and item.get("secret"):
        raise RealmError(f"public client {name} has a secret, which nothing in public can keep")
    if item["fullScopeAllowed"]:
        raise RealmError(f"client {name} may carry every role; name those it may in scopeMappings")
    if any("*" in uri for uri in item["redirectUris"]):
        raise RealmError(f"client {name} has a wildcard in a redirect address")
    return Client(
        client_id=name,
        public=item["publicClient"],
        redirect_uris=tuple(item["redirectUris"]),
        scopes=frozenset(item["optionalClientScopes"]),
        service_account=item["serviceAccountsEnabled"],
        demands_second_factor=item["attributes"].get("minimum.acr.value") == "aal2",
        service_roles=frozenset(account.get("realmRoles", ())),
        service_attributes={key: tuple(values) for key, values in account.get("attributes", {}).items()},
        jwks_url=item["attributes"].get("jwks.url", ""),
    )


def read_provider(raw: Mapping[str, Any]) -> IdentityProvider:
    """Read the identity provider `vneid` and what its mappers copy into the account."""
    config = next(item["config"] for item in raw["identityProviders"] if item["alias"] == "vneid")
    mappers = [item for item in raw["identityProviderMappers"] if item["identityProviderAlias"] == "vneid"]
    copied = (item["config"] for item in mappers if item["identityProviderMapper"] == "oidc-user-attribute-idp-mapper")
    roles = (item["config"] for item in mappers if item["identityProviderMapper"] == "oidc-hardcoded-role-idp-mapper")
    return IdentityProvider(
        issuer=config["issuer"],
        authorization_url=config["authorizationUrl"],
        token_url=config["tokenUrl"],
        jwks_url=config["jwksUrl"],
        client_id=config["clientId"],
        client_secret=config["clientSecret"],
        claims=tuple(item["claim"] for item in copied),
        role=next(iter(roles))["role"],
    )


def audience_of(raw: Mapping[str, Any]) -> str:
    """Return the audience that the realm's audience mapper puts into access tokens."""
    mappers = (mapper for scope in raw["clientScopes"] for mapper in scope["protocolMappers"])
    return str(next(m["config"]["included.custom.audience"] for m in mappers if "audience" in m["protocolMapper"]))

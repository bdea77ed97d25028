"""The parts of a realm that are objects with a name: how each is read from the server, made and mended."""

# ruff: noqa: D102, ARG002 -- the protocol Section says what each method does, once for all kinds

import json
from collections.abc import Mapping
from typing import Any, Protocol

from keycloak import KeycloakAdmin

from songcau_local.realm.declared import settings_of

Objects = dict[str, dict[str, Any]]
# What every Keycloak realm brings along; it is not ours to declare.
# Keycloak keeps the permissions of administration at this client, which it makes itself.
PERMISSIONS_CLIENT = "admin-permissions"
OWN_CLIENTS = (
    "account",
    "account-console",
    "admin-cli",
    "broker",
    "realm-management",
    "security-admin-console",
    # Made at the first act behind which no client stands.
    "_system",
    PERMISSIONS_CLIENT,
)
OWN_SCOPES = ("offline_access",)
OWN_ROLES = ("offline_access", "uma_authorization")


class Section(Protocol):
    """One kind of object."""

    kind: str

    def declared(self) -> Objects:
        """Return what the file declares, by name."""

    def found(self) -> Objects:
        """Return what the server holds, by name, without what every Keycloak brings along."""

    def create(self, name: str, wanted: dict[str, Any]) -> None:
        """Make an object that is missing."""

    def update(self, name: str, wanted: dict[str, Any], found: dict[str, Any]) -> None:
        """Bring an object to what is declared."""


class _Section:
    kind = ""

    def __init__(self, admin: KeycloakAdmin, declared: Mapping[str, Any]) -> None:
        self.admin = admin
        self.raw = declared


class RealmSettings(_Section):
    """The realm's own settings: lifetimes, policies, protection, events, bindings of flows."""

    kind = "realm"

    def declared(self) -> Objects:
        return {self.raw["realm"]: settings_of(self.raw)}

    def found(self) -> Objects:
        return {self.raw["realm"]: self.admin.get_realm(self.raw["realm"])}

    def create(self, name: str, wanted: dict[str, Any]) -> None:
        self.admin.create_realm({"realm": name, **wanted})

    def update(self, name: str, wanted: dict[str, Any], found: dict[str, Any]) -> None:
        attributes = {**found.get("attributes", {}), **wanted.get("attributes", {})}
        self.admin.update_realm(name, {**wanted, "attributes": attributes})


class Roles(_Section):
    """Realm roles."""

    kind = "role"

    def declared(self) -> Objects:
        return {role["name"]: role for role in self.raw["roles"]["realm"]}

    def found(self) -> Objects:
        own = (*OWN_ROLES, f"default-roles-{self.raw['realm']}")
        roles = self.admin.get_realm_roles(brief_representation=False)
        return {role["name"]: role for role in roles if role["name"] not in own}

    def create(self, name: str, wanted: dict[str, Any]) -> None:
        self.admin.create_realm_role(wanted)

    def update(self, name: str, wanted: dict[str, Any], found: dict[str, Any]) -> None:
        self.admin.update_realm_role(name, {**found, **wanted})


class Groups(_Section):
    """The roots of the groups by agency and by facility; those below come with the people who belong to them."""

    kind = "group"

    def declared(self) -> Objects:
        return {group["name"]: {"name": group["name"]} for group in self.raw["groups"]}

    def found(self) -> Objects:
        return {group["name"]: group for group in self.admin.get_groups()}

    def create(self, name: str, wanted: dict[str, Any]) -> None:
        self.admin.create_group(wanted)

    def update(self, name: str, wanted: dict[str, Any], found: dict[str, Any]) -> None:
        self.admin.update_group(found["id"], {**found, **wanted})


class ClientScopes(_Section):
    """Scopes with their mappers, which decide what stands in a token."""

    kind = "client scope"

    def declared(self) -> Objects:
        return {scope["name"]: _by_mapper(scope) for scope in self.raw["clientScopes"]}

    def found(self) -> Objects:
        scopes = self.admin.get_client_scopes()
        return {scope["name"]: _by_mapper(scope) for scope in scopes if scope["name"] not in OWN_SCOPES}

    def create(self, name: str, wanted: dict[str, Any]) -> None:
        shape = {key: value for key, value in wanted.items() if key != "mappers"}
        self.admin.create_client_scope({**shape, "protocolMappers": list(wanted["protocolMappers"].values())})

    def update(self, name: str, wanted: dict[str, Any], found: dict[str, Any]) -> None:
        scope_id = found["id"]
        plain = {key: value for key, value in {**found, **wanted}.items() if "apper" not in key}
        self.admin.update_client_scope(scope_id, plain)
        for mapper_name, mapper in wanted["protocolMappers"].items():
            known = found["protocolMappers"].get(mapper_name)
            if known is None:
                self.admin.add_mapper_to_client_scope(scope_id, mapper)
            else:
                self.admin.update_mapper_in_client_scope(scope_id, known["id"], {**known, **mapper})
        # What stands in a token is declared whole: a mapper that somebody added goes.
        for surplus in found["protocolMappers"].keys() - wanted["protocolMappers"].keys():
            self.admin.delete_mapper_from_client_scope(scope_id, found["protocolMappers"][surplus]["id"])


class Clients(_Section):
    """Applications and systems, with the scopes they may ask for."""

    kind = "client"

    def declared(self) -> Objects:
        return {client["clientId"]: {"protocolMappers": [], **client} for client in self.raw["clients"]}

    def found(self) -> Objects:
        return {c["clientId"]: c for c in self.admin.get_clients() if c["clientId"] not in OWN_CLIENTS}

    def create(self, name: str, wanted: dict[str, Any]) -> None:
        self.admin.create_client(wanted)

    def update(self, name: str, wanted: dict[str, Any], found: dict[str, Any]) -> None:
        for mapper in found.get("protocolMappers") or []:
            self.admin.remove_client_mapper(found["id"], mapper["id"])
        merged = {**found, **wanted, "attributes": {**found.get("attributes", {}), **wanted["attributes"]}}
        self.admin.update_client(found["id"], merged)
        self._scopes("default", found["id"], wanted, found)
        self._scopes("optional", found["id"], wanted, found)

    def _scopes(self, kind: str, client_id: str, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> None:
        """Give and take scopes; an update of the client itself does not."""
        names, known = set(wanted[f"{kind}ClientScopes"]), set(found[f"{kind}ClientScopes"])
        ids = {scope["name"]: scope["id"] for scope in self.admin.get_client_scopes()} if names != known else {}
        add = getattr(self.admin, f"add_client_{kind}_client_scope")
        delete = getattr(self.admin, f"delete_client_{kind}_client_scope")
        for name in known - names:
            delete(client_id, ids[name])
        for name in names - known:
            add(client_id, ids[name], {})


class UserProfile(_Section):
    """Which attributes an account may have and who may change them."""

    kind = "user profile"
    component = "org.keycloak.userprofile.UserProfileProvider"

    def declared(self) -> Objects:
        (component,) = self.raw["components"][self.component]
        profile = json.loads(component["config"]["kc.user.profile.config"][0])
        return {"profile": {**profile, "attributes": _by_name(profile["attributes"])}}

    def found(self) -> Objects:
        profile = self.admin.get_realm_users_profile()
        return {"profile": {**profile, "attributes": _by_name(profile["attributes"])}}

    def create(self, name: str, wanted: dict[str, Any]) -> None:
        self.admin.update_realm_users_profile({**wanted, "attributes": list(wanted["attributes"].values())})

    def update(self, name: str, wanted: dict[str, Any], found: dict[str, Any]) -> None:
        self.create(name, wanted)


def _by_mapper(scope: Mapping[str, Any]) -> dict[str, Any]:
    mappers = _by_name(scope.get("protocolMappers") or [])
    return {**scope, "protocolMappers": mappers, "mappers": sorted(mappers)}


def _by_name(items: list[dict[str, Any]]) -> Objects:
    return {item["name"]: item for item in items}

"""Who may administer accounts: Keycloak's fine-grained permissions (version 2), and whom nobody may act on.

A permission names accounts and groups that have ids only once the realm is there, so none of it can stand in the realm
file that an import reads; imported alone, that file lets nobody administer anything.
"""

# ruff: noqa: D102, ARG002 -- the protocol Section says what each method does, once for all kinds

import json
from typing import Any

from keycloak.exceptions import KeycloakPostError, KeycloakPutError, raise_error_from_response

from songcau_local.realm.sections import PERMISSIONS_CLIENT, Objects, _Section

USERS = "Users"
TIME_KEYS = {"notOnOrAfter": "noa", "notBefore": "nbf"}


class _Permissions(_Section):
    @property
    def _client(self) -> str:
        return str(self.admin.get_client_id(PERMISSIONS_CLIENT))

    def _send(self, path: str, body: dict[str, Any], known: str = "") -> None:
        """Make one object of the permissions, or change the one with a known id."""
        realm = self.raw["realm"]
        url = f"admin/realms/{realm}/clients/{self._client}/authz/resource-server/{path}"
        data = json.dumps(body)
        if known:
            answer = self.admin.connection.raw_put(f"{url}/{known}", data=data)
            raise_error_from_response(answer, KeycloakPutError, expected_codes=[200, 201, 204])
        else:
            raise_error_from_response(
                self.admin.connection.raw_post(url, data=data), KeycloakPostError, expected_codes=[201]
            )

    def _user(self, name: str) -> str:
        return str(self.admin.get_user_id(name))


class AdministrationPolicies(_Permissions):
    """Whom a permission is for: accounts by name, or a time that is over, which is nobody."""

    kind = "administration policy"

    def declared(self) -> Objects:
        return {policy["name"]: policy for policy in self.raw["administration"]["policies"]}

    def found(self) -> Objects:
        policies = self.admin.get_client_authz_policies(self._client)
        return {policy["name"]: {**policy, **self._shape(policy)} for policy in policies if policy["type"] != "scope"}

    def create(self, name: str, wanted: dict[str, Any]) -> None:
        self._send(f"policy/{wanted['type']}", self._body(wanted))

    def update(self, name: str, wanted: dict[str, Any], found: dict[str, Any]) -> None:
        self._send(f"policy/{wanted['type']}", {"id": found["id"], **self._body(wanted)}, found["id"])

    def _body(self, wanted: dict[str, Any]) -> dict[str, Any]:
        users = {"users": [self._user(name) for name in wanted["users"]]} if "users" in wanted else {}
        return {**wanted, **users, "logic": "POSITIVE", "decisionStrategy": "UNANIMOUS"}

    def _shape(self, policy: dict[str, Any]) -> dict[str, Any]:
        """Return what the server keeps of a policy under the names by which it is declared."""
        config = policy.get("config", {})
        ids = json.loads(config.get("users", "[]"))
        users = {"users": [self.admin.get_user(account)["username"] for account in ids]} if ids else {}
        return users | {key: config[short] for key, short in TIME_KEYS.items() if short in config}


class AdministrationPermissions(_Permissions):
    """What a policy allows, on all accounts or groups or on those named; by the policy `nobody` it refuses."""

    kind = "administration permission"

    def declared(self) -> Objects:
        return {permission["name"]: permission for permission in self.raw["administration"]["permissions"]}

    def found(self) -> Objects:
        client = self._client
        return {
            permission["name"]: {
                **permission,
                "resources": self._resources(client, permission),
                "scopes": _names(self.admin.get_client_authz_policy_scopes(client, permission["id"])),
                "policies": _names(
                    self.admin.get_client_authz_permission_associated_policies(client, permission["id"])
                ),
            }
            for permission in self.admin.get_client_authz_permissions(client)
        }

    def create(self, name: str, wanted: dict[str, Any]) -> None:
        self._send("permission/scope", self._body(wanted))

    def update(self, name: str, wanted: dict[str, Any], found: dict[str, Any]) -> None:
        self._send("permission/scope", {"id": found["id"], **self._body(wanted)}, found["id"])

    def _resources(self, client: str, permission: dict[str, Any]) -> list[str]:
        found = self.admin.get_client_authz_policy_resources(client, permission["id"])
        # The resource that stands for all of a kind bears the kind's name.
        return [item["displayName"] for item in found if item["name"] != permission["resourceType"]]

    def _body(self, wanted: dict[str, Any]) -> dict[str, Any]:
        policies = {policy["name"]: policy["id"] for policy in self.admin.get_client_authz_policies(self._client)}
        of = self._user if wanted["resourceType"] == USERS else self._group
        return {
            **wanted,
            "resources": [of(name) for name in wanted["resources"]],
            "policies": [policies[name] for name in wanted["policies"]],
            "logic": "POSITIVE",
            "decisionStrategy": "UNANIMOUS",
        }

    def _group(self, name: str) -> str:
        return str(self.admin.get_group_by_path(f"/{name}")["id"])


class Administrators(_Permissions):
    """That whoever has a role of administration is in the group whose members no system may act on; by account id."""

    kind = "administrator's account"

    def declared(self) -> Objects:
        roles = self.raw["administration"]["administrators"]["roles"]
        members = (member for role in roles for member in self.admin.get_realm_role_members(role))
        # Systems are protected one by one, whatever role somebody gave them.
        people = (member for member in members if not member["username"].startswith("service-account-"))
        return {member["id"]: {"group": self._name} for member in people}

    def found(self) -> Objects:
        members = self.admin.get_group_members(self._id)
        return {member["id"]: {"group": self._name} for member in members if member["id"] in self.declared()}

    def create(self, name: str, wanted: dict[str, Any]) -> None:
        self.admin.group_user_add(name, self._id)

    def update(self, name: str, wanted: dict[str, Any], found: dict[str, Any]) -> None:
        self.create(name, wanted)

    @property
    def _name(self) -> str:
        return str(self.raw["administration"]["administrators"]["group"])

    @property
    def _id(self) -> str:
        return str(self.admin.get_group_by_path(f"/{self._name}")["id"])


class ClosedClients(_Section):
    """Clients that every realm brings along and that serve nobody here: Keycloak's console for one's own account.

    Accounts hold none of its rights: what is known of a citizen comes from VNeID, and staff register their factors at
    sign-in. Left open it asks people to sign in and ends in an error page.
    """

    kind = "closed client"

    def declared(self) -> Objects:
        return {name: {"enabled": False} for name in self.raw["administration"]["closedClients"]}

    def found(self) -> Objects:
        clients = {client["clientId"]: client for client in self.admin.get_clients()}
        return {name: clients.get(name, closed) for name, closed in self.declared().items()}

    def create(self, name: str, wanted: dict[str, Any]) -> None:
        """Do nothing: a client that is not there is closed."""

    def update(self, name: str, wanted: dict[str, Any], found: dict[str, Any]) -> None:
        self.admin.update_client(found["id"], {**found, **wanted})


def _names(items: list[dict[str, Any]]) -> list[str]:
    return [item["name"] for item in items]

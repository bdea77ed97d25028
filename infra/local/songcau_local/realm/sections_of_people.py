"""The parts of a realm that say who may be what: scopes of clients over roles, systems' accounts, the VNeID bridge."""

# ruff: noqa: D102, ARG002 -- the protocol Section says what each method does, once for all kinds

from typing import Any

from songcau_local.realm.sections import Objects, _Section

# The client that every realm has and whose roles are the rights on the realm itself.
ADMINISTRATION = "realm-management"


class ScopeMappings(_Section):
    """Which roles can stand in the tokens of a client at all."""

    kind = "roles of client"

    def declared(self) -> Objects:
        return {item["client"]: {"roles": item["roles"]} for item in self.raw["scopeMappings"]}

    def found(self) -> Objects:
        return {
            name: {"roles": [role["name"] for role in self.admin.get_realm_roles_of_client_scope(client_id)]}
            for name, client_id in self._ids().items()
            if name in self.declared()
        }

    def create(self, name: str, wanted: dict[str, Any]) -> None:
        self.update(name, wanted, {"roles": []})

    def update(self, name: str, wanted: dict[str, Any], found: dict[str, Any]) -> None:
        client_id = self._ids()[name]
        roles = {role["name"]: role for role in self.admin.get_realm_roles()}
        if missing := [roles[role] for role in wanted["roles"] if role not in found["roles"]]:
            self.admin.assign_realm_roles_to_client_scope(client_id, missing)
        if surplus := [roles[role] for role in found["roles"] if role not in wanted["roles"]]:
            self.admin.delete_realm_roles_of_client_scope(client_id, surplus)

    def _ids(self) -> dict[str, str]:
        return {client["clientId"]: client["id"] for client in self.admin.get_clients()}


class AdministrationScopes(_Section):
    """Which of the realm's own administration roles can stand in the tokens of a system at all."""

    kind = "administration of client"

    def declared(self) -> Objects:
        return {item["client"]: {"roles": item["roles"]} for item in self.raw["clientScopeMappings"][ADMINISTRATION]}

    def found(self) -> Objects:
        administration = str(self.admin.get_client_id(ADMINISTRATION))
        return {
            client["clientId"]: {
                "roles": [
                    role["name"] for role in self.admin.get_client_roles_of_client_scope(client["id"], administration)
                ]
            }
            for client in self.admin.get_clients()
            if client["clientId"] in self.declared()
        }

    def create(self, name: str, wanted: dict[str, Any]) -> None:
        self.update(name, wanted, {"roles": []})

    def update(self, name: str, wanted: dict[str, Any], found: dict[str, Any]) -> None:
        client_id, administration = str(self.admin.get_client_id(name)), str(self.admin.get_client_id(ADMINISTRATION))
        roles = {role["name"]: role for role in self.admin.get_client_roles(administration)}
        if missing := [roles[role] for role in wanted["roles"] if role not in found["roles"]]:
            self.admin.assign_client_roles_to_client_scope(client_id, administration, missing)
        if surplus := [roles[role] for role in found["roles"] if role not in wanted["roles"]]:
            self.admin.delete_client_roles_of_client_scope(client_id, administration, surplus)


class SystemAccounts(_Section):
    """The accounts of systems that act for themselves: their roles and attributes."""

    kind = "account of system"

    def declared(self) -> Objects:
        return {
            user["serviceAccountClientId"]: {
                "roles": user["realmRoles"],
                "administration": user.get("clientRoles", {}).get(ADMINISTRATION, []),
                "attributes": user.get("attributes", {}),
            }
            for user in self.raw["users"]
        }

    def found(self) -> Objects:
        found: Objects = {}
        ids = {client["clientId"]: client["id"] for client in self.admin.get_clients()}
        for name in self.declared().keys() & ids.keys():
            brief = self.admin.get_client_service_account_user(ids[name])
            roles = [role["name"] for role in self.admin.get_realm_roles_of_user(brief["id"])]
            own = [role for role in roles if not role.startswith("default-roles-")]
            given = self.admin.get_client_roles_of_user(brief["id"], ids[ADMINISTRATION])
            found[name] = {
                **self.admin.get_user(brief["id"]),
                "roles": own,
                "administration": [role["name"] for role in given],
            }
        return found

    def create(self, name: str, wanted: dict[str, Any]) -> None:
        brief = self.admin.get_client_service_account_user(str(self.admin.get_client_id(name)))
        self.update(name, wanted, {**brief, "roles": [], "administration": []})

    def update(self, name: str, wanted: dict[str, Any], found: dict[str, Any]) -> None:
        account = {key: value for key, value in found.items() if key not in ("roles", "administration")}
        self.admin.update_user(found["id"], {**account, "attributes": wanted["attributes"]})
        roles = {role["name"]: role for role in self.admin.get_realm_roles()}
        if missing := [roles[role] for role in wanted["roles"] if role not in found["roles"]]:
            self.admin.assign_realm_roles(found["id"], missing)
        if surplus := [roles[role] for role in found["roles"] if role not in wanted["roles"]]:
            self.admin.delete_realm_roles_of_user(found["id"], surplus)
        self._administration(found["id"], set(wanted["administration"]), set(found["administration"]))

    def _administration(self, account_id: str, wanted: set[str], found: set[str]) -> None:
        administration = str(self.admin.get_client_id(ADMINISTRATION))
        roles = {role["name"]: role for role in self.admin.get_client_roles(administration)} if wanted != found else {}
        if missing := [roles[name] for name in wanted - found]:
            self.admin.assign_client_role(account_id, administration, missing)
        if surplus := [roles[name] for name in found - wanted]:
            self.admin.delete_client_roles_of_user(account_id, administration, surplus)


class IdentityProviders(_Section):
    """Who may vouch for a citizen."""

    kind = "identity provider"

    def declared(self) -> Objects:
        return {item["alias"]: item for item in self.raw["identityProviders"]}

    def found(self) -> Objects:
        return {item["alias"]: item for item in self.admin.get_idps()}

    def create(self, name: str, wanted: dict[str, Any]) -> None:
        self.admin.create_idp(wanted)

    def update(self, name: str, wanted: dict[str, Any], found: dict[str, Any]) -> None:
        self.admin.update_idp(name, {**found, **wanted, "config": {**found["config"], **wanted["config"]}})


class ProviderMappers(_Section):
    """What is copied from who vouches into the account: internal ids and levels, never a personal number."""

    kind = "identity provider mapper"

    def declared(self) -> Objects:
        return {f"{item['identityProviderAlias']}/{item['name']}": item for item in self.raw["identityProviderMappers"]}

    def found(self) -> Objects:
        return {
            f"{provider['alias']}/{item['name']}": item
            for provider in self.admin.get_idps()
            for item in self.admin.get_idp_mappers(provider["alias"])
        }

    def create(self, name: str, wanted: dict[str, Any]) -> None:
        self.admin.add_mapper_to_idp(wanted["identityProviderAlias"], wanted)

    def update(self, name: str, wanted: dict[str, Any], found: dict[str, Any]) -> None:
        self.admin.update_mapper_in_idp(wanted["identityProviderAlias"], found["id"], {**found, **wanted})

"""What the permissions file says beside the realm file: every system is nobody's, and nothing refers to what is not."""

import json

from songcau_local.full.staff import ADMINISTRATOR_ROLES
from songcau_local.layout import ROOT

REALM = json.loads((ROOT / "infra/keycloak/realm.json").read_text())
PERMISSIONS = json.loads((ROOT / "infra/keycloak/permissions.json").read_text())
SYSTEMS = {user["username"] for user in REALM["users"]}
ROOTS = {group["name"] for group in REALM["groups"]}


def refused(kind: str) -> set[str]:
    """Return the resources of a kind that the policy `nobody` refuses to be managed."""
    return {
        name
        for permission in PERMISSIONS["permissions"]
        if permission["resourceType"] == kind
        and permission["policies"] == ["nobody"]
        and "manage" in permission["scopes"]
        for name in permission["resources"]
    }


def test_nobody_acts_on_any_system_of_the_realm():
    assert refused("Users") == SYSTEMS


def test_the_group_of_administrators_is_protected_and_is_that_of_who_acts_on_accounts():
    told = PERMISSIONS["administrators"]
    assert refused("Groups") == {told["group"]} <= ROOTS
    assert set(told["roles"]) == ADMINISTRATOR_ROLES <= {role["name"] for role in REALM["roles"]["realm"]}


def test_what_permissions_name_is_there():
    policies = {policy["name"] for policy in PERMISSIONS["policies"]}
    for permission in PERMISSIONS["permissions"]:
        assert set(permission["policies"]) <= policies
        assert set(permission["resources"]) <= (SYSTEMS if permission["resourceType"] == "Users" else ROOTS)


def test_no_system_has_a_role_wide_enough_to_make_the_permissions_idle_but_the_nightly_task():
    wide = {"manage-users", "realm-admin", "manage-realm", "manage-clients", "impersonation"}
    holders = {
        user["serviceAccountClientId"]
        for user in REALM["users"]
        if wide & set(user.get("clientRoles", {}).get("realm-management", ()))
    }
    assert holders == {"account-housekeeping"}

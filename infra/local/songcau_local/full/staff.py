"""Creates the demo staff at a real Keycloak: password, authenticator, roles, agencies and facilities."""

import json
from collections.abc import Mapping
from typing import Any

from keycloak import KeycloakAdmin

from songcau_local.full.administration import told
from songcau_local.one_time_codes import DIGITS, PERIOD_SECONDS
from songcau_local.people import people

# Membership gives the claim: each group carries the code that its members get into their tokens.
GROUPS = {"agency_codes": "agencies", "facility_codes": "facilities"}
# Who holds one is in a group whose members no system may act on (infra/keycloak/permissions.json).
ADMINISTRATOR_ROLES = {"data-officer", "operator"}


def bring_staff(admin: KeycloakAdmin) -> int:
    """Create the accounts that are missing and return how many; an account that is there keeps what it has."""
    made = 0
    with told():
        for name, entry in people()["staff"].items():
            if admin.get_user_id(name) is None:
                _create(admin, name, entry)
                made += 1
    return made


def _create(admin: KeycloakAdmin, name: str, entry: Mapping[str, Any]) -> None:
    attributes = {key: _listed(value) for key, value in entry["attributes"].items()}
    account = {
        "username": name,
        "enabled": True,
        "attributes": {key: values for key, values in attributes.items() if key not in GROUPS},
        "credentials": [password(entry["password"]), authenticator(entry["authenticator"])],
    }
    user_id = admin.create_user(account)
    admin.assign_realm_roles(user_id, [admin.get_realm_role(role) for role in entry["roles"]])
    if ADMINISTRATOR_ROLES & set(entry["roles"]):
        admin.group_user_add(user_id, admin.get_group_by_path("/administrators")["id"])
    for attribute, root in GROUPS.items():
        for code in attributes.get(attribute, ()):
            admin.group_user_add(user_id, bring_group(admin, root, attribute, code))


def bring_group(admin: KeycloakAdmin, root: str, attribute: str, code: str) -> str:
    """Return the id of the group of one agency or facility, made where it is missing."""
    parent = admin.get_group_by_path(f"/{root}")["id"]
    children = admin.get_group_children(parent, {"search": code, "exact": "true"})
    known = next((group["id"] for group in children if group["name"] == code), None)
    return str(known or admin.create_group({"name": code, "attributes": {attribute: [code]}}, parent=parent))


def password(text: str) -> dict[str, Any]:
    """Return a password credential that need not be changed."""
    return {"type": "password", "value": text, "temporary": False}


def authenticator(secret: str) -> dict[str, Any]:
    """Return the credential of an authenticator app that shares `secret` with the realm."""
    shape = {"subType": "totp", "digits": DIGITS, "period": PERIOD_SECONDS, "counter": 0, "algorithm": "HmacSHA1"}
    return {
        "type": "otp",
        "userLabel": "authenticator",
        "secretData": json.dumps({"value": secret}),
        "credentialData": json.dumps(shape),
    }


def _listed(value: Any) -> list[str]:
    return [str(item) for item in (value if isinstance(value, list) else [value])]

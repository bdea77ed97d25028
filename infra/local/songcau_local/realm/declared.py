"""Reads the realm file as Keycloak's import does, placeholders filled, and the permissions beside it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from songcau_local.errors import StackError
from songcau_local.issuer.realm import PLACEHOLDER, RealmError, replaced

PERMISSIONS_FILE = "permissions.json"
# Parts of the file that are compared object by object; everything else is a setting of the realm itself.
PARTS = (
    "roles",
    "groups",
    "defaultRole",
    "clientScopes",
    "defaultDefaultClientScopes",
    "defaultOptionalClientScopes",
    "clients",
    "scopeMappings",
    "clientScopeMappings",
    "users",
    "identityProviders",
    "identityProviderMappers",
    "authenticationFlows",
    "authenticatorConfig",
    "components",
    "administration",
)


def load_declared(file: Path, variables: Mapping[str, str]) -> dict[str, Any]:
    """Return the realm as declared, who may administer it under `administration`.

    Raises StackError where a placeholder has no value.
    """
    try:
        text = PLACEHOLDER.sub(lambda match: replaced(match, variables), file.read_text())
    except RealmError as error:
        raise StackError(str(error)) from None
    administration = json.loads(file.with_name(PERMISSIONS_FILE).read_text())
    return {**json.loads(text), "administration": administration}


def settings_of(declared: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of the realm itself."""
    return {name: value for name, value in declared.items() if name not in PARTS}

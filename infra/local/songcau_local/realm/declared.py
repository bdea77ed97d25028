"""Reads the realm file as Keycloak's import does: placeholders filled, then plain JSON."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from songcau_local.errors import StackError
from songcau_local.issuer.realm import PLACEHOLDER, RealmError, replaced

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
)


def load_declared(file: Path, variables: Mapping[str, str]) -> dict[str, Any]:
    """Return the realm as declared; raises StackError where a placeholder has no value."""
    try:
        text = PLACEHOLDER.sub(lambda match: replaced(match, variables), file.read_text())
    except RealmError as error:
        raise StackError(str(error)) from None
    content: dict[str, Any] = json.loads(text)
    return content


def settings_of(declared: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of the realm itself."""
    return {name: value for name, value in declared.items() if name not in PARTS}

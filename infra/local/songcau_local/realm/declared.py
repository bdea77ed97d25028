"""Reads the realm file as Keycloak's import does, placeholders filled, and the permissions beside it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from songcau_local.errors import StackError
from songcau_local.issuer.realm import PLACEHOLDER, RealmError, replaced

LOOPBACK = re.compile(r"https?://(127\.[0-9.]+|localhost|\[::1\])(?=[:/?#]|$)", re.IGNORECASE)
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
    text = PLACEHOLDER.sub(lambda match: _value(match, variables), file.read_text())
    administration = json.loads(file.with_name(PERMISSIONS_FILE).read_text())
    return {**json.loads(text), "administration": administration}


def require_no_loopback(file: Path, variables: Mapping[str, str]) -> None:
    """Raise StackError naming the placeholders that lead to the machine a browser or Keycloak runs on.

    Their defaults serve a stack on one machine; in the realm of a province a redirect to 127.0.0.1 hands the code to
    whatever listens on the citizen's own device (RFC 9700 section 4.1).
    """
    found = {match[1] for match in PLACEHOLDER.finditer(file.read_text()) if LOOPBACK.match(_value(match, variables))}
    if found:
        raise StackError(
            f"these lead to the machine itself and may not reach a realm elsewhere; set {', '.join(sorted(found))}"
        )


def is_loopback(address: str) -> bool:
    """Say whether an address is one of this machine's own."""
    return LOOPBACK.match(address) is not None


def _value(match: re.Match[str], variables: Mapping[str, str]) -> str:
    try:
        return replaced(match, variables)
    except RealmError as error:
        raise StackError(str(error)) from None


def settings_of(declared: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of the realm itself."""
    return {name: value for name, value in declared.items() if name not in PARTS}

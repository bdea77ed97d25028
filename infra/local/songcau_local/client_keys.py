"""The keys by which the gateway's own clients prove themselves to Keycloak, and what the realm file says of them."""

from collections.abc import Mapping
from pathlib import Path

from songcau_local.key_material import private_key_in, public_key_set

ACCOUNTS_CLIENT, HOUSEKEEPING_CLIENT = "account-administration", "account-housekeeping"
# Each client with the placeholder of the realm file that holds its public key.
PLACEHOLDERS = {ACCOUNTS_CLIENT: "SONGCAU_ACCOUNTS_JWKS", HOUSEKEEPING_CLIENT: "SONGCAU_HOUSEKEEPING_JWKS"}


def create_missing(folder: Path) -> list[Path]:
    """Make the key of each client where it is missing and return their files."""
    folder.mkdir(parents=True, exist_ok=True)
    return [private_key_in(folder, client) for client in PLACEHOLDERS]


def realm_variables(folder: Path) -> Mapping[str, str]:
    """Return the values of the realm file's placeholders, from keys that are made where they are missing."""
    return {variable: public_key_set(private_key_in(folder, client)) for client, variable in PLACEHOLDERS.items()}

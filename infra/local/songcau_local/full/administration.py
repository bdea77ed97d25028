"""Opens the administration of a stack's Keycloak; what goes wrong there becomes one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

from keycloak import KeycloakAdmin, KeycloakOpenIDConnection
from keycloak.exceptions import KeycloakError

from songcau_local.errors import StackError
from songcau_local.full.keycloak import ADMINISTRATOR
from songcau_local.key_material import Secrets
from songcau_local.layout import Layout

REALM = "songcau"
TIMEOUT_SECONDS = 20


def open_administration(layout: Layout, secrets: Secrets) -> KeycloakAdmin:
    """Return the administration of the stack's realm, signed in with the stack's own administrator."""
    return administration_at(layout.url("issuer"), ADMINISTRATOR, secrets.get("keycloak_admin_password"))


def administration_at(url: str, username: str, password: str) -> KeycloakAdmin:
    """Return the administration of the realm at any Keycloak, as an administrator of its master realm."""
    connection = KeycloakOpenIDConnection(
        server_url=url,
        username=username,
        password=password,
        realm_name=REALM,
        user_realm_name="master",
        client_id="admin-cli",
        timeout=TIMEOUT_SECONDS,
    )
    return KeycloakAdmin(connection=connection)


@contextmanager
def told() -> Iterator[None]:
    """Turn python-keycloak's errors into StackError with the server's own words, never with what was sent."""
    try:
        yield
    except KeycloakError as error:
        code = error.response_code or "no answer"
        raise StackError(f"Keycloak refused ({code}): {str(error.error_message)[:300]}") from error

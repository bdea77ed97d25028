"""Opens the token issuer's administration for the gateway's own client, which proves itself with a signed assertion."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from keycloak import KeycloakAdmin, KeycloakOpenIDConnection
from songcau_kit.client_assertions import ASSERTION_TYPE, ClientAssertions
from songcau_kit.clock import Clock

from songcau_gateway.accounts import Accounts
from songcau_gateway.settings import Settings

TIMEOUT_SECONDS = 3


def open_accounts(settings: Settings, clock: Clock) -> Accounts | None:
    """Return the account actions, None where the installation gives the gateway no key for them. Asks nobody yet."""
    return Accounts(open_administration(settings, clock), clock) if settings.account_client_key else None


def open_administration(settings: Settings, clock: Clock) -> KeycloakAdmin:
    """Return the realm's administration with the rights of the settings' client; raises OSError without its key."""
    server, realm = place_of(settings.token_issuer)
    key = Path(settings.account_client_key).read_bytes()
    assertions = ClientAssertions(settings.account_client_id, issuer=settings.token_issuer, key=key, clock=clock)
    connection = SignedConnection(
        assertions,
        server_url=settings.account_server_url or server,
        realm_name=realm,
        client_id=settings.account_client_id,
        timeout=TIMEOUT_SECONDS,
    )
    return KeycloakAdmin(connection=connection)


def place_of(issuer: str) -> tuple[str, str]:
    """Return server and realm of an issuer: `https://id.example/realms/songcau` → (`https://id.example`, `songcau`)."""
    parts = urlsplit(issuer)
    prefix, _, realm = parts.path.rpartition("/realms/")
    return f"{parts.scheme}://{parts.netloc}{prefix}", realm


class SignedConnection(KeycloakOpenIDConnection):
    """python-keycloak's connection, which knows passwords and secrets only, with an assertion in their place."""

    def __init__(self, assertions: ClientAssertions, **options: Any) -> None:
        self._assertions = assertions
        super().__init__(grant_type="client_credentials", **options)

    def get_token(self) -> None:
        """Get a token for the client itself."""
        self.token = self.keycloak_openid.token(
            grant_type="client_credentials",
            client_assertion_type=ASSERTION_TYPE,
            client_assertion=self._assertions.sign(),
        )

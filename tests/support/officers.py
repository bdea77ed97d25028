"""Officers made for one test at a real Keycloak, with a password and, unless asked otherwise, an authenticator app."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from songcau_local.full.staff import authenticator, bring_group, password
from songcau_local.layout import Layout
from songcau_local.one_time_codes import next_code
from support.keycloak_issuer import KeycloakIssuer

AGENCY = "H55.242"


@dataclass(frozen=True)
class Officer:
    """An account of staff at the agency AGENCY."""

    issuer: KeycloakIssuer = field(repr=False)
    username: str
    password: str = field(repr=False)
    seed: str = field(repr=False)

    @property
    def layout(self) -> Layout:
        return self.issuer.layout

    @property
    def account_id(self) -> str:
        return str(self.issuer.admin.get_user_id(self.username))

    def code(self) -> str:
        """Return what the authenticator app shows now."""
        return next_code(self.layout, self.username, self.seed)

    def factors(self) -> list[str]:
        """Return the kinds of credentials the account holds."""
        return [item["type"] for item in self.issuer.admin.get_credentials(self.account_id)]

    def lose(self, kind: str) -> None:
        """Take the credentials of a kind away."""
        for item in self.issuer.admin.get_credentials(self.account_id):
            if item["type"] == kind:
                self.issuer.admin.delete_credential(self.account_id, item["id"])

    def unlock(self) -> None:
        self.issuer.unlock(self.username)


@contextmanager
def new_officer(issuer: KeycloakIssuer, *, role: str = "officer", has_authenticator: bool = True) -> Iterator[Officer]:
    """Return an account that is removed afterwards."""
    name = f"officer.{secrets.token_hex(4)}"
    officer = Officer(issuer, name, secrets.token_urlsafe(18), secrets.token_urlsafe(15))
    factors = [authenticator(officer.seed)] if has_authenticator else []
    account = {"username": name, "enabled": True, "credentials": [password(officer.password), *factors]}
    account_id = issuer.admin.create_user(account)
    try:
        issuer.admin.assign_realm_roles(account_id, [issuer.admin.get_realm_role(role)])
        issuer.admin.group_user_add(account_id, bring_group(issuer.admin, "agencies", "agency_codes", AGENCY))
        yield officer
    finally:
        issuer.admin.delete_user(account_id)

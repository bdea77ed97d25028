"""Staff accounts that nobody used for 45 days are closed by the task of every day, and by a client that may no more."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from keycloak import KeycloakAdmin
from keycloak.exceptions import KeycloakError
from songcau_gateway.account_issuer import open_administration
from songcau_gateway.accounts import Accounts
from songcau_gateway.idle_accounts import disable_idle
from songcau_gateway.settings import Settings
from songcau_kit.clock import SystemClock
from songcau_local import key_material
from songcau_local.browser import sign_in
from songcau_local.client_keys import HOUSEKEEPING_CLIENT
from songcau_local.layout import Layout
from support.keycloak_issuer import KeycloakIssuer

DAY_MS = 86_400_000
CLOCK = SystemClock()


def settings_of(layout: Layout) -> dict[str, str]:
    return {
        "token_issuer": layout.realm,
        "account_client_id": HOUSEKEEPING_CLIENT,
        "account_client_key": str(key_material.private_key(layout, HOUSEKEEPING_CLIENT)),
    }


@pytest.fixture
def housekeeping(full_stack: Layout) -> KeycloakAdmin:
    return open_administration(Settings(**settings_of(full_stack)), CLOCK)


@pytest.fixture
def idle_officer(issuer: KeycloakIssuer) -> Iterator[str]:
    """Make an officer's account 50 days ago that nobody ever used."""
    made = int(time.time() * 1000) - 50 * DAY_MS
    account = issuer.admin.create_user({"username": "idle.officer", "enabled": True, "createdTimestamp": made})
    issuer.admin.assign_realm_roles(account, [issuer.admin.get_realm_role("officer")])
    yield account
    issuer.admin.delete_user(account)


def test_an_account_idle_for_45_days_is_closed_and_those_in_use_are_not(
    full_stack: Layout, issuer: KeycloakIssuer, idle_officer: str
):
    sign_in(full_stack, "officer.lahien")
    environment = {f"GATEWAY_{name.upper()}": value for name, value in settings_of(full_stack).items()}
    command = [sys.executable, "-m", "songcau_gateway", "disable-idle-accounts"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "1 idle accounts disabled"), done.stderr
    assert issuer.admin.get_user(idle_officer)["enabled"] is False
    assert issuer.admin.get_user(str(issuer.admin.get_user_id("officer.lahien")))["enabled"] is True


def test_an_account_opened_again_has_its_days_anew(
    issuer: KeycloakIssuer, housekeeping: KeycloakAdmin, idle_officer: str
):
    idle = timedelta(days=45)
    assert [one.account_id for one in disable_idle(housekeeping, now=CLOCK.now(), idle=idle)] == [idle_officer]
    asyncio.run(Accounts(issuer.admin, CLOCK).enable(idle_officer))
    assert disable_idle(housekeeping, now=CLOCK.now(), idle=idle) == []
    assert issuer.admin.get_user(idle_officer)["enabled"] is True


def test_a_sign_in_counts_and_citizens_and_systems_are_never_closed(
    full_stack: Layout, issuer: KeycloakIssuer, housekeeping: KeycloakAdmin
):
    sign_in(full_stack, "an")
    sign_in(full_stack, "officer.lahien")
    staff = {user["id"] for user in issuer.admin.get_realm_role_members("officer")}
    closed = {one.account_id for one in disable_idle(housekeeping, now=CLOCK.now(), idle=timedelta(seconds=0))}
    try:
        assert staff <= closed
        usernames = {issuer.admin.get_user(account)["username"] for account in closed}
        assert not [name for name in usernames if name.startswith(("vneid.", "service-account-"))]
    finally:
        for account in closed:
            issuer.admin.enable_user(account)


def test_the_task_s_client_changes_no_realm(housekeeping: KeycloakAdmin):
    assert housekeeping.users_count() > 0
    with pytest.raises(KeycloakError) as refused:
        housekeeping.update_realm("songcau", {"sslRequired": "none"})
    assert refused.value.response_code == 403


def test_without_a_key_the_task_says_what_is_missing():
    command = [sys.executable, "-m", "songcau_gateway", "disable-idle-accounts"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "GATEWAY_ACCOUNT_CLIENT_KEY" in done.stderr

"""The realm as code on a running Keycloak: drift is shown and fails, applying mends it, applying again does nothing."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from keycloak.exceptions import KeycloakError
from songcau_gateway.account_issuer import open_administration
from songcau_gateway.settings import Settings
from songcau_kit.clock import SystemClock
from songcau_local import key_material
from songcau_local.browser import sign_in
from songcau_local.client_keys import ACCOUNTS_CLIENT
from songcau_local.full.keycloak import ADMINISTRATOR
from songcau_local.layout import Layout
from songcau_local.process_table import REALM_FILE, realm_variables
from songcau_local.realm.declared import load_declared
from songcau_local.realm.planner import Kind, RealmPlanner
from support.e2e_stack import songcau
from support.keycloak_issuer import KeycloakIssuer
from support.officers import Officer
from support.sign_in_suite import claims_of


@pytest.fixture
def planner(issuer: KeycloakIssuer) -> Iterator[RealmPlanner]:
    """Return a planner; whatever a test did to the realm is mended after it."""
    layout = issuer.layout
    variables = realm_variables(layout, key_material.load_or_make(layout))
    planner = RealmPlanner(issuer.admin, load_declared(REALM_FILE, variables))
    yield planner
    planner.apply()


def test_a_fresh_realm_is_as_its_file_declares(full_stack: Layout):
    done = songcau(full_stack, "realm", "plan")
    assert (done.returncode, "as its file declares" in done.stdout) == (0, True), done.stdout


def drift_in_a_client(issuer: KeycloakIssuer) -> str:
    client = next(item for item in issuer.admin.get_clients() if item["clientId"] == "citizen-app")
    issuer.admin.update_client(client["id"], {**client, "redirectUris": ["*"], "directAccessGrantsEnabled": True})
    return "redirectUris"


def drift_in_a_policy(issuer: KeycloakIssuer) -> str:
    issuer.admin.update_realm("songcau", {"passwordPolicy": "length(8)", "bruteForceProtected": False})
    return "passwordPolicy"


def drift_in_the_passkeys(issuer: KeycloakIssuer) -> str:
    drift = {
        "webAuthnPolicyExtraOrigins": ["https://giamao.example"],
        "webAuthnPolicyUserVerificationRequirement": "discouraged",
    }
    # Keycloak takes a policy of passkeys whole or not at all.
    issuer.admin.update_realm("songcau", issuer.admin.get_realm("songcau") | drift)
    return "webAuthnPolicyExtraOrigins"


def drift_in_a_token(issuer: KeycloakIssuer) -> str:
    scope = next(item for item in issuer.admin.get_client_scopes() if item["name"] == "songcau-identity")
    mapper = {"name": "full name", "protocol": "openid-connect", "protocolMapper": "oidc-full-name-mapper"}
    issuer.admin.add_mapper_to_client_scope(scope["id"], {**mapper, "config": {"access.token.claim": "true"}})
    return "mappers"


def drift_in_a_flow(issuer: KeycloakIssuer) -> str:
    steps = issuer.admin.get_authentication_flow_executions("songcau browser")
    second = next(step for step in steps if step["displayName"] == "songcau aal2")
    issuer.admin.update_authentication_flow_executions({**second, "requirement": "DISABLED"}, "songcau browser")
    return "songcau browser"


def drift_in_the_roles_of_an_app(issuer: KeycloakIssuer) -> str:
    client = str(issuer.admin.get_client_id("citizen-app"))
    issuer.admin.assign_realm_roles_to_client_scope(client, [issuer.admin.get_realm_role("officer")])
    return "citizen-app"


def drift_in_a_system(issuer: KeycloakIssuer) -> str:
    account = issuer.admin.get_client_service_account_user(str(issuer.admin.get_client_id("hospital-his")))
    issuer.admin.assign_realm_roles(account["id"], [issuer.admin.get_realm_role("operator")])
    return "hospital-his"


def drift_in_the_provider(issuer: KeycloakIssuer) -> str:
    provider = issuer.admin.get_idp("vneid")
    issuer.admin.update_idp("vneid", {**provider, "config": {**provider["config"], "validateSignature": "false"}})
    return "validateSignature"


def permission_of(issuer: KeycloakIssuer, name: str) -> tuple[str, dict[str, Any]]:
    client = str(issuer.admin.get_client_id("admin-permissions"))
    found = issuer.admin.get_client_authz_permissions(client)
    return client, next(item for item in found if item["name"] == name)


def drift_in_a_permission(issuer: KeycloakIssuer) -> str:
    client, permission = permission_of(issuer, "people are seen, closed, linked and made members")
    (policy,) = issuer.admin.get_client_authz_permission_associated_policies(client, permission["id"])
    wider = {"scopes": ["view", "manage", "map-roles"], "policies": [policy["id"]], "resources": []}
    issuer.admin.update_client_authz_scope_permission({**permission, **wider}, client, permission["id"])
    return "map-roles"


def drift_in_a_refusal(issuer: KeycloakIssuer) -> str:
    client = str(issuer.admin.get_client_id("admin-permissions"))
    policies = issuer.admin.get_client_authz_policies(client)
    nobody = next(policy for policy in policies if policy["name"] == "nobody")
    url = f"admin/realms/songcau/clients/{client}/authz/resource-server/policy/time/{nobody['id']}"
    body = {"name": "nobody", "type": "time", "logic": "POSITIVE", "notOnOrAfter": "2100-01-01 00:00:00"}
    assert issuer.admin.connection.raw_put(url, data=json.dumps({**body, "id": nobody["id"]})).status_code < 300
    return "notOnOrAfter"


DRIFTS = (
    drift_in_a_client,
    drift_in_a_policy,
    drift_in_the_passkeys,
    drift_in_a_token,
    drift_in_a_flow,
    drift_in_the_roles_of_an_app,
    drift_in_a_system,
    drift_in_the_provider,
    drift_in_a_permission,
    drift_in_a_refusal,
)


@pytest.mark.parametrize("drift", DRIFTS, ids=lambda drift: drift.__name__)
def test_a_drift_is_shown_fails_the_check_and_is_mended(issuer: KeycloakIssuer, planner: RealmPlanner, drift):
    name = drift(issuer)
    done = songcau(issuer.layout, "realm", "plan")
    assert done.returncode == 2
    assert name in done.stdout
    assert {step.kind for step in planner.apply()} == {Kind.CHANGE}
    assert planner.plan() == []


def test_an_administrator_outside_the_protected_group_is_shown_and_put_into_it(
    issuer: KeycloakIssuer, planner: RealmPlanner, officer: Officer
):
    issuer.admin.assign_realm_roles(officer.account_id, [issuer.admin.get_realm_role("operator")])
    told = [(step.kind, step.subject, step.detail) for step in planner.plan()]
    assert told == [(Kind.CREATE, "administrator's account", officer.account_id)]
    assert songcau(issuer.layout, "realm", "plan").returncode == 2
    planner.apply()
    assert planner.plan() == []
    assert "administrators" in {group["name"] for group in issuer.admin.get_user_groups(officer.account_id)}


def test_a_permission_that_nobody_declared_fails_the_check(issuer: KeycloakIssuer, planner: RealmPlanner):
    client, permission = permission_of(issuer, "people are seen, closed, linked and made members")
    (policy,) = issuer.admin.get_client_authz_permission_associated_policies(client, permission["id"])
    body = {"name": "by hand", "resourceType": "Users", "scopes": ["impersonate"], "policies": [policy["id"]]}
    made = issuer.admin.create_client_authz_scope_permission(body, client)
    try:
        assert [(step.kind, step.detail) for step in planner.plan()] == [(Kind.UNDECLARED, "by hand")]
        assert songcau(issuer.layout, "realm", "plan").returncode == 2
    finally:
        issuer.admin.delete_client_authz_policy(client, made["id"])


def test_keycloak_s_own_account_console_is_closed_and_stays_so(issuer: KeycloakIssuer, planner: RealmPlanner):
    for name in ("account", "account-console"):
        client = issuer.admin.get_client(str(issuer.admin.get_client_id(name)))
        assert client["enabled"] is False
        issuer.admin.update_client(client["id"], {**client, "enabled": True})
    assert {(step.kind, step.subject) for step in planner.plan()} == {(Kind.CHANGE, "closed client")}
    planner.apply()
    assert httpx.get(f"{issuer.layout.realm}/account/", timeout=30).status_code == 404


def test_people_sign_in_after_a_flow_was_made_anew(issuer: KeycloakIssuer, planner: RealmPlanner):
    drift_in_a_flow(issuer)
    planner.apply()
    assert claims_of(sign_in(issuer.layout, "officer.lahien").access)["acr"] == "aal2"


def test_a_missing_object_is_made(issuer: KeycloakIssuer, planner: RealmPlanner):
    officers = [member["id"] for member in issuer.admin.get_realm_role_members("data-officer")]
    issuer.admin.delete_realm_role("data-officer")
    issuer.admin.delete_client(str(issuer.admin.get_client_id("hospital-his")))
    assert {step.kind for step in planner.apply()} >= {Kind.CREATE}
    assert planner.plan() == []
    for officer in officers:
        issuer.admin.assign_realm_roles(officer, [issuer.admin.get_realm_role("data-officer")])


def test_what_nobody_declared_is_named_and_left_to_a_person(issuer: KeycloakIssuer, planner: RealmPlanner):
    client = issuer.admin.create_client({"clientId": "by-hand", "publicClient": True})
    try:
        assert [(step.kind, step.subject, step.detail) for step in planner.plan()] == [
            (Kind.UNDECLARED, "client", "by-hand")
        ]
        assert songcau(issuer.layout, "realm", "apply").returncode == 1
        assert issuer.admin.get_client_id("by-hand") == client
    finally:
        issuer.admin.delete_client(client)


def test_keys_of_a_folder_are_made_known_and_the_old_ones_are_no_longer_taken(
    full_stack: Layout, issuer: KeycloakIssuer, planner: RealmPlanner, tmp_path: Path
):
    server = ("--server", full_stack.url("issuer"), "--user", ADMINISTRATOR, "--client-keys", str(tmp_path))
    secrets = key_material.load_or_make(full_stack)
    variables = {
        **os.environ,
        **realm_variables(full_stack, secrets),
        "SONGCAU_KEYCLOAK_PASSWORD": secrets.get("keycloak_admin_password"),
    }
    command = [sys.executable, "-m", "songcau_local", "realm"]
    subprocess.run([*command, "client-keys", str(tmp_path)], check=True, capture_output=True)
    done = subprocess.run([*command, "apply", *server], check=False, capture_output=True, text=True, env=variables)
    assert done.returncode == 0, done.stdout + done.stderr

    def users(folder: Path) -> int:
        key = str(folder / f"{ACCOUNTS_CLIENT}.pem")
        return open_administration(
            Settings(token_issuer=full_stack.realm, account_client_key=key), SystemClock()
        ).users_count()

    assert users(tmp_path) > 0
    with pytest.raises(KeycloakError):
        users(full_stack.secrets)
    planner.apply()
    assert users(full_stack.secrets) > 0

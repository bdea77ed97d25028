"""Data officers and operators act on accounts through the API; the gateway's own client has no right beyond that."""

import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from keycloak import KeycloakAdmin
from keycloak.exceptions import KeycloakError
from songcau_gateway.account_issuer import open_administration
from songcau_gateway.settings import Settings
from songcau_kit.clock import SystemClock
from songcau_local import key_material
from songcau_local.browser import SignInError, Tokens, sign_in
from songcau_local.client_keys import ACCOUNTS_CLIENT, HOUSEKEEPING_CLIENT
from songcau_local.demo.client import wait_until
from songcau_local.layout import Layout
from support.keycloak_issuer import KeycloakIssuer
from support.sign_in_suite import call, claims_of

PURPOSE = {"x-access-purpose": "DATA_SUBJECT_REQUEST"}


@pytest.fixture(scope="module")
def data_officer(full_stack: Layout) -> Tokens:
    return sign_in(full_stack, "data.officer")


@pytest.fixture(scope="module")
def operator(full_stack: Layout) -> Tokens:
    return sign_in(full_stack, "operator")


def read(layout: Layout, who: Tokens, account: str) -> httpx.Response:
    answer = call(layout, who, "GET", f"/v1/accounts/{account}", headers=PURPOSE)
    assert answer.status_code == 200, answer.text
    return answer


def act(layout: Layout, who: Tokens, account: str, verb: str, **body: str) -> httpx.Response:
    """Do something to the account as it is now."""
    return again(layout, who, account, verb, etag=read(layout, who, account).headers["etag"], **body)


def again(
    layout: Layout, who: Tokens, account: str, verb: str, *, etag: str, key: str = "", **body: str
) -> httpx.Response:
    headers = PURPOSE | {"if-match": etag, "idempotency-key": key or str(uuid.uuid4())}
    given = {"json": body} if body else {}
    return call(layout, who, "POST", f"/v1/accounts/{account}/{verb}", headers=headers, **given)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def operations_of(layout: Layout, tokens: Tokens) -> list[tuple[str, str]]:
    entries = call(layout, tokens, "GET", "/v1/me/accesses").json()["items"]
    return [(entry["operation"], entry["outcome"]) for entry in entries]


def test_a_disabled_citizen_is_out_and_sees_it_afterwards(full_stack: Layout, data_officer: Tokens):
    tokens = sign_in(full_stack, "khanh")
    account = claims_of(tokens.access)["sub"]
    try:
        answer = act(full_stack, data_officer, account, "disable")
        assert (answer.status_code, answer.json()["enabled"]) == (200, False)
        refused: Callable[[], Any] = lambda: call(full_stack, tokens, "GET", "/v1/me").status_code == 401  # noqa: E731
        wait_until(refused, "the end of the session")
        with pytest.raises(SignInError):
            sign_in(full_stack, "khanh")
    finally:
        answer = act(full_stack, data_officer, account, "enable")
    assert answer.json()["enabled"] is True
    seen = operations_of(full_stack, sign_in(full_stack, "khanh"))
    assert {("DISABLE_ACCOUNT", "ALLOWED"), ("ENABLE_ACCOUNT", "ALLOWED"), ("VIEW_ACCOUNT", "ALLOWED")} <= set(seen)


def test_the_same_key_is_answered_once_and_a_stale_version_is_told_the_fresh_one(
    full_stack: Layout, data_officer: Tokens
):
    account = claims_of(sign_in(full_stack, "giang").access)["sub"]
    etag, key = read(full_stack, data_officer, account).headers["etag"], str(uuid.uuid4())
    first = again(full_stack, data_officer, account, "disable", etag=etag, key=key)
    stale = again(full_stack, data_officer, account, "enable", etag=etag)
    assert code_of(stale) == (412, "VERSION_CONFLICT")
    assert stale.json()["current"]["enabled"] is False
    enabled = again(full_stack, data_officer, account, "enable", etag=stale.headers["etag"])
    assert enabled.json()["enabled"] is True
    replayed = again(full_stack, data_officer, account, "disable", etag=etag, key=key)
    assert replayed.json() == first.json()
    assert replayed.headers["idempotent-replayed"] == "true"
    assert read(full_stack, data_officer, account).json()["enabled"] is True


def test_a_link_is_taken_and_given_back(full_stack: Layout, data_officer: Tokens):
    claims = claims_of(sign_in(full_stack, "hoptac").access)
    unlinked = act(full_stack, data_officer, claims["sub"], "unlink")
    assert (unlinked.status_code, unlinked.json()["linked"]) == (200, False)
    nobody = act(full_stack, data_officer, claims["sub"], "link", citizen_id=str(uuid.uuid4()))
    assert code_of(nobody) == (404, "CITIZEN_NOT_FOUND")
    linked = act(full_stack, data_officer, claims["sub"], "link", citizen_id=claims["citizen_id"])
    assert (linked.status_code, linked.json()["linked"]) == (200, True)
    assert claims_of(sign_in(full_stack, "hoptac").access)["sub"] == claims["sub"]


def test_an_agency_is_given_and_taken_by_the_operator(full_stack: Layout, operator: Tokens, data_officer: Tokens):
    found = call(
        full_stack,
        operator,
        "POST",
        "/v1/accounts/search",
        json={"username": "officer.phandinhphung"},
        headers=PURPOSE,
    ).json()["items"]
    (account,) = (item["id"] for item in found)
    refused = act(full_stack, data_officer, account, "assign-agency", agency_code="H55.298")
    assert code_of(refused) == (403, "ROLE_MISSING")
    given = act(full_stack, operator, account, "assign-agency", agency_code="H55.298")
    assert given.json()["agency_codes"] == ["H55.209", "H55.298"]
    assert claims_of(sign_in(full_stack, "officer.phandinhphung").access)["agency_codes"] == ["H55.209", "H55.298"]
    taken = act(full_stack, operator, account, "withdraw-agency", agency_code="H55.298")
    assert taken.json()["agency_codes"] == ["H55.209"]


def test_accounts_of_a_citizen_are_found_by_the_internal_id(full_stack: Layout, data_officer: Tokens):
    claims = claims_of(sign_in(full_stack, "an").access)
    search = {"citizen_id": claims["citizen_id"]}
    answer = call(full_stack, data_officer, "POST", "/v1/accounts/search", json=search, headers=PURPOSE)
    assert [item["id"] for item in answer.json()["items"]] == [claims["sub"]]
    nobody = {"citizen_id": str(uuid.uuid4())}
    answer = call(full_stack, data_officer, "POST", "/v1/accounts/search", json=nobody, headers=PURPOSE)
    assert answer.json()["items"] == []


def test_links_are_not_for_staff_agencies_not_for_citizens_and_nobody_acts_on_themselves(
    full_stack: Layout, data_officer: Tokens, operator: Tokens, issuer: KeycloakIssuer
):
    citizen = claims_of(sign_in(full_stack, "an").access)
    officer = str(issuer.admin.get_user_id("officer.lahien"))
    mixed = act(full_stack, data_officer, officer, "link", citizen_id=citizen["citizen_id"])
    assert code_of(mixed) == (400, "ACCOUNT_KIND_MISMATCH")
    assert code_of(act(full_stack, operator, citizen["sub"], "assign-agency", agency_code="H55.1")) == (
        400,
        "ACCOUNT_KIND_MISMATCH",
    )
    own = claims_of(data_officer.access)["sub"]
    assert code_of(act(full_stack, data_officer, own, "disable")) == (403, "OWN_ACCOUNT")


def test_systems_and_strangers_are_no_accounts_here(full_stack: Layout, operator: Tokens, issuer: KeycloakIssuer):
    hospital = issuer.admin.get_client_service_account_user(str(issuer.admin.get_client_id("hospital-his")))["id"]
    for account in (hospital, str(uuid.uuid4())):
        answer = call(full_stack, operator, "GET", f"/v1/accounts/{account}", headers=PURPOSE)
        assert code_of(answer) == (404, "ACCOUNT_NOT_FOUND")


@pytest.fixture(scope="module")
def own_client(full_stack: Layout) -> KeycloakAdmin:
    """Return the administration as the gateway itself has it."""
    key = str(key_material.private_key(full_stack, ACCOUNTS_CLIENT))
    return open_administration(Settings(token_issuer=full_stack.realm, account_client_key=key), SystemClock())


def account_of(issuer: KeycloakIssuer, name: str) -> str:
    """Return the account of a person, or of a system by its client."""
    client = issuer.admin.get_client_id(name)
    account = issuer.admin.get_client_service_account_user(client)["id"] if client else issuer.admin.get_user_id(name)
    return str(account)


def refusal_of(call: Callable[[], Any]) -> int | None:
    with pytest.raises(KeycloakError) as refused:
        call()
    return refused.value.response_code


PASSWORD = {"type": "password", "value": "mat-khau-cua-ke-gian-1", "temporary": False}
REALM_REACHES: dict[str, Callable[[KeycloakAdmin], Any]] = {
    "make a client": lambda admin: admin.create_client({"clientId": "mine", "publicClient": True}),
    "read clients": lambda admin: admin.get_clients(),
    "change the realm": lambda admin: admin.update_realm("songcau", {"sslRequired": "none"}),
    "read events": lambda admin: admin.get_events(),
    "add a provider": lambda admin: admin.create_idp({"alias": "mine", "providerId": "oidc"}),
    "read flows": lambda admin: admin.get_authentication_flows(),
    "make a root of groups": lambda admin: admin.create_group({"name": "mine"}),
}
ACCOUNT_REACHES: dict[str, Callable[[KeycloakAdmin, str], Any]] = {
    "disable": lambda admin, account: admin.disable_user(account),
    "end sessions": lambda admin, account: admin.user_logout(account),
    "change attributes": lambda admin, account: admin.update_user(account, {"attributes": {"facility_codes": ["1"]}}),
    "set a password": lambda admin, account: admin.set_user_password(account, PASSWORD["value"], temporary=False),
    "set a password by the way": lambda admin, account: admin.update_user(account, {"credentials": [PASSWORD]}),
    "link": lambda admin, account: admin.add_user_social_login(account, "vneid", account, account),
    "delete": lambda admin, account: admin.delete_user(account),
}


@pytest.mark.parametrize("reach", REALM_REACHES)
def test_the_gateway_s_client_may_not_touch_the_realm(own_client: KeycloakAdmin, reach: str):
    assert own_client.users_count() > 0
    assert refusal_of(lambda: REALM_REACHES[reach](own_client)) == 403


@pytest.mark.parametrize("reach", ACCOUNT_REACHES)
@pytest.mark.parametrize("whose", ["operator", "data.officer", "hospital-his", ACCOUNTS_CLIENT, HOUSEKEEPING_CLIENT])
def test_the_gateway_s_client_may_not_touch_administrators_and_systems(
    own_client: KeycloakAdmin, issuer: KeycloakIssuer, whose: str, reach: str
):
    account = account_of(issuer, whose)
    assert refusal_of(lambda: ACCOUNT_REACHES[reach](own_client, account)) == 403
    assert issuer.admin.get_user(account)["enabled"] is True


@pytest.mark.parametrize("whose", ["officer.lahien", "operator", ACCOUNTS_CLIENT])
def test_the_gateway_s_client_gives_no_role_to_anybody_itself_too(
    own_client: KeycloakAdmin, issuer: KeycloakIssuer, whose: str
):
    account = account_of(issuer, whose)
    administration = str(issuer.admin.get_client_id("realm-management"))
    (whole,) = (role for role in issuer.admin.get_client_roles(administration) if role["name"] == "realm-admin")
    operator = issuer.admin.get_realm_role("operator")
    before = issuer.admin.get_all_roles_of_user(account)
    assert refusal_of(lambda: own_client.assign_realm_roles(account, [operator])) == 403
    assert refusal_of(lambda: own_client.assign_client_role(account, administration, [whole])) == 403
    agencies = issuer.admin.get_group_by_path("/agencies")["id"]
    assert refusal_of(lambda: own_client.assign_group_realm_roles(agencies, [operator])) == 403
    assert issuer.admin.get_all_roles_of_user(account) == before


def test_the_gateway_s_client_takes_nobody_out_of_the_administrators_nor_into_them(
    own_client: KeycloakAdmin, issuer: KeycloakIssuer
):
    group = issuer.admin.get_group_by_path("/administrators")["id"]
    for reach in (
        lambda: own_client.group_user_remove(account_of(issuer, "operator"), group),
        lambda: own_client.group_user_add(account_of(issuer, "officer.lahien"), group),
        lambda: own_client.update_group(group, {"name": "others"}),
        lambda: own_client.delete_group(group),
        lambda: own_client.delete_group(issuer.admin.get_group_by_path("/facilities")["id"]),
    ):
        assert refusal_of(reach) == 403


def test_the_gateway_s_client_impersonates_nobody(own_client: KeycloakAdmin, issuer: KeycloakIssuer):
    path = f"admin/realms/songcau/users/{account_of(issuer, 'officer.lahien')}/impersonation"
    assert own_client.connection.raw_post(path, data="{}").status_code == 403


def test_accounts_of_administrators_are_seen_and_left_alone(
    full_stack: Layout, issuer: KeycloakIssuer, operator: Tokens
):
    account = account_of(issuer, "data.officer")
    for verb in ("disable", "end-sessions"):
        assert code_of(act(full_stack, operator, account, verb)) == (403, "ACCOUNT_PROTECTED")
    assert read(full_stack, operator, account).json()["enabled"] is True


def test_a_key_that_is_not_the_client_s_gets_no_token(full_stack: Layout):
    key = str(key_material.private_key(full_stack, "hospital-his"))
    stranger = open_administration(Settings(token_issuer=full_stack.realm, account_client_key=key), SystemClock())
    with pytest.raises(KeycloakError):
        stranger.users_count()


def test_factors_proved_long_ago_are_asked_for_again(full_stack: Layout, issuer: KeycloakIssuer, data_officer: Tokens):
    claims = claims_of(data_officer.access)
    old = issuer.sign(claims | {"auth_time": int(time.time()) - 3600})
    headers = PURPOSE | {"if-match": '"v1"', "idempotency-key": "k"}
    answer = call(full_stack, old, "POST", f"/v1/accounts/{uuid.uuid4()}/disable", headers=headers)
    assert code_of(answer) == (401, "AUTHENTICATION_INSUFFICIENT")

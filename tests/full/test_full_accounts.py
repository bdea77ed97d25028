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
from songcau_local.client_keys import ACCOUNTS_CLIENT
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


@pytest.mark.parametrize(
    "reach",
    [
        lambda admin: admin.create_client({"clientId": "mine", "publicClient": True}),
        lambda admin: admin.get_clients(),
        lambda admin: admin.update_realm("songcau", {"sslRequired": "none"}),
        lambda admin: admin.get_events(),
        lambda admin: admin.create_idp({"alias": "mine", "providerId": "oidc"}),
        lambda admin: admin.get_authentication_flows(),
    ],
    ids=["make a client", "read clients", "change the realm", "read events", "add a provider", "read flows"],
)
def test_the_gateway_s_client_may_not(own_client: KeycloakAdmin, reach: Callable[[KeycloakAdmin], Any]):
    assert own_client.users_count() > 0
    with pytest.raises(KeycloakError) as refused:
        reach(own_client)
    assert refused.value.response_code == 403


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

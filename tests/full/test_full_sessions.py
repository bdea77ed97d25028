"""The end of a session at Keycloak reaches every gateway; account actions work on the real server."""

import asyncio
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator

import httpx
import pytest
from songcau_gateway.accounts import Accounts
from songcau_gateway.errors import ACCOUNT_NOT_FOUND, ISSUER_UNAVAILABLE
from songcau_kit.clock import SystemClock
from songcau_kit.errors import DomainError
from songcau_kit.logout_tokens import EVENT
from songcau_local.browser import SignInError, Tokens, sign_in
from songcau_local.full.administration import administration_at
from songcau_local.layout import Layout
from songcau_local.ports import free_port
from songcau_local.process_table import gateway_environment, python_environment
from songcau_local.programs import answers
from support.keycloak_issuer import KeycloakIssuer
from support.sign_in_suite import call, claims_of

REACHES_WITHIN_SECONDS = 60.0


@pytest.fixture
def accounts(issuer: KeycloakIssuer) -> Accounts:
    return Accounts(issuer.admin, SystemClock())


def seconds_until_refused(layout: Layout, tokens: Tokens, path: str = "/v1/me") -> float:
    began = time.monotonic()
    while time.monotonic() - began < REACHES_WITHIN_SECONDS:
        answer = call(layout, tokens, "GET", path)
        if answer.status_code == 401 and answer.json()["code"] == "SESSION_ENDED":
            return time.monotonic() - began
        time.sleep(0.1)
    raise AssertionError("the gateway still takes the token of a session that ended")


def test_who_signs_out_is_out_at_the_gateway_and_their_other_session_is_not(issuer: KeycloakIssuer):
    layout, first, second = issuer.layout, sign_in(issuer.layout, "an"), sign_in(issuer.layout, "an")
    form = {"client_id": "citizen-app", "refresh_token": first.refresh}
    httpx.post(f"{layout.realm}/protocol/openid-connect/logout", data=form, timeout=30).raise_for_status()
    assert seconds_until_refused(layout, first) < REACHES_WITHIN_SECONDS
    assert call(layout, second, "GET", "/v1/me").status_code == 200


def test_sessions_ended_by_an_operator_are_over_at_the_gateway(issuer: KeycloakIssuer, accounts: Accounts):
    tokens = sign_in(issuer.layout, "giang")
    asyncio.run(accounts.end_sessions(claims_of(tokens.access)["sub"]))
    assert seconds_until_refused(issuer.layout, tokens) < REACHES_WITHIN_SECONDS
    assert call(issuer.layout, sign_in(issuer.layout, "giang"), "GET", "/v1/me").status_code == 200


def test_a_disabled_account_is_out_and_stays_out(issuer: KeycloakIssuer, accounts: Accounts):
    tokens = sign_in(issuer.layout, "khanh")
    account = claims_of(tokens.access)["sub"]
    asyncio.run(accounts.disable(account))
    try:
        assert seconds_until_refused(issuer.layout, tokens) < REACHES_WITHIN_SECONDS
        with pytest.raises(SignInError):
            sign_in(issuer.layout, "khanh")
    finally:
        asyncio.run(accounts.enable(account))
    assert claims_of(sign_in(issuer.layout, "khanh").access)["sub"] == account


def test_an_agency_given_and_taken_shows_in_the_next_token(issuer: KeycloakIssuer, accounts: Accounts):
    account = str(issuer.admin.get_user_id("officer.phandinhphung"))
    for _ in range(2):  # a repeated action changes nothing
        asyncio.run(accounts.assign_agency(account, "H55.299"))
    tokens = sign_in(issuer.layout, "officer.phandinhphung")
    assert sorted(claims_of(tokens.access)["agency_codes"]) == ["H55.209", "H55.299"]
    asyncio.run(accounts.withdraw_agency(account, "H55.299"))
    assert seconds_until_refused(issuer.layout, tokens, "/v1/dossiers") < REACHES_WITHIN_SECONDS
    again = sign_in(issuer.layout, "officer.phandinhphung")
    assert claims_of(again.access)["agency_codes"] == ["H55.209"]


def test_a_link_taken_away_and_given_back_is_the_same_account(issuer: KeycloakIssuer, accounts: Accounts):
    before = claims_of(sign_in(issuer.layout, "hoptac").access)
    asyncio.run(accounts.unlink(before["sub"]))
    assert issuer.admin.get_user_social_logins(before["sub"]) == []
    for _ in range(2):
        asyncio.run(accounts.link(before["sub"], before["citizen_id"]))
    assert claims_of(sign_in(issuer.layout, "hoptac").access)["sub"] == before["sub"]


def test_an_account_that_is_not_there_is_told_so(accounts: Accounts):
    with pytest.raises(DomainError) as refused:
        asyncio.run(accounts.disable(str(uuid.uuid4())))
    assert refused.value.reason is ACCOUNT_NOT_FOUND


def test_an_issuer_that_is_away_is_given_up_after_a_few_attempts():
    away = Accounts(administration_at(f"http://127.0.0.1:{free_port()}", "x", "y"), SystemClock(), pause_seconds=0.05)
    began = time.monotonic()
    with pytest.raises(DomainError) as refused:
        asyncio.run(away.end_sessions("any"))
    assert refused.value.reason is ISSUER_UNAVAILABLE
    assert time.monotonic() - began < 10


@pytest.fixture
def two_gateways(full_stack: Layout) -> Iterator[tuple[str, str]]:
    """Start two more gateways, of which each knows both."""
    addresses = [f"127.0.0.1:{free_port()}" for _ in range(2)]
    settings = gateway_environment(full_stack) | {"GATEWAY_PEERS": ",".join(addresses)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "songcau_gateway", "serve"],
            env=python_environment(settings | {"GATEWAY_ADDRESS": address}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for address in addresses
    ]
    until = time.monotonic() + 90
    while not all(answers(f"http://{address}/readyz") for address in addresses):
        assert time.monotonic() < until, "the gateways do not get ready"
        time.sleep(0.2)
    yield f"http://{addresses[0]}", f"http://{addresses[1]}"
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(30)


def test_what_one_gateway_is_told_all_of_them_know(two_gateways: tuple[str, str], issuer: KeycloakIssuer):
    told, other = two_gateways
    tokens = sign_in(issuer.layout, "an")
    claims = claims_of(tokens.access)
    headers = {"authorization": f"Bearer {tokens.access}"}
    assert httpx.get(f"{other}/v1/me", headers=headers, timeout=30).status_code == 200
    now = int(time.time())
    logout = {"iss": claims["iss"], "aud": "citizen-app", "iat": now, "exp": now + 60, "jti": str(uuid.uuid4())}
    logout |= {"sid": claims["sid"], "sub": claims["sub"], "events": {EVENT: {}}}
    form = {"logout_token": issuer.sign(logout)}
    assert httpx.post(f"{told}/backchannel-logout", data=form, timeout=30).status_code == 200
    until = time.monotonic() + REACHES_WITHIN_SECONDS
    while httpx.get(f"{other}/v1/me", headers=headers, timeout=30).status_code != 401:
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_made_up_logout_token_ends_nothing(issuer: KeycloakIssuer):
    tokens = sign_in(issuer.layout, "an")
    for form in ({"logout_token": tokens.access}, {"logout_token": "x.y.z"}, {}):
        url = issuer.layout.url("gateway") + "/backchannel-logout"
        assert httpx.post(url, data=form, timeout=30).status_code in (400, 401, 415)
    assert call(issuer.layout, tokens, "GET", "/v1/me").status_code == 200

"""Routes about accounts ask for fresh factors before anything else, and say when the installation has them off."""

import time
from typing import Any

import httpx
import pytest
from songcau_gateway.account_issuer import place_of

ID = "019ab6c2-7c1e-7000-8000-000000000001"
MOVE = {"idempotency-key": "k-1", "if-match": '"v3"', "x-access-purpose": "DATA_SUBJECT_REQUEST"}


def ask(gateway: Any, issuer: Any, path: str = "disable", **claims: Any) -> httpx.Response:
    headers = MOVE | {"authorization": f"Bearer {issuer.token(**claims)}"}
    return httpx.post(f"{gateway.url}/v1/accounts/{ID}/{path}", headers=headers, timeout=10)


@pytest.mark.parametrize(
    "claims",
    [{"acr": "aal1", "auth_time": 0}, {"acr": "aal2", "auth_time": -1000}],
    ids=["one factor", "too long ago"],
)
def test_an_act_asks_for_two_factors_of_the_last_minutes(
    gateway: Any, issuer: Any, services: Any, claims: dict[str, Any]
) -> None:
    moved = claims | ({"auth_time": int(time.time()) + claims["auth_time"]} if "auth_time" in claims else {})
    answer = ask(gateway, issuer, **moved)
    assert (answer.status_code, answer.json()["code"]) == (401, "AUTHENTICATION_INSUFFICIENT")
    challenge = answer.headers["www-authenticate"]
    assert 'error="insufficient_user_authentication", acr_values="aal2", max_age="600"' in challenge
    assert services.calls == []


def test_where_nothing_administers_accounts_the_route_says_so(gateway: Any, issuer: Any, services: Any) -> None:
    answer = ask(gateway, issuer, acr="aal2", auth_time=int(time.time()))
    assert (answer.status_code, answer.json()["code"]) == (503, "ACCOUNT_ADMINISTRATION_OFF")
    assert answer.headers["retry-after"]
    assert services.calls == []


@pytest.mark.parametrize(
    ("roles", "path", "status"), [(["operator"], "link", 403), (["data-officer"], "assign-agency", 403)]
)
def test_each_act_has_its_role(gateway: Any, issuer: Any, roles: list[str], path: str, status: int) -> None:
    answer = ask(gateway, issuer, path, roles=roles, acr="aal2", auth_time=int(time.time()))
    assert (answer.status_code, answer.json()["code"]) == (status, "ROLE_MISSING")


@pytest.mark.parametrize(
    ("issuer_url", "place"),
    [
        ("https://id.example/realms/songcau", ("https://id.example", "songcau")),
        ("http://127.0.0.1:8180/auth/realms/x", ("http://127.0.0.1:8180/auth", "x")),
    ],
)
def test_server_and_realm_follow_from_the_issuer(issuer_url: str, place: tuple[str, str]) -> None:
    assert place_of(issuer_url) == place

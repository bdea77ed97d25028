"""Requests never wait for Keycloak: keys rotate under load, the server stands still, and people who are in go on."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
import psutil
import pytest
from songcau_local.browser import renew, sign_in
from songcau_local.layout import Layout
from songcau_local.ports import free_port
from songcau_local.process_table import gateway_environment, python_environment
from songcau_local.programs import answers
from songcau_local.status import find_status
from support.counting_proxy import CountingProxy
from support.keycloak_issuer import KEY_PROVIDER, LEAST_INTERVAL_SECONDS, KeycloakIssuer
from support.sign_in_suite import claims_of


@dataclass(frozen=True)
class WatchedGateway:
    """One more gateway of the stack, whose way to Keycloak leads through a proxy that counts."""

    url: str
    proxy: CountingProxy

    def me(self, token: str) -> int:
        headers = {"authorization": f"Bearer {token}"}
        return httpx.get(f"{self.url}/v1/me", headers=headers, timeout=20).status_code


@pytest.fixture(scope="module")
def gateway(full_stack: Layout) -> Iterator[WatchedGateway]:
    proxy = CountingProxy(full_stack.url("issuer"))
    address = f"127.0.0.1:{free_port()}"
    settings = gateway_environment(full_stack) | {
        "GATEWAY_ADDRESS": address,
        "GATEWAY_JWKS_URL": f"http://127.0.0.1:{proxy.port}/realms/songcau/protocol/openid-connect/certs",
        "GATEWAY_RATE_PER_PERSON": "100000/minute",
        "GATEWAY_RATE_PER_CLIENT": "100000/minute",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "songcau_gateway", "serve"],
        env=python_environment(settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 60
    while not answers(f"http://{address}/readyz"):
        assert time.monotonic() < until, "the gateway does not get ready"
        time.sleep(0.2)
    yield WatchedGateway(f"http://{address}", proxy)
    process.terminate()
    process.wait(30)
    proxy.close()


def keep_asking(ask: Callable[[], int], stop: threading.Event) -> list[int]:
    """Ask until told to stop; return what was not 200."""
    wrong: list[int] = []
    while not stop.is_set():
        status = ask()
        if status != 200:
            wrong.append(status)
        time.sleep(0.02)
    return wrong


def test_requests_cost_no_call_to_keycloak(gateway: WatchedGateway, issuer: KeycloakIssuer):
    token = sign_in(issuer.layout, "an").access
    assert gateway.me(token) == 200
    before = gateway.proxy.total
    assert {gateway.me(token) for _ in range(200)} == {200}
    assert gateway.proxy.total == before


def test_a_key_rotated_under_load_costs_one_fetch_and_no_request(gateway: WatchedGateway, issuer: KeycloakIssuer):
    layout, old = issuer.layout, sign_in(issuer.layout, "an")
    assert gateway.me(old.access) == 200
    time.sleep(LEAST_INTERVAL_SECONDS)
    before, stop = gateway.proxy.total, threading.Event()
    current = [old.access]
    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(keep_asking, lambda: gateway.me(current[-1]), stop) for _ in range(4)]
        try:
            component = issuer.admin.create_component(
                {
                    "name": f"rotated {time.time():.0f}",
                    "providerId": "rsa-generated",
                    "providerType": KEY_PROVIDER,
                    "config": {"priority": [f"{time.time():.0f}"], "algorithm": ["RS256"], "keySize": ["2048"]},
                }
            )
            assert component
            new = renew(layout, "citizen-app", old)
            current.append(new.access)
            time.sleep(3)
        finally:
            stop.set()
        wrong = [status for future in running for status in future.result()]
    assert key_of(new.access) != key_of(old.access)
    assert wrong == []
    assert gateway.me(old.access) == 200
    assert gateway.proxy.total - before == 1


def test_who_is_signed_in_goes_on_while_keycloak_stands_still(gateway: WatchedGateway, issuer: KeycloakIssuer):
    layout = issuer.layout
    issuer.admin.update_realm("songcau", {"accessTokenLifespan": 20})
    try:
        tokens = sign_in(layout, "an")
    finally:
        issuer.admin.update_realm("songcau", {"accessTokenLifespan": 300})
    ends_at = claims_of(tokens.access)["exp"]
    assert gateway.me(tokens.access) == 200
    server = keycloak_process(layout)
    stopped = [server, *server.children(recursive=True)]
    for process in stopped:
        process.suspend()
    try:
        slowest = 0.0
        while time.time() < ends_at:
            began = time.monotonic()
            assert gateway.me(tokens.access) == 200
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.1)
        time.sleep(6)  # the leeway of the clocks
        assert gateway.me(tokens.access) == 401
    finally:
        for process in stopped:
            process.resume()
    assert slowest < 3
    assert gateway.me(renew(layout, "citizen-app", tokens).access) == 200


def key_of(token: str) -> str:
    header = token.partition(".")[0]
    return str(claims_of(f".{header}.")["kid"])


def keycloak_process(layout: Layout) -> psutil.Process:
    status = find_status(layout.status_file)
    assert status is not None
    running = next(item.running for item in status.processes if item.name == "keycloak")
    process = running.find() if running else None
    assert process is not None
    return process

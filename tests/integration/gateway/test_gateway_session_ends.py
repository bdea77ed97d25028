"""A gateway that starts after a logout refuses the ended session from its first answer on."""

import socket
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey
from songcau_kit.logout_tokens import EVENT
from songcau_local.ports import free_port


def logout_token(issuer: Any, session: str, *, key: RSAKey | None = None, age: int = 0) -> str:
    now = int(time.time()) - age
    claims = {"iss": issuer.url, "aud": "citizen-app", "iat": now, "exp": now + 60, "jti": str(uuid.uuid4())}
    claims |= {"sub": "person-1", "sid": session, "events": {EVENT: {}}}
    return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, key or issuer.key)


def end(gateway: Any, token: str) -> int:
    return httpx.post(f"{gateway.url}/backchannel-logout", data={"logout_token": token}, timeout=10).status_code


def ask(gateway: Any, issuer: Any, session: str) -> tuple[int, str]:
    headers = {"authorization": f"Bearer {issuer.token(sid=session)}"}
    answer = httpx.get(f"{gateway.url}/v1/me", headers=headers, timeout=20)
    return answer.status_code, answer.json().get("code", "")


def pair() -> tuple[tuple[str, str], str]:
    addresses = (f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}")
    return addresses, ",".join(addresses)


def test_a_process_that_starts_after_a_logout_refuses_the_session(
    run_gateway: Callable[..., Any], issuer: Any, services: Any
) -> None:
    addresses, peers = pair()
    first = run_gateway(address=addresses[0], peers=peers)
    assert ask(first, issuer, "over") == (200, "")
    assert end(first, logout_token(issuer, "over")) == 200
    later = run_gateway(address=addresses[1], peers=peers)
    assert ask(later, issuer, "over") == (401, "SESSION_ENDED")
    assert ask(later, issuer, "other") == (200, "")
    assert httpx.get(f"{later.url}/readyz", timeout=10).status_code == 200


def test_a_peer_s_word_counts_only_with_the_issuer_s_signature(
    run_gateway: Callable[..., Any], issuer: Any, services: Any
) -> None:
    addresses, peers = pair()
    first = run_gateway(address=addresses[0], peers=peers)
    forged = logout_token(issuer, "forged", key=RSAKey.generate_key(2048, {"kid": "k1"}))
    remembered = first.app.state.ended._ends
    assert end(first, logout_token(issuer, "over")) == 200
    (known,) = remembered.values()
    remembered["sid forged"] = type(known)(known.at, forged)
    remembered["sid ancient"] = type(known)(known.at, logout_token(issuer, "ancient", age=7200))
    later = run_gateway(address=addresses[1], peers=peers)
    assert ask(later, issuer, "over") == (401, "SESSION_ENDED")
    assert ask(later, issuer, "forged") == (200, "")
    assert ask(later, issuer, "ancient") == (200, "")


def test_a_process_without_a_living_peer_becomes_ready(run_gateway: Callable[..., Any], services: Any) -> None:
    alone = run_gateway(peers=f"127.0.0.1:{free_port()}")
    until = time.monotonic() + 10
    while httpx.get(f"{alone.url}/readyz", timeout=10).status_code != 200:
        assert time.monotonic() < until


def test_while_a_peer_does_not_answer_the_process_is_not_ready_and_requests_wait(
    run_gateway: Callable[..., Any], issuer: Any, services: Any
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        waiting = run_gateway(peers=f"127.0.0.1:{silent.getsockname()[1]}")
        answer = httpx.get(f"{waiting.url}/readyz", timeout=10)
        assert (answer.status_code, answer.json()["status"]) == (503, "catching up")
        assert not waiting.app.state.ended.is_complete
    assert ask(waiting, issuer, "any") == (200, "")
    assert waiting.app.state.ended.is_complete


def test_the_ends_are_told_to_peers_only(run_gateway: Callable[..., Any], gateway: Any) -> None:
    elsewhere = run_gateway(peers="192.0.2.1:8080")
    for stranger in (gateway, elsewhere):
        answer = httpx.get(f"{stranger.url}/session-ends", timeout=20)
        assert (answer.status_code, answer.json()["code"]) == (404, "ROUTE_NOT_FOUND")

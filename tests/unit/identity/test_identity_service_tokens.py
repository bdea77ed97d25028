"""The bridge's own token: fetched once, kept while it lasts, a wrong answer is an outage."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, Response, jsonify, request
from joserfc import jwt
from songcau_identity.bridge.errors import Cause, UpstreamError
from songcau_identity.bridge.keys import SigningKey
from songcau_identity.bridge.service_tokens import LinkerAccount, ServiceTokens
from songcau_kit.clock import FixedClock
from songcau_kit.http_serving import serve_wsgi
from songcau_kit.legacy_envelope import new_private_key

KEY = SigningKey(new_private_key())
ISSUER = "https://issuer.example/realms/songcau"


class Endpoint:
    """A token endpoint that answers what it is told to."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.answer: tuple[object, int] = ({"access_token": "t-{n}", "expires_in": 300}, 200)
        self.lock = threading.Lock()
        app = Flask(__name__)
        app.add_url_rule("/token", view_func=self.token, methods=["POST"])
        self.server = serve_wsgi(app, "127.0.0.1:0", 8)

    def token(self) -> tuple[Response, int]:
        with self.lock:
            self.forms.append(request.form.to_dict())
            body, status = self.answer
        if isinstance(body, dict):
            body = {k: v.format(n=len(self.forms)) if isinstance(v, str) else v for k, v in body.items()}
        return jsonify(body), status


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    endpoint.server.start()
    yield endpoint
    endpoint.server.stop(1)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))


@pytest.fixture
def tokens(endpoint: Endpoint, clock: FixedClock) -> Iterator[ServiceTokens]:
    account = LinkerAccount("identity-bridge", f"http://127.0.0.1:{endpoint.server.port}/token", ISSUER)
    tokens = ServiceTokens(account, KEY, clock)
    yield tokens
    tokens.close()


def test_a_token_is_kept_until_shortly_before_its_end(tokens, endpoint, clock):
    assert tokens.get() == tokens.get() == "t-1"
    clock.advance(timedelta(seconds=269))
    assert tokens.get() == "t-1"
    clock.advance(timedelta(seconds=1))
    assert tokens.get() == "t-2"
    assert len(endpoint.forms) == 2


def test_twenty_callers_at_once_ask_once(tokens, endpoint):
    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(lambda _: tokens.get(), range(20))) == {"t-1"}
    assert len(endpoint.forms) == 1


def test_a_refused_token_is_fetched_anew(tokens):
    assert tokens.get() == "t-1"
    tokens.forget()
    assert tokens.get() == "t-2"


def test_the_assertion_is_short_single_use_and_for_the_issuer(tokens, endpoint, clock):
    tokens.get()
    tokens.forget()
    tokens.get()
    claims = [jwt.decode(form["client_assertion"], KEY.key, algorithms=["RS256"]).claims for form in endpoint.forms]
    assert claims[0]["jti"] != claims[1]["jti"]
    assert claims[0]["iss"] == claims[0]["sub"] == "identity-bridge"
    assert claims[0]["aud"] == ISSUER
    assert claims[0]["exp"] - clock.now().timestamp() == 60
    assert endpoint.forms[0]["grant_type"] == "client_credentials"
    assert endpoint.forms[0]["scope"] == "identity:link"
    assert "client_secret" not in endpoint.forms[0]


@pytest.mark.parametrize(
    "answer",
    [({"error": "invalid_client"}, 401), ({}, 503), ({"expires_in": 3}, 200), (["x"], 200)],
    ids=["refused", "away", "tokenless", "garbled"],
)
def test_whatever_is_no_token_is_an_outage_and_tried_again_next_time(tokens, endpoint, answer):
    good = endpoint.answer
    endpoint.answer = answer
    with pytest.raises(UpstreamError) as caught:
        tokens.get()
    assert caught.value.cause is Cause.IDENTITY_UNAVAILABLE
    endpoint.answer = good
    assert tokens.get() == "t-2"

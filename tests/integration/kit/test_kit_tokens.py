"""Access tokens: what is accepted, what is refused, and how seldom the issuer is asked."""

import asyncio
import base64
import hashlib
import hmac
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from songcau_kit import errors
from songcau_kit.errors import DomainError
from support.token_issuer import TokenIssuer, signing_key


@pytest.fixture
def issuer(fixed_clock):
    with TokenIssuer(fixed_clock) as issuer:
        yield issuer


def refusal(verifier, token):
    with pytest.raises(DomainError) as caught:
        verifier.verify(token)
    return caught.value.reason


def b64(data):
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_a_good_token_becomes_a_caller(issuer):
    token = issuer.token(
        roles=["officer", "leader"],
        scopes=["dossier:read"],
        citizen_id="c-1",
        ial=2,
        agency_codes=["H55.242", "H55.7"],
        unknown_claim="left out",
    )
    caller = issuer.verifier().verify(token)
    assert (caller.subject, caller.client_id, caller.acr) == (
        "018f0000-0000-7000-8000-000000000001",
        "test-app",
        "aal1",
    )
    assert caller.session_id == "session-1"
    assert caller.has_role("citizen", "officer")
    assert not caller.has_role("citizen")
    assert caller.has_scope("dossier:read", "openid")
    assert caller.values("agency_codes") == ("H55.242", "H55.7")
    assert caller.attribute("ial") == "2"
    assert caller.attribute("unknown_claim") is None
    assert caller.auth_time == datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    assert token not in repr(caller)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "https://somebody.else"}, errors.TOKEN_INVALID),
        ({"iss": None}, errors.TOKEN_INVALID),
        ({"aud": "account"}, errors.TOKEN_INVALID),
        ({"aud": None}, errors.TOKEN_INVALID),
        ({"exp": None}, errors.TOKEN_INVALID),
        ({"exp": "tomorrow"}, errors.TOKEN_INVALID),
        ({"exp": True}, errors.TOKEN_INVALID),
        ({"sub": None}, errors.TOKEN_INVALID),
        ({"sub": 7}, errors.TOKEN_INVALID),
        ({"typ": "ID"}, errors.TOKEN_INVALID),
        ({"typ": "Refresh"}, errors.TOKEN_INVALID),
        ({"nbf": 1795400000 + 10**6}, errors.TOKEN_INVALID),
        ({"iat": 1795400000 + 10**6}, errors.TOKEN_INVALID),
        ({"exp": 1000}, errors.TOKEN_EXPIRED),
    ],
)
def test_a_wrong_claim_is_refused(issuer, changes, reason):
    assert refusal(issuer.verifier(), issuer.token(**changes)) == reason


@pytest.mark.parametrize(
    "changes", [{"realm_access": None}, {"realm_access": "officer"}, {"realm_access": {"roles": 5}}]
)
def test_odd_roles_give_no_role_of_the_platform(issuer, changes):
    assert not issuer.verifier().verify(issuer.token(**changes)).has_role("officer", "citizen", "leader")


def test_the_leeway_forgives_a_slow_clock_and_no_more(issuer, fixed_clock):
    token = issuer.token()
    verifier = issuer.verifier(leeway_seconds=5)
    fixed_clock.advance(timedelta(seconds=304))
    assert verifier.verify(token).client_id == "test-app"
    fixed_clock.advance(timedelta(seconds=1))
    assert refusal(verifier, token) == errors.TOKEN_EXPIRED


def test_a_remembered_token_is_not_accepted_beyond_its_end(issuer, fixed_clock):
    token = issuer.token(exp=int(fixed_clock.now().timestamp()) + 20)
    verifier = issuer.verifier(leeway_seconds=0)
    verifier.verify(token)
    fixed_clock.advance(timedelta(seconds=20))
    assert refusal(verifier, token) == errors.TOKEN_EXPIRED


def test_a_token_without_signature_is_refused(issuer):
    head, body, _ = issuer.token().split(".")
    kid = signing_key(0).kid
    for algorithm in ("none", "None", "NONE"):
        header = b64({"alg": algorithm, "kid": kid})
        assert refusal(issuer.verifier(), f"{header}.{body}.") == errors.TOKEN_INVALID
    assert refusal(issuer.verifier(), f"{head}.{body}.") == errors.TOKEN_INVALID


def test_the_public_key_as_shared_secret_is_refused(issuer):
    key = signing_key(0)
    body = b64(issuer.claims())
    header = b64({"alg": "HS256", "kid": key.kid})
    for secret in (key.as_pem(private=False), json.dumps(key.as_dict(private=False)).encode()):
        mac = hmac.digest(secret, f"{header}.{body}".encode(), hashlib.sha256)
        assert refusal(issuer.verifier(), f"{header}.{body}.{b64(mac)}") == errors.TOKEN_INVALID


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_another_rsa_algorithm_is_refused(issuer, algorithm):
    key = RSAKey.import_key(signing_key(0).as_pem(private=True))
    token = jwt.encode({"alg": algorithm, "kid": signing_key(0).kid}, issuer.claims(), key, algorithms=[algorithm])
    assert refusal(issuer.verifier(), token) == errors.TOKEN_INVALID


def test_a_key_brought_by_the_token_is_not_used(issuer):
    own = RSAKey.generate_key(2048)
    header = {"alg": "RS256", "kid": signing_key(0).kid, "jwk": own.as_dict(private=False)}
    assert refusal(issuer.verifier(), jwt.encode(header, issuer.claims(), own)) == errors.TOKEN_INVALID


def test_a_changed_claim_breaks_the_signature(issuer):
    head, _, signature = issuer.token().split(".")
    body = b64(issuer.claims(realm_access={"roles": ["leader"]}))
    assert refusal(issuer.verifier(), f"{head}.{body}.{signature}") == errors.TOKEN_INVALID


@pytest.mark.parametrize("token", ["", "x", "a.b", "a.b.c", "....", "ệ.ệ.ệ", "e30.e30.e30", "x" * 9000, "W10.W10.W10"])
def test_nonsense_is_refused(issuer, token):
    assert refusal(issuer.verifier(), token) == errors.TOKEN_INVALID
    assert issuer.requests == 0


def test_many_calls_ask_the_issuer_once(issuer):
    verifier = issuer.verifier()
    for number in range(30):
        verifier.verify(issuer.token(sub=f"s-{number}"))
    assert verifier.fetches == issuer.requests == 1


def test_parallel_first_calls_ask_the_issuer_once(issuer):
    issuer.delay_seconds = 0.2
    verifier = issuer.verifier()
    tokens = [issuer.token(sub=f"s-{number}") for number in range(16)]
    with ThreadPoolExecutor(16) as pool:
        callers = list(pool.map(verifier.verify, tokens))
    assert [caller.subject for caller in callers] == [f"s-{number}" for number in range(16)]
    assert verifier.fetches == issuer.requests == 1


def test_a_new_key_is_fetched_once_by_parallel_calls(issuer):
    verifier = issuer.verifier(refresh_interval_seconds=0)
    verifier.verify(issuer.token())
    issuer.rotate()
    issuer.delay_seconds = 0.2
    tokens = [issuer.token(sub=f"s-{number}") for number in range(16)]
    with ThreadPoolExecutor(16) as pool:
        assert len(list(pool.map(verifier.verify, tokens))) == 16
    assert verifier.fetches == 2


def test_known_keys_do_not_wait_for_a_slow_fetch(issuer):
    verifier = issuer.verifier(refresh_interval_seconds=0)
    known = [issuer.token(sub="a"), issuer.token(sub="b")]
    verifier.verify(known[0])
    issuer.rotate()
    issuer.delay_seconds = 1.0
    slow = threading.Thread(target=verifier.verify, args=(issuer.token(),))
    slow.start()
    time.sleep(0.1)
    began = time.monotonic()
    verifier.verify(known[1])
    assert time.monotonic() - began < 0.5
    slow.join()


def test_made_up_key_ids_do_not_become_requests(issuer):
    verifier = issuer.verifier(refresh_interval_seconds=60)
    verifier.verify(issuer.token())
    for number in range(20):
        assert refusal(verifier, issuer.token(headers={"kid": f"made-up-{number}"})) == errors.TOKEN_INVALID
    assert verifier.fetches == 1


def test_a_key_taken_out_of_the_set_is_forgotten_when_the_keys_are_old(issuer, fixed_clock):
    verifier = issuer.verifier(refresh_interval_seconds=0, keys_age_seconds=0)
    old = issuer.token()
    verifier.verify(old)
    issuer.current, issuer.published = 1, [1]
    fixed_clock.advance(timedelta(seconds=61))  # beyond what is remembered
    assert refusal(verifier, old) == errors.TOKEN_INVALID


def test_with_keys_at_hand_a_broken_issuer_does_not_matter(issuer, fixed_clock):
    verifier = issuer.verifier(refresh_interval_seconds=0, keys_age_seconds=0)
    verifier.verify(issuer.token())
    issuer.is_broken = True
    assert verifier.verify(issuer.token(sub="later")).subject == "later"
    assert verifier.fetches > 1


def test_without_any_key_the_answer_is_unavailable_and_heals(issuer):
    issuer.is_broken = True
    verifier = issuer.verifier(refresh_interval_seconds=0)
    assert refusal(verifier, issuer.token()) == errors.UNAVAILABLE
    issuer.is_broken = False
    assert verifier.verify(issuer.token())


def test_an_issuer_that_does_not_listen_is_unavailable(issuer):
    verifier = issuer.verifier(jwks_url="http://127.0.0.1:9/certs")
    assert refusal(verifier, issuer.token()) == errors.UNAVAILABLE


def test_asyncio_goes_on_while_the_issuer_is_asked(issuer):
    issuer.delay_seconds = 0.3
    verifier = issuer.verifier()

    async def story():
        beats = 0
        task = asyncio.ensure_future(verifier.verify_async(issuer.token()))
        while not task.done():
            await asyncio.sleep(0.02)
            beats += 1
        caller = await task
        assert caller == await verifier.verify_async(caller.token)
        return beats

    assert asyncio.run(story()) > 5
    assert verifier.fetches == 1


def test_asyncio_refuses_nonsense_too(issuer):
    with pytest.raises(DomainError) as caught:
        asyncio.run(issuer.verifier().verify_async("a.b.c"))
    assert caught.value.reason == errors.TOKEN_INVALID


def test_the_memory_of_tokens_is_bounded(issuer, monkeypatch):
    monkeypatch.setattr("songcau_kit.tokens.REMEMBERED_TOKENS", 3)
    verifier = issuer.verifier()
    for number in range(10):
        verifier.verify(issuer.token(sub=f"s-{number}"))
    assert len(verifier._remembered._memories) == 3

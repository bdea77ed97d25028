"""A session that ended is over in every process: what is remembered, for whom, and for how long."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from joserfc import jwk, jwt
from songcau_gateway.ended_sessions import REMEMBERED_SECONDS, EndedSessions
from songcau_kit.caller import Caller
from songcau_kit.clock import FixedClock
from songcau_kit.errors import DomainError
from songcau_kit.logout_tokens import EVENT, LogoutTokenVerifier, SessionEnd

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
NOW = AT.timestamp()
CALLER = Caller(
    subject="person",
    client_id="citizen-app",
    roles=frozenset(),
    scopes=frozenset(),
    attributes={},
    acr="aal1",
    auth_time=AT - timedelta(minutes=10),
    session_id="session-1",
    token="",
)


@pytest.fixture
def clock():
    return FixedClock(AT)


@pytest.fixture
def ended(clock):
    return EndedSessions(clock)


def test_the_named_session_is_over_and_no_other(ended):
    assert ended.add(SessionEnd("person", "session-1", NOW)) is True
    assert ended.holds(CALLER)
    assert not ended.holds(replace(CALLER, session_id="session-2"))


def test_an_end_is_news_once(ended):
    ended.add(SessionEnd("person", "session-1", NOW))
    assert ended.add(SessionEnd("person", "session-1", NOW)) is False


def test_an_end_without_a_session_ends_all_that_began_before(ended):
    ended.add(SessionEnd("person", None, NOW))
    assert ended.holds(CALLER)
    assert not ended.holds(replace(CALLER, auth_time=AT + timedelta(seconds=1)))
    assert not ended.holds(replace(CALLER, subject="somebody else"))


def test_an_end_is_forgotten_after_every_token_of_it_has(ended, clock):
    ended.add(SessionEnd("person", "session-1", NOW))
    clock.advance(timedelta(seconds=REMEMBERED_SECONDS + 1))
    ended.add(SessionEnd("person", "session-2", clock.now().timestamp()))
    assert not ended.holds(CALLER)


class TestLogoutTokens:
    KEY = jwk.RSAKey.generate_key(2048, {"kid": "k1"}, private=True)
    GOOD: ClassVar[dict[str, object]] = {
        "iss": "https://id.example/realms/songcau",
        "aud": "citizen-app",
        "iat": int(NOW),
        "exp": int(NOW) + 120,
        "jti": "1",
        "sub": "person",
        "sid": "session-1",
        "events": {EVENT: {}},
    }

    def verifier(self, clock):
        verifier = LogoutTokenVerifier(
            issuer=self.GOOD["iss"], clients=frozenset({"citizen-app"}), jwks_url="http://127.0.0.1:1", clock=clock
        )
        verifier._keys._keys = {"k1": self.KEY}
        verifier._keys._loaded_at = verifier._keys._tried_at = float("inf")
        return verifier

    def verify(self, clock, claims):
        return self.verifier(clock).verify(jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.KEY))

    def test_a_good_one_names_the_session(self, clock):
        assert self.verify(clock, self.GOOD) == SessionEnd("person", "session-1", NOW)

    @pytest.mark.parametrize(
        "changes",
        [
            {"iss": "https://elsewhere.example"},
            {"aud": "another-app"},
            {"iat": int(NOW) - 600},
            {"iat": int(NOW) + 60},
            {"iat": None},
            {"exp": int(NOW) - 60},
            {"events": {}},
            {"events": None},
            {"nonce": "n"},
            {"sub": None, "sid": None},
        ],
    )
    def test_one_outside_the_rules_changes_nothing(self, clock, changes):
        claims = {name: value for name, value in (self.GOOD | changes).items() if value is not None}
        with pytest.raises(DomainError, match="TOKEN_INVALID"):
            self.verify(clock, claims)

    def test_an_access_token_is_no_logout_token(self, clock):
        claims = {name: value for name, value in self.GOOD.items() if name != "events"}
        with pytest.raises(DomainError, match="TOKEN_INVALID"):
            self.verify(clock, claims | {"typ": "Bearer"})

    def test_one_that_was_kept_stays_true_past_its_own_end_but_not_for_ever(self, clock):
        token = jwt.encode({"alg": "RS256", "kid": "k1"}, self.GOOD, self.KEY)
        clock.advance(timedelta(minutes=50))
        with pytest.raises(DomainError, match="TOKEN_INVALID"):
            self.verifier(clock).verify(token)
        told = self.verifier(clock).verify_kept(token, oldest_seconds=REMEMBERED_SECONDS)
        assert told == SessionEnd("person", "session-1", NOW)
        clock.advance(timedelta(minutes=11))
        with pytest.raises(DomainError, match="TOKEN_INVALID"):
            self.verifier(clock).verify_kept(token, oldest_seconds=REMEMBERED_SECONDS)


def test_the_issuer_s_word_is_kept_for_processes_that_start_later(ended):
    ended.add(SessionEnd("person", "session-1", NOW), "word-1")
    ended.add(SessionEnd("person", "session-2", NOW), "word-2")
    assert ended.logout_tokens() == ["word-1", "word-2"]

"""One sign-in from the broker's request to the broker's token: the use cases of the bridge."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from songcau_kit.clock import Clock
from songcau_kit.database import Database

from songcau_identity.bridge.errors import (
    Cause,
    Page,
    PageError,
    SignInRefusedError,
    TokenError,
    UpstreamError,
)
from songcau_identity.bridge.model import (
    CODE_LIFETIME,
    SIGN_IN_LIFETIME,
    TOKEN_LIFETIME,
    AuthorizationRequest,
    Grant,
    LinkedIdentity,
    SignIn,
    VneidIdentity,
)
from songcau_identity.bridge.vneid_client import refusal_cause
from songcau_identity.repositories import sign_ins as repository
from songcau_identity.repositories.sign_ins import Marks

KEPT_AFTER_END = timedelta(days=1)
Sign = Callable[[Mapping[str, Any]], str]


class Vneid(Protocol):
    """VNeID as the use cases need it."""

    def authorize_address(self, state: str) -> str:
        """Return where the person signs in."""

    def identify(self, code: str, encrypt_key: str) -> VneidIdentity:
        """Return who signed in."""


class Linker(Protocol):
    """CitizenService as the use cases need it."""

    def link(self, sign_in_id: UUID, identity: VneidIdentity, at: datetime) -> LinkedIdentity:
        """Return who it is on the platform."""


@dataclass(frozen=True)
class VneidAnswer:
    """What came back from VNeID with the person's browser."""

    state: str
    code: str
    encrypt_key: str
    error: str
    error_description: str


@dataclass(frozen=True)
class Tokens:
    """What the token endpoint gives; the lifetime in seconds."""

    access_token: str
    id_token: str
    expires_in: int


class SignIns:
    """Begins, answers and redeems sign-ins; any process of the bridge can take the next step of any."""

    def __init__(
        self, *, database: Database, clock: Clock, vneid: Vneid, linker: Linker, issuer: str, sign: Sign
    ) -> None:
        self._database = database
        self._clock = clock
        self._vneid = vneid
        self._linker = linker
        self._issuer = issuer
        self._sign = sign

    def begin(self, request: AuthorizationRequest, browser: str) -> str:
        """Remember the request and return where the person signs in at VNeID."""
        now, state = self._clock.now(), secrets.token_urlsafe(32)
        sign_in = SignIn(self._clock.new_id(), request)
        marks = Marks(digest(state), digest(browser))
        with self._database.transaction() as conn:
            repository.insert_sign_in(conn, sign_in, marks, at=now, until=now + SIGN_IN_LIFETIME)
            repository.prune(conn, now - KEPT_AFTER_END)
        return self._vneid.authorize_address(state)

    def answer(self, answer: VneidAnswer, browser: str) -> tuple[AuthorizationRequest, str]:
        """Take VNeID's answer and return the broker's request with a code for it.

        Raises PageError where the answer belongs to no sign-in of this browser, SignInRefusedError otherwise.
        """
        now = self._clock.now()
        with self._database.transaction() as conn:
            sign_in = repository.claim_sign_in(conn, Marks(digest(answer.state), digest(browser)), now)
        if sign_in is None:
            raise PageError(Page.WRONG_STATE)
        request = sign_in.request
        try:
            identity = self._identify(sign_in, answer)
        except UpstreamError as error:
            raise SignInRefusedError(error.cause, redirect_uri=request.redirect_uri, state=request.state) from None
        code = secrets.token_urlsafe(32)
        with self._database.transaction() as conn:
            repository.put_code(conn, sign_in.sign_in_id, identity, digest(code), self._clock.now() + CODE_LIFETIME)
        return request, code

    def redeem(self, client_id: str, code: str, redirect_uri: str, verifier: str) -> Tokens:
        """Return tokens for a code; a second time or a wrong proof ends it. Raises TokenError."""
        now, access_token = self._clock.now(), secrets.token_urlsafe(32)
        with self._database.transaction() as conn:
            grant = repository.find_grant_for_update(conn, digest(code))
            is_good = grant is not None and proves(grant, client_id, redirect_uri, verifier, now)
            if grant is not None and grant.is_redeemed:
                repository.revoke(conn, grant.sign_in_id, now)
            elif grant is not None:
                token_digest = digest(access_token) if is_good else None
                until = now + TOKEN_LIFETIME
                repository.redeem(conn, grant.sign_in_id, at=now, token_digest=token_digest, until=until)
        if grant is None or grant.is_redeemed or not is_good:
            raise TokenError("invalid_grant")
        return Tokens(access_token, self._id_token(grant, now), int(TOKEN_LIFETIME.total_seconds()))

    def describe(self, access_token: str) -> Mapping[str, str]:
        """Return the userinfo claims of a living access token: ids and levels only. Raises TokenError."""
        with self._database.read() as conn:
            identity = repository.find_identity(conn, digest(access_token), self._clock.now())
        if identity is None:
            raise TokenError("invalid_token", status=401)
        return identity_claims(identity)

    def _identify(self, sign_in: SignIn, answer: VneidAnswer) -> LinkedIdentity:
        if answer.error:
            raise UpstreamError(refusal_cause(answer.error, answer.error_description))
        if not answer.code:
            raise UpstreamError(Cause.VNEID_ANSWER_INVALID)
        identity = self._vneid.identify(answer.code, answer.encrypt_key)
        return self._linker.link(sign_in.sign_in_id, identity, self._clock.now())

    def _id_token(self, grant: Grant, now: datetime) -> str:
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": grant.request.client_id,
            "iat": int(now.timestamp()),
            "exp": int((now + TOKEN_LIFETIME).timestamp()),
            "auth_time": int(grant.identity.authenticated_at.timestamp()),
            "acr": f"aal{int(grant.identity.authentication_level)}",
            **identity_claims(grant.identity),
        }
        return self._sign(claims | ({"nonce": grant.request.nonce} if grant.request.nonce else {}))


def identity_claims(identity: LinkedIdentity) -> dict[str, str]:
    """Return what a broker may know: never a number, a name or a birth date."""
    return {
        "sub": str(identity.citizen_id),
        "citizen_id": str(identity.citizen_id),
        "ial": str(int(identity.identity_level)),
        "acct_type": identity.account_kind.value,
    }


def proves(grant: Grant, client_id: str, redirect_uri: str, verifier: str, now: datetime) -> bool:
    """Say whether who redeems a code is who asked for it, in time (RFC 6749 4.1.3, RFC 7636 4.6)."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    return (
        now < grant.code_expires_at
        and grant.request.client_id == client_id
        and grant.request.redirect_uri == redirect_uri
        and hmac.compare_digest(grant.request.code_challenge, challenge)
    )


def digest(secret: str) -> bytes:
    """Return what stands for a secret in the database; the secrets have 256 random bits, so no salt is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()

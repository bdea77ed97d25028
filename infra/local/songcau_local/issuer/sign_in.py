"""Signing in, without HTTP: what the authorization endpoint may grant and what a finished sign-in becomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import uuid4

from .accounts import Account, Accounts
from .broker import Broker, BrokerError, challenge_of, new_secret
from .grants import Authorization, Brokering, Code, FailedSignIns, Session, Sessions, Vault
from .realm import Client, Realm

CHALLENGE_LENGTH = 43


class RequestError(Exception):
    """A request that must be answered with an OAuth error (RFC 6749 section 4.1.2.1 or 5.2)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@dataclass(frozen=True)
class Memory:
    """What the issuer remembers between requests."""

    codes: Vault[Code]
    pending: Vault[Authorization]
    brokering: Vault[Brokering]
    sessions: Sessions
    failures: FailedSignIns


class SignIn:
    """The rules of signing in at the realm."""

    def __init__(self, realm: Realm, accounts: Accounts, broker: Broker, now: Callable[[], float]) -> None:
        self.realm = realm
        self._accounts = accounts
        self._broker = broker
        self._now = now
        self.memory = Memory(
            codes=Vault(realm.code_seconds, now),
            pending=Vault(900, now),
            brokering=Vault(900, now),
            sessions=Sessions(idle_seconds=realm.idle_seconds, max_seconds=realm.max_session_seconds, now=now),
            failures=FailedSignIns(limit=realm.failure_factor, wait_seconds=realm.failure_wait_seconds, now=now),
        )

    def known_redirect(self, query: Mapping[str, str]) -> Client:
        """Return the client whose exact redirect address the request names; raises RequestError, never redirects."""
        client = self.realm.clients.get(query.get("client_id", ""))
        if client is None or query.get("redirect_uri") not in client.redirect_uris:
            raise RequestError("invalid_request", "unknown client or redirect address")
        return client

    def read_authorization(self, client: Client, query: Mapping[str, str]) -> Authorization:
        """Return the checked request; raises RequestError for what is sent back to the app."""
        if query.get("response_type") != "code":
            raise RequestError("unsupported_response_type", "only the authorization code flow is offered")
        challenge = query.get("code_challenge", "")
        if query.get("code_challenge_method") != "S256" or len(challenge) != CHALLENGE_LENGTH:
            raise RequestError("invalid_request", "PKCE with S256 is required")
        return Authorization(
            client_id=client.client_id,
            redirect_uri=query["redirect_uri"],
            scopes=granted_scopes(client, query.get("scope", "openid")),
            state=query.get("state", ""),
            nonce=query.get("nonce", ""),
            code_challenge=challenge,
        )

    def to_bridge(self, authorization: Authorization) -> str:
        """Return the bridge's address for this sign-in."""
        brokering = Brokering(authorization, verifier=new_secret(), nonce=new_secret())
        state = self.memory.brokering.keep(brokering)
        return self._broker.address(state=state, nonce=brokering.nonce, verifier=brokering.verifier)

    def from_bridge(self, brokering: Brokering, code: str) -> str:
        """Return our own code for a person the bridge vouches for; raises BrokerError."""
        claims = self._broker.redeem(code, verifier=brokering.verifier, nonce=brokering.nonce)
        copied = {name: str(claims[name]) for name in self.realm.provider.claims if claims.get(name)}
        if "citizen_id" not in copied:
            raise BrokerError("the bridge named no citizen")
        account = self._accounts.brokered(str(claims["sub"]), role=self.realm.provider.role, attributes=copied)
        # As in the realm: who else vouched, and how surely, does not raise the level of this sign-in.
        return self.code_for(brokering.authorization, account, acr="aal1")

    def with_password(self, authorization: Authorization, form: Mapping[str, str]) -> str | None:
        """Return a code where the password is right (aal2 with the second factor), None where it is not.

        None too where the client demands the second factor and there is none.
        """
        username = form.get("username", "").strip()
        if self.memory.failures.is_locked(username):
            return None
        staff = self._accounts.authenticate(username, form.get("password", ""))
        one_time_code = form.get("one_time_code", "").strip()
        if staff is None or (one_time_code and one_time_code != staff.one_time_code):
            self.memory.failures.failed(username)
            return None
        if not one_time_code and self.realm.clients[authorization.client_id].demands_second_factor:
            return None
        self.memory.failures.succeeded(username)
        return self.code_for(authorization, staff.account, acr="aal2" if one_time_code else "aal1")

    def code_for(self, authorization: Authorization, account: Account, *, acr: str) -> str:
        """Return a single-use code for a finished sign-in."""
        session = Session(
            session_id=str(uuid4()),
            account=account,
            client_id=authorization.client_id,
            scopes=authorization.scopes,
            acr=acr,
            auth_time=int(self._now()),
            nonce=authorization.nonce,
        )
        return self.memory.codes.keep(Code(authorization, session))

    def redeem(self, client: Client, form: Mapping[str, str]) -> Session:
        """Exchange a code (once, by its client, with its verifier) for a session; raises RequestError."""
        code = self.memory.codes.take(form.get("code", ""))
        if code is None or code.authorization.client_id != client.client_id:
            raise RequestError("invalid_grant", "the code is unknown, used or old")
        if code.authorization.redirect_uri != form.get("redirect_uri"):
            raise RequestError("invalid_grant", "the redirect address is not the one of the request")
        if challenge_of(form.get("code_verifier", "")) != code.authorization.code_challenge:
            raise RequestError("invalid_grant", "the code verifier does not match")
        return self.memory.sessions.open(code.session)

    def refresh(self, client: Client, session_id: str, refresh_id: str) -> Session:
        """Return the session with its next refresh token; raises RequestError, and ends it, where one is used twice."""
        renewed = self.memory.sessions.rotate(session_id, refresh_id)
        if renewed is None or renewed.client_id != client.client_id:
            raise RequestError("invalid_grant", "the refresh token is unknown, used or old")
        return renewed

    def service_session(self, client: Client, scope: str) -> Session:
        """Return the session of a system acting for itself; it has no refresh token. Raises RequestError."""
        if client.public or not client.service_account:
            raise RequestError("unauthorized_client", "this client has no account of its own")
        account = Account(
            subject=f"service-account-{client.client_id}",
            username=f"service-account-{client.client_id}",
            roles=tuple(sorted(client.service_roles)),
            attributes=client.service_attributes,
        )
        scopes = granted_scopes(client, scope) - {"openid"}
        return Session(str(uuid4()), account, client.client_id, scopes, acr="aal1", auth_time=int(self._now()))


def granted_scopes(client: Client, asked: str) -> frozenset[str]:
    """Return the asked scopes the client may have; raises RequestError for one it may not."""
    names = frozenset(asked.split())
    if unknown := names - client.scopes - {"openid"}:
        raise RequestError("invalid_scope", f"not for this client: {' '.join(sorted(unknown))}")
    return names

"""What the bridge knows of a sign-in; nothing personal outlives the request that brought it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from songcau_kit.personal import Personal

from songcau_identity.model import AccountKind, AuthenticationLevel, IdentityLevel
from songcau_identity.paper_numbers import StatedPaper

SIGN_IN_LIFETIME = timedelta(minutes=10)
CODE_LIFETIME = timedelta(seconds=60)
TOKEN_LIFETIME = timedelta(minutes=5)


@dataclass(frozen=True)
class AuthorizationRequest:
    """What a broker asked for, checked."""

    client_id: str
    redirect_uri: str
    state: str
    nonce: str
    code_challenge: str


@dataclass(frozen=True)
class SignIn:
    """A sign-in that waits for VNeID's answer."""

    sign_in_id: UUID
    request: AuthorizationRequest


@dataclass(frozen=True)
class VneidIdentity:
    """What VNeID said about the person or organisation at the other end."""

    account_kind: AccountKind
    identity_level: IdentityLevel
    number: Personal = field(repr=False)
    full_name: Personal = field(repr=False)
    birth_date: Personal = field(repr=False)
    nationality: str = field(default="", repr=False)  # of a foreigner, three letters
    papers: tuple[StatedPaper, ...] = field(default=(), repr=False)

    @property
    def authentication_level(self) -> AuthenticationLevel:
        """The assurance of this sign-in: an account proven in person at the police carries its second factor."""
        return AuthenticationLevel(int(self.identity_level))


@dataclass(frozen=True)
class LinkedIdentity:
    """Who signed in, as the platform knows them."""

    citizen_id: UUID
    account_kind: AccountKind
    identity_level: IdentityLevel
    authentication_level: AuthenticationLevel
    authenticated_at: datetime


@dataclass(frozen=True)
class Grant:
    """A code that was issued, as the token endpoint finds it again."""

    sign_in_id: UUID
    request: AuthorizationRequest
    identity: LinkedIdentity
    code_expires_at: datetime
    is_redeemed: bool

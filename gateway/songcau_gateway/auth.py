"""Who may call a route: the access token is verified in this process, roles and scopes are declared per route."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fastapi import Request
from songcau_kit.assisted_acts import ASSISTANCE_SCOPE, HELPER_ROLES
from songcau_kit.caller import Caller
from songcau_kit.errors import TOKEN_INVALID, UNAUTHENTICATED, DomainError, Status

from songcau_gateway.ended_sessions import EndedSessions
from songcau_gateway.errors import ROLE_MISSING, SCOPE_MISSING, SESSION_ENDED, RefusalError
from songcau_gateway.exchange import ASSISTED_ACT_HEADER, exchange_of

REASONS = (
    "UNAUTHENTICATED",
    "TOKEN_EXPIRED",
    "TOKEN_INVALID",
    "SESSION_ENDED",
    "PERMISSION_DENIED",
    "ROLE_MISSING",
    "SCOPE_MISSING",
)
_REALM = 'Bearer realm="songcau"'


class Verifier(Protocol):
    """What the gateway needs of the kit's TokenVerifier."""

    async def verify_async(self, token: str) -> Caller:
        """Return the caller of a good token; raise a DomainError otherwise."""


@dataclass(frozen=True)
class Rule:
    """Who may call: any one of the roles with any one of the scopes; or anybody."""

    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    public: bool = False
    on_behalf: bool = False  # may be done in the name of another whom the caller stands for
    assisted: bool = False  # may be done by a helper who names an act the citizen confirmed

    def __post_init__(self) -> None:
        if self.public == bool(self.roles or self.scopes):
            raise ValueError("a rule is public or names roles and scopes")


PUBLIC = Rule(public=True)


def allow(
    *roles: str, scope: str, or_scope: str | None = None, on_behalf: bool = False, assisted: bool = False
) -> Rule:
    """Return the rule: any of the roles, with this scope or the other."""
    scopes = frozenset(filter(None, (scope, or_scope)))
    return Rule(roles=frozenset(roles), scopes=scopes, on_behalf=on_behalf, assisted=assisted)


HELPERS = Rule(roles=HELPER_ROLES, scopes=frozenset({ASSISTANCE_SCOPE}))
"""Who carries out a confirmed act on a route that knows of it, instead of whom the route lets in."""


@dataclass
class AccessGate:
    """Verifies the token and checks it against the rule of the route; a public route looks at no token."""

    rule: Rule
    verifier: Verifier
    ended: EndedSessions
    reasons: Sequence[str] = field(init=False)

    def __post_init__(self) -> None:
        own = (
            "UNAUTHENTICATED",
            "TOKEN_EXPIRED",
            "TOKEN_INVALID",
            "SESSION_ENDED",
            "PERMISSION_DENIED",
            "ROLE_MISSING",
            "SCOPE_MISSING",
        )
        self.reasons = () if self.rule.public else own

    async def open(self, request: Request) -> None:
        """Check the caller; the answer names what is missing (RFC 6750)."""
        if self.rule.public:
            return
        caller = await self._verify(bearer_token(request))
        exchange_of(request).caller = caller
        rule = HELPERS if self.rule.assisted and ASSISTED_ACT_HEADER in request.headers else self.rule
        scopes = " ".join(sorted(rule.scopes))
        if caller.scopes.isdisjoint(rule.scopes):
            raise _insufficient(DomainError(SCOPE_MISSING, details={"scopes": scopes}), scopes)
        if rule.roles and not caller.has_role(*rule.roles):
            roles = ", ".join(sorted(rule.roles))
            raise _insufficient(DomainError(ROLE_MISSING, details={"roles": roles}), scopes)

    async def _verify(self, token: str) -> Caller:
        try:
            caller = await self.verifier.verify_async(token)
            if not self.ended.is_complete:  # the request came before the load balancer should have sent it
                await self.ended.wait_until_complete()
            if self.ended.holds(caller):
                raise DomainError(SESSION_ENDED)
            return caller
        except DomainError as error:
            if error.reason.status is not Status.UNAUTHENTICATED:
                raise
            raise RefusalError(error, headers={"www-authenticate": f'{_REALM}, error="invalid_token"'}) from error


def _insufficient(error: DomainError, scopes: str) -> RefusalError:
    challenge = f'{_REALM}, error="insufficient_scope", scope="{scopes}"'
    return RefusalError(error, headers={"www-authenticate": challenge})


def bearer_token(request: Request) -> str:
    """Return the token of the Authorization header; raise UNAUTHENTICATED with a bare challenge where there is none."""
    headers = request.headers.getlist("authorization")
    if not headers:
        raise RefusalError(UNAUTHENTICATED, headers={"www-authenticate": _REALM})
    scheme, _, token = headers[0].partition(" ")
    if len(headers) != 1 or scheme.lower() != "bearer" or not token.strip():
        raise RefusalError(TOKEN_INVALID, headers={"www-authenticate": f'{_REALM}, error="invalid_request"'})
    return token.strip()

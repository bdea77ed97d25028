"""Who calls: the facts of a verified access token, in words the rest of the platform uses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Assistant:
    """Who helps the citizen of an assisted session: subject of the token, UPPER_SNAKE kind, agencies with commas."""

    subject: str
    kind: str
    organization: str


@dataclass(frozen=True)
class Caller:
    """The person or system behind a call; built by the TokenVerifier only, or by a test."""

    subject: str
    client_id: str
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    acr: str | None = None
    auth_time: datetime | None = None
    session_id: str | None = None
    token: str = field(default="", repr=False)

    def attribute(self, name: str) -> str | None:
        """Return the first value of an attribute, or None where the token does not carry it."""
        values = self.values(name)
        return values[0] if values else None

    def values(self, name: str) -> tuple[str, ...]:
        """Return every value of an attribute, none where the token does not carry it."""
        return self.attributes.get(name, ())

    def has_role(self, *roles: str) -> bool:
        """Say whether the caller has at least one of these roles."""
        return not self.roles.isdisjoint(roles)

    def has_scope(self, *scopes: str) -> bool:
        """Say whether the token carries every one of these scopes."""
        return self.scopes.issuperset(scopes)

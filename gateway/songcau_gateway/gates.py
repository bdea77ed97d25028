"""Gates are passed before a body is read: each checks one thing and writes it into the exchange."""

import re
from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from fastapi import Request
from songcau_kit.clock import Clock
from songcau_kit.errors import (
    ASSISTED_ACT_NOT_POSSIBLE,
    AUTHENTICATION_INSUFFICIENT,
    ON_BEHALF_NOT_POSSIBLE,
    VERSION_REQUIRED,
    DomainError,
    Violation,
)
from songcau_kit.step_up import StepUp

from songcau_gateway.errors import (
    ASSISTED_ACT_INVALID,
    IDEMPOTENCY_KEY_INVALID,
    IDEMPOTENCY_KEY_MISSING,
    IF_MATCH_INVALID,
    ON_BEHALF_OF_INVALID,
    PURPOSE_REQUIRED,
    PURPOSE_UNKNOWN,
    QUERY_PARAMETER_UNKNOWN,
)
from songcau_gateway.exchange import ASSISTED_ACT_HEADER, exchange_of

PURPOSES = ("DOSSIER_PROCESSING", "COUNTER_ASSISTANCE", "CARE", "DATA_SUBJECT_REQUEST", "INSPECTION")
# Who must say why they look at a citizen's data.
PURPOSE_ROLES = ("officer", "leader", "station-officer", "clinician", "facility-manager", "data-officer")
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_STRONG_TAG = re.compile(r'"v([1-9][0-9]{0,17})"')
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Gate(Protocol):
    """One check; raises a DomainError when the request may not pass."""

    @property
    def reasons(self) -> Sequence[str]:
        """Return what it may refuse with."""

    async def open(self, request: Request) -> None:
        """Check the request."""


class QueryGate:
    """Refuses query parameters the route does not declare, repeated ones, and characters no text has."""

    reasons = (QUERY_PARAMETER_UNKNOWN.code,)

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed

    async def open(self, request: Request) -> None:
        """Check the names and the characters of the query."""
        if not request.scope["query_string"]:
            return
        seen: set[str] = set()
        violations: list[Violation] = []
        for name, value in request.query_params.multi_items():
            if name not in self._allowed or name in seen or _CONTROL.search(value):
                violations.append(
                    Violation(f"#query/{_printable(name)}", "UNKNOWN" if name not in seen else "REPEATED")
                )
            seen.add(name)
        if violations:
            raise DomainError(QUERY_PARAMETER_UNKNOWN, violations=violations)


class IdempotencyGate:
    """Takes the Idempotency-Key; the services remember it, scoped to caller and method."""

    reasons = (
        IDEMPOTENCY_KEY_MISSING.code,
        IDEMPOTENCY_KEY_INVALID.code,
        "IDEMPOTENCY_KEY_REUSED",
        "IDEMPOTENCY_KEY_IN_PROGRESS",
    )

    async def open(self, request: Request) -> None:
        """Check the form of the key."""
        keys = request.headers.getlist("idempotency-key")
        if not keys:
            raise DomainError(IDEMPOTENCY_KEY_MISSING)
        if len(keys) != 1 or not _KEY.fullmatch(keys[0]):
            raise DomainError(IDEMPOTENCY_KEY_INVALID)
        exchange_of(request).request_id = keys[0]


class VersionGate:
    """Takes the version an edit or a move starts from out of If-Match."""

    reasons = (VERSION_REQUIRED.code, IF_MATCH_INVALID.code, "VERSION_CONFLICT")

    def __init__(self, *, required: bool = True) -> None:
        self._required = required

    async def open(self, request: Request) -> None:
        """Check the form of the tag; `*` and weak tags name no version."""
        tag = request.headers.get("if-match", "").strip()
        if not tag and not self._required:
            return
        if not tag:
            raise DomainError(VERSION_REQUIRED)
        found = _STRONG_TAG.fullmatch(tag)
        if not found:
            raise DomainError(IF_MATCH_INVALID)
        exchange_of(request).expected_version = int(found[1])


class PurposeGate:
    """Takes the purpose that officers and clinicians name; it appears in the citizen's access list."""

    reasons = (PURPOSE_REQUIRED.code, PURPOSE_UNKNOWN.code)

    def __init__(self, *, required: bool) -> None:
        self._required = required

    async def open(self, request: Request) -> None:
        """Check the purpose against the closed list."""
        exchange = exchange_of(request)
        purpose = request.headers.get("x-access-purpose", "").strip()
        if purpose and purpose not in PURPOSES:
            raise DomainError(PURPOSE_UNKNOWN)
        is_helping = ASSISTED_ACT_HEADER in request.headers  # the help itself is the purpose
        roles = exchange.caller.roles if exchange.caller and not is_helping else frozenset()
        if not purpose and self._required and must_name_purpose(roles):
            raise DomainError(PURPOSE_REQUIRED)
        exchange.purpose = purpose or None


class OnBehalfGate:
    """Takes whom the caller says to act for; the service asks whether that is so.

    A route which does not know of it refuses, as it would do to the caller what was meant for somebody else.
    """

    def __init__(self, *, is_possible: bool) -> None:
        self._is_possible = is_possible
        possible = (ON_BEHALF_OF_INVALID.code, "NOT_REPRESENTED")
        self.reasons: Sequence[str] = possible if is_possible else (ON_BEHALF_NOT_POSSIBLE.code,)

    async def open(self, request: Request) -> None:
        """Check that there is one id at most, where one may be."""
        given = request.headers.getlist("x-on-behalf-of")
        if not given:
            return
        if not self._is_possible:
            raise DomainError(ON_BEHALF_NOT_POSSIBLE)
        try:
            (text,) = given
            exchange_of(request).on_behalf_of = UUID(text.strip())
        except ValueError:
            raise DomainError(ON_BEHALF_OF_INVALID) from None


class AssistedActGate:
    """Takes which act, confirmed by a citizen in an assisted session, a helper carries out; the service asks the rest.

    A route which does not know of it refuses.
    """

    def __init__(self, *, is_possible: bool) -> None:
        self._is_possible = is_possible
        possible = (
            ASSISTED_ACT_INVALID.code,
            "ASSISTED_ACT_NOT_CONFIRMED",
            "ASSISTED_ACT_DIFFERS",
            "ASSISTED_ACT_OVER",
            "ASSISTED_ACT_USED",
            ASSISTED_ACT_NOT_POSSIBLE.code,
        )
        self.reasons: Sequence[str] = possible if is_possible else (ASSISTED_ACT_NOT_POSSIBLE.code,)

    async def open(self, request: Request) -> None:
        """Check that there is one id at most, where one may be, and nobody beside it who is represented."""
        given = request.headers.getlist(ASSISTED_ACT_HEADER)
        if not given:
            return
        if not self._is_possible or exchange_of(request).on_behalf_of is not None:
            raise DomainError(ASSISTED_ACT_NOT_POSSIBLE)
        try:
            (text,) = given
            exchange_of(request).assisted_act = UUID(text.strip())
        except ValueError:
            raise DomainError(ASSISTED_ACT_INVALID) from None


class StepUpGate:
    """Asks for a sign-in of a level and not too old, for acts that do harm in wrong hands (RFC 9470)."""

    reasons = (AUTHENTICATION_INSUFFICIENT.code,)

    def __init__(self, step_up: StepUp, clock: Clock) -> None:
        self._step_up = step_up
        self._clock = clock

    async def open(self, request: Request) -> None:
        """Check the level and the age of the caller's sign-in."""
        caller = exchange_of(request).caller
        if caller is not None:
            self._step_up.check(caller, self._clock.now())


def must_name_purpose(roles: frozenset[str]) -> bool:
    """Say whether a holder of these roles looks at other people's data."""
    return not roles.isdisjoint(PURPOSE_ROLES)


def etag(version: int) -> str:
    """Return the strong ETag of a row version."""
    return f'"v{version}"'


def _printable(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "?", name)[:60]

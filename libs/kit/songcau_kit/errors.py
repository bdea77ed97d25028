"""The one internal error type: a stable reason, never a text for people; texts stand in the gateway's message files.

Exception
└── DomainError          a rule said no; leaves a service as a gRPC status with rich details
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """The statuses of google/rpc/code.proto that the platform uses."""

    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    NOT_FOUND = "NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    ABORTED = "ABORTED"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    RESOURCE_EXHAUSTED = "RESOURCE_EXHAUSTED"
    UNAVAILABLE = "UNAVAILABLE"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    INTERNAL = "INTERNAL"
    OUT_OF_RANGE = "OUT_OF_RANGE"


@dataclass(frozen=True)
class Reason:
    """A stable cause of refusal; `code` is unique in `domain` and never changes its meaning."""

    code: str
    status: Status
    domain: str
    meaning: str = field(compare=False)


class ReasonTable:
    """The reasons of one service, in the order they were written."""

    def __init__(self, service: str) -> None:
        self.domain = f"{service}.songcau"
        self._reasons: dict[str, Reason] = {}

    def add(self, code: str, status: Status, meaning: str) -> Reason:
        """Add and return a reason; raise ValueError where the code is taken or not UPPER_SNAKE."""
        if not code.replace("_", "").isalnum() or code != code.upper():
            raise ValueError(f"a reason is UPPER_SNAKE, not {code!r}")
        if code in self._reasons:
            raise ValueError(f"the reason {code} stands twice in {self.domain}")
        reason = self._reasons[code] = Reason(code, status, self.domain, meaning)
        return reason

    def find(self, code: str) -> Reason | None:
        """Return the reason of this code, if the table holds it."""
        return self._reasons.get(code)

    def __iter__(self) -> Iterator[Reason]:
        return iter(self._reasons.values())

    def __len__(self) -> int:
        return len(self._reasons)


@dataclass(frozen=True)
class Violation:
    """One wrong place of a request: an RFC 6901 pointer into the body, a stable code and a technical detail."""

    pointer: str
    code: str
    detail: str = ""


class DomainError(Exception):
    """A rule said no. Neither `details` nor `violations` may hold personal data; a Personal value in them raises."""

    def __init__(
        self, reason: Reason, *, violations: Sequence[Violation] = (), details: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(reason.code)
        self.reason = reason
        self.violations = tuple(violations)
        self.details = {name: str(value) for name, value in (details or {}).items()}


REASONS = ReasonTable("kit")

UNAUTHENTICATED = REASONS.add("UNAUTHENTICATED", Status.UNAUTHENTICATED, "the call carries no access token")
TOKEN_EXPIRED = REASONS.add("TOKEN_EXPIRED", Status.UNAUTHENTICATED, "the access token has expired")
TOKEN_INVALID = REASONS.add(
    "TOKEN_INVALID", Status.UNAUTHENTICATED, "the access token is not ours: signature, issuer, audience or form"
)
AUTHENTICATION_INSUFFICIENT = REASONS.add(
    "AUTHENTICATION_INSUFFICIENT",
    Status.UNAUTHENTICATED,
    "the act needs a stronger or fresher sign-in; details name acr_values and max_age",
)
PERMISSION_DENIED = REASONS.add("PERMISSION_DENIED", Status.PERMISSION_DENIED, "the caller may not call this method")
ON_BEHALF_NOT_POSSIBLE = REASONS.add(
    "ON_BEHALF_NOT_POSSIBLE", Status.PERMISSION_DENIED, "nobody does this in the name of another"
)
ASSISTED_ACT_NOT_POSSIBLE = REASONS.add(
    "ASSISTED_ACT_NOT_POSSIBLE", Status.PERMISSION_DENIED, "nobody does this in an assisted session"
)
ASSISTED_ACT_NOT_CONFIRMED = REASONS.add(
    "ASSISTED_ACT_NOT_CONFIRMED",
    Status.FAILED_PRECONDITION,
    "no such act of the caller's is known here as confirmed; a confirmation takes up to a second to arrive",
)
ASSISTED_ACT_DIFFERS = REASONS.add(
    "ASSISTED_ACT_DIFFERS", Status.FAILED_PRECONDITION, "the request is not the one the citizen confirmed"
)
ASSISTED_ACT_OVER = REASONS.add(
    "ASSISTED_ACT_OVER", Status.FAILED_PRECONDITION, "the session of the act has ended or its time has run out"
)
ASSISTED_ACT_USED = REASONS.add(
    "ASSISTED_ACT_USED", Status.FAILED_PRECONDITION, "the act was carried out before, under another idempotency key"
)
WORKLOAD_NOT_ALLOWED = REASONS.add(
    "WORKLOAD_NOT_ALLOWED", Status.PERMISSION_DENIED, "the process that calls may not call this method"
)
INVALID_REQUEST = REASONS.add("INVALID_REQUEST", Status.INVALID_ARGUMENT, "a field of the request is missing or wrong")
IDEMPOTENCY_KEY_REUSED = REASONS.add(
    "IDEMPOTENCY_KEY_REUSED", Status.FAILED_PRECONDITION, "the idempotency key was used before with another request"
)
IDEMPOTENCY_KEY_IN_PROGRESS = REASONS.add(
    "IDEMPOTENCY_KEY_IN_PROGRESS", Status.ABORTED, "a request with this idempotency key is still running"
)
VERSION_CONFLICT = REASONS.add("VERSION_CONFLICT", Status.ABORTED, "somebody changed the object since it was read")
VERSION_REQUIRED = REASONS.add(
    "VERSION_REQUIRED", Status.FAILED_PRECONDITION, "an edit or a move names the version it starts from"
)
RATE_LIMITED = REASONS.add("RATE_LIMITED", Status.RESOURCE_EXHAUSTED, "too many requests in a short time")
DEADLINE_EXCEEDED = REASONS.add("DEADLINE_EXCEEDED", Status.DEADLINE_EXCEEDED, "the answer did not come in time")
UNAVAILABLE = REASONS.add("UNAVAILABLE", Status.UNAVAILABLE, "the service cannot answer now; trying again may help")
AUDIT_LOG_STALE = REASONS.add(
    "AUDIT_LOG_STALE", Status.UNAVAILABLE, "nobody has vouched for the audit log for too long; such writes wait for it"
)
COPIES_STALE = REASONS.add(
    "COPIES_STALE",
    Status.UNAVAILABLE,
    "nothing was heard for too long of the service that says who may act for whom and who agreed to what",
)
INTERNAL = REASONS.add("INTERNAL", Status.INTERNAL, "a fault of the platform; the log has it under the correlation id")
PAYLOAD_TOO_LARGE = REASONS.add("PAYLOAD_TOO_LARGE", Status.OUT_OF_RANGE, "the request is larger than the method takes")
CURSOR_INVALID = REASONS.add("CURSOR_INVALID", Status.INVALID_ARGUMENT, "the page cursor is not one of ours")

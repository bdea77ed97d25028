"""The gateway's own reasons, and which HTTP status a reason of any service becomes."""

from collections.abc import Mapping, Sequence
from typing import Any

from songcau_kit.errors import DomainError, Reason, ReasonTable, Status, Violation

REASONS = ReasonTable("gateway")

ROUTE_NOT_FOUND = REASONS.add("ROUTE_NOT_FOUND", Status.NOT_FOUND, "no route has this path")
METHOD_NOT_ALLOWED = REASONS.add("METHOD_NOT_ALLOWED", Status.INVALID_ARGUMENT, "the path has no such method")
UNSUPPORTED_MEDIA_TYPE = REASONS.add(
    "UNSUPPORTED_MEDIA_TYPE", Status.INVALID_ARGUMENT, "the body is not of the type the route takes"
)
HEADERS_TOO_LARGE = REASONS.add("HEADERS_TOO_LARGE", Status.OUT_OF_RANGE, "too many or too long header lines")
REQUEST_TIMEOUT = REASONS.add("REQUEST_TIMEOUT", Status.DEADLINE_EXCEEDED, "the body did not arrive in time")
QUERY_PARAMETER_UNKNOWN = REASONS.add(
    "QUERY_PARAMETER_UNKNOWN", Status.INVALID_ARGUMENT, "the route has no such query parameter, or it came twice"
)
IDEMPOTENCY_KEY_MISSING = REASONS.add(
    "IDEMPOTENCY_KEY_MISSING", Status.INVALID_ARGUMENT, "a request that creates or moves names an Idempotency-Key"
)
IDEMPOTENCY_KEY_INVALID = REASONS.add(
    "IDEMPOTENCY_KEY_INVALID", Status.INVALID_ARGUMENT, "the Idempotency-Key is not 1 to 255 visible ASCII characters"
)
IF_MATCH_INVALID = REASONS.add("IF_MATCH_INVALID", Status.INVALID_ARGUMENT, "If-Match is not one strong ETag of ours")
PURPOSE_REQUIRED = REASONS.add(
    "PURPOSE_REQUIRED", Status.INVALID_ARGUMENT, "officers and clinicians name the purpose of an access"
)
ON_BEHALF_OF_INVALID = REASONS.add(
    "ON_BEHALF_OF_INVALID", Status.INVALID_ARGUMENT, "X-On-Behalf-Of holds one internal id"
)
ASSISTED_ACT_INVALID = REASONS.add(
    "ASSISTED_ACT_INVALID", Status.INVALID_ARGUMENT, "X-Assisted-Act holds one internal id"
)
PURPOSE_UNKNOWN = REASONS.add("PURPOSE_UNKNOWN", Status.INVALID_ARGUMENT, "the purpose is not on the closed list")
ROLE_MISSING = REASONS.add("ROLE_MISSING", Status.PERMISSION_DENIED, "the caller has none of the roles of the route")
SCOPE_MISSING = REASONS.add("SCOPE_MISSING", Status.PERMISSION_DENIED, "the token lacks a scope of the route")
SESSION_ENDED = REASONS.add(
    "SESSION_ENDED", Status.UNAUTHENTICATED, "the session was ended; its tokens are no longer taken"
)
ACCOUNT_NOT_FOUND = REASONS.add("ACCOUNT_NOT_FOUND", Status.NOT_FOUND, "the token issuer has no such account or link")
ACCOUNT_LINKED_ELSEWHERE = REASONS.add(
    "ACCOUNT_LINKED_ELSEWHERE", Status.ALREADY_EXISTS, "the identity is linked to this or another account already"
)
ISSUER_UNAVAILABLE = REASONS.add(
    "ISSUER_UNAVAILABLE", Status.UNAVAILABLE, "the token issuer did not take an account action"
)
ACCOUNT_KIND_MISMATCH = REASONS.add(
    "ACCOUNT_KIND_MISMATCH", Status.FAILED_PRECONDITION, "links are for citizens' accounts, agencies for those of staff"
)
ACCOUNT_PROTECTED = REASONS.add(
    "ACCOUNT_PROTECTED", Status.PERMISSION_DENIED, "no system acts on accounts that administer others"
)
ACCOUNT_ADMINISTRATION_OFF = REASONS.add(
    "ACCOUNT_ADMINISTRATION_OFF", Status.UNAVAILABLE, "this installation lets the gateway act on no account"
)
UPLOAD_INVALID = REASONS.add("UPLOAD_INVALID", Status.INVALID_ARGUMENT, "the multipart body is not as documented")
RATE_LIMITER_UNAVAILABLE = REASONS.add(
    "RATE_LIMITER_UNAVAILABLE", Status.UNAVAILABLE, "the rate limiter failed and is declared closed"
)

BY_STATUS: Mapping[Status, int] = {
    Status.INVALID_ARGUMENT: 400,
    Status.OUT_OF_RANGE: 400,
    Status.FAILED_PRECONDITION: 400,
    Status.UNAUTHENTICATED: 401,
    Status.PERMISSION_DENIED: 403,
    Status.NOT_FOUND: 404,
    Status.ALREADY_EXISTS: 409,
    Status.ABORTED: 409,
    Status.RESOURCE_EXHAUSTED: 429,
    Status.INTERNAL: 500,
    Status.UNAVAILABLE: 503,
    Status.DEADLINE_EXCEEDED: 504,
}
# HTTP knows finer statuses than gRPC; these reasons have one.
BY_CODE: Mapping[str, int] = {
    "METHOD_NOT_ALLOWED": 405,
    "REQUEST_TIMEOUT": 408,
    "VERSION_CONFLICT": 412,
    "PAYLOAD_TOO_LARGE": 413,
    "OBJECT_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "MEDIA_TYPE_NOT_ALLOWED": 415,
    "IDEMPOTENCY_KEY_REUSED": 422,
    "VERSION_REQUIRED": 428,
    "HEADERS_TOO_LARGE": 431,
    # Not the person was refused but this process: the installation is at fault.
    "WORKLOAD_NOT_ALLOWED": 500,
}


def http_status(reason: Reason, *, upstream: bool = False) -> int:
    """Return the HTTP status of a reason; the failure of an outside system is 502 or 504, never the platform's 5xx."""
    if upstream:
        return 504 if reason.status is Status.DEADLINE_EXCEEDED else 502
    return BY_CODE.get(reason.code) or BY_STATUS[reason.status]


class RefusalError(DomainError):
    """A refusal with what goes out beside the reason: headers, and the fresh state of a stale object."""

    def __init__(
        self,
        error: DomainError | Reason,
        *,
        headers: Mapping[str, str] | None = None,
        current: Mapping[str, Any] | None = None,
        violations: Sequence[Violation] = (),
    ) -> None:
        inner = error if isinstance(error, DomainError) else DomainError(error, violations=violations)
        super().__init__(inner.reason, violations=inner.violations, details=inner.details)
        self.headers = dict(headers or {})
        self.current = dict(current) if current is not None else None
        self.remote = isinstance(error, RemoteRefusalError)


class RemoteRefusalError(DomainError):
    """A service said no, or could not answer."""

    remote = True

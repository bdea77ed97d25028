"""Domain errors as gRPC statuses with rich details (google/rpc/error_details.proto), and back."""

from collections.abc import Mapping
from typing import Protocol

import grpc
import psycopg
import psycopg_pool
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from songcau_kit import errors
from songcau_kit.errors import DomainError, Reason, Status, Violation

DETAILS_KEY = "grpc-status-details-bin"
MOST_VIOLATIONS = 100  # the details travel in the metadata, which has a limit

Metadata = tuple[tuple[str, str | bytes], ...]


class AbortStatus(grpc.Status):
    """What a server hands to gRPC to end a call: code, text and trailing metadata."""

    def __init__(self, code: grpc.StatusCode, details: str, trailing_metadata: Metadata) -> None:
        self.code = code
        self.details = details
        self.trailing_metadata = trailing_metadata


class FailedCall(Protocol):
    """What a failed call of the synchronous and of the asyncio client have in common."""

    def code(self) -> grpc.StatusCode:
        """Return the status."""

    def details(self) -> str | None:
        """Return the text beside the status."""

    def trailing_metadata(self) -> object:
        """Return pairs of key and value, or None."""


def as_domain_error(error: Exception) -> DomainError:
    """Return the error a client may see: a domain error as it is, a lost database as UNAVAILABLE, the rest INTERNAL."""
    if isinstance(error, DomainError):
        return error
    # A commit that was cut off may have happened; clients repeat only reads and writes with an idempotency key.
    if isinstance(error, psycopg.OperationalError | psycopg_pool.PoolTimeout):
        return DomainError(errors.UNAVAILABLE)
    return DomainError(errors.INTERNAL)


def to_abort_status(error: DomainError, trailers: Mapping[str, str]) -> AbortStatus:
    """Return the status of a domain error, its details and the trailing metadata of the call."""
    reason = error.reason
    code = grpc.StatusCode[reason.status.name]
    rich = status_pb2.Status(code=code.value[0], message=reason.code)
    rich.details.add().Pack(
        error_details_pb2.ErrorInfo(reason=reason.code, domain=reason.domain, metadata=error.details)
    )
    if error.violations:
        fields = [
            error_details_pb2.BadRequest.FieldViolation(field=v.pointer, description=v.detail, reason=v.code)
            for v in error.violations[:MOST_VIOLATIONS]
        ]
        rich.details.add().Pack(error_details_pb2.BadRequest(field_violations=fields))
    return AbortStatus(code, reason.code, (*trailers.items(), (DETAILS_KEY, rich.SerializeToString())))


def from_rpc_error(error: FailedCall) -> DomainError:
    """Return the domain error a remote service raised, its reason kept; a failure of the way has a kit reason.

    Takes the error of the synchronous client (`grpc.RpcError`) as well as of the asyncio one (`AioRpcError`).
    """
    return _from_details(error) or DomainError(_transport_reason(error.code(), error.details() or ""))


def _from_details(error: FailedCall) -> DomainError | None:
    info, bad_request = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    try:
        rich = status_pb2.Status.FromString(dict(error.trailing_metadata() or ()).get(DETAILS_KEY, b""))  # type: ignore[call-overload]
        for detail in rich.details:
            if detail.Is(info.DESCRIPTOR):
                detail.Unpack(info)
            elif detail.Is(bad_request.DESCRIPTOR):
                detail.Unpack(bad_request)
    except DecodeError:
        return None
    if not info.reason:
        return None
    violations = [Violation(v.field, v.reason, v.description) for v in bad_request.field_violations]
    return DomainError(_reason(info, error.code()), violations=violations, details=dict(info.metadata))


def _reason(info: error_details_pb2.ErrorInfo, code: grpc.StatusCode) -> Reason:
    status = Status[code.name] if code.name in Status.__members__ else Status.INTERNAL
    return Reason(info.reason, status, info.domain, "as a remote service says")


def _transport_reason(code: grpc.StatusCode, text: str) -> Reason:
    """Name a failure that no handler raised: the connection, the deadline, gRPC's own limits."""
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return errors.PAYLOAD_TOO_LARGE if "larger than max" in text else errors.UNAVAILABLE
    return {
        grpc.StatusCode.UNAVAILABLE: errors.UNAVAILABLE,
        grpc.StatusCode.CANCELLED: errors.UNAVAILABLE,
        # Our servers say why in the details of every error. Without them it was the connection: a peer that is killed
        # while it answers ends its streams as UNKNOWN or INTERNAL.
        grpc.StatusCode.UNKNOWN: errors.UNAVAILABLE,
        grpc.StatusCode.INTERNAL: errors.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED: errors.DEADLINE_EXCEEDED,
    }.get(code, errors.INTERNAL)

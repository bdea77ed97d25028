"""One asyncio channel per service: deadlines and retries from the contract's policy file, the caller forwarded."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol, TypeVar

import grpc
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status.rpc_status import GRPC_DETAILS_METADATA_KEY
from google.rpc.status_pb2 import Status as RpcStatus
from songcau_kit.errors import DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE, Reason, Status, Violation

from songcau_gateway.errors import SERVICE_UNAVAILABLE, RemoteRefusal
from songcau_gateway.exchange import Exchange

_MEGABYTE = 1 << 20
R = TypeVar("R")


class Call(Protocol[R]):
    """The part of a grpc.aio call that is used here."""

    def __await__(self) -> Any: ...
    async def trailing_metadata(self) -> Any: ...


class ServiceChannel:
    """A connection to one service that is kept for the life of the process."""

    def __init__(self, name: str, address: str, policy: Mapping[str, Any] | None = None) -> None:
        self.name = name
        options: list[tuple[str, Any]] = [
            ("grpc.enable_retries", 1),
            ("grpc.max_receive_message_length", 32 * _MEGABYTE),
            ("grpc.keepalive_time_ms", 30_000),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 2_000),
        ]
        if policy:
            options.append(("grpc.service_config", json.dumps(policy)))
        self.channel = grpc.aio.insecure_channel(address, options=options)

    async def call(self, exchange: Exchange, method: Any, request: Any) -> Any:
        """Call a unary or client-streaming method and return its answer; note when the answer was a stored one."""
        running = method(request, metadata=_metadata(exchange), timeout=exchange.timeout_seconds)
        try:
            answer = await running
            trailing = await running.trailing_metadata()
        except grpc.aio.AioRpcError as error:
            raise refusal_of(error) from error
        exchange.replayed = any(key == "songcau-replayed" and value == "true" for key, value in trailing or ())
        return answer

    async def stream(self, exchange: Exchange, method: Any, request: Any) -> AsyncIterator[Any]:
        """Yield the messages of a server-streaming method."""
        running = method(request, metadata=_metadata(exchange), timeout=exchange.timeout_seconds)
        try:
            async for message in running:
                yield message
        except grpc.aio.AioRpcError as error:
            raise refusal_of(error) from error
        finally:
            running.cancel()

    async def check(self) -> bool:
        """Say whether the service answers that it serves."""
        try:
            stub = health_pb2_grpc.HealthStub(self.channel)
            answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=1.0)
        except grpc.aio.AioRpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    async def close(self) -> None:
        """Close the connection once running calls are done, after two seconds at most."""
        await self.channel.close(grace=2.0)


def _metadata(exchange: Exchange) -> list[tuple[str, str]]:
    pairs = [("songcau-correlation-id", exchange.correlation_id), ("traceparent", exchange.traceparent)]
    if exchange.caller:
        pairs.append(("authorization", f"Bearer {exchange.caller.token}"))
    if exchange.purpose:
        pairs.append(("songcau-purpose", exchange.purpose))
    return pairs


def refusal_of(error: grpc.aio.AioRpcError) -> RemoteRefusal:
    """Return what a service said no with; a service that cannot be reached is SERVICE_UNAVAILABLE."""
    for key, value in error.trailing_metadata() or ():
        if key == GRPC_DETAILS_METADATA_KEY:
            found = _read_details(value if isinstance(value, bytes) else value.encode())
            if found:
                return found
    if error.code() is grpc.StatusCode.UNAVAILABLE:
        return RemoteRefusal(SERVICE_UNAVAILABLE)
    if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
        return RemoteRefusal(DEADLINE_EXCEEDED)
    return RemoteRefusal(UNAVAILABLE if error.code() is grpc.StatusCode.CANCELLED else INTERNAL)


def _read_details(blob: bytes) -> RemoteRefusal | None:
    status = RpcStatus.FromString(blob)
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status.details:
        detail.Unpack(info) if detail.Is(info.DESCRIPTOR) else detail.Unpack(bad)
    name = grpc_status_name(status.code)
    if not info.reason or name is None:
        return None
    violations = [Violation(item.field, item.reason or "INVALID", item.description) for item in bad.field_violations]
    reason = Reason(info.reason, name, info.domain, "")
    return RemoteRefusal(reason, violations=violations, details=dict(info.metadata))


def grpc_status_name(number: int) -> Status | None:
    """Return the status of a google.rpc.Code number, if the platform uses it."""
    for code in grpc.StatusCode:
        if code.value[0] == number and code.name in Status.__members__:
            return Status[code.name]
    return None

"""One asyncio channel per service: deadlines and retries from the contract's policy file, the caller forwarded."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from songcau_kit.rpc_call import REPLAYED
from songcau_kit.rpc_client import call_metadata
from songcau_kit.rpc_errors import from_rpc_error
from songcau_kit.rpc_policy import RetryPolicy
from songcau_kit.rpc_renewal import RETIRES_AFTER_SECONDS, RenewingChannel
from songcau_kit.rpc_security import channel_options
from songcau_kit.tls import TlsSource

from songcau_gateway.errors import RemoteRefusalError
from songcau_gateway.exchange import Exchange

_LARGEST_ANSWER = 32 << 20


class ServiceChannel:
    """A connection to one service that is kept for the life of the process, or of its certificate."""

    def __init__(self, name: str, address: str, tls: TlsSource | None = None) -> None:
        self.name = name
        self._retiring: set[asyncio.Task[None]] = set()
        self._policy = RetryPolicy.load_for(f"songcau.{name}.v1")
        options = [*self._policy.channel_options(), ("grpc.max_receive_message_length", _LARGEST_ANSWER)]
        self.channel = self._open(address, options, tls)

    def _open(self, address: str, options: list[tuple[str, Any]], tls: TlsSource | None) -> Any:
        if tls is None:
            return grpc.aio.insecure_channel(address, options=options)
        options = [*options, *channel_options(self.name)]
        return RenewingChannel(
            tls, lambda credentials: grpc.aio.secure_channel(address, credentials, options=options), self._retire
        )

    def _retire(self, channel: grpc.aio.Channel) -> None:
        """Let the calls on a channel end; nobody waits for it."""
        task = asyncio.create_task(channel.close(grace=RETIRES_AFTER_SECONDS))
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def call(self, exchange: Exchange, method: Any, request: Any) -> Any:
        """Call a unary method and return its answer; note when the answer was a stored one."""
        return await self._finish(exchange, self._start(exchange, method, request))

    async def send(self, exchange: Exchange, method: Any, messages: AsyncIterator[Any]) -> Any:
        """Call a client-streaming method; the service may refuse before the last message is sent."""
        running = self._start(exchange, method)
        try:
            async for message in messages:
                await running.write(message)
            await running.done_writing()
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
            # The call ended early; its outcome says why.
            return await self._finish(exchange, running)
        except BaseException:
            running.cancel()
            raise
        return await self._finish(exchange, running)

    def _start(self, exchange: Exchange, method: Any, *request: Any) -> Any:
        return method(*request, metadata=_metadata(exchange), timeout=self._timeout(exchange, method))

    async def _finish(self, exchange: Exchange, running: Any) -> Any:
        try:
            answer = await running
            trailing = await running.trailing_metadata()
        except grpc.aio.AioRpcError as error:
            raise remote_refusal(error) from error
        exchange.replayed = any(key == REPLAYED and value == "true" for key, value in trailing or ())
        return answer

    async def stream(self, exchange: Exchange, method: Any, request: Any) -> AsyncIterator[Any]:
        """Yield the messages of a server-streaming method."""
        running = self._start(exchange, method, request)
        try:
            async for message in running:
                yield message
        except grpc.aio.AioRpcError as error:
            raise remote_refusal(error) from error
        finally:
            running.cancel()

    def _timeout(self, exchange: Exchange, method: Any) -> float:
        name = method._method  # the stub's callable keeps its path only here
        path = name.decode() if isinstance(name, bytes) else str(name)
        return min(exchange.timeout_seconds, self._policy.timeout_seconds(path))

    async def check(self) -> bool:
        """Say whether the service answers that it serves."""
        stub = health_pb2_grpc.HealthStub(self.channel)
        try:
            answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=1.0)
        except grpc.aio.AioRpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    async def close(self) -> None:
        """Close the connection once running calls are done, after two seconds at most."""
        for task in self._retiring:
            task.cancel()
        await self.channel.close(grace=2.0)


def _metadata(exchange: Exchange) -> tuple[tuple[str, str], ...]:
    pairs = call_metadata(
        token=exchange.caller.token if exchange.caller else None,
        correlation_id=exchange.correlation_id,
        purpose=exchange.purpose,
        on_behalf_of=exchange.on_behalf_of,
        assisted_act=exchange.assisted_act,
    )
    return (*pairs, ("traceparent", exchange.traceparent))


def remote_refusal(error: grpc.aio.AioRpcError) -> RemoteRefusalError:
    """Return what a service said no with, its reason kept."""
    found = from_rpc_error(error)
    return RemoteRefusalError(found.reason, violations=found.violations, details=found.details)

"""Calls to other services: one channel for all, a deadline on each, the caller taken along, errors brought home."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import grpc

from songcau_kit import errors
from songcau_kit.errors import DomainError
from songcau_kit.rpc_call import ASSISTED_ACT, AUTHORIZATION, CORRELATION_ID, ON_BEHALF_OF, PURPOSE, find_call
from songcau_kit.rpc_errors import from_rpc_error
from songcau_kit.rpc_policy import RetryPolicy
from songcau_kit.rpc_renewal import RenewingChannel, close_later
from songcau_kit.rpc_security import channel_options
from songcau_kit.tls import TlsSource

T = TypeVar("T")

Pairs = tuple[tuple[str, str], ...]


def call_metadata(
    *,
    token: str | None = None,
    correlation_id: str | None = None,
    purpose: str | None = None,
    on_behalf_of: UUID | None = None,
    assisted_act: UUID | None = None,
) -> Pairs:
    """Return the metadata of a call made outside of another one, or for somebody else than its caller."""
    given = {
        AUTHORIZATION: f"Bearer {token}" if token else None,
        CORRELATION_ID: correlation_id,
        PURPOSE: purpose,
        ON_BEHALF_OF: str(on_behalf_of) if on_behalf_of else None,
        ASSISTED_ACT: str(assisted_act) if assisted_act else None,
    }
    return tuple((key, value) for key, value in given.items() if value)


class RpcChannel:
    """A connection to one service, opened at the first call, shared by every thread and kept.

    Inside a call its token, correlation id, purpose, whom it is for and the assisted act go along, and its
    remaining time bounds the deadline. Outside, `token` is asked for one where it is given, or the call passes
    `metadata=call_metadata(token=…)`, which always wins. Failures are DomainErrors.

    With `tls` the process shows its certificate, and the other end must prove to be the process `server`, wherever the
    address leads.
    """

    def __init__(
        self,
        address: str,
        *,
        policy: RetryPolicy | Path,
        token: Callable[[], str] | None = None,
        server: str = "",
        tls: TlsSource | None = None,
    ) -> None:
        policy = RetryPolicy.load(policy) if isinstance(policy, Path) else policy
        self._channel = _open(address, policy.channel_options(), server, tls)
        self.grpc = grpc.intercept_channel(self._channel, _Outbound(policy, token))

    def stub(self, kind: Callable[[grpc.Channel], T]) -> T:
        """Return the generated stub of this kind over the channel."""
        return kind(self.grpc)

    def close(self) -> None:
        """Cut the connection and every call on it."""
        self._channel.close()


def _open(address: str, options: list[tuple[str, Any]], server: str, tls: TlsSource | None) -> Any:
    if tls is None:
        return grpc.insecure_channel(address, options=options)
    options = [*options, *channel_options(server)]
    return RenewingChannel(
        tls, lambda credentials: grpc.secure_channel(address, credentials, options=options), close_later
    )


class _Details(NamedTuple):
    """The description of an outgoing call, as gRPC wants it."""

    method: str
    timeout: float | None
    metadata: Pairs
    credentials: grpc.CallCredentials | None
    wait_for_ready: bool | None
    compression: grpc.Compression | None


class _Outbound(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamUnaryClientInterceptor,
    grpc.StreamStreamClientInterceptor,
):
    """Adds the deadline and the caller to every call, and turns its failure into a domain error."""

    def __init__(self, policy: RetryPolicy, token: Callable[[], str] | None) -> None:
        self._policy = policy
        self._token = token

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        """Send one message, get one."""
        return _checked(continuation(self._complete(details), request))

    def intercept_stream_unary(self, continuation: Any, details: Any, requests: Any) -> Any:
        """Send a stream, get one message."""
        return _checked(continuation(self._complete(details), requests))

    def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
        """Send one message, get a stream."""
        return _Responses(continuation(self._complete(details), request))

    def intercept_stream_stream(self, continuation: Any, details: Any, requests: Any) -> Any:
        """Send a stream, get a stream."""
        return _Responses(continuation(self._complete(details), requests))

    def _complete(self, details: Any) -> _Details:
        method = details.method if isinstance(details.method, str) else details.method.decode()
        return _Details(
            method,
            self._timeout(method, details.timeout),
            self._metadata(dict(details.metadata or ())),
            details.credentials,
            details.wait_for_ready,
            details.compression,
        )

    def _timeout(self, method: str, given: float | None) -> float:
        seconds = self._policy.timeout_seconds(method) if given is None else given
        call = find_call()
        if call is not None:
            seconds = min(seconds, call.remaining_seconds())
        if seconds <= 0:
            raise DomainError(errors.DEADLINE_EXCEEDED)
        return seconds

    def _metadata(self, given: Mapping[str, str]) -> Pairs:
        call = find_call()
        token = call.caller.token if call is not None and call.caller is not None else None
        if token is None and call is None and self._token is not None and AUTHORIZATION not in given:
            token = self._token()
        inherited = call_metadata(
            token=token,
            correlation_id=call.correlation_id if call is not None else None,
            purpose=call.purpose if call is not None else None,
            on_behalf_of=call.on_behalf_of if call is not None else None,
            assisted_act=call.assisted_act if call is not None else None,
        )
        return tuple({**dict(inherited), **given}.items())


def _checked(outcome: Any) -> Any:
    """Return a finished call; raise the domain error of a failed one."""
    error = outcome.exception()
    if isinstance(error, grpc.RpcError):
        raise from_rpc_error(error) from None
    return outcome


class _Responses:
    """A stream of responses whose failure is a domain error."""

    def __init__(self, call: Any) -> None:
        self._call = call

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            return next(self._call)
        except grpc.RpcError as error:
            raise from_rpc_error(error) from None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

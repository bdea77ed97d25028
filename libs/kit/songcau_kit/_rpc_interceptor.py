"""What every call passes before and after its handler: admission, deadline, errors, metrics, correlation id."""

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import grpc
from google.protobuf.field_mask_pb2 import FieldMask
from prometheus_client import Counter, Histogram

from songcau_kit import errors, metrics
from songcau_kit._rpc_admission import Admission
from songcau_kit.audit_log_guard import AuditLogGuard
from songcau_kit.errors import DomainError, Status
from songcau_kit.heartbeat_guard import HeartbeatGuard
from songcau_kit.logs import get_logger
from songcau_kit.rpc_call import CORRELATION_ID, Call, answering
from songcau_kit.rpc_errors import as_domain_error, to_abort_status

# The standard services say nothing about people and are asked by probes and tools without a token.
OPEN_SERVICES = ("/grpc.health.v1.Health/", "/grpc.reflection.v1alpha.ServerReflection/")

# Who knocks in vain is worth a line, whatever the level of the rest.
REFUSALS = (Status.UNAUTHENTICATED, Status.PERMISSION_DENIED)

Behaviour = Callable[[Any, grpc.ServicerContext], Any]
RefusalNote = Callable[[Call, str, Any, DomainError], None]
"""Is told of a known caller whom a rule keeps out, or who must wait for the audit log or for news: the call, the
method, its first request, the refusal.

What it raises takes the place of the refusal.
"""


class AssistedCalls(Protocol):
    """Knows which acts citizens confirmed in assisted sessions."""

    def resolve(self, call: Call, method: str, request: Any, scopes: frozenset[str]) -> Call:
        """Return a helper's call as that of the citizen who confirmed it; raises a domain error for any other."""


_END = object()
_log = get_logger(__name__)


class _Meters(NamedTuple):
    latency: Histogram
    foreign: Counter


@dataclass(frozen=True)
class Door:
    """Who may enter, who is told of those who may not, and what waits for the audit log or for news."""

    admission: Admission
    note_refusal: RefusalNote | None = None
    audit_log: AuditLogGuard | None = None
    heartbeats: HeartbeatGuard | None = None
    assisted: AssistedCalls | None = None

    def admit(self, call: Call, method: str, request: Any) -> None:
        """Raise where the call may not enter, or not now, after telling of it."""
        try:
            self.admission.admit(method, call)
            if self.audit_log is not None:
                self.audit_log.check(method)
            if self.heartbeats is not None:
                self.heartbeats.check(method, call)
        except DomainError as error:
            if self.note_refusal is not None and call.caller is not None:
                first = next(request, None) if isinstance(request, Iterator) else request
                with answering(call):
                    self.note_refusal(call, method, first, error)
            raise

    def resolve(self, call: Call, method: str, request: Any) -> Call:
        """Return the call as whose it counts."""
        if call.assisted_act is None:
            return call
        rule = self.admission.find_assisted(method)
        if self.assisted is None or rule is None or isinstance(request, Iterator):
            raise DomainError(errors.ASSISTED_ACT_NOT_POSSIBLE)
        return self.assisted.resolve(call, method, request, rule.scopes)


class CallInterceptor(grpc.ServerInterceptor):
    """Wraps the handler of every method of ours."""

    def __init__(self, door: Door, service_name: str) -> None:
        self._door = door
        self._wrapped: dict[str, grpc.RpcMethodHandler[Any, Any]] = {}
        self._meters = _Meters(
            metrics.seconds(
                service_name, "rpc_server", "time to answer a call, by method and status", labels=("method", "code")
            ),
            # Names come from our own authority only, so they are few.
            metrics.counter(
                service_name,
                "workload_refusals",
                "calls of processes that may not make them",
                labels=("method", "workload"),
            ),
        )

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], "grpc.RpcMethodHandler[Any, Any] | None"],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """Return the wrapped handler; unknown methods and the open services stay as they are."""
        method = handler_call_details.method
        if (known := self._wrapped.get(method)) is not None:
            return known
        handler = continuation(handler_call_details)
        if handler is None or method.startswith(OPEN_SERVICES):
            return handler
        # Methods are registered before the server starts, so that a handler stays what it is.
        wrapped = self._wrapped[method] = self._wrap(handler, method)
        return wrapped

    def _wrap(self, handler: "grpc.RpcMethodHandler[Any, Any]", method: str) -> "grpc.RpcMethodHandler[Any, Any]":
        kind = ("stream" if handler.request_streaming else "unary") + (
            "_stream" if handler.response_streaming else "_unary"
        )
        wrap = self._stream if handler.response_streaming else self._unary
        make = getattr(grpc, f"{kind}_rpc_method_handler")
        wrapped: grpc.RpcMethodHandler[Any, Any] = make(
            wrap(getattr(handler, kind), method),
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )
        return wrapped

    def _visit(self, method: str, context: grpc.ServicerContext) -> "_Visit":
        return _Visit(self._door, self._meters, method, context)

    def _unary(self, behaviour: Behaviour, method: str) -> Behaviour:
        def answer(request: Any, context: grpc.ServicerContext) -> Any:
            visit = self._visit(method, context)
            try:
                with answering(visit.enter(request)):
                    response = behaviour(visit.watch(request), context)
            except Exception as error:  # noqa: BLE001
                visit.fail(error)
            else:
                visit.leave()
                return visit.show(response)

        return answer

    def _stream(self, behaviour: Behaviour, method: str) -> Behaviour:
        def answer(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
            visit = self._visit(method, context)
            responses: Iterator[Any] = iter(())
            try:
                with answering(visit.enter(request)):
                    responses = iter(behaviour(visit.watch(request), context))
                while (response := visit.next(responses)) is not _END:
                    yield visit.show(response)
            except GeneratorExit:
                visit.abandon(responses)
                raise
            except Exception as error:  # noqa: BLE001
                visit.fail(error)
            else:
                visit.leave()

        return answer


class _Visit:
    """One call on its way through the interceptor."""

    def __init__(self, door: Door, meters: _Meters, method: str, context: grpc.ServicerContext) -> None:
        self._door = door
        self._meters = meters
        self._method = method
        self._context = context
        self._began = time.perf_counter()
        self._call: Call = door.admission.describe(context)

    def enter(self, request: Any) -> Call:
        """Admit the call and return it with its caller."""
        self._door.admission.admit_workload(self._method, self._call.workload)
        caller = self._door.admission.identify(self._context, self._call)
        self._call = replace(self._call, caller=caller)
        self._door.admit(self._call, self._method, request)
        self._call = self._door.resolve(self._call, self._method, request)
        return self._call

    def show(self, response: Any) -> Any:
        """Return what the caller sees of a response: a helper the paths of the rule, anybody else all."""
        rule = self._door.admission.find_assisted(self._method) if self._call.assistant else None
        if rule is None:
            return response
        shown = type(response)()
        FieldMask(paths=rule.shown).MergeMessage(response, shown)
        return shown

    def watch(self, request: Any) -> Any:
        """Return the request; a stream of requests ends with DEADLINE_EXCEEDED when the time is up."""
        return self._watched(request) if isinstance(request, Iterator) else request

    def _watched(self, requests: Iterator[Any]) -> Iterator[Any]:
        for request in requests:
            self._hurry()
            yield request

    def next(self, responses: Iterator[Any]) -> Any:
        """Return the next response of a stream, made as part of this call, or the end mark."""
        # The current call is set for each step, because a generator may be resumed in another context.
        with answering(self._call):
            self._hurry()
            return next(responses, _END)

    def abandon(self, responses: Iterator[Any]) -> None:
        """End a stream whose client went away, so that the handler's own clean-up runs now."""
        with answering(self._call):
            if isinstance(responses, Generator):
                responses.close()
        self.record(grpc.StatusCode.CANCELLED)

    def _hurry(self) -> None:
        if self._call.remaining_seconds() <= 0:
            raise DomainError(errors.DEADLINE_EXCEEDED)

    def leave(self) -> None:
        """Send the trailing metadata of a call that went well."""
        self._context.set_trailing_metadata(tuple(self._trailers().items()))
        self.record(grpc.StatusCode.OK)

    def fail(self, error: Exception) -> None:
        """End the call with the status of its error; whatever is no domain error goes to the log."""
        domain_error = as_domain_error(error)
        told = {"method": self._method, "reason": domain_error.reason.code}
        with answering(self._call):
            if domain_error is not error:
                _log.error("call_failed", exc_info=error, **told)
            elif domain_error.reason.status in REFUSALS:
                client_id = self._call.caller and self._call.caller.client_id
                _log.info("call_refused", client_id=client_id, workload=self._call.workload, **told)
            if domain_error.reason is errors.WORKLOAD_NOT_ALLOWED:
                self._meters.foreign.labels(self._method.lstrip("/"), self._call.workload or "").inc()
        status = to_abort_status(domain_error, self._trailers())
        self.record(status.code)
        self._context.abort_with_status(status)

    def record(self, code: grpc.StatusCode) -> None:
        """Count the call under its status."""
        self._meters.latency.labels(self._method.lstrip("/"), code.name).observe(time.perf_counter() - self._began)

    def _trailers(self) -> dict[str, str]:
        return {CORRELATION_ID: self._call.correlation_id, **self._call.trailers}

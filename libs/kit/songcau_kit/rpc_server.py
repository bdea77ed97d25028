"""The gRPC door of a service: a thread pool, every call through the same checks, health, reflection, a calm end."""

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from songcau_kit._rpc_admission import Admission, AssistedRule, Rule, Verifier
from songcau_kit._rpc_interceptor import AssistedCalls, CallInterceptor, Door, RefusalNote
from songcau_kit.audit_log_guard import AuditLogGuard
from songcau_kit.clock import Clock
from songcau_kit.heartbeat_guard import HeartbeatGuard
from songcau_kit.processing import RegisterError, processing_register
from songcau_kit.rpc_call import Call, answering, current_call, find_call, mark_replayed
from songcau_kit.rpc_security import server_credentials, server_options
from songcau_kit.step_up import StepUp
from songcau_kit.tls import TlsSource
from songcau_kit.tokens import LONGEST_TOKEN

__all__ = [
    "AssistedRule",
    "Call",
    "RpcServer",
    "Rule",
    "RuleError",
    "answering",
    "current_call",
    "find_call",
    "mark_replayed",
]

QUEUED_CALLS_PER_WORKER = 16
MEBIBYTE = 1024 * 1024


class RuleError(Exception):
    """A method has no rule, or a rule names no method or no known processing activity; the server refuses to start."""


class RpcServer:
    """Serves servicers on one address; a component of `process.run`.

    `workloads` names, for every method, the processes that may call it. With `tls` each caller shows a certificate of
    theirs; without, the server speaks in the clear and asks no process who it is.

    `audit_log` holds back some methods while nobody vouches for the audit log, `heartbeats` what rests on copies of
    another service while nothing is heard of it. `assisted` knows which acts citizens confirmed; without it nobody
    carries any out. `step_ups` are the methods that ask for a sign-in of a level, and a fresh one.

    Calls beyond `workers` wait, those beyond sixteen times as many are refused with RESOURCE_EXHAUSTED.
    """

    def __init__(  # noqa: PLR0913
        self,
        *,
        address: str,
        verifier: Verifier,
        rules: Mapping[str, Rule],
        clock: Clock,
        service_name: str,
        workloads: Mapping[str, Collection[str]] | None = None,
        tls: TlsSource | None = None,
        workers: int = 16,
        largest_message: int = 4 * MEBIBYTE,
        note_refusal: RefusalNote | None = None,
        audit_log: AuditLogGuard | None = None,
        heartbeats: HeartbeatGuard | None = None,
        assisted: AssistedCalls | None = None,
        step_ups: Mapping[str, StepUp] | None = None,
    ) -> None:
        self._address = address
        guards = (guard.methods for guard in (audit_log, heartbeats) if guard)
        self._guarded = frozenset(step_ups or ()).union(*guards)
        self._tls = tls
        self._workloads = workloads
        self._admission = Admission(verifier, rules, clock, (workloads or {}) if tls else None, step_ups)
        self._methods: set[str] = set()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix=f"{service_name}-rpc")
        door = Door(self._admission, note_refusal, audit_log, heartbeats, assisted)
        self._server = grpc.server(
            self._pool,
            interceptors=[CallInterceptor(door, service_name)],
            maximum_concurrent_rpcs=workers * (QUEUED_CALLS_PER_WORKER + 1),
            options=_options(largest_message, tls),
        )
        self._health = health.HealthServicer()
        self._ready = True
        self.port = 0

    def add(self, register: Callable[[Any, Any], None], servicer: object) -> None:
        """Serve a servicer; `register` is the generated `add_<Service>Servicer_to_server`."""
        register(servicer, _Register(self._server, self._methods))

    def start(self) -> None:
        """Serve on the address; raise RuleError where methods and rules do not match, OSError for a taken port."""
        self._check_rules()
        services = sorted({method.partition("/")[0] for method in self._methods})
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection((*services, health.SERVICE_NAME, reflection.SERVICE_NAME), self._server)
        try:
            self.port = self._bind()
        except RuntimeError:
            raise OSError(f"the address {self._address} cannot be bound; is another process using the port?") from None
        self._server.start()
        self._set_health(services)

    def announce(self, *, ready: bool) -> None:
        """Tell the health service's watchers whether to send calls here."""
        self._ready = ready
        if self.port:
            self._set_health(sorted({method.partition("/")[0] for method in self._methods}))

    def drain(self, grace: float) -> None:
        """Say NOT_SERVING, take no new call, let the running ones finish for at most `grace` seconds, then cut them."""
        self._health.enter_graceful_shutdown()
        self._server.stop(grace).wait()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def stop(self, grace: float) -> None:
        """Drain; the name `process.run` calls it by."""
        self.drain(grace)

    def _bind(self) -> int:
        if self._tls is None:
            return self._server.add_insecure_port(self._address)
        return self._server.add_secure_port(self._address, server_credentials(self._tls))

    def _check_rules(self) -> None:
        if unruled := self._methods - self._admission.methods:
            raise RuleError(f"no rule says who may call {', '.join(sorted(unruled))}")
        if unknown := self._admission.methods - self._methods:
            raise RuleError(f"rules name methods that are not served: {', '.join(sorted(unknown))}")
        if (self._tls or self._workloads is not None) and (unlike := self._methods ^ set(self._workloads or ())):
            raise RuleError(f"the table of workloads and the methods differ in {', '.join(sorted(unlike))}")
        if unserved := self._guarded - self._methods:
            raise RuleError(f"methods that wait or ask for a sign-in are not served: {', '.join(sorted(unserved))}")
        try:
            processing_register().check(self._admission.activities)
        except RegisterError as error:
            raise RuleError(str(error)) from error

    def _set_health(self, services: list[str]) -> None:
        kinds = health_pb2.HealthCheckResponse
        for service in ("", *services):
            self._health.set(service, kinds.SERVING if self._ready else kinds.NOT_SERVING)


class _Register:
    """Stands for the server while generated code registers a servicer, and notes the names of the methods."""

    def __init__(self, server: grpc.Server, methods: set[str]) -> None:
        self._server = server
        self._methods = methods

    def add_generic_rpc_handlers(self, handlers: Any) -> None:
        self._server.add_generic_rpc_handlers(handlers)

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Any]) -> None:
        self._methods.update(f"{service}/{method}" for method in handlers)
        self._server.add_registered_method_handlers(service, handlers)


def _options(largest_message: int, tls: TlsSource | None) -> list[tuple[str, int]]:
    return [
        ("grpc.so_reuseport", 0),  # two processes on one port is a mistake, not a plan
        ("grpc.max_receive_message_length", largest_message),
        ("grpc.max_metadata_size", 4 * LONGEST_TOKEN),
        ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
        ("grpc.keepalive_permit_without_calls", 1),
        *(server_options() if tls else ()),
    ]

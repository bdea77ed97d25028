"""A real gateway process room: uvicorn, real tokens, and services that answer over real gRPC what a test tells them."""

from __future__ import annotations

import importlib
import json
import pkgutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import grpc
import httpx
import pytest
import uvicorn
from google.protobuf import message_factory
from google.protobuf.descriptor import FieldDescriptor
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from joserfc import jwt
from joserfc.jwk import RSAKey
from songcau_gateway.app import create_app
from songcau_gateway.serving import http_config
from songcau_gateway.settings import Settings
from songcau_kit.errors import DomainError
from songcau_kit.rpc_errors import to_abort_status

PACKAGES = ("audit", "eservices", "identity", "telehealth")
ID = "019ab6c2-7c1e-7000-8000-000000000001"
DATES = {
    "acknowledge_by",
    "birth_date",
    "due_date",
    "due_on",
    "follow_up_on",
    "kept_until",
    "valid_from",
    "written_on",
    "valid_to",
    "valid_until",
    "day",
    "issued_on",
}
CODES = {"unit_code": "05740"}
ROLES = [
    "citizen",
    "officer",
    "leader",
    "station-officer",
    "clinician",
    "facility-manager",
    "data-officer",
    "operator",
]
SCOPES = (
    "identity:read identity:link identity:lookup access:read dossier:read dossier:write dossier:process "
    "consultation:read consultation:write consultation:attend facility:manage account:manage"
)


def filled(kind: Any, depth: int = 0) -> Any:
    """Return a message with something plausible in every field."""
    message = message_factory.GetMessageClass(kind)()
    for one in kind.fields:
        if one.containing_oneof is not None and one.containing_oneof.fields[0] is not one:
            continue
        if one.message_type is not None and depth > 4:
            continue
        value = value_of(one, depth)
        if one.is_repeated:
            getattr(message, one.name).append(value)
        elif one.message_type is not None:
            getattr(message, one.name).CopyFrom(value)
        elif not one.name.startswith("next_page"):
            setattr(message, one.name, value)
    return message


def value_of(one: FieldDescriptor, depth: int) -> Any:  # noqa: PLR0911 - one line per kind of field
    if one.message_type is not None:
        if one.message_type.full_name == "google.protobuf.Timestamp":
            stamp = message_factory.GetMessageClass(one.message_type)()
            stamp.FromDatetime(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))
            return stamp
        if one.message_type.full_name == "google.protobuf.Struct":
            return message_factory.GetMessageClass(one.message_type)()
        return filled(one.message_type, depth + 1)
    if one.enum_type is not None:
        return one.enum_type.values[1].number
    if one.type == FieldDescriptor.TYPE_BOOL:
        return True
    if one.type == FieldDescriptor.TYPE_BYTES:
        return b"{}" if one.containing_type.name == "GetDataCopyResponse" else b"%PDF-1.7 something"
    if one.type != FieldDescriptor.TYPE_STRING:
        return 3
    if one.name in DATES:
        return "2026-11-23"
    if one.name in CODES:
        return CODES[one.name]
    return ID if one.name == "id" or one.name.endswith("_id") else "x1"


@dataclass
class Services:
    """The services behind the gateway: answer with filled messages unless told otherwise; remember every call."""

    answers: dict[str, Callable[[Any, grpc.ServicerContext], Any]] = field(default_factory=dict)
    calls: list[tuple[str, Any, dict[str, str]]] = field(default_factory=list)
    address: str = ""

    def on(self, method: str, answer: Callable[[Any, grpc.ServicerContext], Any]) -> None:
        """Answer a method with what the function returns; a DomainError becomes a status."""
        self.answers[method] = answer

    def fail(self, method: str, error: DomainError) -> None:
        """Refuse a method."""

        def refuse(request: Any, context: grpc.ServicerContext) -> Any:
            raise error

        self.answers[method] = refuse

    def last(self, method: str) -> tuple[Any, dict[str, str]]:
        """Return the last request of a method and its metadata."""
        found = [(request, metadata) for name, request, metadata in self.calls if name == method]
        return found[-1]

    def answer(self, method: Any, request: Any, context: grpc.ServicerContext) -> Any:
        self.calls.append((method.name, request, dict(context.invocation_metadata())))
        try:
            known = self.answers.get(method.name)
            return known(request, context) if known else filled(method.output_type)
        except DomainError as error:
            context.abort_with_status(to_abort_status(error, {}))


def handler_of(services: Services, method: Any) -> grpc.RpcMethodHandler:
    kind = message_factory.GetMessageClass(method.input_type)
    coding = {
        "request_deserializer": kind.FromString,
        "response_serializer": lambda message: message.SerializeToString(),
    }
    if method.client_streaming:
        return grpc.stream_unary_rpc_method_handler(
            lambda requests, context: services.answer(method, list(requests), context), **coding
        )
    if method.server_streaming:

        def stream(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
            first = services.answer(method, request, context)
            first.attachment.media_type = "application/pdf"
            yield first
            yield type(first)(chunk=b"%PDF-1.7 ")
            yield type(first)(chunk=b"something")

        return grpc.unary_stream_rpc_method_handler(stream, **coding)
    return grpc.unary_unary_rpc_method_handler(
        lambda request, context: services.answer(method, request, context), **coding
    )


def contracts() -> Iterator[Any]:
    """Give the module of every contract of every service."""
    for name in PACKAGES:
        package = importlib.import_module(f"songcau.{name}.v1")
        for module in pkgutil.iter_modules(package.__path__):
            if module.name.endswith("_service_pb2"):
                yield importlib.import_module(f"{package.__name__}.{module.name}")


@pytest.fixture(scope="session")
def service_door() -> Iterator[Services]:
    """Start one gRPC server that stands for all services."""
    services = Services()
    server = grpc.server(ThreadPoolExecutor(8))
    for contract in contracts():
        for service in contract.DESCRIPTOR.services_by_name.values():
            handlers = {method.name: handler_of(services, method) for method in service.methods}
            server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service.full_name, handlers),))
    standing = health.HealthServicer()
    standing.set("", health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(standing, server)
    services.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield services
    server.stop(1).wait()


@pytest.fixture
def services(service_door: Services) -> Services:
    """Return the services with nothing told and nothing remembered."""
    service_door.answers.clear()
    service_door.calls.clear()
    return service_door


@dataclass
class Issuer:
    """A token issuer with one key and its key set on loopback."""

    key: RSAKey
    url: str

    def token(self, *, roles: list[str] | None = None, scope: str = SCOPES, **claims: Any) -> str:
        """Return an access token; by default one with every role and scope."""
        now = int(time.time())
        body = {
            "iss": self.url,
            "aud": "songcau",
            "azp": "app",
            "sub": "person-1",
            "exp": now + 300,
            "iat": now,
            "typ": "Bearer",
            "auth_time": now,
            "acr": "aal2",
            "scope": scope,
            "realm_access": {"roles": ROLES if roles is None else roles},
            "citizen_id": ID,
        }
        return jwt.encode({"alg": "RS256", "kid": "k1"}, body | claims, self.key)


@pytest.fixture(scope="session")
def issuer() -> Iterator[Issuer]:
    """Start an issuer."""
    key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
    keys = json.dumps({"keys": [key.as_dict(private=False)]}).encode()

    class Face(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(keys)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Face)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Issuer(key, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()


class Running:
    """A gateway that serves on a free port."""

    def __init__(self, settings: Settings) -> None:
        self.app = create_app(settings)
        self.server = uvicorn.Server(http_config(self.app, settings))
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        self.url = f"http://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}"

    def stop(self) -> None:
        """Stop serving."""
        self.server.should_exit = True
        self.thread.join()


@pytest.fixture(scope="session")
def run_gateway(service_door: Services, issuer: Issuer) -> Iterator[Callable[..., Running]]:
    """Return a function that starts a gateway with settings of its own."""
    started: list[Running] = []

    def run(**settings: Any) -> Running:
        facts: Mapping[str, Any] = {
            "token_issuer": issuer.url,
            "jwks_url": f"{issuer.url}/certs",
            "identity_address": service_door.address,
            "eservices_address": service_door.address,
            "telehealth_address": service_door.address,
            "audit_address": service_door.address,
            "rate_per_address": "100000/minute",
            "rate_per_person": "100000/minute",
            "rate_per_client": "100000/minute",
            "address": "127.0.0.1:0",
        }
        started.append(Running(Settings(**{**facts, **settings})))
        return started[-1]

    yield run
    for gateway in started:
        gateway.stop()


@pytest.fixture(scope="session")
def gateway(run_gateway: Callable[..., Running]) -> Running:
    """Return a gateway with ordinary settings."""
    return run_gateway()


@pytest.fixture
def anybody(gateway: Running) -> Iterator[httpx.Client]:
    """Return a client without a token."""
    with httpx.Client(base_url=gateway.url) as client:
        yield client


@pytest.fixture
def person(gateway: Running, issuer: Issuer) -> Iterator[httpx.Client]:
    """Return a client of somebody with every role and scope, and a purpose."""
    headers = {"authorization": f"Bearer {issuer.token()}", "x-access-purpose": "INSPECTION"}
    with httpx.Client(base_url=gateway.url, headers=headers) as client:
        yield client

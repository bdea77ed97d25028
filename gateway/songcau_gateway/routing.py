"""A route runs its gates before its body is read: caller, rates, query, purpose, keys; then body type and size."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel
from songcau_kit.clock import Clock
from songcau_kit.errors import DEADLINE_EXCEEDED, INVALID_REQUEST, DomainError, Violation
from songcau_kit.processing import processing_register
from songcau_kit.step_up import StepUp
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from songcau_gateway.arguments import Arguments
from songcau_gateway.auth import AccessGate, Verifier
from songcau_gateway.bodies import BodyReader, check_announced_size
from songcau_gateway.ended_sessions import EndedSessions
from songcau_gateway.errors import ROLE_MISSING, SCOPE_MISSING, UNSUPPORTED_MEDIA_TYPE, RefusalError
from songcau_gateway.exchange import exchange_of
from songcau_gateway.gates import (
    AssistedActGate,
    Gate,
    IdempotencyGate,
    OnBehalfGate,
    PurposeGate,
    QueryGate,
    StepUpGate,
    VersionGate,
)
from songcau_gateway.operations import Handler, Operation, Routes
from songcau_gateway.rates import RateLimiter
from songcau_gateway.settings import Settings


@dataclass(frozen=True)
class Refused:
    """A call that was turned away here: of which service, which RPC about which object, what the caller lacked."""

    service: str
    rpc: str
    object_id: str
    cause: str


RecordRefusal = Callable[[Request, Refused], Awaitable[None]]


@dataclass(frozen=True)
class Gatehouse:
    """What every gated route shares."""

    settings: Settings
    verifier: Verifier
    limiter: RateLimiter
    ended: EndedSessions
    record_refusal: RecordRefusal
    clock: Clock


class GatedRoute(APIRoute):
    """A route of FastAPI behind its gates."""

    operation: Operation
    gatehouse: Gatehouse
    access: AccessGate
    gates: Sequence[Gate]
    arguments: Arguments

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request whose path is this route's; refuse another method with 405."""
        if scope["method"] != self.operation.method:
            raise HTTPException(405, headers={"Allow": self.operation.method})
        request = Request(scope, receive, send)
        await self._pass_gates(request)
        answer = await self._answer(request)
        if self.operation.cached and answer.status_code == 200:
            answer.headers.setdefault("cache-control", "public, max-age=60")
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        limits = self.gatehouse.settings
        seconds = limits.upload_timeout_seconds if self.operation.upload else limits.request_timeout_seconds
        exchange_of(request).timeout_seconds = seconds
        try:
            async with asyncio.timeout(seconds):
                arguments = await self.arguments.read(await self._with_body(request))
                answer: Response = await self.endpoint(**arguments)
                return answer
        except TimeoutError:
            raise DomainError(DEADLINE_EXCEEDED) from None

    async def _pass_gates(self, request: Request) -> None:
        refusal: RefusalError | None = None
        try:
            await self.access.open(request)
        except RefusalError as error:
            refusal = error
        finally:
            # Refusals are counted too, so that guessing does not come for free: a bad token by its address, a good
            # token at the wrong route by its person. Over the limit, 429 takes the place of the refusal.
            self.gatehouse.limiter.count(request)
        if refusal is not None:
            await self._have_entered(request, refusal)
            raise refusal
        for gate in self.gates:
            await gate.open(request)

    async def _have_entered(self, request: Request, refusal: RefusalError) -> None:
        """Have the service whose object was named enter that its caller was turned away here (decision 24)."""
        named_by = self.operation.named_by
        if named_by is None or refusal.reason not in (ROLE_MISSING, SCOPE_MISSING):
            return
        rpc = self.operation.rpc or rpc_of(self.endpoint)
        refused = Refused(self.operation.service, rpc, request.path_params[named_by], refusal.reason.code)
        await self.gatehouse.record_refusal(request, refused)

    async def _with_body(self, request: Request) -> Request:
        settings, operation = self.gatehouse.settings, self.operation
        limit = settings.max_upload_bytes if operation.upload else operation.body_limit or settings.max_body_bytes
        check_announced_size(request.scope, limit)
        reader = BodyReader(request.receive, limit=limit, timeout_seconds=settings.body_timeout_seconds)
        limited = Request(request.scope, reader)
        if self.body_field is not None or operation.raw_body:
            self._check_media_type(request)
        elif request.method != "GET":
            await _refuse_content(limited)
        return limited

    def _check_media_type(self, request: Request) -> None:
        sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if sent not in self.operation.media_types:
            expected = ", ".join(self.operation.media_types)
            raise DomainError(UNSUPPORTED_MEDIA_TYPE, details={"expected": expected})


def rpc_of(handler: Handler) -> str:
    """Return the RPC a handler calls: it bears the same name."""
    return "".join(word.capitalize() for word in handler.__name__.split("_"))


async def _refuse_content(request: Request) -> None:
    if (await request.body()).strip() not in (b"", b"{}"):
        raise DomainError(INVALID_REQUEST, violations=[Violation("", "UNEXPECTED", "the route takes no body")])


def install(app: FastAPI, routes: Routes, gatehouse: Gatehouse) -> None:
    """Add the routes of a noun to the application."""
    for operation, handler in routes.declared:
        route = cast(type[APIRoute], type("_Route", (GatedRoute,), _facts(operation, gatehouse)))
        app.router.add_api_route(
            operation.path,
            handler,
            methods=[operation.method],
            status_code=operation.status,
            response_model=None,
            tags=[routes.tag],
            summary=operation.title,
            operation_id=handler.__name__,
            route_class_override=route,
        )
        added = cast(GatedRoute, app.router.routes[-1])
        names = {name for parameter in added.dependant.query_params for name in _query_names(parameter)}
        added.arguments = Arguments.of(added.dependant)
        added.gates = [QueryGate(frozenset(names)), *added.gates]


def _query_names(parameter: Any) -> Iterable[str]:
    """Return the names a query parameter stands for; a model stands for each of its fields."""
    kind = parameter.field_info.annotation
    return kind.model_fields if isinstance(kind, type) and issubclass(kind, BaseModel) else (parameter.alias,)


def _facts(operation: Operation, gatehouse: Gatehouse) -> dict[str, Any]:
    gates: list[Gate] = []
    if not operation.rule.public:
        gates.append(OnBehalfGate(is_possible=operation.rule.on_behalf))
        gates.append(AssistedActGate(is_possible=operation.rule.assisted))
    if operation.step_up:
        max_age = gatehouse.settings.step_up_max_age_seconds
        gates.append(StepUpGate(StepUp(operation.step_up, max_age), gatehouse.clock))
    if operation.purpose != "no":
        gates.append(PurposeGate(required=operation.purpose == "required"))
    if operation.creates_or_moves:
        gates.append(IdempotencyGate())
    if operation.versioned != "no":
        gates.append(VersionGate(required=operation.versioned == "required"))
    return {
        "operation": operation,
        "gatehouse": gatehouse,
        "access": AccessGate(operation.rule, gatehouse.verifier, gatehouse.ended),
        "gates": gates,
    }


def check_every_route(app: FastAPI) -> list[GatedRoute]:
    """Return the gated routes; refuse to start with one that has no rule or no known processing activity."""
    gated = [route for route in app.routes if isinstance(route, GatedRoute)]
    bare = [getattr(route, "path", str(route)) for route in app.routes if not isinstance(route, GatedRoute)]
    if bare:
        raise RuntimeError(f"routes without a rule: {', '.join(bare)}")
    named = {f"{one.operation.method} {one.operation.path}": one.operation.activity for one in gated}
    processing_register().check(named)
    return gated

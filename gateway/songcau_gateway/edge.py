"""The outermost room: ids, language, header limits, security headers, one log line and one measurement per request."""

import re
import time
from collections.abc import Sequence
from functools import cache

from prometheus_client import Counter, Histogram
from songcau_kit.clock import Clock
from songcau_kit.errors import DomainError
from songcau_kit.logs import bind_correlation, get_logger, unbind
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from songcau_gateway.errors import HEADERS_TOO_LARGE
from songcau_gateway.exchange import Exchange, choose_language, continue_trace
from songcau_gateway.measures import REQUESTS, SECONDS
from songcau_gateway.problems import Problems
from songcau_gateway.settings import Settings

_LOG = get_logger(__name__)
METHODS = ("GET", "POST", "PATCH", "DELETE", "OPTIONS")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
SECURITY_HEADERS = (
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-site"),
    (b"permissions-policy", b"geolocation=(), camera=(), microphone=()"),
    (b"cache-control", b"no-store"),
)


class Edge:
    """Wraps the whole application; the last place where an exception can become a clean 500."""

    def __init__(self, app: ASGIApp, *, settings: Settings, problems: Problems, clock: Clock) -> None:
        self._app = app
        self._settings = settings
        self._problems = problems
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = self._open(scope)
        scope["songcau.exchange"] = exchange
        tokens = bind_correlation(exchange.correlation_id)
        started, sent = time.monotonic(), _Sent(send, exchange)
        try:
            await self._serve(scope, receive, sent, exchange)
        finally:
            self._note(scope, sent.status, time.monotonic() - started)
            unbind(tokens)

    def _open(self, scope: Scope) -> Exchange:
        # The first line of a name counts; a mapping of the reversed lines keeps just that one.
        lines = dict(reversed(scope["headers"]))
        given = lines.get(b"x-request-id", b"").decode("latin-1")
        return Exchange(
            correlation_id=given if _REQUEST_ID.fullmatch(given) else str(self._clock.new_id()),
            traceparent=continue_trace(lines.get(b"traceparent", b"").decode("latin-1")),
            language=choose_language(lines.get(b"accept-language", b"").decode("latin-1")),
        )

    async def _serve(self, scope: Scope, receive: Receive, sent: "_Sent", exchange: Exchange) -> None:
        try:
            self._check_headers(scope)
            await self._app(scope, receive, sent)
        except DomainError as error:
            await self._answer_problem(error, scope, receive, sent)
        except Exception as error:  # noqa: BLE001 - nothing above could answer the client any more
            _LOG.exception("request failed", kind=type(error).__name__)
            if not sent.status:
                await self._problems.internal(exchange, scope["path"])(scope, receive, sent)

    async def _answer_problem(self, error: DomainError, scope: Scope, receive: Receive, sent: "_Sent") -> None:
        if sent.status:
            _LOG.warning("answer broken off", reason=error.reason.code)
            return
        exchange: Exchange = scope["songcau.exchange"]
        await self._problems.answer(error, exchange, scope["path"][:200])(scope, receive, sent)

    def _check_headers(self, scope: Scope) -> None:
        size = len(scope["raw_path"] or b"") + len(scope["query_string"])
        size += sum(len(name) + len(value) + 4 for name, value in scope["headers"])
        limits = self._settings
        if size > limits.max_header_bytes or len(scope["headers"]) > limits.max_header_count:
            raise DomainError(HEADERS_TOO_LARGE, details={"limit_bytes": str(limits.max_header_bytes)})

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        # A client can invent methods; a label must not.
        method = scope["method"] if scope["method"] in METHODS else "other"
        count, durations = _measures(method, route, status)
        count.inc()
        durations.observe(seconds)
        _LOG.info("request", method=method, route=route, status=status, milliseconds=round(seconds * 1000, 1))


class _Sent:
    """The sending side of a request; adds what every answer carries."""

    def __init__(self, send: Send, exchange: Exchange) -> None:
        self._send = send
        self._exchange = exchange
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = self._complete(message["headers"])
        await self._send(message)

    def _complete(self, given: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        exchange, names = self._exchange, {name for name, _ in given}
        added = {
            "x-request-id": exchange.correlation_id,
            "traceparent": exchange.traceparent,
            **exchange.answer_headers,
        }
        if exchange.replayed and self.status < 400:
            added["idempotent-replayed"] = "true"
        headers = [*given, *(header for header in SECURITY_HEADERS if header[0] not in names)]
        headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in added.items()]
        if b"vary" in names:
            MutableHeaders(raw=headers).add_vary_header("Accept-Language")
        else:
            headers.append((b"vary", b"Accept-Language"))
        return headers


@cache  # as many as there are routes, methods and statuses
def _measures(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(route)


def instance_of(request: Request) -> str:
    """Return the path of a problem's `instance`; never the query, which may hold words of a person."""
    return request.url.path[:200]

"""The operators' face of a process: `/healthz` (it runs), `/readyz` (it can work), `/metrics` (Prometheus)."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

from songcau_kit.http_serving import WsgiServer
from songcau_kit.logs import get_logger

JSON = "application/json"

Answer = tuple[str, str, bytes]

_log = get_logger(__name__)


class OpsServer:
    """Serves the three paths; a component of `process.run`, best the first, so that it is the last to go.

    `checks` are named functions that raise where something the process needs is missing; they run at each question and
    so must be quick. A check's error text is not shown. `without` names what an installation may lack and the process
    works without: `/readyz` says so and stays ready.
    """

    def __init__(
        self, address: str, checks: Mapping[str, Callable[[], None]], *, without: Collection[str] = ()
    ) -> None:
        self._checks = dict(checks)
        self._without = list(without)
        self._announced = True
        self._server = WsgiServer(self._answer, address, threads=2)

    @property
    def port(self) -> int:
        """Return the port the server listens on."""
        return self._server.port

    def start(self) -> None:
        """Begin to answer."""
        self._server.start()

    def stop(self, grace: float = 5.0) -> None:
        """Answer no more."""
        self._server.stop(grace)

    def announce(self, *, ready: bool) -> None:
        """Let `/readyz` depend on the checks, or be refused because the process starts or ends."""
        self._announced = ready

    def _answer(self, environ: dict[str, Any], start_response: Any, /) -> Iterable[bytes]:
        answers: dict[str, Callable[[], Answer]] = {"/healthz": _healthz, "/readyz": self._readyz, "/metrics": _metrics}
        find = answers.get(environ["PATH_INFO"])
        if find is None:
            status, kind, body = "404 Not Found", JSON, b'{"error":"only /healthz, /readyz and /metrics"}'
        elif environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            status, kind, body = "405 Method Not Allowed", JSON, b'{"error":"only GET"}'
        else:
            status, kind, body = find()
        start_response(
            status, [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
        )
        return [body]

    def _readyz(self) -> Answer:
        failed = [name for name, check in self._checks.items() if not _passes(name, check)]
        if not self._announced:
            failed.append("process")
        said = {"ready": not failed, "failed": failed} | ({"without": self._without} if self._without else {})
        body = json.dumps(said).encode()
        return ("503 Service Unavailable" if failed else "200 OK"), JSON, body


def _healthz() -> Answer:
    return "200 OK", JSON, b'{"alive":true}'


def _metrics() -> Answer:
    return "200 OK", CONTENT_TYPE_LATEST, generate_latest(REGISTRY)


def _passes(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception as error:  # noqa: BLE001
        _log.warning("readiness_check_failed", check=name, exc_info=error)
        return False
    return True

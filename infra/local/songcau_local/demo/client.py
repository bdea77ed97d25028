"""One person's way to the API: their token, their purpose, safe retries; a refusal becomes a failed step."""

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from songcau_local.browser import Tokens

T = TypeVar("T")
TIMEOUT_SECONDS = 30.0
ARRIVES_WITHIN_SECONDS = 45.0
# What an app sees while a process is restarted, and how long it waits for it.
AWAY = {502, 503, 504}
AWAY_AT_MOST_SECONDS = 20.0


class StepError(Exception):
    """A step of the demo did not end as it should; `correlation_id` finds it in the logs."""

    def __init__(self, text: str, correlation_id: str = "") -> None:
        super().__init__(text)
        self.correlation_id = correlation_id


@dataclass
class Person:
    """Somebody with a token, or nobody in particular."""

    name: str
    http: httpx.Client
    tokens: Tokens | None = None
    purpose: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """The account's id, which the access list shows as actor."""
        return str(self._claims()["sub"])

    @property
    def citizen_id(self) -> str:
        """The citizen's internal id."""
        return str(self._claims()["citizen_id"])

    @property
    def practitioner_id(self) -> str:
        """The practitioner whom a clinician's account stands for."""
        return str(self._claims().get("practitioner_id", ""))

    def call(self, method: str, path: str, body: object = None, *, version: int = 0, **more: Any) -> httpx.Response:
        """Send one request as an app does: token, purpose, a fresh idempotency key, the version it starts from."""
        headers = {"accept-language": "vi", **more.pop("headers", {})}
        if self.tokens:
            headers["authorization"] = f"Bearer {self.tokens.access}"
        if self.purpose:
            headers["x-access-purpose"] = self.purpose
        if method != "GET":
            headers.setdefault("idempotency-key", str(uuid4()))
        if version:
            headers["if-match"] = f'"v{version}"'
        if body is not None:
            more["json"] = body
        return self._patiently(lambda: self.http.request(method, path, headers=headers, **more))

    def get(self, path: str, **parameters: Any) -> Any:
        """Return the JSON of a GET; raises StepError."""
        return checked(self.call("GET", path, params=parameters)).json()

    def file(self, path: str) -> bytes:
        """Return a file; raises StepError."""
        return checked(self.call("GET", path)).content

    def post(self, path: str, body: object = None, *, version: int = 0) -> Any:
        """Return the JSON of a POST; raises StepError."""
        return checked(self.call("POST", path, body, version=version)).json()

    def refused(self, method: str, path: str, body: object = None, *, code: str, version: int = 0) -> dict[str, Any]:
        """Return the problem of a request that must be refused with `code`; raises StepError where it is not."""
        answer = self.call(method, path, body, version=version)
        if not answer.is_error:
            raise StepError(f"{method} {path} was allowed for {self.name} and must be {code}")
        problem: dict[str, Any] = answer.json()
        if problem.get("code") != code:
            told = f"{method} {path} must be {code} and is {problem.get('code')}"
            raise StepError(told, problem.get("correlation_id", ""))
        return problem

    def _patiently(self, send: Callable[[], httpx.Response]) -> httpx.Response:
        """Send again while a part of the platform is away: the idempotency key makes every repeat safe."""
        until = time.monotonic() + AWAY_AT_MOST_SECONDS
        while True:
            try:
                answer = send()
            except httpx.TransportError:
                if time.monotonic() > until:
                    raise
            else:
                if not _is_passing(answer) or time.monotonic() > until:
                    return answer
            time.sleep(0.5)

    def _claims(self) -> dict[str, Any]:
        if self.tokens is None:
            raise StepError(f"{self.name} is not signed in")
        part = self.tokens.access.split(".")[1]
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return claims


def _is_passing(answer: httpx.Response) -> bool:
    # The first try may still be under way when the second one comes.
    is_running = answer.status_code == 409 and answer.json().get("code") == "IDEMPOTENCY_KEY_IN_PROGRESS"
    return answer.status_code in AWAY or is_running


def checked(answer: httpx.Response) -> httpx.Response:
    """Return the answer, or raise StepError with the problem's reason."""
    if not answer.is_error:
        return answer
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    words = problem.get("detail") or problem.get("title") or answer.text[:200]
    told = f"{problem.get('code', answer.status_code)}: {words}"
    for error in problem.get("errors", []):
        told += f"; {error.get('pointer')} {error.get('code')} {error.get('detail', '')}"
    what = f"{answer.request.method} {answer.request.url.path} → {answer.status_code} {told}"
    raise StepError(what, problem.get("correlation_id", answer.headers.get("x-request-id", "")))


def expect(is_so: bool, text: str) -> None:
    """Raise StepError where something is not as the story needs it."""
    if not is_so:
        raise StepError(text)


def wait_until(look: Callable[[], T | None], what: str) -> T:
    """Return the first answer that is there; raises StepError when it does not come in time."""
    until = time.monotonic() + ARRIVES_WITHIN_SECONDS
    while time.monotonic() < until:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise StepError(f"{what} did not come within {ARRIVES_WITHIN_SECONDS:g} s")

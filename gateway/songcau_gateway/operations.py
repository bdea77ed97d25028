"""How a noun declares its routes: method, path, rule, what must be sent along, what can go wrong, words for people."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel

from songcau_gateway.auth import Rule

Method = Literal["GET", "POST", "PATCH", "DELETE"]
Handler = Callable[..., Any]

OBJECTS: Mapping[str, Sequence[str]] = {
    "eservices": ("dossier_id", "payment_id", "code"),
    "telehealth": ("consultation_id",),
    "identity": ("citizen_id",),
}
"""Path parameters that name an object of a person, for each service that enters who was refused it."""


@dataclass(frozen=True)
class Operation:
    """Everything the gateway knows about one route before it is called."""

    method: Method
    path: str
    rule: Rule
    title: str  # Vietnamese, one line
    summary: str  # English, one line
    activity: str  # of the register of processing activities, or NO_PERSONAL_DATA
    service: str = "gateway"  # whose reasons the route passes on
    rpc: str = ""  # the RPC it stands for, where the handler does not bear its name
    answer: type[BaseModel] | None = None
    unready: type[BaseModel] | None = None  # body of a 503 that is no problem
    status: int = 200
    location: str = ""  # path of the GET route at which what was created is read; empty where none reads it alone
    reasons: Sequence[str] = ()
    creates_or_moves: bool = False
    versioned: Literal["no", "optional", "required"] = "no"
    purpose: Literal["no", "optional", "required"] = "no"
    step_up: int = 0  # least level of a sign-in that must be fresh, too; 0: any will do
    media_types: Sequence[str] = ("application/json",)
    raw_body: bool = False  # the handler reads the body itself
    body_limit: int | None = None  # bytes; the settings say where this is None
    upload: bool = False
    produces: Sequence[str] = ("application/json",)
    cached: bool = False
    examples: Mapping[str, Any] = field(default_factory=dict)
    headers: Sequence[str] = ()  # further request headers the handler passes on
    page: bool = False  # a page for people, left out of the API document

    def __post_init__(self) -> None:
        if self.method in ("PATCH", "DELETE") and not (self.versioned == "required" and self.creates_or_moves):
            raise ValueError(f"{self.method} {self.path} edits and therefore needs If-Match and Idempotency-Key")

    @property
    def named_by(self) -> str | None:
        """Return the path parameter that names a person's object, None where the path names nobody's."""
        found = (name for name in OBJECTS.get(self.service, ()) if f"{{{name}}}" in self.path)
        return None if self.rule.public else next(found, None)

    @property
    def conditional(self) -> bool:
        """Say whether the answer carries an ETag that If-None-Match may name."""
        return self.method == "GET" and self.answer is not None and "version" in self.answer.model_fields


class Routes:
    """The routes of one noun, in the order they are documented; `activity` is that of routes which name none."""

    def __init__(self, tag: str, service: str = "gateway", *, activity: str) -> None:
        self.tag = tag
        self.service = service
        self.activity = activity
        self.declared: list[tuple[Operation, Handler]] = []

    def add(self, method: Method, path: str, rule: Rule, **facts: Any) -> Callable[[Handler], Handler]:
        """Declare a route; the rule is not optional."""

        def declare(handler: Handler) -> Handler:
            shared = {"service": self.service, "activity": self.activity}
            self.declared.append((Operation(method, path, rule, **(shared | facts)), handler))
            return handler

        return declare

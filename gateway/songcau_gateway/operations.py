"""How a noun declares its routes: method, path, rule, what must be sent along, what can go wrong, and words for people."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel

from songcau_gateway.auth import Rule

Method = Literal["GET", "POST", "PATCH", "DELETE"]
Handler = Callable[..., Any]


@dataclass(frozen=True)
class Operation:
    """Everything the gateway knows about one route before it is called."""

    method: Method
    path: str
    rule: Rule
    title: str  # Vietnamese, one line
    summary: str  # English, one line
    answer: type[BaseModel] | None = None
    status: int = 200
    reasons: Sequence[str] = ()
    creates_or_moves: bool = False
    versioned: bool = False
    purpose: Literal["no", "optional", "required"] = "no"
    upload: bool = False
    media_types: Sequence[str] = ("application/json",)
    cached: bool = False
    notes: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.method in ("PATCH", "DELETE") and not (self.versioned and self.creates_or_moves):
            raise ValueError(f"{self.method} {self.path} edits and therefore needs If-Match and Idempotency-Key")

    @property
    def conditional(self) -> bool:
        """Say whether the answer carries an ETag that If-None-Match may name."""
        return self.method == "GET" and self.answer is not None and "version" in self.answer.model_fields


class Routes:
    """The routes of one noun, in the order they are documented."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.declared: list[tuple[Operation, Handler]] = []

    def add(self, method: Method, path: str, rule: Rule, **facts: Any) -> Callable[[Handler], Handler]:
        """Declare a route; the rule is not optional."""

        def declare(handler: Handler) -> Handler:
            self.declared.append((Operation(method, path, rule, **facts), handler))
            return handler

        return declare

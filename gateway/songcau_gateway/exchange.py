"""The facts of one request that its rooms share: who asks, why, under which ids, and what the answer adds."""

import re
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, Request
from songcau_kit.caller import Caller

LANGUAGES = ("vi", "en")
ASSISTED_ACT_HEADER = "x-assisted-act"
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


@dataclass
class Exchange:
    """One request under way; gates fill it in before the route runs."""

    correlation_id: str
    traceparent: str
    language: str = "vi"
    caller: Caller | None = None
    purpose: str | None = None
    on_behalf_of: UUID | None = None
    assisted_act: UUID | None = None
    request_id: str = ""
    expected_version: int = 0
    timeout_seconds: float = 10.0
    replayed: bool = False
    answer_headers: dict[str, str] = field(default_factory=dict)


@lru_cache(maxsize=256)
def choose_language(accept_language: str) -> str:
    """Return `vi` or `en`, whichever the header wants more; Vietnamese when it wants neither or both alike."""
    best, weight = LANGUAGES[0], 0.0
    for part in accept_language.split(",")[:20]:
        tag, _, parameters = part.strip().partition(";")
        language = tag.strip().lower().split("-")[0]
        wanted = _quality(parameters)
        if language in LANGUAGES and wanted > weight:
            best, weight = language, wanted
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0


def continue_trace(header: str) -> str:
    """Return a W3C traceparent: a new span of the trace in `header`, or of a new trace where there is none."""
    found = _TRACEPARENT.fullmatch(header.strip())
    known = found and set(found[1]) != {"0"} and set(found[2]) != {"0"}
    fresh = secrets.token_hex(24)
    trace, flags = (found[1], found[3]) if found and known else (fresh[16:], "01")
    return f"00-{trace}-{fresh[:16]}-{flags}"


def exchange_of(request: Request) -> Exchange:
    """Return the exchange that the edge opened for this request."""
    return cast(Exchange, request.scope["songcau.exchange"])


async def _exchange(request: Request) -> Exchange:
    # Asynchronous, because FastAPI sends a plain function to another thread, which costs more than the whole gate.
    return exchange_of(request)


CurrentExchange = Annotated[Exchange, Depends(_exchange)]

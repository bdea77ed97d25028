"""Reasons become RFC 9457 problems here: the text by language, the code and data never translated."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from songcau_kit.errors import AUTHENTICATION_INSUFFICIENT, DomainError, Reason, Status, Violation
from starlette.responses import JSONResponse

from songcau_gateway.errors import BY_STATUS, http_status
from songcau_gateway.exchange import Exchange
from songcau_gateway.messages import Messages

MEDIA_TYPE = "application/problem+json"
_OWN_DOMAINS = ("gateway.songcau", "kit.songcau")


class ProblemError(BaseModel):
    """One wrong place of the request."""

    pointer: str = Field(description="RFC 6901 pointer into the body; `#query/…`, `#path/…` and `#header/…` elsewhere")
    code: str
    detail: str


class Problem(BaseModel):
    """RFC 9457 problem; programs look at `code`, people read `title` and `detail`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:songcau:error:eservices:DOSSIER_NOT_FOUND",
                    "code": "DOSSIER_NOT_FOUND",
                    "title": "Không tìm thấy hồ sơ",
                    "status": 404,
                    "detail": "Không có hồ sơ này, hoặc bạn không được xem hồ sơ này.",
                    "instance": "/v1/dossiers/019ab6c2-7c1e-7000-8000-000000000001",
                    "correlation_id": "019ab6c2-7c1e-7000-8000-0000000000ff",
                    "source": "service",
                    "errors": [],
                }
            ]
        }
    )

    type: str = Field(description="`urn:songcau:error:<service>:<REASON>`")
    code: str = Field(description="stable reason; never translated, never removed")
    title: str
    status: int
    detail: str
    instance: str
    correlation_id: str
    source: Literal["gateway", "service", "upstream"] = Field(description="who failed")
    errors: list[ProblemError] = []
    details: dict[str, str] = Field(default={}, description="facts of the reason, such as the current state")
    current: dict[str, Any] | None = Field(default=None, description="the fresh state, with status 412")


class Problems:
    """Makes the answers for everything that went wrong."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    def answer(self, error: DomainError, exchange: Exchange, instance: str) -> JSONResponse:
        """Return the problem of a domain error; a reason nobody wrote a text for leaves as a plain 500."""
        reason = error.reason
        text = self._messages.find(reason.domain, reason.code, exchange.language)
        if text is None:
            return self.internal(exchange, instance)
        upstream = error.details.get("source") == "upstream"
        status = http_status(reason, upstream=upstream)
        details = {} if reason.status is Status.INTERNAL else dict(error.details)
        problem = Problem(
            type=urn(reason),
            code=reason.code,
            title=text.title,
            status=status,
            detail=text.fill(details),
            instance=instance,
            correlation_id=exchange.correlation_id,
            source=_source(error, upstream=upstream),
            errors=[self._place(violation, exchange.language) for violation in error.violations],
            details=details,
            current=getattr(error, "current", None),
        )
        return _respond(problem, exchange, getattr(error, "headers", {}))

    def _place(self, violation: Violation, language: str) -> ProblemError:
        """Name a wrong place in the reader's language; a code without a text, such as a paper's key, has its own."""
        text = self._messages.find("violations", violation.code, language)
        words = violation.detail if text is None else text.fill({"detail": violation.detail}) or text.title
        return ProblemError(pointer=violation.pointer, code=violation.code, detail=words)

    def internal(self, exchange: Exchange, instance: str) -> JSONResponse:
        """Return the 500 that says nothing but where to look."""
        text = self._messages.find("kit.songcau", "INTERNAL", exchange.language)
        problem = Problem(
            type="urn:songcau:error:kit:INTERNAL",
            code="INTERNAL",
            title=text.title if text else "Internal error",
            status=BY_STATUS[Status.INTERNAL],
            detail=text.fill({}) if text else "",
            instance=instance,
            correlation_id=exchange.correlation_id,
            source="gateway",
        )
        return _respond(problem, exchange, {})


def urn(reason: Reason) -> str:
    """Return the problem type of a reason."""
    return f"urn:songcau:error:{reason.domain.removesuffix('.songcau')}:{reason.code}"


def _source(error: DomainError, *, upstream: bool) -> Literal["gateway", "service", "upstream"]:
    if upstream:
        return "upstream"
    remote = getattr(error, "remote", error.reason.domain not in _OWN_DOMAINS)
    return "service" if remote else "gateway"


def _challenge(problem: Problem) -> str:
    """Return what the client should ask the issuer for: a new token, or a stronger or fresher sign-in (RFC 9470)."""
    if problem.code != AUTHENTICATION_INSUFFICIENT.code:
        return 'Bearer realm="songcau", error="invalid_token"'
    wanted = ", ".join(
        f'{name}="{problem.details[name]}"' for name in ("acr_values", "max_age") if name in problem.details
    )
    return f'Bearer realm="songcau", error="insufficient_user_authentication", {wanted}'


def _respond(problem: Problem, exchange: Exchange, headers: Mapping[str, str]) -> JSONResponse:
    extra = dict(headers)
    if problem.status == 401:
        extra.setdefault("www-authenticate", _challenge(problem))
    if problem.status == 429 and "retry_after" in problem.details:
        extra.setdefault("retry-after", problem.details["retry_after"])
    if problem.status == 503:
        extra.setdefault("retry-after", "1")
    return JSONResponse(
        problem.model_dump(mode="json", exclude_none=True),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={"content-language": exchange.language, "cache-control": "no-store", **extra},
    )

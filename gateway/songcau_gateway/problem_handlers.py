"""What the framework itself says no with, brought into the one form of a problem."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from songcau_kit.errors import INTERNAL, INVALID_REQUEST, DomainError, Violation
from starlette.exceptions import HTTPException
from starlette.responses import Response

from songcau_gateway.edge import instance_of
from songcau_gateway.errors import METHOD_NOT_ALLOWED, ROUTE_NOT_FOUND, RefusalError
from songcau_gateway.exchange import exchange_of
from songcau_gateway.problems import Problems

_CODES = {"missing": "REQUIRED", "extra_forbidden": "UNKNOWN_FIELD", "json_invalid": "JSON_INVALID"}
_MOST_ERRORS = 50


def install_handlers(app: FastAPI, problems: Problems) -> None:
    """Answer every refusal with a problem."""

    async def answer_domain_error(request: Request, error: Exception) -> Response:
        found = error if isinstance(error, DomainError) else DomainError(INTERNAL)
        return problems.answer(found, exchange_of(request), instance_of(request))

    async def answer_validation(request: Request, error: Exception) -> Response:
        faults = error.errors() if isinstance(error, RequestValidationError) else []
        refusal = DomainError(INVALID_REQUEST, violations=violations_of(faults))
        return problems.answer(refusal, exchange_of(request), instance_of(request))

    async def answer_http(request: Request, error: Exception) -> Response:
        found = _of_http(error) if isinstance(error, HTTPException) else DomainError(INTERNAL)
        return problems.answer(found, exchange_of(request), instance_of(request))

    app.add_exception_handler(DomainError, answer_domain_error)
    app.add_exception_handler(RequestValidationError, answer_validation)
    app.add_exception_handler(HTTPException, answer_http)


def _of_http(error: HTTPException) -> DomainError:
    """Return the refusal behind an HTTPException of the framework."""
    if isinstance(error.__cause__, DomainError):
        return error.__cause__
    if error.status_code == 404:
        return DomainError(ROUTE_NOT_FOUND)
    if error.status_code == 405:
        return RefusalError(METHOD_NOT_ALLOWED, headers={"allow": (error.headers or {}).get("Allow", "")})
    if error.status_code == 400:
        return DomainError(INVALID_REQUEST, violations=[Violation("", "UNREADABLE", "the body cannot be read")])
    return DomainError(INTERNAL)


def violations_of(faults: Sequence[Mapping[str, Any]]) -> list[Violation]:
    """Return one violation per fault; the value that was sent is never repeated."""
    return [_violation(fault) for fault in faults[:_MOST_ERRORS]]


def _violation(fault: Mapping[str, Any]) -> Violation:
    code = _CODES.get(fault["type"], str(fault["type"]).upper())
    return Violation(pointer_of(fault["loc"], json_invalid=code == "JSON_INVALID"), code, str(fault["msg"])[:200])


def pointer_of(place: Sequence[str | int], *, json_invalid: bool = False) -> str:
    """Return the RFC 6901 pointer of a place in the body, or `#query/name` and the like outside of it."""
    origin, *steps = place or ("body",)
    if json_invalid:
        return ""
    escaped = [str(step).replace("~", "~0").replace("/", "~1")[:100] for step in steps]
    return "".join(f"/{step}" for step in escaped) if origin == "body" else f"#{origin}/{'/'.join(escaped)}"

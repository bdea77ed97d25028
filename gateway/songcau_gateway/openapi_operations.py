"""Describes one operation for the API document: what to send along, what comes back, everything that can go wrong."""

from collections.abc import Iterable, Mapping
from typing import Any

from songcau_kit.errors import AUTHENTICATION_INSUFFICIENT, INVALID_REQUEST, Reason

from songcau_gateway.errors import http_status
from songcau_gateway.gates import (
    PURPOSES,
    AssistedActGate,
    IdempotencyGate,
    OnBehalfGate,
    PurposeGate,
    StepUpGate,
    VersionGate,
)
from songcau_gateway.openapi_examples import example_of
from songcau_gateway.operations import Operation
from songcau_gateway.problems import MEDIA_TYPE
from songcau_gateway.reasons import find_reason
from songcau_gateway.routing import GatedRoute

_ANYWHERE = ("HEADERS_TOO_LARGE", "RATE_LIMITED", "RATE_LIMITER_UNAVAILABLE", "QUERY_PARAMETER_UNKNOWN", "INTERNAL")
_BEHIND = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "INVALID_REQUEST")
_WITH_BODY = ("INVALID_REQUEST", "PAYLOAD_TOO_LARGE", "REQUEST_TIMEOUT")
_PDF = {"schema": {"type": "string", "format": "binary"}}
_ACT = "019ab6c2-7c1e-7000-8000-000000000021"
_SOMEBODY = "019ab6c2-7c1e-7000-8000-000000000002"
_HEADERS: Mapping[str, tuple[str, str]] = {
    "ETag": ("version of the object; send it back in If-Match", '"v4"'),
    "Location": ("address of what was created", "/v1/dossiers/019ab6c2-7c1e-7000-8000-000000000001"),
    "Idempotent-Replayed": ("`true` when the answer is the stored one of an earlier request", "true"),
}


def describe_operation(described: dict[str, Any], route: GatedRoute, schemas: Mapping[str, Any]) -> None:
    """Complete the description of an operation in place."""
    operation = route.operation
    described["description"] = operation.summary
    described["x-gateway-service"] = operation.service
    if not operation.rule.public:
        described["security"] = [{"signIn": [scope]} for scope in sorted(operation.rule.scopes)]
        described["x-roles"] = sorted(operation.rule.roles)
    if operation.step_up:
        described["x-step-up"] = {"acr_values": f"aal{operation.step_up}"}
    described.setdefault("parameters", []).extend(_header_parameters(operation))
    _describe_body(described, operation, schemas)
    described["responses"] = {**_success(operation), **_problems(route)}


def _header_parameters(operation: Operation) -> Iterable[dict[str, Any]]:
    if operation.creates_or_moves:
        key = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"}
        yield _header("Idempotency-Key", key, "the same key and body are answered once", "7f1c6f0e", required=True)
    if operation.versioned != "no":
        tag = {"type": "string", "pattern": '^"v[1-9][0-9]{0,17}"$'}
        yield _header(
            "If-Match", tag, "ETag of the version this starts from", '"v4"', required=operation.versioned == "required"
        )
    if operation.conditional:
        yield _header("If-None-Match", {"type": "string", "maxLength": 200}, "304 when still this version", '"v4"')
    if operation.purpose != "no":
        note = "why officers and clinicians look at the data; the citizen sees it"
        yield _header("X-Access-Purpose", {"type": "string", "enum": list(PURPOSES)}, note, PURPOSES[0])
    if operation.rule.on_behalf:
        note = "internal id of the person or organisation the caller stands for; absent for the caller's own"
        yield _header("X-On-Behalf-Of", {"type": "string", "format": "uuid"}, note, _SOMEBODY)
    if operation.rule.assisted:
        note = "id of the act a citizen confirmed and a helper carries out; the answer then says no more than its state"
        yield _header("X-Assisted-Act", {"type": "string", "format": "uuid"}, note, _ACT)
    for name in operation.headers:
        yield _header(name, {"type": "string", "maxLength": 1000, "pattern": "^[\\x21-\\x7e]*$"}, "as signed", "msg-1")
    languages = {"type": "string", "maxLength": 100, "pattern": "^[a-zA-Z*,;=.0-9 -]*$"}
    yield _header("Accept-Language", languages, "`vi` (default) or `en`", "vi")


def _header(name: str, schema: dict[str, Any], note: str, example: str, *, required: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": note,
        "schema": schema,
        "example": example,
    }


def _describe_body(described: dict[str, Any], operation: Operation, schemas: Mapping[str, Any]) -> None:
    if operation.upload:
        described["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": _upload_schema()}}}
    elif operation.raw_body and operation.media_types == ("application/pdf",):
        described["requestBody"] = {"required": True, "content": {"application/pdf": _PDF}}
    elif operation.raw_body:
        example = operation.examples["request"]
        content = {"schema": {"type": "object"}, "example": example}
        described["requestBody"] = {"required": True, "content": {"application/json": content}}
    elif "requestBody" in described:
        content = described["requestBody"]["content"]["application/json"]
        content["example"] = example_of(content["schema"], schemas)


def _upload_schema() -> dict[str, Any]:
    key = {"type": "string", "maxLength": 100, "pattern": "^[A-Za-z0-9_.-]*$", "examples": ["birth_certificate_notice"]}
    return {
        "type": "object",
        "properties": {"component_key": key, "file": {"type": "string", "format": "binary"}},
        "required": ["file"],
        "additionalProperties": False,
    }


def _success(operation: Operation) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for kind in operation.produces if operation.status != 204 else ():
        if kind == "application/json" and operation.answer:
            reference = {"$ref": f"#/components/schemas/{operation.answer.__name__}"}
            example = {"$ref": f"#/components/examples/{operation.answer.__name__}"}
            content[kind] = {"schema": reference, "examples": {"example": example}}
        elif kind == "application/json":
            example = {"value": operation.examples["answer"]}
            content[kind] = {"schema": {"type": "object"}, "examples": {"example": example}}
        else:
            content["*/*" if kind == "application/octet-stream" else kind] = {"schema": {"type": "string"}}
    answer: dict[str, Any] = {"description": operation.title, "headers": dict(_answer_headers(operation))}
    answers = {str(operation.status): answer | ({"content": content} if content else {})}
    if operation.conditional:
        answers["304"] = {"description": "still the version named in If-None-Match"}
    return answers


def _answer_headers(operation: Operation) -> Iterable[tuple[str, dict[str, Any]]]:
    versioned = operation.answer is not None and "version" in operation.answer.model_fields
    wanted = {
        "ETag": versioned or operation.method == "DELETE",
        "Location": bool(operation.location),
        "Idempotent-Replayed": operation.creates_or_moves,
    }
    for name, (note, example) in _HEADERS.items():
        if wanted[name]:
            yield name, {"description": note, "schema": {"type": "string"}, "example": example}


def reasons_of(route: GatedRoute) -> list[Reason]:
    """Return every reason the route can answer with; raise LookupError for one nobody knows."""
    operation = route.operation
    codes = [*_ANYWHERE, *route.access.reasons, *operation.reasons]
    if operation.service != "gateway":
        codes += [*_BEHIND, *(("PERMISSION_DENIED",) if not operation.rule.public else ())]
        if operation.rule.assisted or operation.rule.roles - {"citizen"}:  # staff sign in with a second factor
            codes.append(AUTHENTICATION_INSUFFICIENT.code)
    for kind in (IdempotencyGate, VersionGate, PurposeGate, OnBehalfGate, AssistedActGate, StepUpGate):
        codes += [code for gate in route.gates if isinstance(gate, kind) for code in gate.reasons]
    if operation.method != "GET":
        codes += _WITH_BODY
    if route.body_field is not None or operation.raw_body:
        codes.append("UNSUPPORTED_MEDIA_TYPE")
    if route.dependant.path_params or route.dependant.query_params:
        codes.append(INVALID_REQUEST.code)
    return [_reason(operation, code) for code in dict.fromkeys(codes)]


def _reason(operation: Operation, code: str) -> Reason:
    found = find_reason(operation.service, code)
    if found is None:
        raise LookupError(f"{operation.method} {operation.path} names {code}, which no service knows")
    return found


def _problems(route: GatedRoute) -> dict[str, Any]:
    by_status: dict[int, list[Reason]] = {}
    for reason in reasons_of(route):
        by_status.setdefault(http_status(reason), []).append(reason)
    answers = {str(status): _problem(reasons) for status, reasons in sorted(by_status.items())}
    if route.operation.unready:
        name = route.operation.unready.__name__
        answers["503"]["content"]["application/json"] = {"schema": {"$ref": f"#/components/schemas/{name}"}}
    return answers


def _problem(reasons: list[Reason]) -> dict[str, Any]:
    codes = [reason.code for reason in reasons]
    return {
        "description": ", ".join(f"`{code}`" for code in codes),
        "x-codes": codes,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }

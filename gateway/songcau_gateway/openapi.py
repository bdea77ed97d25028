"""The API document (OpenAPI 3.1), generated from the routes that serve: parameters, examples, every problem, scopes."""

import json
from collections.abc import Iterable
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from songcau_gateway.openapi_examples import example_of
from songcau_gateway.openapi_operations import describe_operation
from songcau_gateway.problems import Problem
from songcau_gateway.routing import GatedRoute

_INTRODUCTION = """Một API cho định danh công dân, dịch vụ công và khám bệnh từ xa của tỉnh.

One API of the province: citizen identity, public services, care at a distance.

* **Đăng nhập**: gửi `Authorization: Bearer <access token>`. Apps use authorization code + PKCE, systems client
  credentials with `private_key_jwt`.
* **Lỗi**: theo RFC 9457, `application/problem+json`; chương trình chỉ dựa vào `code`. Programs look at `code`; `title`
  and `detail` are for people, in Vietnamese or English by `Accept-Language`.
* **Gửi lại an toàn**: yêu cầu tạo mới hoặc thay đổi phải có `Idempotency-Key`; gửi lại cùng khóa và nội dung thì nhận
  lại đúng câu trả lời cũ. The same key and body give the stored answer with `Idempotent-Replayed: true`.
* **Phiên bản**: sửa hoặc chuyển bước phải có `If-Match` là `ETag` đã thấy; thiếu là 428, cũ là 412 kèm trạng thái mới.
  A stale version answers 412 with the fresh state in `current`.
* **Phân trang**: `limit` tối đa 200 và `cursor`; trang cuối có `next_cursor` là null. No totals.
* **Mục đích**: cán bộ, người hành nghề gửi `X-Access-Purpose`; công dân thấy mục đích trong danh sách truy cập. The
  citizen sees it in the access list.
"""


def build_document(app: FastAPI) -> dict[str, Any]:
    """Return the document of the application's routes."""
    routes = [route for route in app.routes if isinstance(route, GatedRoute) and not route.operation.page]
    document = get_openapi(
        title="Sông Cầu",
        version="1",
        openapi_version="3.1.0",
        summary="Nền tảng số của tỉnh Thái Nguyên",
        description=_INTRODUCTION,
        routes=routes,
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    answers = _answer_schemas(routes)
    schemas.update(answers)
    components["examples"] = {
        model.__name__: {"value": example_of(answers[model.__name__], answers)} for model in _answer_models(routes)
    }
    components["securitySchemes"] = {
        "signIn": {
            "type": "openIdConnect",
            "openIdConnectUrl": f"{app.state.settings.token_issuer}/.well-known/openid-configuration",
            "description": "access token of the realm; scopes stand at each operation, roles in `x-roles`",
        }
    }
    for route in routes:
        described = document["paths"][route.path_format][route.operation.method.lower()]
        describe_operation(described, route, schemas)
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    document["servers"] = [{"url": app.state.settings.public_url}]
    return document


def _answer_schemas(routes: Iterable[GatedRoute]) -> dict[str, Any]:
    models: list[type[BaseModel]] = [Problem, *_answer_models(routes)]
    kinds: list[tuple[type[BaseModel], Literal["serialization"]]] = [(model, "serialization") for model in models]
    _, definitions = models_json_schema(kinds, ref_template="#/components/schemas/{model}")
    found: dict[str, Any] = definitions["$defs"]
    return found


def _answer_models(routes: Iterable[GatedRoute]) -> list[type[BaseModel]]:
    found = (route.operation.answer for route in routes)
    named: dict[str, type[BaseModel]] = {answer.__name__: answer for answer in found if answer}
    return [named[name] for name in sorted(named)]


def as_text(document: dict[str, Any]) -> str:
    """Return the document as the committed file has it."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"

"""The API document as one page, Vietnamese first, readable without script."""

import json
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from starlette.responses import HTMLResponse

from songcau_gateway.pages.layout import page


def documentation_page(document: Mapping[str, Any]) -> HTMLResponse:
    """Return the page of an API document."""
    groups: dict[str, list[str]] = {}
    examples = document["components"]["examples"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(method, path, operation, examples))
    nav = "".join(f'<li><a href="#{_anchor(tag)}">{escape(tag)}</a></li>' for tag in groups)
    sections = "".join(f'<h2 id="{_anchor(tag)}">{escape(tag)}</h2>{"".join(items)}' for tag, items in groups.items())
    body = (
        '<header class="top"><h1>Sông Cầu · Tài liệu API</h1>'
        f"<p>{escape(document['info']['summary'])}</p></header>\n<main>"
        f'<section class="card">{_introduction(document["info"]["description"])}'
        '<p>Tài liệu cho máy: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1)</p></section>'
        f'<nav class="card" aria-label="Mục lục"><strong>Mục lục</strong><ul>{nav}</ul></nav>{sections}</main>'
    )
    return page("Tài liệu API", body, language="vi")


def _introduction(text: str) -> str:
    parts: list[str] = []
    for block in text.strip().split("\n\n"):
        if block.startswith("* "):
            items = " ".join(block.split()).removeprefix("* ").split(" * ")
            parts.append("<ul>" + "".join(f"<li>{_inline(item)}</li>" for item in items) + "</ul>")
        else:
            parts.append(f"<p>{_inline(block)}</p>")
    return "".join(parts)


def _inline(text: str) -> str:
    """Return escaped text with `code` and **strong** marked."""
    html = escape(" ".join(text.split()))
    for mark, tag in (("**", "strong"), ("`", "code")):
        pieces = html.split(mark)
        html = "".join(piece if number % 2 == 0 else f"<{tag}>{piece}</{tag}>" for number, piece in enumerate(pieces))
    return html


def _operation(method: str, path: str, operation: Mapping[str, Any], examples: Mapping[str, Any]) -> str:
    head = (
        f'<summary><span class="method {method}">{method.upper()}</span><span class="path">{escape(path)}</span>'
        f'<span class="name">{escape(operation["summary"])}</span></summary>'
    )
    body = (
        f'<p class="soft" lang="en">{_inline(operation["description"])}</p>{_access(operation)}'
        f"{_parameters(operation.get('parameters', []))}{_body(operation)}{_answers(operation['responses'], examples)}"
    )
    return f'<details id="{escape(operation["operationId"])}">{head}<div>{body}</div></details>'


def _access(operation: Mapping[str, Any]) -> str:
    if "security" not in operation:
        return "<p><strong>Ai được gọi:</strong> mọi người, không cần đăng nhập</p>"
    roles = ", ".join(f"<code>{escape(role)}</code>" for role in operation["x-roles"])
    scopes = " hoặc ".join(f"<code>{escape(scope)}</code>" for way in operation["security"] for scope in way["signIn"])
    return f"<p><strong>Ai được gọi:</strong> vai trò {roles}; phạm vi {scopes}</p>"


def _parameters(parameters: Iterable[Mapping[str, Any]]) -> str:
    places = {"path": "đường dẫn", "query": "truy vấn", "header": "tiêu đề"}
    must = " <strong>bắt buộc</strong>"
    lines = "".join(
        f"<tr><td><code>{escape(item['name'])}</code>{must if item.get('required') else ''}</td>"
        f"<td>{places[item['in']]}</td><td>{_inline(item.get('description', ''))}</td></tr>"
        for item in parameters
    )
    head = "<tr><th>Tham số</th><th>Ở đâu</th><th>Ý nghĩa</th></tr>"
    return f'<h3>Tham số</h3><table class="wide">{head}{lines}</table>' if lines else ""


def _body(operation: Mapping[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    return "".join(f"<h3>Gửi · <code>{escape(kind)}</code></h3>{_example(part)}" for kind, part in content.items())


def _answers(answers: Mapping[str, Any], examples: Mapping[str, Any]) -> str:
    good = "".join(
        f"<h3>Nhận · {status} <code>{escape(kind)}</code></h3>{_example(_resolved(part, examples))}"
        for status, answer in answers.items()
        if status < "4"
        for kind, part in answer.get("content", {}).items()
    )
    lines = "".join(
        f"<tr><td>{status}</td><td>{', '.join(f'<code>{escape(code)}</code>' for code in answer['x-codes'])}</td></tr>"
        for status, answer in answers.items()
        if "x-codes" in answer
    )
    return f'{good}<h3>Lỗi có thể gặp</h3><table class="wide"><tr><th>HTTP</th><th>Mã lỗi</th></tr>{lines}</table>'


def _resolved(part: Mapping[str, Any], examples: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = part.get("examples", {}).get("example", {}).get("$ref")
    return {"example": examples[reference.rsplit("/", 1)[-1]]["value"]} if reference else part


def _example(part: Mapping[str, Any]) -> str:
    if "example" not in part:
        return '<p class="soft">Tệp nhị phân hoặc biểu mẫu tệp.</p>'
    text = json.dumps(part["example"], ensure_ascii=False, indent=2)
    return f'<pre tabindex="0">{escape(text)}</pre>'


def _anchor(tag: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in tag.lower()).strip("-")

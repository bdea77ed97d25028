"""Every reason of every service has a Vietnamese and an English text, and the gateway's list of reasons is true."""

from __future__ import annotations

import ast
import importlib
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from songcau_gateway.messages import Messages
from songcau_gateway.reasons import SERVICE_REASONS
from songcau_kit.errors import Reason, ReasonTable

MODULES = (
    "songcau_kit.errors",
    "songcau_kit.protection_errors",
    "songcau_gateway.errors",
    "songcau_identity.errors",
    "songcau_eservices.errors",
    "songcau_telehealth.errors",
    "songcau_audit.errors",
)
MESSAGES = Messages()
ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"[A-Z][A-Z_]+")


def reasons() -> Iterator[Reason]:
    for name in MODULES:
        table: ReasonTable = importlib.import_module(name).REASONS
        yield from table


ALL = sorted({(reason.domain, reason.code) for reason in reasons()})


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(("domain", "code"), ALL, ids=str)
def test_a_reason_has_a_text(domain: str, code: str, language: str) -> None:
    text = MESSAGES.find(domain, code, language)
    assert text is not None
    assert all((text.title, text.detail))
    assert "–" not in text.title


def test_a_placeholder_stands_in_both_languages() -> None:
    for domain, code in ALL:
        names = [
            {name for _, name, _, _ in string.Formatter().parse(text.detail) if name}
            for language in ("vi", "en")
            if (text := MESSAGES.find(domain, code, language))
        ]
        assert names[0] == names[1], code


def test_no_text_is_left_over() -> None:
    known = {(domain.removesuffix(".songcau"), code) for domain, code in ALL}
    texts = {(service, code) for service, code, _ in MESSAGES if service != "violations"}
    assert texts <= known, texts - known


def codes_of_places() -> Iterator[str]:
    """Yield every code that the sources give to a wrong place of a request."""
    makers = {"Violation", "invalid", "upload_invalid", "FactInvalidError", "IdentifierInvalidError"}
    for folder in ("services", "gateway", "libs/kit"):
        for file in (ROOT / folder).rglob("songcau_*/**/*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in makers:
                    parts = (part for argument in node.args for part in ast.walk(argument))
                    texts = (part.value for part in parts if isinstance(part, ast.Constant))
                    yield from (text for text in texts if isinstance(text, str) and CODE.fullmatch(text))


@pytest.mark.parametrize("code", sorted(set(codes_of_places())))
def test_the_code_of_a_wrong_place_has_a_text(code: str) -> None:
    texts = [MESSAGES.find("violations", code, language) for language in ("vi", "en")]
    assert all(text is not None and text.title for text in texts)


@pytest.mark.parametrize("service", ["identity", "eservices", "telehealth", "audit"])
def test_the_document_names_the_reasons_of_the_service(service: str) -> None:
    table: ReasonTable = importlib.import_module(f"songcau_{service}.errors").REASONS
    named = {(code, status) for status, codes in SERVICE_REASONS[service].items() for code in codes}
    assert named == {(reason.code, reason.status) for reason in table}

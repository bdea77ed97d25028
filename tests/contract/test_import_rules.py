"""Where gRPC, SQL, HTTP and the operating system stop: the rules of the house, read from the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    "libs/kit/songcau_kit",
    "libs/units/songcau_units",
    "services/identity/songcau_identity",
    "services/eservices/songcau_eservices",
    "services/telehealth/songcau_telehealth",
    "services/audit/songcau_audit",
    "gateway/songcau_gateway",
    "infra/local/songcau_local",
}
KIT = r"libs/kit/"
LOCAL = r"infra/local/"
DOORS = r".*/(server|consumers|events)\.py$|.*/(servers|events|consumers)/|.*_client\.py$"
CLIENTS = r"gateway/songcau_gateway/clients(/|\.py$)"
REPOSITORY = r".*/(repository\w*|app|__main__|seed)\.py$|.*/repositories/|.*_repository\.py$"
# What may be imported where: external root → the paths that may name it.
ALLOWED = {
    "grpc": rf"^({KIT}|{DOORS}|{CLIENTS})",
    "songcau": rf"^({KIT}|{LOCAL}|{DOORS}|{CLIENTS}|.*/app\.py$)",  # app.py registers the servicers
    "psycopg": rf"^({KIT}|{LOCAL}|{REPOSITORY})",
    "fastapi": r"^gateway/",
    "starlette": r"^gateway/",
    "httpx": rf"^(gateway/|{LOCAL})",
    "cryptography": rf"^({KIT}|{LOCAL})",
    "pkcs11": rf"^{KIT}songcau_kit/_token",
    "kafka": rf"^({KIT}songcau_kit/_kafka|{LOCAL}songcau_local/(full/|commands/topics))",
    "joserfc": rf"^({KIT}|{LOCAL}|services/identity/songcau_identity/bridge/)",
    "keycloak": rf"^(gateway/|{LOCAL})",
}
# The clock and the environment have one reader each.
FORBIDDEN_CALLS = {
    "datetime.now": rf"^({KIT}songcau_kit/clock\.py|{LOCAL})",
    "datetime.utcnow": r"^$",
    "uuid.uuid4": rf"^({LOCAL})",
    "uuid4": rf"^({LOCAL})",
    "time.time": rf"^({LOCAL})",
    "os.environ": rf"^({LOCAL})",
    "os.getenv": rf"^({LOCAL})",
}


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    return tuple(
        (str(path.relative_to(ROOT)), ast.parse(path.read_text()))
        for package in sorted(PACKAGES)
        for path in sorted((ROOT / package).rglob("*.py"))
    )


def imported_roots(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0], node.lineno


def dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


@pytest.mark.parametrize("root", sorted(ALLOWED))
def test_a_library_is_imported_only_in_its_room(root):
    misplaced = [
        f"{name}:{line}"
        for name, tree in modules()
        for found, line in imported_roots(tree)
        if found == root and not re.search(ALLOWED[root], name)
    ]
    assert misplaced == []


@pytest.mark.parametrize("call", sorted(FORBIDDEN_CALLS))
def test_time_ids_and_environment_have_one_reader(call):
    found = [
        f"{name}:{node.lineno}"
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name) and dotted(node) == call
        if not re.search(FORBIDDEN_CALLS[call], name)
    ]
    assert found == []


def test_the_kit_names_no_service_message():
    found = [
        f"{name}:{node.lineno}"
        for name, tree in modules()
        if name.startswith("libs/kit/")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("songcau.")
        if not (node.module or "").startswith("songcau.common")
    ]
    assert found == []


def test_a_model_imports_only_the_standard_library_and_the_kit_s_plain_values():
    plain = {"songcau_kit"}
    found = [
        f"{name}:{line} {root}"
        for name, tree in modules()
        if name.startswith("services/") and Path(name).name == "model.py"
        for root, line in imported_roots(tree)
        if root in ALLOWED and root not in plain
    ]
    assert found == []


def test_sql_stands_only_in_repositories():
    """A statement outside a repository is a rule about storage that nobody will find."""
    sql = re.compile(r"^\s*(select\s.+\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s)", re.I | re.S)
    allowed = re.compile(r"^(libs/kit/|infra/local/)|/(repository\w*|repositories)\b|_repository\.py$|/seed")
    found = [
        f"{name}:{node.lineno}"
        for name, tree in modules()
        if not allowed.search(name)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and sql.search(node.value)
    ]
    assert found == []


def test_no_query_selects_every_column():
    star = re.compile(r"\bselect\s+\*(?!\s+from\s+unnest)", re.I)
    found = [
        f"{name}:{node.lineno}"
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and star.search(node.value)
    ]
    assert found == []

"""Refuses rooms that grew too large and names that say nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULE_LINES = 300
TEST_LINES = 500
FUNCTION_LINES = 40
ARGUMENTS = 6
EMPTY_NAMES = {"utils", "helpers", "common", "manager", "misc", "util", "helper"}


def main() -> int:
    """Print every finding as file:line and return 1 where there is one."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    findings = [finding for name in listed.stdout.split() if (ROOT / name).exists() for finding in findings_in(name)]
    for finding in findings:
        print(finding)
    return 1 if findings else 0


def findings_in(name: str) -> list[str]:
    """Return what is wrong with the shape of one module."""
    source = (ROOT / name).read_text()
    ceiling = TEST_LINES if name.startswith("tests/") else MODULE_LINES
    findings = []
    if (lines := source.count("\n")) > ceiling:
        findings.append(f"{name}:1: {lines} lines, the ceiling is {ceiling}: split it by subject")
    if EMPTY_NAMES & set(Path(name).with_suffix("").parts):
        findings.append(f"{name}:1: a name that says nothing about its content")
    if not name.startswith("tests/"):
        findings += [found for node in ast.walk(ast.parse(source)) for found in findings_of(name, node)]
    return findings


def findings_of(name: str, node: ast.AST) -> list[str]:
    """Return what is wrong with the shape of one function; its docstring is not counted."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return []
    findings = []
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    if ast.get_docstring(node) is not None:
        lines -= (node.body[0].end_lineno or 0) - node.body[0].lineno + 1
    if lines > FUNCTION_LINES:
        findings.append(f"{name}:{node.lineno}: {node.name} has {lines} lines, the ceiling is {FUNCTION_LINES}")
    arguments = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args) if arg.arg not in {"self", "cls"}]
    # A route's parameters are its documented inputs, each declared where FastAPI looks for it.
    is_route = "/routes/" in name
    if not is_route and len(arguments) + len(node.args.kwonlyargs) > ARGUMENTS and node.name != "__init__":
        findings.append(f"{name}:{node.lineno}: {node.name} takes more than {ARGUMENTS} arguments: a value is missing")
    return findings


if __name__ == "__main__":
    sys.exit(main())

"""The pages people read name what the code has, and their links lead somewhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from songcau_audit.auditing import OPERATION
from songcau_eservices.dossiers.model import Action
from songcau_identity.auditing import Operation
from songcau_kit.assisted_acts import CARRY_OUT_ASSISTED_ACT
from songcau_kit.data_key_commands import REPLACE_DATA_KEY
from songcau_kit.subject_answers import ANSWER_ERASURE, ERASE_DATA, PROVIDE_DATA_COPY
from songcau_telehealth.consultations.model import Step
from songcau_telehealth.consultations.refusals import OPERATIONS

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("identity", "eservices", "telehealth", "audit")
PAGES = sorted(
    page
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/*/README.md"), *ROOT.glob("*/README.md")]
    if ".venv" not in page.parts
)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_s_page_names_its_calls_tables_and_topics(service: str) -> None:
    page = (ROOT / f"services/{service}/README.md").read_text()
    protos = "".join(path.read_text() for path in (ROOT / f"proto/songcau/{service}/v1").glob("*.proto"))
    tables = "".join(path.read_text() for path in (ROOT / f"services/{service}/migrations").glob("*.sql"))
    wanted = {
        *re.findall(r"^service (\w+)", protos, re.MULTILINE),
        *re.findall(r"^\s+rpc (\w+)", protos, re.MULTILINE),
        *re.findall(r"^create table (\w+)", tables, re.MULTILINE),
        *(path.stem for path in (ROOT / "proto/topics").glob(f"{service}.*.yaml")),
        *(path.stem for path in (ROOT / "proto/topics").glob("*.yaml") if service in _consumers(path)),
    }
    assert sorted(name for name in wanted if not re.search(rf"\b{re.escape(name)}\b", page)) == []


def test_the_catalogue_of_accesses_has_every_operation_of_the_code_and_no_other() -> None:
    page = (ROOT / "docs/audit.md").read_text()
    for service in SERVICES:
        section = page.split(f"## {service}\n")[1].split("\n## ")[0]
        named = set(re.findall(r"^\| `([A-Z_]+)`", section, re.MULTILINE))
        assert named == set(_operations(service)), service


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_to_a_file_and_a_heading(page: Path) -> None:
    lost = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in _anchors(file)):
            lost.append(target)
    assert lost == []


def test_the_list_of_decisions_names_each_page_with_its_title() -> None:
    index = (ROOT / "docs/adr/README.md").read_text()
    for page in sorted((ROOT / "docs/adr").glob("0*.md")):
        number, title = page.read_text().splitlines()[0].removeprefix("# ").split(". ", maxsplit=1)
        assert f"- [{int(number):04}]({page.name}) {title}" in index


def _consumers(topic: Path) -> list[str]:
    return list(yaml.safe_load(topic.read_text())["consumers"])


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _operations(service: str) -> Iterator[str]:
    """Every operation a service writes: words in its code, and those made of a step of a lifecycle."""
    yield REPLACE_DATA_KEY
    if service == "identity":
        yield from map(str, Operation)
        yield from (PROVIDE_DATA_COPY, ERASE_DATA)
        return
    if service == "audit":
        yield OPERATION
        return
    yield from (PROVIDE_DATA_COPY, ANSWER_ERASURE, ERASE_DATA, CARRY_OUT_ASSISTED_ACT)
    for path in (ROOT / f"services/{service}/songcau_{service}").rglob("*.py"):
        yield from _words(ast.parse(path.read_text()))
    if service == "eservices":
        # CREATE is written by name; what a provider reports is RECORD_PAYMENT.
        yield from (f"{action}_DOSSIER" for action in Action if action is not Action.RECORD_PAYMENT)
    else:
        yield from (f"{step}_CONSULTATION" for step in Step)
        yield from OPERATIONS.values()


def _words(tree: ast.Module) -> Iterator[str]:
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"Trace", "Reason"}:
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant):
                yield str(first.value)
            elif isinstance(first, ast.Name) and first.id in constants:
                yield str(constants[first.id])
        if isinstance(node, ast.keyword) and node.arg == "operation" and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


def test_every_code_word_of_the_glossary_is_a_word_of_the_contracts_or_the_code() -> None:
    words = set(re.findall(r"`([\w./-]+)`", (ROOT / "docs/glossary.md").read_text()))
    sources = [*ROOT.glob("proto/songcau/**/*.proto"), *ROOT.glob("services/**/songcau_*/**/*.py")]
    text = "\n".join(path.read_text() for path in [*sources, *ROOT.glob("services/**/songcau_*/**/*.csv")])
    assert sorted(word for word in words if word not in text) == []


def test_the_first_screen_names_every_topic_beside_its_service() -> None:
    rows = re.findall(r"^\| \[(\w+)\]\(.*\| (.+) \|$", (ROOT / "README.md").read_text(), flags=re.MULTILINE)
    named = {(service, topic) for service, cell in rows for topic in re.findall(r"`([a-z.0-9]+)`", cell)}
    assert named == {(path.name.partition(".")[0], path.stem) for path in (ROOT / "proto/topics").glob("*.yaml")}

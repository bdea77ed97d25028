"""The security pages name what exists: every path, and every requirement of the standard exactly once."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("threat-model.md", "asvs.md")
STATES = {"tested", "held", "partly", "open", "not applicable"}
ROW = re.compile(r"^\| (V[\d.]+) \| (\d) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
PATH = re.compile(r"`([\w.-]+(?:/[\w.-]*)+|pyproject\.toml|constraints\.txt)`")


def page(name: str) -> str:
    return (ROOT / "docs/security" / name).read_text()


def standard() -> dict[str, str]:
    lines = (ROOT / "tests/support/asvs_5_0.txt").read_text().splitlines()
    return dict(line.split(maxsplit=1) for line in lines if not line.startswith("#"))


ROWS = ROW.findall(page("asvs.md"))


@pytest.mark.parametrize("name", PAGES)
def test_every_path_that_a_security_page_names_exists(name: str) -> None:
    paths = PATH.findall(page(name))
    assert len(paths) > 50
    assert sorted({path for path in paths if not (ROOT / path).exists()}) == []


def test_every_requirement_of_level_one_and_two_stands_once_with_its_level() -> None:
    assert len(ROWS) == len(re.findall(r"^\| V\d", page("asvs.md"), re.MULTILINE))
    assert Counter(number for number, *_ in ROWS) == Counter(standard().keys())
    assert {number: level for number, level, *_ in ROWS} == standard()


@pytest.mark.parametrize(("number", "level", "what", "state", "where"), ROWS, ids=[row[0] for row in ROWS])
def test_a_requirement_says_its_state_and_why(number: str, level: str, what: str, state: str, where: str) -> None:
    assert state in STATES
    assert where.strip()
    if state == "tested":
        assert re.search(r"`(tests|docs)/", where), number


def test_the_counts_of_the_first_table_are_those_of_the_rows() -> None:
    told = dict(
        re.findall(r"^\| (tested|held|partly|open|not applicable) \| [^|]+ \| (\d+) \|$", page("asvs.md"), re.M)
    )
    assert {state: int(number) for state, number in told.items()} == Counter(row[3] for row in ROWS)


def test_each_of_the_six_kinds_of_threat_is_answered() -> None:
    rows = re.findall(r"^\| ([STRIDE ]+) \|(?:[^|]+\|){2} `([^`]+)` \| `([^`]+)` \|$", page("threat-model.md"), re.M)
    assert {letter for kinds, *_ in rows for letter in kinds.split()} == set("STRIDE")
    assert all(test.startswith("tests/") for _, _, test in rows)

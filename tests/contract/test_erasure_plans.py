"""What holds or finds something personal is in the plan by which a service forgets a person."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATEMENT = re.compile(r"(?:create|alter) table (\w+)(.*?);", re.S)
PERSONAL = re.compile(r"^\s*(?:add column )?(\w+_(?:enc|bix)) bytea", re.M)


def columns(service: str) -> set[tuple[str, str]]:
    text = "".join(path.read_text() for path in sorted((ROOT / f"services/{service}/migrations").glob("*.sql")))
    return {
        (table, column)
        for table, body in STATEMENT.findall(text.replace(" add column", "\n    add column"))
        for column in PERSONAL.findall(body)
    }


@pytest.mark.parametrize("service", ["eservices", "telehealth"])
def test_every_table_with_something_personal_is_forgotten(service: str) -> None:
    plan = (ROOT / f"services/{service}/songcau_{service}/rights/repository.py").read_text()
    found = columns(service)
    assert len(found) > 5
    for table, column in found:
        emptied = re.search(rf"update {table} set [^\"]*\b{column}\b", plan)
        removed = re.search(rf"delete from {table}\b", plan)
        assert emptied or removed, f"{table}.{column}"

"""The store of files of a development cluster keeps what S3 promises: nothing replaced unasked, lists in order."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def client(tmp_path: Path) -> Any:
    file = ROOT / "infra/k8s/local/songcau_cluster/object_store.py"
    spec = importlib.util.spec_from_file_location("object_store", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.create_app(tmp_path).test_client()


def test_what_must_be_new_is_not_written_over_another(client: Any):
    only_new = {"If-None-Match": "*"}
    assert client.put("/bucket/a", data=b"first", headers=only_new).status_code == 200
    assert client.put("/bucket/a", data=b"second", headers=only_new).status_code == 412
    assert client.get("/bucket/a").data == b"first"
    assert client.put("/bucket/a", data=b"third").status_code == 200
    assert client.get("/bucket/a").data == b"third"


def test_a_list_holds_what_a_folder_has_behind_a_name(client: Any):
    for key in ("trees/3", "trees/1", "trees/2", "other/9"):
        client.put(f"/bucket/{key}", data=b"content")
    listed = client.get("/bucket?list-type=2&prefix=trees/&start-after=trees/1").text
    assert [part.partition("<")[0] for part in listed.split("<Key>")[1:]] == ["trees/2", "trees/3"]
    assert "<Key>" not in client.get("/nowhere?list-type=2").text

"""Where a Docker engine runs the real parts are containers, else Java programs; second factors work once."""

from pathlib import Path

import pytest
import yaml
from songcau_local import one_time_codes
from songcau_local.full import parts
from songcau_local.full.versions import describe
from songcau_local.key_material import load_or_make
from songcau_local.layout import FULL_PORTS, PORTS, ROOT, Layout
from songcau_local.realm.differences import MASKED, differences

DOCKER = """#!/bin/sh
case "$1" in info) exit {engine};; compose) exit 0;; esac
"""


@pytest.fixture
def full(tmp_path):
    layout = Layout(tmp_path / "state", 300, is_full=True)
    layout.state.mkdir()
    return parts.RealParts(layout, load_or_make(layout), print)


def docker(folder: Path, monkeypatch, *, engine: int) -> None:
    program = folder / "docker"
    program.write_text(DOCKER.format(engine=engine))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_a_docker_program_without_an_engine_is_no_docker(tmp_path, monkeypatch):
    docker(tmp_path, monkeypatch, engine=1)
    assert parts.docker_runs() is False
    docker(tmp_path, monkeypatch, engine=0)
    assert parts.docker_runs() is True


def test_with_an_engine_compose_runs_the_two_parts_with_the_ports_of_the_stack(full, tmp_path, monkeypatch):
    docker(tmp_path, monkeypatch, engine=0)
    kafka, keycloak = full.programs()
    assert (kafka.command[0], kafka.command[-1], keycloak.command[-1]) == ("docker", "kafka", "keycloak")
    assert kafka.environment["SONGCAU_KAFKA_PORT"] == str(full.layout.port("kafka"))
    assert keycloak.environment["SONGCAU_KEYCLOAK_PORT"] == str(full.layout.port("issuer"))
    assert keycloak.environment["SONGCAU_GATEWAY_URL"] == full.layout.url("gateway")


def test_compose_reads_the_versions_and_values_that_the_stack_gives():
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert "SONGCAU_KAFKA_VERSION" in services["kafka"]["image"]
    assert "SONGCAU_KEYCLOAK_VERSION" in services["keycloak"]["image"]
    assert {name for name in services["keycloak"]["environment"] if name.startswith("SONGCAU_")} == {
        "SONGCAU_BRIDGE_URL",
        "SONGCAU_BRIDGE_CLIENT_SECRET",
        "SONGCAU_GATEWAY_URL",
        "SONGCAU_HOSPITAL_JWKS_URL",
        "SONGCAU_ACCOUNTS_JWKS",
        "SONGCAU_HOUSEKEEPING_JWKS",
    }


def test_the_kind_of_a_stack_is_remembered_and_its_bus_follows(tmp_path):
    Layout.open(tmp_path, is_full=True).remember()
    again = Layout.open(tmp_path)
    assert (again.is_full, again.bus) == (True, f"kafka://127.0.0.1:{FULL_PORTS['kafka']}")
    assert Layout.open(tmp_path, is_full=False).bus.startswith("postgresql://")
    assert set(again.ports) == {*PORTS, *FULL_PORTS}


def test_every_real_part_says_its_version():
    assert describe("kafka").startswith("real: Apache Kafka ")
    assert describe("keycloak").startswith("real: Keycloak ")
    assert describe("issuer") == "stands in for Keycloak"


@pytest.mark.parametrize(("counter", "code"), [(1, "287082"), (37037036, "081804"), (41152263, "005924")])
def test_codes_are_those_of_rfc_6238(counter, code):
    assert one_time_codes.code_at("12345678901234567890", counter) == code


def test_no_code_is_shown_twice(tmp_path):
    layout = Layout(tmp_path)
    assert len({one_time_codes.next_code(layout, "doctor", "secret") for _ in range(3)}) == 3


@pytest.mark.parametrize(
    ("declared", "found", "is_drift"),
    [
        ({"a": True}, {"a": "true", "b": 1}, False),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, False),
        ({"a": []}, {}, False),
        ({"config": {"clientSecret": "s"}}, {"config": {"clientSecret": MASKED}}, False),
        ({"a": ["x"]}, {"a": ["x", "*"]}, True),
        ({"a": False}, {"a": True}, True),
        ({"a": {"b": "1"}}, {"a": None}, True),
    ],
)
def test_only_what_the_file_names_and_the_server_lacks_is_drift(declared, found, is_drift):
    assert bool(list(differences(declared, found))) is is_drift


def test_a_drift_never_shows_a_secret():
    (drift,) = differences({"clientSecret": "new"}, {"clientSecret": "old"})
    assert "new" not in str(drift)
    assert "old" not in str(drift)

"""The Compose file says nothing that the settings do not know, and every part of it can be seen to be well."""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from songcau_local.client_keys import ACCOUNTS_CLIENT, HOUSEKEEPING_CLIENT
from songcau_local.volumes import ACCOUNT
from songcau_local.workloads import WORKLOADS

ROOT = Path(__file__).resolve().parents[2]
LOCAL_IMAGE = "infra/k8s/local/Dockerfile"
OWNER = "volume-owner"
SERVICES = ("identity", "eservices", "telehealth", "audit", "gateway")


@pytest.fixture(scope="module")
def parts() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "compose.yaml").read_text())["services"])


def test_every_variable_of_a_service_is_a_setting(parts: dict[str, Any]) -> None:
    known = set()
    for service in SERVICES:
        model = importlib.import_module(f"songcau_{service}.settings").Settings
        known |= {f"{model.model_config['env_prefix']}{name.upper()}" for name in model.model_fields}
    told = {name for part in parts.values() for name in part.get("environment", {})}

    ours = {name for name in told if name.split("_")[0].lower() in SERVICES}
    assert ours
    assert ours <= known


def test_no_part_runs_by_a_moving_tag(parts: dict[str, Any]) -> None:
    for name, part in parts.items():
        assert re.search(r":(\$\{[A-Z_]+:-)?[a-z0-9][a-z0-9.-]*\}?$", part["image"]), name
        assert not part["image"].endswith(":latest"), name


def test_every_part_that_stays_has_a_health_check(parts: dict[str, Any]) -> None:
    for name, part in parts.items():
        stays = part.get("restart") != "no"
        served_by_image = part["image"].startswith("localhost/songcau/") and "command" not in part
        assert not stays or "healthcheck" in part or served_by_image, name


def writable_volumes(part: dict[str, Any]) -> set[str]:
    mounts = [mount.split(":") for mount in part.get("volumes", ()) if not mount.startswith(".")]
    return {name for name, _, *mode in mounts if mode != ["ro"]}


def test_no_part_runs_as_root_but_the_one_that_gives_volumes_to_their_account(parts: dict[str, Any]) -> None:
    ours = {name: part for name, part in parts.items() if part["image"].startswith("localhost/songcau/")}
    for dockerfile in (*ROOT.glob("services/*/Dockerfile"), ROOT / "gateway/Dockerfile", ROOT / LOCAL_IMAGE):
        assert f"USER {ACCOUNT}:{ACCOUNT}" in dockerfile.read_text().splitlines(), dockerfile
    named = {name: part["user"] for name, part in parts.items() if "user" in part}
    assert named == {OWNER: "0:0", "postgres": "postgres"}
    assert {name for name, part in ours.items() if part["cap_drop"] != ["ALL"]} == set()
    assert {name: part["cap_add"] for name, part in ours.items() if "cap_add" in part} == {
        OWNER: ["CHOWN", "DAC_READ_SEARCH"]
    }


def test_who_writes_to_a_volume_waits_until_it_is_given_to_the_account(parts: dict[str, Any]) -> None:
    owner = parts[OWNER]
    assert {mount.split(":")[1] for mount in owner["volumes"]} == set(owner["command"][1:])
    for name, part in parts.items():
        if name != OWNER and part["image"].startswith("localhost/songcau/") and writable_volumes(part):
            assert writable_volumes(part) <= writable_volumes(owner), name
            assert part["depends_on"][OWNER] == {"condition": "service_completed_successfully"}, name


def test_all_parts_share_one_network_and_doors_are_open_on_loopback_only(parts: dict[str, Any]) -> None:
    assert all(part["networks"] == ["songcau"] for part in parts.values())
    doors = {name: part["ports"] for name, part in parts.items() if "ports" in part}
    assert doors.keys() == {"gateway", "kafka", "keycloak"}
    assert all(door.startswith("127.0.0.1:") for ports in doors.values() for door in ports)


def test_what_waits_for_a_part_waits_for_one_that_is_there(parts: dict[str, Any]) -> None:
    for name, part in parts.items():
        assert set(part.get("depends_on", {})) <= parts.keys(), name


def test_versions_are_those_of_the_real_parts_elsewhere(parts: dict[str, Any]) -> None:
    pinned = yaml.safe_load((ROOT / "infra/local/songcau_local/full/versions.yaml").read_text())

    for name in ("kafka", "keycloak"):
        assert parts[name]["image"].endswith(f":-{pinned[name]['version']}}}"), name


def test_the_gateway_and_the_tasks_on_accounts_each_have_the_key_of_their_own_client(parts: dict[str, Any]) -> None:
    tasks = [(name, HOUSEKEEPING_CLIENT) for name in ("idle-accounts", "erased-accounts")]
    for name, client in (("gateway", ACCOUNTS_CLIENT), *tasks):
        told = parts[name]["environment"]
        assert told["GATEWAY_ACCOUNT_CLIENT_KEY"] == f"/account-keys/{client}.pem"
        assert told.get("GATEWAY_ACCOUNT_CLIENT_ID", ACCOUNTS_CLIENT) == client
        assert "account-keys:/account-keys:ro" in parts[name]["volumes"], name
        assert parts[name]["depends_on"]["realm"] == {"condition": "service_completed_successfully"}


def test_who_serves_or_calls_proves_who_it_is_and_waits_for_its_certificate(parts: dict[str, Any]) -> None:
    proven = {}
    for name, part in parts.items():
        told = part.get("environment", {})
        files = {value for key, value in told.items() if re.search(r"_TLS_(CERTIFICATE|KEY|AUTHORITIES)$", key)}
        if files:
            assert len(files) == 3, name
            (proven[name],) = {re.findall(r"/certificates/([a-z-]+)/", value)[0] for value in files}
            assert "certificates:/certificates:ro" in part["volumes"], name
            assert part["depends_on"]["certificates"] == {"condition": "service_completed_successfully"}, name

    assert proven == {workload.name: workload.name for workload in WORKLOADS}

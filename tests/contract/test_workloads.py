"""Every RPC names the processes that may call it, and exactly those have a certificate to call with."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Mapping
from pathlib import Path

import pytest
from google.protobuf import descriptor_pool
from songcau_local.workloads import WORKLOADS
from support.k8s_manifests import OVERLAYS, of_kind, pods

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("identity", "eservices", "telehealth", "audit")
NAMES = {workload.name for workload in WORKLOADS}
# Who calls a service, by the folder or file where the generated clients are used.
CLIENTS = {
    "gateway": "gateway/songcau_gateway/clients",
    "eservices": "services/eservices/songcau_eservices/identity_client.py",
    "identity-bridge": "services/identity/songcau_identity/bridge/citizen_client.py",
}


def methods(service: str) -> set[str]:
    found = set()
    for file in sorted((ROOT / f"proto/songcau/{service}/v1").glob("*_service.proto")):
        module = importlib.import_module(f"songcau.{service}.v1.{file.stem}_pb2")
        for one in module.DESCRIPTOR.services_by_name.values():
            descriptor = descriptor_pool.Default().FindServiceByName(one.full_name)
            found |= {f"{one.full_name}/{method.name}" for method in descriptor.methods}
    return found


def table(service: str) -> Mapping[str, frozenset[str]]:
    return dict(importlib.import_module(f"songcau_{service}.servers.workloads").WORKLOADS)


def called(place: str) -> set[str]:
    """Return the words that are called or passed on from a stub: `self._stub.GetDossier`."""
    path = ROOT / place
    files = sorted(path.glob("*.py")) if path.is_dir() else [path]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    return {node.attr for node in nodes if isinstance(node, ast.Attribute) and node.attr[:1].isupper()}


@pytest.mark.parametrize("service", SERVICES)
def test_every_rpc_says_which_processes_may_call_it(service: str) -> None:
    assert table(service).keys() == methods(service)
    assert all(table(service).values())


@pytest.mark.parametrize("service", SERVICES)
def test_only_processes_that_exist_are_named(service: str) -> None:
    assert {name for names in table(service).values() for name in names} <= NAMES


@pytest.mark.parametrize("workload", CLIENTS)
@pytest.mark.parametrize("service", SERVICES)
def test_a_process_may_call_exactly_what_it_calls(service: str, workload: str) -> None:
    allowed = {method.partition("/")[2] for method, names in table(service).items() if workload in names}
    known = {method.partition("/")[2] for method in methods(service)}

    assert allowed == (called(CLIENTS[workload]) & known if workload == "gateway" or service == "identity" else set())


def test_who_calls_and_who_serves_is_what_the_certificates_say() -> None:
    callers = {name for service in SERVICES for names in table(service).values() for name in names}

    assert {workload.name for workload in WORKLOADS if workload.is_client} == callers
    assert {workload.name for workload in WORKLOADS if workload.is_server} == set(SERVICES)


@pytest.mark.parametrize("overlay", ["staging", "production"])
def test_each_process_gets_a_short_certificate_with_its_name_and_its_usages(overlay: str) -> None:
    found = {entry["metadata"]["name"]: entry["spec"] for entry in of_kind(overlay, "Certificate")}
    authority = found.pop("workload-authority")

    assert authority["isCA"] is True
    assert found.keys() == NAMES
    for workload in WORKLOADS:
        spec = found[workload.name]
        assert spec["secretName"] == f"{workload.name}-tls"
        assert spec["uris"] == [f"spiffe://songcau/{workload.name}"]
        assert spec.get("dnsNames", []) == ([workload.name] if workload.is_server else [])
        assert ("server auth" in spec["usages"], "client auth" in spec["usages"]) == (
            workload.is_server,
            workload.is_client,
        )
        assert int(spec["duration"].removesuffix("h")) <= 72
        assert spec["issuerRef"]["name"] == "workload-authority"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_each_process_mounts_its_own_certificate_and_nobody_elses(overlay: str) -> None:
    mounted = {}
    for name, _, pod in pods(overlay):
        secrets = {volume["secret"]["secretName"] for volume in pod["volumes"] if "secret" in volume}
        mounted[name.partition("/")[2]] = {secret for secret in secrets if secret.removesuffix("-tls") in NAMES}

    assert {name: secrets for name, secrets in mounted.items() if secrets} == {name: {f"{name}-tls"} for name in NAMES}

"""Nobody reaches anybody but those who are named; the names are those of the settings."""

import importlib

import pytest
import yaml
from support.k8s_manifests import K8S, OVERLAYS, SERVICES, Document, of_kind, pods, settings_env

DOORS = [("identity", 9101), ("eservices", 9102), ("telehealth", 9103), ("audit", 9104)]
NAME, COMPONENT = "app.kubernetes.io/name", "app.kubernetes.io/component"


def policies(overlay: str) -> dict[str, Document]:
    return {entry["metadata"]["name"]: entry["spec"] for entry in of_kind(overlay, "NetworkPolicy")}


def named(peer: Document) -> str:
    labels = peer.get("podSelector", {}).get("matchLabels", {})
    return f"{labels.get(NAME, '')}/{labels.get(COMPONENT, '')}"


def callers(policy: Document, port: int) -> set[str]:
    found = set()
    for rule in policy["ingress"]:
        if port in {entry["port"] for entry in rule["ports"]}:
            found |= {named(peer) for peer in rule["from"] if "podSelector" in peer and "namespaceSelector" not in peer}
    return found


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_default_is_deny_both_ways(overlay: str) -> None:
    deny = policies(overlay)["default-deny"]

    assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_pod_has_a_policy_of_its_own(overlay: str) -> None:
    selectors = [entry["podSelector"] for entry in policies(overlay).values() if entry["podSelector"]]
    for name, labels, _ in pods(overlay):
        assert any(
            selector.get("matchLabels", {}).items() <= labels.items()
            and all(labels.get(term["key"]) in term["values"] for term in selector.get("matchExpressions", []))
            for selector in selectors
        ), name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_rule_is_open_to_everybody(overlay: str) -> None:
    for name, policy in policies(overlay).items():
        for rule in policy.get("ingress", []):
            assert rule.get("from"), name
            assert rule.get("ports"), name
            for peer in rule["from"]:
                assert peer.get("podSelector") or peer.get("namespaceSelector"), name
        for rule in policy.get("egress", []):
            assert rule.get("to"), name


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize(("service", "port"), DOORS)
def test_callers_are_those_whose_settings_hold_the_address(overlay: str, service: str, port: int) -> None:
    expected = set()
    for caller in SERVICES:
        given, _ = settings_env(caller)
        for key, value in given.items():
            if value == f"{service}:{port}":
                # Only the bridge uses what it knows of its own service's door.
                expected.add(f"{caller}/{'bridge' if key.endswith('LINKER_TARGET') else 'serve'}")

    assert callers(policies(overlay)[service], port) == expected
    for caller in expected:
        policy = policies(overlay)[caller.replace("/serve", "").replace("/", "-")]
        reached = {
            (named(peer), entry["port"])
            for rule in policy["egress"]
            for peer in rule["to"]
            for entry in rule.get("ports", [])
        }
        assert (f"{service}/serve", port) in reached, caller


def egress_of(overlay: str, component: str) -> list[Document]:
    """Return the egress rules of every policy that speaks of a process of identity."""
    mine = {NAME: "identity", COMPONENT: component}
    return [
        rule
        for policy in policies(overlay).values()
        if policy["podSelector"].get("matchLabels") == mine
        for rule in policy.get("egress", [])
    ]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_questions_for_the_identity_app_leave_only_where_their_address_is_set(overlay: str) -> None:
    settings = next(
        config["data"] for config in of_kind(overlay, "ConfigMap") if "IDENTITY_PUSH_URL" in config.get("data", {})
    )
    peers = [peer for rule in egress_of(overlay, "work") for peer in rule["to"]]
    reached = {named(peer) for peer in peers} | {"outside" for peer in peers if "ipBlock" in peer}
    expected = {"": set(), "http://vneid:8190/pushes": {"simulators/surroundings"}}
    assert reached & {"outside", "simulators/surroundings"} == expected.get(settings["IDENTITY_PUSH_URL"], {"outside"})


def test_the_component_of_the_identity_app_opens_443_to_the_worker_alone() -> None:
    (policy,) = yaml.safe_load_all((K8S / "components/push-provider/network-policy.yaml").read_text())
    assert policy["spec"]["podSelector"]["matchLabels"] == {NAME: "identity", COMPONENT: "work"}
    (rule,) = policy["spec"]["egress"]
    assert [entry["port"] for entry in rule["ports"]] == [443]


@pytest.mark.parametrize("overlay", ["staging", "production"])
def test_the_gateway_is_the_only_way_in_beside_the_sign_in_page(overlay: str) -> None:
    (ingress,) = of_kind(overlay, "Ingress")
    backends = {
        path["backend"]["service"]["name"] for rule in ingress["spec"]["rules"] for path in rule["http"]["paths"]
    }
    assert backends == {"gateway", "identity-bridge"}
    assert {entry["spec"].get("type", "ClusterIP") for entry in of_kind(overlay, "Service")} == {"ClusterIP"}
    for name, policy in policies(overlay).items():
        outside = [
            peer
            for rule in policy.get("ingress", [])
            for peer in rule["from"]
            if peer.get("namespaceSelector", {}).get("matchLabels", {}).get("songcau.vn/role") == "ingress"
        ]
        assert not outside or name in {"gateway", "identity-bridge", "keycloak"}, name


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize(("service", "port"), DOORS)
def test_the_network_lets_through_exactly_those_whom_some_method_lets_in(overlay: str, service: str, port: int) -> None:
    table = importlib.import_module(f"songcau_{service}.servers.workloads").WORKLOADS
    named = {workload for workloads in table.values() for workload in workloads}

    allowed = callers(policies(overlay)[service], port)
    assert named == {caller.removesuffix("/serve").replace("/", "-") for caller in allowed}

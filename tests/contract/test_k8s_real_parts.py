"""The bus and the sign-in server of every overlay are the real ones, with the locks of a province."""

import json
import subprocess
import sys

import pytest
from songcau_kit._kafka_bus.address import KafkaAddress
from songcau_local.full.versions import part
from support.k8s_manifests import K8S, OVERLAYS, ROOT, Document, containers, of_kind, pods

WORKERS = {
    "Deployment/identity-work",
    "Deployment/eservices-work",
    "Deployment/telehealth-work",
    "Deployment/audit-work",
}
AUTHORITY = "/etc/songcau/bus"
SURROUNDINGS = K8S / "overlays/dev/surroundings"


@pytest.fixture(scope="module")
def made() -> dict[str, dict[str, str]]:
    """Return the Secrets that a development cluster is given."""
    done = subprocess.run(
        [sys.executable, "tools/k8s_secrets.py"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {item["metadata"]["name"]: item["stringData"] for item in json.loads(done.stdout)["items"]}


def properties() -> dict[str, str]:
    lines = (SURROUNDINGS / "kafka/server.properties").read_text().splitlines()
    return {key: value for key, _, value in (line.partition("=") for line in lines if line and line[0] != "#")}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_worker_trusts_the_authority_of_the_brokers(overlay: str) -> None:
    found = set()
    for name, _, pod in pods(overlay):
        if name not in WORKERS:
            continue
        (volume,) = (entry for entry in pod["volumes"] if entry["name"] == "bus-ca")
        assert volume["secret"]["secretName"] == "songcau-cluster-ca-cert"  # pragma: allowlist secret
        assert volume["secret"]["items"] == [{"key": "ca.crt", "path": "ca.crt"}]
        (mount,) = (entry for entry in pod["containers"][0]["volumeMounts"] if entry["name"] == "bus-ca")
        assert (mount["mountPath"], mount["readOnly"]) == (AUTHORITY, True)
        found.add(name)
    assert found == WORKERS


@pytest.mark.parametrize("overlay", ["staging", "production"])
def test_the_authority_has_the_name_that_strimzi_gives_it(overlay: str) -> None:
    (cluster,) = of_kind(overlay, "Kafka")

    assert f"{cluster['metadata']['name']}-cluster-ca-cert" == "songcau-cluster-ca-cert"


def test_the_addresses_of_the_bus_name_principal_encryption_and_authority(made: dict[str, dict[str, str]]) -> None:
    for service in ("identity", "eservices", "telehealth", "audit"):
        address = KafkaAddress.parse(made[f"{service}-secrets"][f"{service.upper()}_BUS_URL"])
        assert (address.username, address.security) == (f"songcau-{service}", "SASL_SSL")
        assert address.password == made["bus-principals"][f"{service.upper()}_BUS_PASSWORD"]
        assert address.ca == f"{AUTHORITY}/ca.crt"


def test_the_broker_of_dev_asks_everybody_for_a_name_and_lets_nobody_do_what_is_not_granted() -> None:
    told = properties()

    assert told["listeners"] == "SASL_SSL://:9093,CONTROLLER://127.0.0.1:9094"
    assert told["sasl.enabled.mechanisms"] == "SCRAM-SHA-512"
    assert told["authorizer.class.name"] == "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
    assert told["super.users"] == "User:admin;User:ANONYMOUS"
    assert told["auto.create.topics.enable"] == "false"
    assert "allow.everyone.if.no.acl.found" not in told
    assert "${env:" in told["listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config"]


def test_dev_has_neither_the_issuer_nor_the_bus_that_stand_in_elsewhere(made: dict[str, dict[str, str]]) -> None:
    names = {entry["metadata"]["name"] for entry in of_kind("dev", "Deployment")}

    assert {"kafka", "keycloak", "postgres"} <= names
    assert "issuer" not in names
    assert not any("postgresql://" in made[f"{name}-secrets"][f"{name.upper()}_BUS_URL"] for name in ("identity",))


def test_the_secrets_that_dev_refers_to_are_those_that_are_made(made: dict[str, dict[str, str]]) -> None:
    wanted: dict[str, set[str]] = {}
    for _, _, pod in pods("dev"):
        for name, keys in _references(pod):
            wanted.setdefault(name, set()).update(keys)

    assert wanted.keys() - made.keys() == set()
    assert made.keys() - wanted.keys() == set()
    for name, keys in wanted.items():
        assert keys <= made[name].keys(), name


def _references(pod: Document) -> list[tuple[str, set[str]]]:
    found: list[tuple[str, set[str]]] = []
    for volume in pod["volumes"]:
        if "secret" in volume and not volume["secret"].get("optional"):
            keys = {item["key"] for item in volume["secret"].get("items", [])}
            found.append((volume["secret"]["secretName"], keys))
    for box in containers(pod):
        found += [(entry["secretRef"]["name"], set()) for entry in box.get("envFrom", []) if "secretRef" in entry]
        named = [entry.get("valueFrom", {}).get("secretKeyRef") for entry in box.get("env", [])]
        found += [(one["name"], {one["key"]}) for one in named if one and not one.get("optional")]
    return found


@pytest.mark.parametrize("name", ["kafka", "keycloak"])
def test_images_of_the_real_parts_have_the_pinned_version_and_no_user_with_rights(name: str) -> None:
    text = (K8S / name / "Dockerfile").read_text()

    assert f":{part(name).version}\n" in text.partition("FROM")[0]
    assert "USER 10001:10001" in text


def test_keycloak_imports_the_realm_file_of_the_repository() -> None:
    (realm,) = (
        entry for entry in of_kind("dev", "ConfigMap") if entry["metadata"]["name"].startswith("keycloak-realm")
    )

    assert realm["data"] == {"songcau-realm.json": (ROOT / "infra/keycloak/realm.json").read_text()}


@pytest.mark.parametrize("overlay", ["staging", "production"])
def test_keycloak_of_an_installation_is_the_version_that_was_tried(overlay: str) -> None:
    (keycloak,) = of_kind(overlay, "Keycloak")

    assert keycloak["spec"]["image"].endswith(f":{part('keycloak').version}")
    assert of_kind(overlay, "Kafka")[0]["spec"]["kafka"]["version"] == part("kafka").version


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_nothing_runs_a_program_that_our_images_do_not_hold(overlay: str) -> None:
    for name, _, pod in pods(overlay):
        for box in containers(pod):
            if "songcau/" in box["image"] and "command" in box:
                assert box["command"][0].startswith(("python", "/opt/kafka/", "/opt/keycloak/")), (
                    f"{name} {box['name']}"
                )

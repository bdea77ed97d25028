"""What the operators' schemas find: unknown fields, wrong types, values outside a list."""

import copy
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from songcau_local.full.artefacts import cache_folder
from songcau_local.full.versions import part
from support.k8s_manifests import ROOT, Document, of_kind

sys.path.insert(0, str(ROOT / "tools"))

import k8s_schemas

STRIMZI = cache_folder() / f"strimzi-definitions-{part('strimzi-api').version}"


@pytest.fixture
def strimzi(monkeypatch: pytest.MonkeyPatch) -> None:
    """Know Strimzi's kinds alone, from the definitions that `make k8s-check` has made."""
    files = tuple(sorted(Path(STRIMZI).glob("*.yaml")))
    if len(files) != 4:
        pytest.skip("Strimzi's definitions are made by `make k8s-check`")
    k8s_schemas._schemas.cache_clear()
    monkeypatch.setattr(k8s_schemas, "definition_files", lambda: files)
    yield
    k8s_schemas._schemas.cache_clear()


@pytest.mark.usefixtures("strimzi")
@pytest.mark.parametrize("overlay", ["staging", "production"])
def test_every_resource_of_kafka_is_as_strimzi_takes_it(overlay: str) -> None:
    resources = of_kind(overlay, "Kafka", "KafkaNodePool", "KafkaTopic", "KafkaUser")

    assert {resource["kind"] for resource in resources} == {"Kafka", "KafkaNodePool", "KafkaTopic", "KafkaUser"}
    for resource in resources:
        assert k8s_schemas.operator_faults(resource) == [], resource["metadata"]["name"]


def unknown_field(resource: Document) -> None:
    resource["spec"]["kafka"]["listener"] = []


def wrong_type(resource: Document) -> None:
    resource["spec"]["kafka"]["listeners"][0]["port"] = "the usual"


def value_outside_the_list(resource: Document) -> None:
    resource["spec"]["kafka"]["listeners"][0]["authentication"]["type"] = "trust"


@pytest.mark.usefixtures("strimzi")
@pytest.mark.parametrize("spoil", [unknown_field, wrong_type, value_outside_the_list])
def test_a_mistake_in_a_resource_is_found(spoil: Any) -> None:
    (resource,) = copy.deepcopy(of_kind("production", "Kafka"))
    spoil(resource)

    assert k8s_schemas.operator_faults(resource)


def test_kinds_without_a_schema_are_named_with_the_reason() -> None:
    groups = {entry["apiVersion"].partition("/")[0] for entry in of_kind("production", "Keycloak")}

    assert groups <= k8s_schemas.UNOBTAINABLE.keys()
    assert all(len(reason) > 20 for reason in k8s_schemas.UNOBTAINABLE.values())


def test_definitions_are_made_from_pinned_files_only() -> None:
    pinned = yaml.safe_load((ROOT / "infra/local/songcau_local/full/versions.yaml").read_text())
    import strimzi_definitions

    assert all(pinned[name]["files"] for name in strimzi_definitions.LIBRARIES)

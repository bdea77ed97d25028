"""The manifests as a cluster gets them: each overlay built once, looked at by many tests."""

import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
K8S = ROOT / "infra" / "k8s"
OVERLAYS = ("dev", "staging", "production")
SERVICES = ("identity", "eservices", "telehealth", "audit", "gateway")
Document = dict[str, Any]


@cache
def built(overlay: str) -> tuple[Document, ...]:
    """Return the documents of an overlay; the test is skipped where kubectl is not installed."""
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed; `make k8s-check` installs it")
    done = subprocess.run(
        ["kubectl", "kustomize", str(K8S / "overlays" / overlay)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return tuple(yaml.safe_load_all(done.stdout))


def of_kind(overlay: str, *kinds: str) -> list[Document]:
    """Return the documents of some kinds."""
    return [document for document in built(overlay) if document["kind"] in kinds]


def name_of(document: Document) -> str:
    """Return `Kind/name`."""
    return f"{document['kind']}/{document['metadata']['name']}"


def pods(overlay: str) -> Iterator[tuple[str, Document, Document]]:
    """Yield name, labels and pod spec of everything that starts pods of ours."""
    for document in of_kind(overlay, "Deployment", "Job", "StatefulSet", "DaemonSet", "CronJob"):
        started = document["spec"]["jobTemplate"] if document["kind"] == "CronJob" else document
        template = started["spec"]["template"]
        yield name_of(document), template["metadata"]["labels"], template["spec"]


def containers(pod: Document) -> list[Document]:
    """Return the containers of a pod, those that initialise it too."""
    return [*pod.get("initContainers", []), *pod["containers"]]


def settings_env(service: str) -> tuple[dict[str, str], set[str]]:
    """Return the keys with values of `base/<service>/settings.env`, and the keys it names as unset."""
    given: dict[str, str] = {}
    unset: set[str] = set()
    for line in (K8S / "base" / service / "settings.env").read_text().splitlines():
        if line.startswith("# ") and " is unset" in line:
            unset.add(line[2:].split(" ")[0])
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            given[key] = value
    return given, unset

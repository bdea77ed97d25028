"""Schemas of the operators' kinds, from the Go modules and Maven artefacts that hold them, and what they find."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from songcau_local.full.artefacts import ArtefactError
from strimzi_definitions import strimzi_definitions

# Module, version, folder of its custom resource definitions.
MODULES = (
    ("github.com/cert-manager/cert-manager", "v1.21.2", "deploy/crds"),
    ("github.com/cloudnative-pg/cloudnative-pg", "v1.27.0", "config/crd/bases"),
    ("github.com/prometheus-operator/prometheus-operator", "v0.85.0", "example/prometheus-operator-crd"),
)
# Their definitions are in no package registry, only in release files or Helm charts.
UNOBTAINABLE = {
    "k8s.keycloak.org": "the operator is in no Maven repository: its definitions are in its image and in Git",
}
Document = dict[str, Any]
Key = tuple[str, str]


class Loader(yaml.CSafeLoader):
    """YAML as Kubernetes reads it, where a lone `=` is text."""


Loader.add_constructor("tag:yaml.org,2002:value", yaml.SafeLoader.construct_scalar)


class SchemaFault(str):
    """One sentence about what a schema does not allow."""

    __slots__ = ()


@cache
def definition_files() -> tuple[Path, ...]:
    """Return the files of custom resource definitions; those are missing whose tools or registries are not here."""
    files: list[Path] = []
    for module, version, folder in MODULES:
        try:
            with tempfile.TemporaryDirectory() as elsewhere:
                done = subprocess.run(
                    ["go", "mod", "download", "-json", f"{module}@{version}"],
                    cwd=elsewhere, capture_output=True, text=True, check=False,
                    env={**os.environ, "GOFLAGS": "-mod=mod"},
                )  # fmt: skip
            files += sorted((Path(json.loads(done.stdout)["Dir"]) / folder).glob("*.yaml"))
        except (OSError, ValueError, KeyError):
            print(f"k8s-check: no schemas of {module} (Go and its module proxy are needed)", file=sys.stderr)
    try:
        files += strimzi_definitions(lambda text: print(f"▸ {text}", flush=True))
    except ArtefactError as error:
        print(f"k8s-check: no schemas of Strimzi: {error}", file=sys.stderr)
    return tuple(files)


@cache
def _schemas() -> dict[Key, Document]:
    found: dict[Key, Document] = {}
    for file in definition_files():
        spec = (yaml.load(file.read_text(), Loader) or {}).get("spec", {})
        for version in spec.get("versions", []):
            key = (f"{spec['group']}/{version['name']}", spec["names"]["kind"])
            found[key] = _closed(version["schema"]["openAPIV3Schema"])
    return found


def operator_kinds() -> frozenset[Key]:
    """Return `apiVersion` and kind of everything an operator's schema is known for."""
    return frozenset(_schemas())


def operator_faults(document: Document) -> list[SchemaFault]:
    """Return what an operator's schema finds in a document."""
    schema = _schemas()[document["apiVersion"], document["kind"]]
    errors = Draft202012Validator(schema).iter_errors(document)
    return [SchemaFault(f"{'.'.join(map(str, error.path))}: {error.message[:200]}") for error in errors]


def _closed(schema: Any, *, top: bool = True) -> Any:
    """Return a schema that refuses unknown fields, as the API server prunes them, and knows `int-or-string`."""
    if not isinstance(schema, dict):
        return schema
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    closed = {key: value for key, value in schema.items() if key != "format"}
    if "properties" in closed:
        closed["properties"] = {name: _closed(value, top=False) for name, value in closed["properties"].items()}
        open_ended = closed.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in closed
        if not open_ended and not (top and "metadata" not in closed["properties"]):
            closed["additionalProperties"] = False
    for key in ("items", "additionalProperties"):
        closed[key] = _closed(closed[key], top=False) if isinstance(closed.get(key), dict) else closed.get(key, True)
    if closed.get("nullable"):
        closed["type"] = [closed.get("type", "object"), "null"]
    return closed

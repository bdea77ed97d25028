"""Builds every overlay and judges it: schemas of Kubernetes and operators, Checkov, the project's own policies."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml
from debian import install
from k8s_monitoring import monitoring_faults
from k8s_schemas import UNOBTAINABLE, SchemaFault, operator_faults, operator_kinds

ROOT = Path(__file__).resolve().parent.parent
OVERLAYS = ("dev", "staging", "production")
VERSIONS = ("1.33", "1.34")
CHECKOV = "3.3.30"
# What Checkov asks for and this platform decides otherwise, and why.
SKIPPED = {
    "CKV_K8S_15": "images have fixed tags that are never moved, so `Always` only adds a way to fail at a restart",
    "CKV_K8S_35": "settings come from the environment alone, by reference; keys and certificates are files",
    "CKV_K8S_43": "a digest is known once a release is built; the release writes it in place of the tag",
}
Document = dict[str, Any]


def main() -> int:
    """Run every check; return 1 where one failed."""
    if shutil.which("kubectl") is None and not install("kubectl", "kubectl", "kubernetes-client"):
        print("k8s-check: kubectl is not installed and cannot be installed here", file=sys.stderr)
        return 1
    faults = 0
    with tempfile.TemporaryDirectory() as folder:
        for overlay in OVERLAYS:
            file = Path(folder) / f"{overlay}.yaml"
            file.write_text(build(overlay))
            documents = [document for document in yaml.safe_load_all(file.read_text()) if document]
            faults += judge(overlay, documents)
            faults += checkov(overlay, file)
    faults += monitoring_faults()
    print("▸ own policies", flush=True)
    policies = sorted(map(str, (ROOT / "tests/contract").glob("test_k8s_*.py")))
    faults += subprocess.run([sys.executable, "-m", "pytest", "-q", *policies], cwd=ROOT, check=False).returncode != 0
    print("k8s-check failed" if faults else "k8s-check passed")
    return 1 if faults else 0


def build(overlay: str) -> str:
    """Return an overlay as a cluster would get it; raises CalledProcessError where it cannot be built."""
    folder = ROOT / "infra/k8s/overlays" / overlay
    return subprocess.run(["kubectl", "kustomize", str(folder)], stdout=subprocess.PIPE, text=True, check=True).stdout


def judge(overlay: str, documents: list[Document]) -> int:
    """Validate each document against the schema of its kind; return the number of faults."""
    known = operator_kinds()
    native = operator = 0
    faults: list[str] = []
    unseen: set[str] = set()
    for document in documents:
        name = f"{document['kind']}/{document['metadata']['name']}"
        key = (document["apiVersion"], document["kind"])
        if key in known:
            operator += 1
            faults += [f"{name}: {fault}" for fault in operator_faults(document)]
        elif document["apiVersion"].partition("/")[0] in UNOBTAINABLE:
            unseen.add(document["kind"])
        else:
            native += 1
            faults += [f"{name}: {fault}" for fault in native_faults(document)]
    print(
        f"▸ {overlay}: {native} documents against Kubernetes {' and '.join(VERSIONS)}, {operator} against operators' "
        f"schemas, not validated: {', '.join(sorted(unseen)) or 'none'}"
    )
    for fault in faults:
        print(f"  {fault}")
    return len(faults)


def native_faults(document: Document) -> list[SchemaFault]:
    """Return what Kubernetes' own schemas find in a document."""
    faults = []
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            faults.append(SchemaFault(f"{version} {'.'.join(map(str, error.path))}: {error.message[:200]}"))
        except kubernetes_validate.SchemaNotFoundError:
            faults.append(SchemaFault(f"{version} does not know {document['apiVersion']} {document['kind']}"))
    return faults


def checkov(overlay: str, file: Path) -> int:
    """Run Checkov over a built overlay; return 1 where it objects."""
    command = [str(checkov_program()), "--file", str(file), "--framework", "kubernetes", "--compact", "--quiet"]
    command += ["--skip-download", "--skip-check", ",".join(SKIPPED)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    summary = next((line for line in done.stdout.splitlines() if line.startswith("Passed checks")), "no failed check")
    print(f"▸ {overlay}: Checkov {CHECKOV}: {summary}", flush=True)
    if done.returncode:
        print(done.stdout[-4000:] + done.stderr[-1000:])
    return 1 if done.returncode else 0


def checkov_program() -> Path:
    """Return Checkov, installed beside the project the first time: its pins do not go with ours."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "songcau"
    folder = cache / f"checkov-{CHECKOV}"
    program = folder / "bin" / "checkov"
    if not program.exists():
        print(f"▸ installing Checkov {CHECKOV}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        uv = [str(Path(sys.executable).parent / "uv"), "pip", "install", "--quiet"]
        subprocess.run([*uv, "--python", str(folder / "bin" / "python"), f"checkov=={CHECKOV}"], check=True)
    return program


if __name__ == "__main__":
    sys.exit(main())

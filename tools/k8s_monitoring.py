"""Lets promtool judge alerts and dashboard: every expression is read, and the alerts are played their test series."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import yaml
from debian import install

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "infra/k8s/components/monitoring/rules.yaml"
DASHBOARD = ROOT / "infra/monitoring/dashboard.json"
TESTS = ROOT / "infra/monitoring/alerts-test.yaml"


def monitoring_faults() -> int:
    """Return 1 where promtool objects to something; where it cannot be had, say so and return 0."""
    if shutil.which("promtool") is None and not install("promtool", "prometheus"):
        print("▸ alerts and dashboard: skipped, promtool (Debian's package `prometheus`) is not installed")
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "rules.yaml").write_text(yaml.safe_dump(yaml.safe_load(RULES.read_text())["spec"]))
        (folder / "panels.yaml").write_text(yaml.safe_dump(panels()))
        shutil.copy(TESTS, folder)
        judged = [
            _promtool(folder, "check", "rules", "rules.yaml"),
            _promtool(folder, "check", "rules", "panels.yaml"),
            _promtool(folder, "test", "rules", TESTS.name),
        ]
    return 0 if all(judged) else 1


def panels() -> dict[str, Any]:
    """Return the expressions of the dashboard in the form of recording rules, which promtool reads."""
    targets = [target for panel in json.loads(DASHBOARD.read_text())["panels"] for target in panel["targets"]]
    rules = [{"record": f"panel:{number}", "expr": target["expr"]} for number, target in enumerate(targets)]
    return {"groups": [{"name": "panels", "rules": rules}]}


def _promtool(folder: Path, *words: str) -> bool:
    done = subprocess.run(["promtool", *words], cwd=folder, capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).strip()
    print(f"▸ promtool {' '.join(words)}: {said.splitlines()[-1].strip()}", flush=True)
    if done.returncode:
        print(said[-2000:])
    return done.returncode == 0

"""Alerts and dashboards ask only for measurements that the code makes."""

import json
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "infra/k8s/components/monitoring/rules.yaml"
DASHBOARD = ROOT / "infra/monitoring/dashboard.json"


def made() -> set[str]:
    names = set()
    for file in (*ROOT.glob("libs/kit/songcau_kit/**/*.py"), *ROOT.glob("services/*/songcau_*/**/*.py")):
        text = file.read_text()
        for service, what in re.findall(r'counter\(\s*(service(?:_name)?|"[a-z]+"),\s*"([a-z_]+)"', text):
            names.add(f"songcau_{service.strip(chr(34)) if service.startswith(chr(34)) else '.+'}_{what}_total")
        names |= {
            f"songcau_.+_{what}_{unit}" for what, unit in re.findall(r'gauge\(\s*service,\s*"(\w+)",\s*"(\w+)"', text)
        }
        for service, what, unit in re.findall(r'gauge\(\s*"(\w+)",\s*"(\w+)",\s*"(\w+)"', text):
            names.add(f"songcau_{service}_{what}_{unit}")
    measures = (ROOT / "gateway/songcau_gateway/measures.py").read_text()
    return names | set(re.findall(r'"(songcau_gateway_[a-z_]+)"', measures))


def asked(expression: str) -> set[str]:
    return {re.sub(r"_bucket$", "", name) for name in re.findall(r"songcau_[a-z_.+]+[a-z]", expression)}


def test_every_alert_asks_for_a_measurement_that_exists() -> None:
    rules = [rule for group in yaml.safe_load(RULES.read_text())["spec"]["groups"] for rule in group["rules"]]

    assert rules
    for rule in rules:
        assert asked(rule["expr"]), rule["alert"]
        assert asked(rule["expr"]) <= made(), rule["alert"]
        assert (ROOT / rule["annotations"]["runbook"]).exists(), rule["alert"]


def test_every_panel_asks_for_a_measurement_that_exists() -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]

    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        for target in panel["targets"]:
            assert asked(target["expr"]), panel["title"]
            assert asked(target["expr"]) <= made(), panel["title"]

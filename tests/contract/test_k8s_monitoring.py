"""Alerts and dashboards ask only for measurements that the code makes."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "infra/k8s/components/monitoring/rules.yaml"
PLAYED = ROOT / "infra/monitoring/alerts-test.yaml"
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


def tasks() -> set[str]:
    files = ROOT.glob("infra/k8s/base/*/cron-job.yaml")
    return {yaml.safe_load(file.read_text())["metadata"]["name"] for file in files}


def watched_tasks(expression: str) -> set[str]:
    return set(re.findall(r'kube_cronjob_\w+\{cronjob="([^"]+)"\}', expression))


def alerts() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text())["spec"]["groups"] for rule in group["rules"]]


def test_every_alert_asks_for_a_measurement_that_exists() -> None:
    assert alerts()
    for rule in alerts():
        assert asked(rule["expr"]) | watched_tasks(rule["expr"]), rule["alert"]
        assert asked(rule["expr"]) <= made(), rule["alert"]
        assert (ROOT / rule["annotations"]["runbook"]).exists(), rule["alert"]


def test_every_alert_is_played_a_series_in_which_it_speaks_and_one_in_which_it_is_silent() -> None:
    outcomes: dict[str, set[bool]] = {rule["alert"]: set() for rule in alerts()}
    for played in yaml.safe_load(PLAYED.read_text())["tests"]:
        for one in played["alert_rule_test"]:
            outcomes[one["alertname"]].add(bool(one.get("exp_alerts")))
    assert [alert for alert, seen in outcomes.items() if seen != {True, False}] == []


def test_every_task_of_the_night_is_missed_when_it_does_not_run() -> None:
    watched = {task for rule in alerts() for task in watched_tasks(rule["expr"])}
    assert watched == tasks() != set()


def test_every_panel_asks_for_a_measurement_that_exists() -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]

    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        for target in panel["targets"]:
            assert asked(target["expr"]), panel["title"]
            assert asked(target["expr"]) <= made(), panel["title"]

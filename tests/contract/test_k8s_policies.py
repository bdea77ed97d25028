"""What every overlay keeps to, checked on the documents a cluster would get."""

import re
import subprocess
import sys
from typing import Any

import pytest
from support.k8s_manifests import K8S, OVERLAYS, ROOT, SERVICES, built, containers, name_of, of_kind, pods, settings_env

CLUSTERED = ("staging", "production")
PLATFORM = {f"{s}{p}" for s in SERVICES for p in ("", "-work") if f"{s}{p}" != "gateway-work"} | {
    "identity-bridge",
    "audit-sign",
}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_pod_keeps_to_the_restricted_standard(overlay: str) -> None:
    (namespace,) = of_kind(overlay, "Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for name, _, pod in pods(overlay):
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["runAsUser"] > 1000, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys(), name
        assert {kind for volume in pod["volumes"] for kind in volume} <= {"name", "emptyDir", "secret", "configMap"}
        for box in containers(pod):
            rights = box["securityContext"]
            assert rights["allowPrivilegeEscalation"] is False, name
            assert rights["readOnlyRootFilesystem"] is True, name
            assert rights["capabilities"] == {"drop": ["ALL"]}, name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_pod_has_an_account_of_its_own_without_a_token(overlay: str) -> None:
    accounts = {entry["metadata"]["name"]: entry for entry in of_kind(overlay, "ServiceAccount")}
    used: dict[str, set[str]] = {}
    for name, labels, pod in pods(overlay):
        assert pod["automountServiceAccountToken"] is False, name
        assert accounts[pod["serviceAccountName"]]["automountServiceAccountToken"] is False, name
        if labels["app.kubernetes.io/component"] not in {"surroundings", "seed"}:
            used.setdefault(pod["serviceAccountName"], set()).add(name)
    assert all(len(names) == 1 for names in used.values()), used
    assert of_kind(overlay, "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding") == []


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_container_says_what_it_needs_and_what_it_may_have(overlay: str) -> None:
    for name, _, pod in pods(overlay):
        for box in containers(pod):
            for kind in ("requests", "limits"):
                assert {"cpu", "memory"} <= box["resources"][kind].keys(), f"{name} {box['name']} {kind}"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_image_is_taken_by_a_moving_tag(overlay: str) -> None:
    images = {image for document in built(overlay) for image in _images(document)}
    assert images
    for image in images:
        tag = image.rpartition("/")[2].partition(":")[2]
        assert tag, f"{image} has no tag"
        assert tag != "latest", image


def _images(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [value for key, value in node.items() if key in {"image", "imageName"} and isinstance(value, str)]
        return own + [image for value in node.values() for image in _images(value)]
    return [image for item in node for image in _images(item)] if isinstance(node, list) else []


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_process_is_probed_drained_and_spread(overlay: str) -> None:
    for document in of_kind(overlay, "Deployment"):
        name, pod = name_of(document), document["spec"]["template"]["spec"]
        if document["metadata"]["labels"]["app.kubernetes.io/component"] == "surroundings":
            continue
        box = pod["containers"][0]
        assert {"startupProbe", "readinessProbe", "livenessProbe"} <= box.keys(), name
        assert box["readinessProbe"]["httpGet"]["path"] == "/readyz", name
        assert box["livenessProbe"]["httpGet"]["path"] == "/healthz", name
        # 5 seconds to leave the Service and 25 to end, within what the kubelet allows.
        assert box["lifecycle"]["preStop"]["sleep"]["seconds"] + 25 <= pod["terminationGracePeriodSeconds"], name
        assert pod["topologySpreadConstraints"][0]["topologyKey"] == "kubernetes.io/hostname", name
        assert document["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}, name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_process_of_the_platform_may_lose_one_pod_at_a_time(overlay: str) -> None:
    assert {entry["metadata"]["name"] for entry in of_kind(overlay, "Deployment")} >= PLATFORM
    budgets = {entry["metadata"]["name"]: entry["spec"] for entry in of_kind(overlay, "PodDisruptionBudget")}
    assert budgets.keys() == PLATFORM
    for document in of_kind(overlay, "Deployment"):
        if document["metadata"]["name"] in PLATFORM:
            budget = budgets[document["metadata"]["name"]]
            labels = document["spec"]["template"]["metadata"]["labels"]
            assert budget["selector"]["matchLabels"].items() <= labels.items()


@pytest.mark.parametrize("overlay", CLUSTERED)
def test_an_installation_runs_every_process_at_least_twice(overlay: str) -> None:
    scaled = {
        entry["spec"]["scaleTargetRef"]["name"]: entry["spec"] for entry in of_kind(overlay, "HorizontalPodAutoscaler")
    }
    assert scaled.keys() == {"gateway"}
    assert scaled["gateway"]["minReplicas"] >= 2
    for document in of_kind(overlay, "Deployment"):
        name = document["metadata"]["name"]
        assert name in scaled or document["spec"]["replicas"] >= 2, name
        assert (name in scaled) != ("replicas" in document["spec"]), f"{name}: two who decide how many"


@pytest.mark.parametrize("overlay", CLUSTERED)
def test_an_installation_runs_a_witness_of_the_log_with_a_key_and_a_disk_of_its_own(overlay: str) -> None:
    (witness,) = of_kind(overlay, "StatefulSet")
    pod = witness["spec"]["template"]["spec"]
    given, _ = settings_env("audit")

    assert witness["spec"]["replicas"] == 1
    (disk,) = witness["spec"]["volumeClaimTemplates"]
    mounts = {mount["name"]: mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]}
    assert given["AUDIT_WITNESS_MEMORY"].startswith(f"{mounts[disk['metadata']['name']]}/")
    assert given["AUDIT_WITNESS_KEY"] == f"{mounts['witness-key']}/key.pem"
    held = {
        name: {volume["secret"]["secretName"] for volume in spec["volumes"] if "secret" in volume}
        for name, labels, spec in pods(overlay)
        if labels["app.kubernetes.io/name"] == "audit"
    }
    assert {name for name, secrets in held.items() if "audit-witness" in secrets} == {"StatefulSet/audit-witness"}
    assert {name for name, secrets in held.items() if "audit-signing" in secrets} == {"Deployment/audit-sign"}
    told = {entry["name"] for entry in pod["containers"][0]["env"]}
    assert told == {"AUDIT_WITNESS_LOGS"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_migrations_run_as_their_own_role_before_the_roll_out(overlay: str) -> None:
    jobs = {
        entry["metadata"]["name"]: entry
        for entry in of_kind(overlay, "Job")
        if entry["metadata"]["labels"].get("songcau.vn/phase") == "before-roll-out"
    }
    assert jobs.keys() == {f"{service}-migrate" for service in SERVICES if service != "gateway"}
    for job in jobs.values():
        (box,) = job["spec"]["template"]["spec"]["containers"]
        (secret,) = box["env"]
        assert secret["name"].endswith("_MIGRATION_DATABASE_URL")
        assert job["metadata"]["annotations"]["argocd.argoproj.io/hook"] == "PreSync"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_nobody_holds_the_migrators_password_but_the_migration(overlay: str) -> None:
    for name, labels, pod in pods(overlay):
        if labels["app.kubernetes.io/component"] in {"serve", "work", "bridge", "sign"}:
            told = {entry["name"] for box in containers(pod) for entry in box.get("env", [])}
            assert not any(entry.endswith("_MIGRATION_DATABASE_URL") for entry in told), name
            assert all("secretRef" not in entry for box in containers(pod) for entry in box.get("envFrom", [])), name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_accounts_are_looked_after_by_tasks_with_a_client_of_their_own(overlay: str) -> None:
    tasks = {task["metadata"]["name"]: task["spec"] for task in of_kind(overlay, "CronJob")}
    assert {name: spec["schedule"] for name, spec in tasks.items()} == {
        "gateway-idle-accounts": "30 2 * * *",
        "gateway-erased-accounts": "*/10 * * * *",
    }
    for spec in tasks.values():
        assert (spec["concurrencyPolicy"], spec["timeZone"]) == ("Forbid", "Asia/Ho_Chi_Minh")
    keys = {}
    for name, labels, pod in pods(overlay):
        if labels["app.kubernetes.io/name"] == "gateway":
            keys[name] = {v["secret"]["secretName"] for v in pod["volumes"] if v["name"] == "account-client"}
            (mount,) = [m for m in pod["containers"][0]["volumeMounts"] if m["name"] == "account-client"]
            assert settings_env("gateway")[0]["GATEWAY_ACCOUNT_CLIENT_KEY"] == f"{mount['mountPath']}/key.pem"
    assert keys == {
        "Deployment/gateway": {"account-administration"},
        "CronJob/gateway-idle-accounts": {"account-housekeeping"},
        "CronJob/gateway-erased-accounts": {"account-housekeeping"},
    }


@pytest.mark.parametrize("service", SERVICES)
def test_probes_and_ports_are_those_the_settings_open(service: str) -> None:
    given, _ = settings_env(service)
    prefix = service.upper()
    opened = {
        ("serve", "grpc"): f"{prefix}_GRPC_ADDRESS",
        ("serve", "ops"): f"{prefix}_OPS_ADDRESS",
        ("work", "ops"): f"{prefix}_WORK_OPS_ADDRESS",
        ("sign", "ops"): f"{prefix}_SIGN_OPS_ADDRESS",
        ("witness", "http"): f"{prefix}_WITNESS_ADDRESS",
        ("witness", "ops"): f"{prefix}_WITNESS_OPS_ADDRESS",
        ("bridge", "http"): f"{prefix}_BRIDGE_ADDRESS",
        ("bridge", "ops"): f"{prefix}_BRIDGE_OPS_ADDRESS",
        ("serve", "http"): f"{prefix}_ADDRESS",
    }
    for _, labels, pod in pods("production"):
        if labels["app.kubernetes.io/name"] == service and labels["app.kubernetes.io/component"] != "migrate":
            for port in pod["containers"][0].get("ports", []):
                setting = given[opened[labels["app.kubernetes.io/component"], port["name"]]]
                assert setting == f"0.0.0.0:{port['containerPort']}"


def test_topics_and_users_of_the_cluster_are_those_of_the_topic_files() -> None:
    done = subprocess.run(
        [sys.executable, "tools/k8s_topics.py", "--check"], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_one_folder_a_component_and_one_file_a_kind() -> None:
    for file in (*(K8S / "base").rglob("*.yaml"), *(K8S / "overlays/dev/surroundings").rglob("*.yaml")):
        kinds = sorted(set(re.findall(r"^kind: (\w+)$", file.read_text(), flags=re.MULTILINE)))
        if file.name in {"log4j2.yaml", "one-at-a-time.yaml"} or kinds == ["Job"]:
            continue
        assert len(kinds) == 1, file
        expected = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kinds[0]).lower()
        assert file.stem == expected, f"{file} holds a {kinds[0]}"

"""Where there can be no cluster the tools say what is missing; for CI that is a skip, for a person a failure."""

import os
import shutil
import subprocess
import sys

import pytest
from songcau_local.layout import ROOT


def k8s(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "KUBECONFIG": "", "KUBE_NODE": "/nowhere/kube-node", **variables}
    command = [sys.executable, "tools/k8s.py", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_without_a_cluster_and_the_node_tool_ci_skips_and_says_why() -> None:
    done = k8s("test", "--skip-where-impossible")

    assert done.returncode == 0
    assert done.stderr.startswith("skipped: KUBECONFIG is not set")
    assert "kube-node" in done.stderr


@pytest.mark.parametrize("command", ["up", "demo", "test", "down"])
def test_without_a_cluster_a_person_is_told_and_nothing_is_built(command: str) -> None:
    done = k8s(command)

    assert done.returncode == 1
    assert "kube-node" in done.stderr


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_a_cluster_that_does_not_answer_is_told_by_its_variable() -> None:
    done = k8s("demo", KUBECONFIG="/nowhere/kubeconfig")

    assert done.returncode == 1
    assert "no cluster answers at KUBECONFIG" in done.stderr

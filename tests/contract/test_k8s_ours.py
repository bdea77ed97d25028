"""On a cluster that others use, `make k8s-test` takes away what it made and nothing else."""

import json
import sys
from collections.abc import Sequence

import pytest
from support.k8s_manifests import ROOT, of_kind

sys.path.insert(0, str(ROOT / "tools"))

import k8s_dry_run
import k8s_namespace
from k8s_cluster import Cluster, ClusterError

PREFIX = "customresourcedefinition.apiextensions.k8s.io/"


class SharedCluster(Cluster):
    """Stands where kubectl does: some things are there already, and what would be done is noted."""

    def __init__(self, *, labels: dict[str, str] | None = None, definitions: Sequence[str] = ()) -> None:
        super().__init__("https://cluster.example")
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "definitions", list(definitions))
        object.__setattr__(self, "done", [])

    def call(self, *arguments: str, content: str = "") -> str:
        if arguments[:2] == ("get", "namespace"):
            return "" if self.labels is None else json.dumps({"metadata": {"labels": self.labels}})
        if arguments[:2] == ("get", "customresourcedefinitions"):
            return "\n".join(self.definitions)
        if arguments[0] == "api-resources":
            return ""
        if arguments[0] == "kustomize":
            return ""
        self.done.append((*arguments, content))
        return ""

    def changes(self, word: str) -> str:
        return " ".join(" ".join(change) for change in self.done if change[0] == word)


def test_a_namespace_that_somebody_else_made_is_neither_filled_nor_removed() -> None:
    cluster = SharedCluster(labels={"app.kubernetes.io/part-of": "songcau"})
    for act in (k8s_namespace.require_none, k8s_namespace.require_ours_or_none, k8s_namespace.remove):
        with pytest.raises(ClusterError, match="was not made by the development overlay"):
            act(cluster)
    assert not cluster.done


def test_a_test_does_not_begin_in_a_namespace_that_is_there() -> None:
    (namespace,) = of_kind("dev", "Namespace")
    with pytest.raises(ClusterError, match="make k8s-down"):
        k8s_namespace.require_none(SharedCluster(labels=namespace["metadata"]["labels"]))
    k8s_namespace.require_none(SharedCluster())


def test_the_development_overlay_alone_marks_its_namespace_as_ours() -> None:
    cluster = SharedCluster(labels=of_kind("dev", "Namespace")[0]["metadata"]["labels"])
    k8s_namespace.remove(cluster)
    assert "delete namespace songcau" in cluster.changes("delete")
    for overlay in ("staging", "production"):
        (namespace,) = of_kind(overlay, "Namespace")
        assert k8s_namespace.OVERLAY_LABEL not in namespace["metadata"].get("labels", {})


def test_the_definitions_of_an_operator_that_runs_there_stay() -> None:
    available = k8s_dry_run.definitions()
    if not available:
        pytest.skip("no operator's definitions can be had here")
    theirs, ours = list(available)[:3], list(available)[3:]
    cluster = SharedCluster(definitions=theirs)
    k8s_dry_run.server_dry_run(cluster)
    for name in theirs:
        assert name not in cluster.changes("delete")
        assert f"name: {name.removeprefix(PREFIX)}\n" not in cluster.changes("apply")
    for name in ours:
        assert name in cluster.changes("delete")
        assert f"name: {name.removeprefix(PREFIX)}\n" in cluster.changes("apply")

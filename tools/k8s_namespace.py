"""The namespace of the development overlay: ours to make and to remove, unless somebody else made it."""

from __future__ import annotations

import json

from k8s_cluster import NAMESPACE, Cluster, ClusterError, say

# The development overlay alone sets it: a province's own platform may have a namespace of the same name.
OVERLAY_LABEL, OVERLAY_OF_OURS = "songcau.vn/overlay", "dev"


def require_ours_or_none(cluster: Cluster) -> bool:
    """Return whether our namespace is there; raises ClusterError where one of that name was made by somebody else."""
    found = cluster.call("get", "namespace", NAMESPACE, "--ignore-not-found", "--output=json").strip()
    if not found:
        return False
    if json.loads(found)["metadata"].get("labels", {}).get(OVERLAY_LABEL) != OVERLAY_OF_OURS:
        raise ClusterError(
            f"the namespace {NAMESPACE} was not made by the development overlay (it lacks the label "
            f"{OVERLAY_LABEL}={OVERLAY_OF_OURS}): nothing of it is touched; name another cluster in KUBECONFIG"
        )
    return True


def require_none(cluster: Cluster) -> None:
    """Raise ClusterError where the namespace is there already: a test removes what it made and nothing else."""
    if require_ours_or_none(cluster):
        raise ClusterError(f"the namespace {NAMESPACE} is there already: remove it first, with `make k8s-down`")


def remove(cluster: Cluster) -> None:
    """Remove everything that was made in our namespace; raises ClusterError where it is somebody else's."""
    if require_ours_or_none(cluster):
        cluster.call("delete", "namespace", NAMESPACE, "--wait=true", "--timeout=180s")
    say("removed")

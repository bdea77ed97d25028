"""What a running platform must survive without a failed request: restarts, lost pods, an upgrade and the way back."""

from __future__ import annotations

from k8s_cluster import Cluster, say

PLATFORM = (
    "identity",
    "identity-bridge",
    "identity-work",
    "eservices",
    "eservices-work",
    "telehealth",
    "telehealth-work",
    "audit",
    "audit-work",
    "audit-sign",
    "gateway",
)
IMAGE_OF = {name: name.partition("-")[0] for name in PLATFORM}


def restart_under_load(cluster: Cluster) -> None:
    """Restart every deployment while traffic flows and the story is told again; no request may fail."""
    cluster.start_task("traffic", "songcau_cluster.load")
    cluster.start_task("story", "songcau_cluster.demo", "--repeat", "3")
    for name in PLATFORM:
        cluster.kubectl("rollout", "restart", f"deployment/{name}")
        cluster.rolled_out(name)
        say(f"restarted {name}")
    cluster.stop_task("traffic")
    cluster.end_task("story", seconds=400)
    say("every deployment was restarted, no request failed")


def delete_pods(cluster: Cluster) -> None:
    """Take the pods of each deployment away while the story is told; every effect must be there once afterwards."""
    cluster.start_task("story-meanwhile", "songcau_cluster.demo", "--repeat", "2")
    for name in PLATFORM:
        service, _, process = name.partition("-")
        labels = f"app.kubernetes.io/name={service},app.kubernetes.io/component={process or 'serve'}"
        cluster.kubectl("delete", "pods", f"--selector={labels}", "--wait=true")
        cluster.rolled_out(name)
        say(f"pods of {name} were deleted and replaced")
    cluster.end_task("story-meanwhile", seconds=400)
    cluster.task("evidence", "songcau_cluster.evidence")


def upgrade_and_roll_back(cluster: Cluster, tag: str) -> None:
    """Move to another tag and back, one deployment after the other, while traffic flows."""
    cluster.start_task("traffic-upgrade", "songcau_cluster.load")
    for name in PLATFORM:
        cluster.kubectl("set", "image", f"deployment/{name}", f"app=localhost/songcau/{IMAGE_OF[name]}:{tag}")
        cluster.rolled_out(name)
    say(f"every deployment runs the tag {tag}")
    for name in PLATFORM:
        cluster.kubectl("rollout", "undo", f"deployment/{name}")
        cluster.rolled_out(name)
    say("every deployment is back")
    cluster.stop_task("traffic-upgrade")

"""What a running platform must survive without a failed request: restarts, lost pods, an upgrade and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

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


STORY = ("songcau_cluster.demo", "--until-stopped")


def restart_under_load(cluster: Cluster) -> None:
    """Restart every deployment while traffic flows and the story is told again and again; no request may fail."""
    with in_use(cluster, "restarts"):
        for name in PLATFORM:
            cluster.kubectl("rollout", "restart", f"deployment/{name}")
            cluster.rolled_out(name)
            say(f"restarted {name}")
    say("every deployment was restarted, no request failed")


def delete_pods(cluster: Cluster) -> None:
    """Take the pods of each deployment away while the story is told; every effect must be there once afterwards."""
    with told_meanwhile(cluster, "story-lost-pods"):
        for name in PLATFORM:
            service, _, process = name.partition("-")
            labels = f"app.kubernetes.io/name={service},app.kubernetes.io/component={process or 'serve'}"
            cluster.kubectl("delete", "pods", f"--selector={labels}", "--wait=true")
            cluster.rolled_out(name)
            say(f"pods of {name} were deleted and replaced")
    cluster.task("evidence", "songcau_cluster.evidence")


def upgrade_and_roll_back(cluster: Cluster, tag: str) -> None:
    """Move to another tag and back, one deployment after the other; no request may fail."""
    with in_use(cluster, "upgrade"):
        for name in PLATFORM:
            cluster.kubectl("set", "image", f"deployment/{name}", f"app=localhost/songcau/{IMAGE_OF[name]}:{tag}")
            cluster.rolled_out(name)
        say(f"every deployment runs the tag {tag}")
        for name in PLATFORM:
            cluster.kubectl("rollout", "undo", f"deployment/{name}")
            cluster.rolled_out(name)
        say("every deployment is back")


@contextmanager
def in_use(cluster: Cluster, phase: str) -> Iterator[None]:
    """Send traffic and tell the story meanwhile; raises ClusterError where a request or a step failed."""
    cluster.start_task(f"traffic-{phase}", "songcau_cluster.load")
    with told_meanwhile(cluster, f"story-{phase}"):
        yield
    cluster.stop_task(f"traffic-{phase}")


@contextmanager
def told_meanwhile(cluster: Cluster, task: str) -> Iterator[None]:
    """Tell the story again and again meanwhile; its last round ends afterwards, so that nothing goes unobserved."""
    cluster.start_task(task, *STORY)
    cluster.running(task)
    yield
    cluster.stop_task(task)

"""The development overlay on a cluster: the one of KUBECONFIG, else a node of this machine. Says what it does.

`up`, `demo`, `task MODULE …`, `down`; `test` does all of it and more, from nothing to nothing. Images are built here
and loaded into the node by kube-node or kind, whichever the cluster is; a cluster that pulls from a registry of its
own needs neither.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

import k8s_images
import k8s_namespace
import k8s_node
import k8s_restarts
from k8s_cluster import ROOT, Cluster, ClusterError, Document, say
from k8s_dry_run import server_dry_run

OVERLAY = "infra/k8s/overlays/dev"
PLATFORM = k8s_restarts.PLATFORM
SURROUNDINGS = ("postgres", "kafka", "keycloak", "object-store", "simulators")
PHASES = ("surroundings-answer", "before-roll-out", "after-migration")


def main() -> int:
    """Run one command; return 1 with one sentence where it fails."""
    options = arguments()
    try:
        run(options)
    except k8s_node.PartsMissingError as error:
        print(f"{'skipped' if options.skip_where_impossible else 'k8s'}: {error}", file=sys.stderr)
        return 0 if options.skip_where_impossible else 1
    except ClusterError as error:
        print(f"k8s: {error}", file=sys.stderr)
        return 1
    return 0


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.set_defaults(no_build=False, skip_where_impossible=False)
    commands = parser.add_subparsers(dest="command", required=True)
    made = {name: commands.add_parser(name) for name in ("up", "demo", "task", "test", "down")}
    for name in ("up", "test"):
        made[name].add_argument("--no-build", action="store_true", help="take the images that are there")
    made["test"].add_argument(
        "--skip-where-impossible", action="store_true", help="end well, with a word, where there can be no cluster"
    )
    made["task"].add_argument("words", nargs=argparse.REMAINDER, help="a Python module and its arguments")
    return parser.parse_args()


def run(options: argparse.Namespace) -> None:
    """Run a command; raises ClusterError."""
    if options.command == "test":
        with k8s_node.cluster_at_hand():
            test(Cluster.connect(), build=not options.no_build)
        return
    if options.command == "up":
        k8s_node.ensure()
        up(Cluster.connect(), build=not options.no_build)
        return
    k8s_node.point()
    cluster = Cluster.connect()
    if options.command == "demo":
        cluster.task("demo", "songcau_cluster.demo")
    elif options.command == "task":
        cluster.task("task", *options.words)
    else:
        k8s_namespace.remove(cluster)
        k8s_node.stop()


def up(cluster: Cluster, *, build: bool) -> None:
    """Bring the platform up: images, namespace, secrets, surroundings, migrations, seed, then the roll-out."""
    k8s_namespace.require_ours_or_none(cluster)
    if build:
        k8s_images.build()
    k8s_images.load(cluster)
    documents = list(cluster.manifests(OVERLAY))
    cluster.apply(document for document in documents if document["kind"] == "Namespace")
    if not cluster.exists("secret", "postgres-secrets"):
        say("making secrets")
        cluster.create(new_secrets())
    jobs = [document for document in documents if document["kind"] == "Job"]
    platform = [document for document in documents if is_platform(document)]
    say("applying settings, services, policies and surroundings")
    cluster.apply(document for document in documents if document not in jobs and document not in platform)
    for name in SURROUNDINGS:
        cluster.rolled_out(name, seconds=300)
        say(f"{name} is ready")
    for phase in PHASES:
        run_jobs(cluster, [job for job in jobs if job["metadata"]["labels"].get("songcau.vn/phase") == phase])
    roll_out(cluster, platform)


def new_secrets() -> str:
    """Return the Secrets of a new cluster."""
    made = subprocess.run(
        [sys.executable, "tools/k8s_secrets.py"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return made.stdout


def is_platform(document: Document) -> bool:
    """Say whether a document is a deployment of the platform itself, which waits for its migrations."""
    return document["kind"] == "Deployment" and document["metadata"]["name"] in PLATFORM


def run_jobs(cluster: Cluster, jobs: list[Document]) -> None:
    """Run jobs anew and wait for their end; raises ClusterError with the log of one that failed."""
    names = [job["metadata"]["name"] for job in jobs]
    for name in names:
        cluster.kubectl("delete", "job", name, "--ignore-not-found", "--wait=true")
    cluster.apply(jobs)
    for name in names:
        cluster.finished(name)
        say(f"{name}: {cluster.log(name).splitlines()[-1]}")


def roll_out(cluster: Cluster, platform: list[Document]) -> None:
    """Apply the deployments and wait until all of them are ready."""
    cluster.apply(platform)
    for name in PLATFORM:
        cluster.rolled_out(name)
    say(f"{len(PLATFORM)} deployments of the platform are ready")


def test(cluster: Cluster, *, build: bool) -> None:
    """Everything a release must survive, from nothing to nothing."""
    began = time.monotonic()
    k8s_namespace.require_none(cluster)
    try:
        up(cluster, build=build)
        cluster.task("demo", "songcau_cluster.demo")
        say(f"gateway-erased-accounts: {cluster.run_now('gateway-erased-accounts').splitlines()[-1]}")
        say(f"gateway-idle-accounts: {cluster.run_now('gateway-idle-accounts').splitlines()[-1]}")
        server_dry_run(cluster)
        k8s_restarts.restart_under_load(cluster)
        k8s_restarts.delete_pods(cluster)
        k8s_images.second_tag(cluster, "second")
        k8s_restarts.upgrade_and_roll_back(cluster, "second")
        cluster.task("evidence", "songcau_cluster.evidence")
    finally:
        k8s_namespace.remove(cluster)
    say(f"passed in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    sys.exit(main())

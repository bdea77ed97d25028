"""The development overlay on the cluster of KUBECONFIG: `up`, `demo`, `test`, `down`; says what it does.

Images are built here and loaded into the node by kube-node or kind, whichever the cluster is; a cluster that pulls
from a registry of its own needs neither.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import k8s_restarts
from k8s_cluster import NAMESPACE, Cluster, ClusterError, say
from k8s_schemas import definition_files

ROOT = Path(__file__).resolve().parent.parent
OVERLAY = "infra/k8s/overlays/dev"
IMAGES = ("identity", "eservices", "telehealth", "gateway", "local")
PLATFORM = k8s_restarts.PLATFORM
SURROUNDINGS = ("postgres", "object-store", "issuer", "simulators")
ELSEWHERE = f"{NAMESPACE}-dry-run"
Document = dict[str, Any]


def main() -> int:
    """Run one command; return 1 with one sentence where it fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("up", "demo", "test", "down"))
    parser.add_argument("--no-build", action="store_true", help="take the images that are there")
    options = parser.parse_args()
    try:
        cluster = Cluster.connect()
        commands: dict[str, Callable[[], None]] = {
            "up": lambda: up(cluster, build=not options.no_build),
            "demo": lambda: cluster.task("demo", "songcau_cluster.demo"),
            "test": lambda: test(cluster, build=not options.no_build),
            "down": lambda: down(cluster),
        }
        commands[options.command]()
    except ClusterError as error:
        print(f"k8s: {error}", file=sys.stderr)
        return 1
    return 0


def up(cluster: Cluster, *, build: bool) -> None:
    """Bring the platform up: images, namespace, secrets, surroundings, migrations, seed, then the roll-out."""
    if build:
        build_images("dev")
    load_images("dev")
    documents = list(cluster.manifests(OVERLAY))
    cluster.apply(document for document in documents if document["kind"] == "Namespace")
    if not cluster.exists("secret", "postgres-secrets"):
        say("making secrets")
        made = subprocess.run(
            [sys.executable, "tools/k8s_secrets.py"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        cluster.create(made.stdout)
    jobs = [document for document in documents if document["kind"] == "Job"]
    platform = [document for document in documents if is_platform(document)]
    say("applying settings, services, policies and surroundings")
    cluster.apply(document for document in documents if document not in jobs and document not in platform)
    for name in SURROUNDINGS:
        cluster.rolled_out(name)
    for phase in ("before-roll-out", "after-migration"):
        run_jobs(cluster, [job for job in jobs if job["metadata"]["labels"].get("songcau.vn/phase") == phase])
    roll_out(cluster, platform)


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
    up(cluster, build=build)
    try:
        cluster.task("demo", "songcau_cluster.demo")
        server_dry_run(cluster)
        k8s_restarts.restart_under_load(cluster)
        k8s_restarts.delete_pods(cluster)
        second_tag(cluster)
        k8s_restarts.upgrade_and_roll_back(cluster, "second")
    finally:
        down(cluster)
    say("passed")


def second_tag(cluster: Cluster) -> None:
    """Give the images a second tag, as a release would have."""
    from container_engine import find_engine
    from images import IMAGES as PLATFORM_IMAGES
    from images import image_name

    engine = find_engine()
    for name in PLATFORM_IMAGES:
        engine.call("tag", image_name(engine, name, "dev"), image_name(engine, name, "second"))
    load_images("second", names=tuple(PLATFORM_IMAGES))
    cluster.kubectl("get", "nodes")


def server_dry_run(cluster: Cluster) -> None:
    """Let the API server itself judge staging and production, with the operators' definitions that can be had."""
    definitions = [word for file in definition_files() for word in ("--filename", str(file))]
    if definitions:
        cluster.call("apply", "--server-side", "--force-conflicts", *definitions)
    try:
        known = set(cluster.call("api-resources", "--no-headers", "--output=name").split())
        for overlay in ("staging", "production"):
            dry_run(cluster, overlay, known)
    finally:
        cluster.call("delete", "namespace", ELSEWHERE, "--ignore-not-found", "--wait=true")
        if definitions:
            cluster.call("delete", "--ignore-not-found", *definitions)


def dry_run(cluster: Cluster, overlay: str, known: set[str]) -> None:
    """Judge one overlay, in a namespace where nothing of it is yet; say which kinds the server does not know."""
    documents = list(cluster.manifests(f"infra/k8s/overlays/{overlay}"))
    for document in documents:
        if document["kind"] == "Namespace":
            document["metadata"]["name"] = ELSEWHERE
            cluster.apply([document])
        else:
            document["metadata"]["namespace"] = ELSEWHERE
    ours = [document for document in documents if is_known(document, known)]
    unknown = sorted({document["kind"] for document in documents if not is_known(document, known)})
    cluster.apply(ours, "--dry-run=server")
    say(f"{overlay}: the API server takes {len(ours)} documents; kinds it does not know: {', '.join(unknown)}")


def is_known(document: Document, known: set[str]) -> bool:
    """Say whether the cluster has the kind of a document."""
    group = document["apiVersion"].rpartition("/")[0]
    return any(name.partition(".")[2] == group for name in known)


def down(cluster: Cluster) -> None:
    """Remove everything that `up` made."""
    cluster.call("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=true", "--timeout=180s")
    say("removed")


def build_images(tag: str) -> None:
    """Build every image; raises ClusterError where one was not built."""
    if subprocess.run(
        [sys.executable, "-W", "ignore", "tools/images.py", "--tag", tag], cwd=ROOT, check=False
    ).returncode:
        raise ClusterError("the images were not built")


def load_images(tag: str, names: tuple[str, ...] = IMAGES) -> None:
    """Bring the images into the node, where the cluster is one of this machine."""
    images = [f"localhost/songcau/{name}:{tag}" for name in names]
    loader = image_loader()
    if loader is None:
        say("the cluster brings images itself (neither kube-node nor kind is here)")
        return
    say(f"loading {len(images)} images with {Path(loader[0]).name}")
    done = subprocess.run([*loader, *images], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ClusterError(f"the images were not loaded: {done.stderr.strip()[-400:]}")


def image_loader() -> list[str] | None:
    """Return the command that takes images into the node."""
    tool = Path(os.environ.get("KUBE_NODE", ROOT.parent / "shared" / "tools" / "kube-node"))
    if tool.exists():
        return [str(tool), "load"]
    return ["kind", "load", "docker-image"] if shutil.which("kind") else None


if __name__ == "__main__":
    sys.exit(main())

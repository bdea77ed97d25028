"""Brings the project's images into the nodes of a development cluster: builds, loads what is new, tags."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from container_engine import Engine, EngineError, find_engine
from images import IMAGES, KNOWN, image_name
from k8s_cluster import ROOT, Cluster, ClusterError, say
from k8s_node import node_tool

TAG = "dev"
# Which image, by its content, which node has: an archive of a gigabyte is not sent twice.
MEMORY = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "songcau" / "loaded-images.json"


def build() -> None:
    """Build every image; raises ClusterError where one was not built."""
    if subprocess.run(
        [sys.executable, "-W", "ignore", "tools/images.py", "--tag", TAG, *KNOWN], cwd=ROOT, check=False
    ).returncode:
        raise ClusterError("the images were not built")


def load(cluster: Cluster, *, names: Sequence[str] = tuple(KNOWN), tag: str = TAG) -> None:
    """Bring images into the node, where the cluster is one of this machine; raises ClusterError."""
    loader = image_loader()
    if loader is None:
        say("the cluster brings images itself (neither kube-node nor kind is here)")
        return
    engine = engine_here()
    ids = {name: engine.call("image", "inspect", "--format", "{{.Id}}", name) for name in _full(engine, names, tag)}
    node, present = _node(cluster)
    remembered = _remembered(node)
    wanted = [name for name, content in ids.items() if name not in present or remembered.get(name) != content]
    if wanted:
        say(f"loading {len(wanted)} of {len(ids)} images with {Path(loader[0]).name}")
        done = subprocess.run([*loader, *wanted], capture_output=True, text=True, check=False)
        if done.returncode:
            raise ClusterError(f"the images were not loaded: {done.stderr.strip()[-400:]}")
    _remember(node, {**remembered, **ids})


def second_tag(cluster: Cluster, tag: str) -> None:
    """Give the images of the platform another tag, as a release would have, and bring them into the node."""
    engine = engine_here()
    for name in IMAGES:
        engine.call("tag", image_name(engine, name, TAG), image_name(engine, name, tag))
    load(cluster, names=tuple(IMAGES), tag=tag)


def engine_here() -> Engine:
    """Return the container engine; raises ClusterError where there is none."""
    try:
        return find_engine()
    except EngineError as error:
        raise ClusterError(str(error)) from error


def image_loader() -> list[str] | None:
    """Return the command that takes images into the node."""
    tool = node_tool()
    if tool is not None:
        return [str(tool), "load"]
    return ["kind", "load", "docker-image"] if shutil.which("kind") else None


def _full(engine: Engine, names: Sequence[str], tag: str) -> list[str]:
    return [image_name(engine, name, tag) for name in names]


def _node(cluster: Cluster) -> tuple[str, set[str]]:
    """Return the identity of the cluster's first node and the names of the images it has."""
    node = json.loads(cluster.call("get", "nodes", "--output=json"))["items"][0]
    images = {name for image in node["status"].get("images") or [] for name in image.get("names") or []}
    return str(node["metadata"]["uid"]), images


def _remembered(node: str) -> dict[str, str]:
    try:
        known: dict[str, dict[str, str]] = json.loads(MEMORY.read_text())
    except (OSError, ValueError):
        return {}
    return known.get(node, {})


def _remember(node: str, ids: dict[str, str]) -> None:
    MEMORY.parent.mkdir(parents=True, exist_ok=True)
    MEMORY.write_text(json.dumps({node: ids}))

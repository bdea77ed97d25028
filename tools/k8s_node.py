"""The cluster that commands speak to: the one of KUBECONFIG, else a node of this machine by the kube-node tool."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from k8s_cluster import ClusterError, say

ROOT = Path(__file__).resolve().parent.parent
# Remembers that a command of ours started the node, so that `down` stops it again.
STARTED = ROOT / ".songcau" / "k8s-node-started"


class PartsMissingError(ClusterError):
    """This machine has no cluster and cannot make one; the text says what is missing."""


def node_tool() -> Path | None:
    """Return the program that makes a node on this machine, where it is at hand (variable KUBE_NODE)."""
    tool = Path(os.environ.get("KUBE_NODE", ROOT.parent / "shared" / "tools" / "kube-node"))
    return tool if tool.exists() else None


@contextmanager
def cluster_at_hand() -> Iterator[None]:
    """Make sure that a cluster answers; a node that was started for this is stopped at the end.

    Raises PartsMissingError where KUBECONFIG is not set and no node can be made.
    """
    was_started = ensure()
    try:
        yield
    finally:
        if was_started:
            stop()


def ensure() -> bool:
    """Point kubectl at a cluster, making and starting a node where there is none; return whether it was started."""
    tool = point()
    if tool is None:
        return False
    if answers():
        say("the node of this machine is up")
        return False
    say("making and starting a node of this machine (about ten minutes the first time)")
    _call(tool, "build")
    _call(tool, "up")
    STARTED.parent.mkdir(parents=True, exist_ok=True)
    STARTED.touch()
    return True


def point() -> Path | None:
    """Point kubectl at the node of this machine and return the node tool; None where KUBECONFIG names a cluster."""
    if os.environ.get("KUBECONFIG"):
        return None
    tool = require_tool()
    kubeconfig = Path(_call(tool, "kubeconfig").strip())
    # The node's own kubectl serves where the machine has none.
    os.environ["PATH"] += os.pathsep + str(kubeconfig.parent.parent / "bin")
    os.environ["KUBECONFIG"] = str(kubeconfig)
    return tool


def stop() -> None:
    """Stop the node of this machine, where a command of ours started it."""
    tool = node_tool()
    if tool is not None and STARTED.exists():
        _call(tool, "down")
        STARTED.unlink()
        say("stopped the node")


def answers() -> bool:
    """Say whether the cluster of KUBECONFIG answers."""
    if not Path(os.environ["KUBECONFIG"]).exists() or shutil.which("kubectl") is None:
        return False
    ask = ["kubectl", "get", "--raw", "/readyz", "--request-timeout=5s"]
    return subprocess.run(ask, capture_output=True, check=False).returncode == 0


def require_tool() -> Path:
    """Return the node tool; raises PartsMissingError naming everything that is missing for it."""
    tool = node_tool()
    missing = [] if tool else ["the kube-node tool (variable KUBE_NODE)"]
    missing += [] if os.geteuid() == 0 else ["root"]
    missing += [name for name in ("go", "gcc", "apt-get") if shutil.which(name) is None]
    if tool is None or missing:
        raise PartsMissingError(f"KUBECONFIG is not set and no node can be made here without {', '.join(missing)}")
    return tool


def _call(tool: Path, *words: str) -> str:
    done = subprocess.run([str(tool), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ClusterError(f"{tool.name} {words[0]}: {done.stderr.strip()[-800:]}")
    return done.stdout

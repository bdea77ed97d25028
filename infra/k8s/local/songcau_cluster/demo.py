"""Tells the demo story against the Services of a cluster, from a pod inside it; `--until-stopped` again and again."""

import os
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from songcau_local.demo import story
from songcau_local.layout import PORTS, Layout

from songcau_cluster import leaks

HOSTS = {"bridge": "identity-bridge", "issuer": "keycloak"}


@dataclass(frozen=True)
class ClusterLayout(Layout):
    """The doors of a stack under the names of its Services."""

    def address(self, name: str) -> str:
        """Return `host:port` of one door."""
        return f"{HOSTS.get(name, name)}:{PORTS[name]}"

    @property
    def bus(self) -> str:
        """The broker, as its administrator: the demo reads every topic."""
        return os.environ["SONGCAU_BUS_URL"]

    def database(self, role: str, name: str) -> str:
        """Return the address of a database as its superuser, the only role whose password the demo has."""
        return f"postgresql://{role}:{os.environ['POSTGRES_PASSWORD']}@postgres:5432/{name}"


def open_layout() -> ClusterLayout:
    """Return the layout of the cluster around this pod."""
    return ClusterLayout(Path("/tmp/songcau"), is_full=True)  # noqa: S108 -- the pod's own


def main(arguments: list[str]) -> int:
    """Return 0 where every round passed; a round that has begun is told to its end, even when told to stop."""
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    if arguments != ["--until-stopped"]:
        stopped.set()  # after one round
    # Files of a server and logs of pods are out of a pod's reach; tables and events are not.
    story.STORY = (*story.STORY[:-1], ("no personal number, name or health word in tables, events", leaks.search))
    layout = open_layout()
    rounds = 0
    while story.run(layout):
        rounds += 1
        if stopped.is_set():
            sys.stdout.write(f"told {rounds} times\n")
            return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

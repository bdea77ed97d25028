"""Processor time of one operation by process, read from the system's counters over a round and the events behind it."""

from collections.abc import Mapping
from pathlib import Path

import psutil

from load.rounds import Send
from load.stage import Stage

PROCESSES = ("gateway", "eservices", "PostgreSQL", "relay and consumers")
_BEHIND = ("eservices-work", "identity-work", "identity")


def of_round(stage: Stage, send: Send, processes: Mapping[str, str]) -> dict[str, float]:
    """Send a round and return the milliseconds of each process per answer, its events' effects included.

    `processes` says which process stands in the place of `gateway` and of `eservices`, where one does.
    """
    groups = _groups(stage, processes)
    before = {name: _seconds(group) for name, group in groups.items()}
    answers = len(send().latencies)
    stage.settle()
    return {name: (_seconds(group) - before[name]) / answers * 1000 for name, group in groups.items()}


def _groups(stage: Stage, processes: Mapping[str, str]) -> dict[str, list[psutil.Process]]:
    pid = stage.processes.pid
    postmaster = psutil.Process(int(_postmaster_file(stage).read_text().split()[0]))
    return {
        **{place: [psutil.Process(pid(name))] for place, name in processes.items()},
        "PostgreSQL": [postmaster, *postmaster.children(recursive=True)],
        "relay and consumers": [psutil.Process(pid(name)) for name in _BEHIND],
    }


def _postmaster_file(stage: Stage) -> Path:
    return next((stage.layout.state / "postgres").rglob("postmaster.pid"))


def _seconds(group: list[psutil.Process]) -> float:
    times = [one.cpu_times() for one in group if one.is_running()]
    return sum(one.user + one.system for one in times)

"""The section "Profile" of docs/performance.md, made of what was found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from load.profiling import costs, spending
from load.profiling.counting import Counted

if TYPE_CHECKING:
    from load.profiling.cases import Findings

STATES = (*(wait.name for wait in costs.WAITS), costs.OTHER_LOCK, costs.COMPUTING)
LARGEST = 3


def lines(found: Mapping[str, Findings], counted: Mapping[str, Counted]) -> list[str]:
    """Return the lines of the section."""
    return [
        "Shares are samples of the threads that hold the interpreter (py-spy, without stopping the process); a stack "
        "belongs to the first line of the table that has a mark in it, so the driver's part of an audit entry is the "
        "driver's. Processor time is read from the system's counters, the events' effects included.",
        "",
        *_spent(found),
        *(line for process in costs.TABLES for line in _shares(process, found)),
        *_waiting(found),
        *_counts(counted),
        *_largest(found),
    ]


def _spent(found: Mapping[str, Findings]) -> Iterator[str]:
    yield "### Processor time of one answer"
    yield ""
    yield f"| | side | {' | '.join(spending.PROCESSES)} | sum |"
    yield f"|---|---|{'---:|' * (len(spending.PROCESSES) + 1)}"
    for name, one in found.items():
        for side, spent in (("ours", one.spent), ("limit", one.limit_spent)):
            if spent:
                figures = [f"{spent.get(process, 0.0):.2f}" for process in spending.PROCESSES]
                yield f"| {name} | {side} | {' | '.join(figures)} | {sum(spent.values()):.2f} ms |"
    yield ""


def _shares(process: str, found: Mapping[str, Findings]) -> Iterator[str]:
    columns = {name: one for name, one in found.items() if process in one.profiles}
    shares = [one.shares(process) for one in columns.values()]
    profiles = [one.profiles[process] for one in columns.values()]
    yield f"### What holds the interpreter of `{process}`"
    yield ""
    yield f"| | {' | '.join(columns)} |"
    yield f"|---|{'---:|' * len(columns)}"
    for cost in (*(cost.name for cost in costs.TABLES[process]), costs.OTHER):
        yield f"| {cost} | {' | '.join(f'{one.get(cost, 0.0):.0%}' for one in shares)} |"
    yield f"| *samples* | {' | '.join(str(one.samples) for one in profiles)} |"
    outside = " | ".join(f"{one.outside_python:.0%}" for one in profiles)
    yield f"| *of the processor time, in threads of gRPC's core (HTTP/2, TLS)* | {outside} |"
    yield ""


def _waiting(found: Mapping[str, Findings]) -> Iterator[str]:
    columns = {name: one.waiting for name, one in found.items() if one.waiting}
    yield "### What the calls in `eservices` wait for (how many of eight, on average)"
    yield ""
    yield f"| | {' | '.join(columns)} |"
    yield f"|---|{'---:|' * len(columns)}"
    for state in STATES:
        yield f"| {state} | {' | '.join(f'{one.get(state, 0.0):.1f}' for one in columns.values())} |"
    yield ""
    yield "One call computes at a time: what the last line has above one waits for the interpreter or for a core."
    yield ""


def _counts(counted: Mapping[str, Counted]) -> Iterator[str]:
    yield "### What one call costs at PostgreSQL"
    yield ""
    yield "| | statements, BEGIN and COMMIT included | round trips | pieces sent | commits |"
    yield "|---|---:|---:|---:|---:|"
    for name, one in counted.items():
        yield f"| {name} | {one.statements} | {one.round_trips} | {one.sendings} | {one.commits} |"
    yield ""


def _largest(found: Mapping[str, Findings]) -> Iterator[str]:
    yield "### The largest costs, and what was done about them"
    yield ""
    for name, one in found.items():
        for process in one.profiles:
            shares, done = one.shares(process), {cost.name: cost.done for cost in costs.TABLES[process]}
            largest = [cost for cost in shares if cost in done][:LARGEST]
            yield f"- {name}, `{process}`: {'; '.join(f'**{it}**, {shares[it]:.0%} ({done[it]})' for it in largest)}."

"""Writes docs/performance.md: each command owns one section and leaves the others as they are."""

import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from load.measures import Case, Side

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
EMPTY = """# Performance

Ratios against bare limits measured in the same run, in turns, on the same machine; `make bench`, `make bench-bus`
and `make bench-identity` write the sections between the markers, the rest is written by hand. No figure here is
asserted by a test: times belong to a machine, ratios to the code.
"""


@dataclass(frozen=True)
class Section:
    """The part of the document that one command writes."""

    name: str
    title: str
    command: str
    lines: Sequence[str]

    def text(self) -> str:
        """Return the part with its markers."""
        about = f"`{self.command}`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine()}."
        inner = "\n".join((f"## {self.title}", "", about, "", *self.lines))
        return f"{_begin(self.name)}\n{inner}\n{_end(self.name)}\n"


def machine() -> str:
    """Return what the figures were taken on, and how busy it was with other things."""
    load = psutil.getloadavg()[0]
    memory = psutil.virtual_memory().total / 2**30
    cores = psutil.cpu_count() or 0
    return (
        f"{platform.machine()}, {cores} cores, {memory:.0f} GiB, Python {platform.python_version()}, "
        f"load {load:.1f} at the end"
    )


def write(section: Section, document: Path = DOCUMENT) -> None:
    """Put a section in the place of its last writing, or at the end."""
    text = document.read_text(encoding="utf-8") if document.exists() else EMPTY
    pattern = re.compile(re.escape(_begin(section.name)) + ".*?" + re.escape(_end(section.name)) + "\n", re.DOTALL)
    new = section.text()
    text = pattern.sub(lambda _: new, text) if pattern.search(text) else f"{text.rstrip()}\n\n{new}"
    document.write_text(text, encoding="utf-8")


def table(cases: Sequence[Case], unit: str) -> list[str]:
    """Return the figures of cases as a table, and below it what each side is."""
    head = f"| what | side | {unit} (median) | slowest–fastest round | median | p99 | ratio (spread) | aim | |"
    lines = [head, "|---|---|---:|---:|---:|---:|---:|---:|---|"]
    for case in cases:
        ours, limit = Side.of(case.ours), Side.of(case.limit)
        ratios = f"**{case.ratio:.2f}** ({min(case.ratios):.2f}–{max(case.ratios):.2f})"
        aim = "" if case.aim is None else f"≥ {case.aim:.2f}"
        lines.append(f"| {case.name} | ours | {_figures(ours)} | {ratios} | {aim} | {case.verdict} |")
        lines.append(f"| | limit | {_figures(limit)} | | | |")
    explained = [f"- **{case.name}**: {case.ours_is}; the limit: {case.limit_is}." for case in cases]
    return [*lines, "", *explained]


def _figures(side: Side) -> str:
    return f"{side.per_second:,.0f} | {side.spread} | {side.median_ms:.2f} ms | {side.p99_ms:.2f} ms"


def _begin(name: str) -> str:
    return f"<!-- {name}: begin, generated -->"


def _end(name: str) -> str:
    return f"<!-- {name}: end -->"

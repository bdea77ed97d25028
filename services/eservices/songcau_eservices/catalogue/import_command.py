"""The command line of the national import: a progress bar while it reads, the report when it is done."""

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from songcau_kit.clock import Clock
from songcau_kit.database import Database

from songcau_eservices.catalogue.national_import import NationalFiles, import_national
from songcau_eservices.catalogue.national_report import MEANINGS, ImportReport, Normalisation, Refusal, Tally

K = TypeVar("K", Normalisation, Refusal)


def run_import(path: Path, database: Database, clock: Clock, *, valid_from: date) -> None:
    """Import the files at `path` and print the report; leave with a sentence where they are not there."""
    try:
        files = NationalFiles.find(path)
    except FileNotFoundError as error:
        raise SystemExit(str(error)) from None
    console = Console(file=sys.stderr)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("national catalogue", total=files.size)
        report = import_national(
            files, database, clock, valid_from=valid_from, progress=lambda size: bar.advance(task, size)
        )
    for line in report_lines(report):
        typer.echo(line)


def report_lines(report: ImportReport) -> list[str]:
    """Return the report as lines of text."""
    loaded = report.loaded
    return [
        f"read {', '.join(f'{count} lines of {file}' for file, count in report.read.items())}",
        f"new {loaded.new}, changed {loaded.changed}, unchanged {loaded.unchanged}",
        f"normalised {sum(tally.count for tally in report.normalised.values())} values",
        *_tallies(report.normalised),
        f"refused {report.refused_lines} lines",
        *_tallies(report.refused),
    ]


def _tallies(tallies: Mapping[K, Tally]) -> list[str]:
    return [
        f"  {tally.count:>6}  {kind}: {MEANINGS[kind]} (for example {', '.join(tally.examples)})"
        for kind, tally in sorted(tallies.items(), key=lambda item: -item[1].count)
    ]

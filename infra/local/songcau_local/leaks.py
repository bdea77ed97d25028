"""Searches everything a stack has written for texts that must not be there in the clear."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
from psycopg import sql

from songcau_local.databases import BUS, SERVICES
from songcau_local.dumps import FORMATS, dump
from songcau_local.errors import StackError
from songcau_local.event_log import read_events
from songcau_local.layout import Layout
from songcau_local.needles import Needles

DATABASES = (*SERVICES, BUS)
_TABLES = """select schemaname, tablename from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema') order by 1, 2"""
_SHOWS_METRICS = ("-ops", "-work", "-sign")


@dataclass
class LeakReport:
    """What was searched and what was found; a find names its place and its spelling, never the text."""

    spellings: int
    files: int = 0
    mebibytes: int = 0
    dumps: int = 0
    rows: int = 0
    events: int = 0
    measured: int = 0
    found: list[str] = field(default_factory=list)

    def note(self, place: str, names: Iterable[str]) -> None:
        """Add what was found in one place."""
        self.found += [f"{place} holds {name}" for name in names]


def find_leaks(layout: Layout, secrets: Sequence[str], *, control: str) -> LeakReport:
    """Search files, dumps, tables, events and metrics of a running stack for every spelling of the secrets.

    `control` is a text that does stand there openly; a search that misses it proves nothing. Raises StackError then,
    and where the stack is not up.
    """
    with psycopg.connect(layout.database("postgres", "postgres"), autocommit=True) as connection:
        connection.execute("checkpoint")  # what was only in memory stands in the files now
    needles, known = Needles(secrets), Needles([control])
    report = find_leaks_in_files(layout, secrets, control=control)
    _search_dumps(layout, needles, known, report)
    _search_rows(layout, needles, known, report)
    _search_events(layout, needles, report)
    _search_metrics(layout, needles, report)
    return report


def find_leaks_in_files(layout: Layout, secrets: Sequence[str], *, control: str) -> LeakReport:
    """Search what a stack left on the disk: database, WAL, objects, logs, temporary files, Kafka, Keycloak.

    It need not run. Raises StackError where the search misses `control`.
    """
    needles, known = Needles(secrets), Needles([control])
    report = LeakReport(len(needles))
    has_control = False
    for path in sorted(_files(layout)):
        report.files += 1
        report.mebibytes += path.stat().st_size if path.exists() else 0
        report.note(str(path), needles.find_in_file(path))
        has_control = has_control or bool(known.find_in_file(path))
    report.mebibytes >>= 20
    _require(has_control, "files")
    return report


def _search_dumps(layout: Layout, needles: Needles, known: Needles, report: LeakReport) -> None:
    shown = set[str]()
    with tempfile.TemporaryDirectory(prefix="songcau-dumps-") as folder:
        for database in DATABASES:
            for path in dump(layout.database("postgres", database), Path(folder)):
                report.dumps += 1
                report.note(f"the dump {path.name}", needles.find_in_file(path))
                if known.find_in_file(path):
                    shown.add(path.suffix)
                path.unlink()
    _require(len(shown) == len(FORMATS), "dumps")


def _search_rows(layout: Layout, needles: Needles, known: Needles, report: LeakReport) -> None:
    has_control = False
    for name, row in rows_of(layout, DATABASES):
        report.rows += 1
        content = row.encode()
        report.note(f"a row of {name}", needles.find(content))
        has_control = has_control or bool(known.find(content))
    _require(has_control, "tables")


def _search_events(layout: Layout, needles: Needles, report: LeakReport) -> None:
    for event in read_events(layout):
        report.events += 1
        content = event.value + repr(event.headers).encode() + repr(event.content).encode()
        report.note(f"an event of {event.topic}", needles.find(content))


def _search_metrics(layout: Layout, needles: Needles, report: LeakReport) -> None:
    for name in layout.ports:
        if name != "gateway" and (not name.endswith(_SHOWS_METRICS) or name == "keycloak-ops"):
            continue
        try:
            answer = httpx.get(f"{layout.url(name)}/metrics", timeout=10).raise_for_status()
        except httpx.HTTPError as error:
            raise StackError(f"{name} does not show its metrics: {type(error).__name__}") from error
        _require(b"songcau_" in answer.content, f"metrics of {name}")
        report.measured += 1
        report.note(f"the metrics of {name}", needles.find(answer.content))


def _require(found: bool, where: str) -> None:
    if not found:
        raise StackError(f"the search does not even find in the {where} what stands there openly")


def _files(layout: Layout) -> Iterator[Path]:
    # Of Kafka and Keycloak what they store; their programs hold nothing of ours.
    real = (layout.state / "kafka/data", layout.state / "keycloak/home/data")
    for folder in (
        layout.state / "postgres",
        layout.logs,
        layout.objects,
        layout.erasure_ledger,
        layout.temporary,
        *real,
    ):
        yield from (path for path in folder.rglob("*") if path.is_file() and not _is_template(path))


def _is_template(path: Path) -> bool:
    # The server's own template databases, as initdb made them.
    return path.parent.parent.name == "base" and path.parent.name in ("1", "4")


def rows_of(layout: Layout, databases: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield `database.table` and text of every row; large values lie compressed in the files, so the server reads."""
    for database in databases:
        with psycopg.connect(layout.database("postgres", database)) as connection:
            for schema, table in connection.execute(_TABLES).fetchall():
                query = sql.SQL("select t::text from {} t").format(sql.Identifier(schema, table))
                for (row,) in connection.execute(query):
                    yield f"{database}.{table}", row

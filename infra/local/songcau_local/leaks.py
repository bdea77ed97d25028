"""Searches everything a stack has written for texts that must not be there in the clear."""

import base64
import hashlib
import json
import mmap
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import psycopg
from psycopg import sql
from songcau_kit.text import fold

from songcau_local.databases import BUS, SERVICES
from songcau_local.errors import StackError
from songcau_local.event_log import read_events
from songcau_local.layout import Layout

DATABASES = (*SERVICES, BUS)
_TABLES = """select schemaname, tablename from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema') order by 1, 2"""


@dataclass(frozen=True)
class LeakReport:
    """What was searched and what was found; a find names its place, never the text."""

    needles: tuple[bytes, ...]
    files: int
    mebibytes: int
    rows: int
    events: int
    found: tuple[str, ...]


def find_leaks(layout: Layout, secrets: Sequence[str], *, control: str) -> LeakReport:
    """Search database files, tables, logs, stored objects and events for every spelling of the secrets.

    `control` is a text that does stand there openly; a search that misses it proves nothing. Raises StackError then.
    """
    needles = tuple(sorted({needle for secret in secrets for needle in spellings(secret)}))
    _write_everything_down(layout)
    known = (control.encode(),)
    if not any(_search_file(path, known) for path in _files(layout)):
        raise StackError("the search does not even find in the files what stands there openly")
    if not any(_search(row.encode(), known) for _, row in rows_of(layout, DATABASES)):
        raise StackError("the search does not even find in the tables what stands there openly")
    found: list[str] = []
    files = size = rows = 0
    paths = sorted(_files(layout))
    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
        for path, places in zip(
            paths, pool.map(partial(_search_file, needles=needles), paths, chunksize=64), strict=True
        ):
            files += 1
            size += path.stat().st_size if path.exists() else 0
            found += [f"{path} holds secret {place}" for place in places]
    for name, row in rows_of(layout, DATABASES):
        rows += 1
        found += [f"a row of {name} holds secret {place}" for place in _search(row.encode(), needles)]
    events = read_events(layout)
    for event in events:
        content = event.value + repr(event.headers).encode() + repr(event.content).encode()
        found += [f"an event of {event.topic} holds secret {place}" for place in _search(content, needles)]
    return LeakReport(needles, files, size >> 20, rows, len(events), tuple(dict.fromkeys(found)))


def spellings(secret: str) -> set[bytes]:
    """Return the forms in which a text could slip through: composed and not, folded, UTF-16, base64, hex, digest."""
    texts = {secret, unicodedata.normalize("NFD", secret), secret.upper(), secret.lower(), fold(secret)}
    if secret.startswith("+84"):
        texts = {secret[3:]}  # what the national and the international form share
    # A digest without a key is as good as the number itself: twelve digits are soon counted through.
    digest = hashlib.sha256(secret.encode())
    escaped = json.dumps(secret)[1:-1].encode()
    encoded = {base64.b64encode(secret.encode()).rstrip(b"=")[:-1], secret.encode().hex().encode(), escaped}
    return {text.encode() for text in texts} | encoded | {secret.encode("utf-16-le"), digest.digest()}


def _write_everything_down(layout: Layout) -> None:
    with psycopg.connect(layout.database("postgres", "postgres"), autocommit=True) as connection:
        connection.execute("checkpoint")


def _files(layout: Layout) -> Iterator[Path]:
    # Of Kafka and Keycloak what they store; their programs hold nothing of ours.
    real = (layout.state / "kafka/data", layout.state / "keycloak/home/data")
    for folder in (layout.state / "postgres", layout.logs, layout.objects, *real):
        yield from (path for path in folder.rglob("*") if path.is_file() and not _is_template(path))


def _is_template(path: Path) -> bool:
    # The server's own template databases, as initdb made them.
    return path.parent.parent.name == "base" and path.parent.name in ("1", "4")


def _search_file(path: Path, needles: Iterable[bytes]) -> list[int]:
    try:
        if not path.stat().st_size:
            return []
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return [place for place, needle in enumerate(needles) if content.find(needle) >= 0]
    except (FileNotFoundError, ValueError):
        return []  # the server removed or cut it in this moment


def _search(content: bytes, needles: Iterable[bytes]) -> list[int]:
    return [place for place, needle in enumerate(needles) if needle in content]


def rows_of(layout: Layout, databases: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield `database.table` and text of every row; large values lie compressed in the files, so the server reads."""
    for database in databases:
        with psycopg.connect(layout.database("postgres", database)) as connection:
            for schema, table in connection.execute(_TABLES).fetchall():
                query = sql.SQL("select t::text from {} t").format(sql.Identifier(schema, table))
                for (row,) in connection.execute(query):
                    yield f"{database}.{table}", row

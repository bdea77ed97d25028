"""Searches everything a stack has written for texts that must not be there in the clear."""

import base64
import hashlib
import mmap
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from songcau_kit.text import fold

from songcau_local.databases import BUS, SERVICES
from songcau_local.event_log import read_events
from songcau_local.layout import Layout

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


def find_leaks(layout: Layout, secrets: Sequence[str]) -> LeakReport:
    """Search database files, tables, logs, stored objects and events for every spelling of the secrets."""
    needles = tuple(sorted({needle for secret in secrets for needle in spellings(secret)}))
    _write_everything_down(layout)
    found: list[str] = []
    files = size = rows = 0
    for path in _files(layout):
        files += 1
        size += path.stat().st_size
        found += [f"{path} holds secret {place}" for place in _search_file(path, needles)]
    for name, row in _rows(layout):
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
        texts |= {"0" + secret[3:], secret[1:]}
    raw = {text.encode() for text in texts} | {text.encode("utf-16-le") for text in texts}
    # A digest without a key is as good as the number itself: twelve digits are soon counted through.
    digest = hashlib.sha256(secret.encode())
    raw |= {digest.digest(), digest.hexdigest().encode()}
    raw |= {base64.b64encode(text.encode()).rstrip(b"=")[:-1] for text in texts}
    return raw | {text.encode().hex().encode() for text in texts}


def _write_everything_down(layout: Layout) -> None:
    with psycopg.connect(layout.database("postgres", "postgres"), autocommit=True) as connection:
        connection.execute("checkpoint")


def _files(layout: Layout) -> Iterator[Path]:
    for folder in (layout.state / "postgres", layout.logs, layout.objects):
        yield from (path for path in folder.rglob("*") if path.is_file())


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


def _rows(layout: Layout) -> Iterator[tuple[str, str]]:
    # Large values lie compressed in the files, so the tables are read through the server as well.
    for database in (*SERVICES, BUS):
        with psycopg.connect(layout.database("postgres", database)) as connection:
            for schema, table in connection.execute(_TABLES).fetchall():
                query = sql.SQL("select t::text from {} t").format(sql.Identifier(schema, table))
                for (row,) in connection.execute(query):
                    yield f"{database}.{table}", row

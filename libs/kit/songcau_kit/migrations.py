"""Brings a database to the schema of the code: numbered files, each applied once, in one transaction, never changed."""

import hashlib
import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

KIT = "songcau_kit"
LOCK = 0x50_4E_47_43_41_55  # any fixed number; all migrators of a database take the same advisory lock
LOCK_TIMEOUT_MS = 5_000
STATEMENT_TIMEOUT_MS = 60_000
WAIT_FOR_OTHERS_MS = 120_000

_TABLE = """create table if not exists schema_migrations (
    package text not null,
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default now(),
    primary key (package, name)
)"""


class MigrationError(Exception):
    """The database and the files do not fit; the text says which and what to do."""


@dataclass(frozen=True)
class Migration:
    """One numbered file of one package."""

    package: str
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """The digest that shows a changed file; line ends do not count."""
        return hashlib.sha256(self.text.replace("\r\n", "\n").encode()).hexdigest()


def migrations_of(package: str) -> list[Migration]:
    """Return the migrations of a package in order: from inside it (a wheel) or beside it (a working tree).

    Raises MigrationError where a name has no four-digit number or two files share one.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise MigrationError(f"the package {package} is not installed")
    inside = Path(spec.origin).parent
    folder = next((f for f in (inside / "migrations", inside.parent / "migrations") if f.is_dir()), None)
    files = sorted(folder.glob("*.sql")) if folder else []
    numbers = [file.name[:4] for file in files]
    if not all(number.isdigit() for number in numbers) or len(set(numbers)) != len(numbers):
        raise MigrationError(f"each migration of {package} starts with its own four digits: {', '.join(numbers)}")
    return [Migration(package, file.name, file.read_text()) for file in files]


def migrate(url: str, *, package: str) -> list[str]:
    """Apply what is missing, first of the kit and then of `package`, and return the names of the files applied.

    Migrators of one database wait for one another. Raises MigrationError when an applied file was changed, when the
    database is newer than the code, or when a file fails; a file that failed has left nothing behind.
    """
    return apply(url, migrations_of(KIT) + ([] if package == KIT else migrations_of(package)), owner=package)


def apply(url: str, wanted: Sequence[Migration], *, owner: str) -> list[str]:
    """Apply what the database misses of these; `owner` is named in errors. Returns and raises as `migrate`."""
    try:
        with (
            psycopg.connect(url, autocommit=True, application_name=f"{owner}-migrate") as connection,
            _lock(connection),
        ):
            connection.execute(_TABLE)
            return [_apply(connection, migration) for migration in _missing(connection, wanted)]
    except psycopg.OperationalError as error:
        raise MigrationError(f"the database of {owner} cannot be migrated now: {_first_line(error)}") from error


@contextmanager
def _lock(connection: psycopg.Connection) -> Iterator[None]:
    connection.execute(sql.SQL("set statement_timeout = {}").format(WAIT_FOR_OTHERS_MS))
    connection.execute("select pg_advisory_lock(%s)", (LOCK,))
    connection.execute(sql.SQL("set statement_timeout = {}").format(STATEMENT_TIMEOUT_MS))
    connection.execute(sql.SQL("set lock_timeout = {}").format(LOCK_TIMEOUT_MS))
    yield  # the session's end gives the lock back


def _missing(connection: psycopg.Connection, wanted: Sequence[Migration]) -> list[Migration]:
    packages = sorted({migration.package for migration in wanted})
    rows = connection.execute(
        "select package, name, checksum from schema_migrations where package = any(%s)", (packages,)
    ).fetchall()
    applied = {(package, name): checksum for package, name, checksum in rows}
    for migration in wanted:
        known = applied.pop((migration.package, migration.name), migration.checksum)
        if known != migration.checksum:
            raise MigrationError(
                f"{migration.package} {migration.name} was changed after it was applied: "
                "put the old text back and write the change as a new file"
            )
    if applied:
        package, name = max(applied)
        raise MigrationError(
            f"the database is newer than this code: it has {package} {name}; install the newer release"
        )
    have = {(package, name) for package, name, _ in rows}
    return [migration for migration in wanted if (migration.package, migration.name) not in have]


def _apply(connection: psycopg.Connection, migration: Migration) -> str:
    try:
        with connection.transaction():
            connection.execute(migration.text.encode())
            connection.execute(
                "insert into schema_migrations (package, name, checksum) values (%s, %s, %s)",
                (migration.package, migration.name, migration.checksum),
            )
    except psycopg.Error as error:
        raise MigrationError(f"{migration.package} {migration.name} failed: {_first_line(error)}") from error
    return migration.name


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]

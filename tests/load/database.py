"""A PostgreSQL of its own for one measurement, set as that of the local stack."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from songcau_kit.migrations import migrate
from songcau_local.postgres import EmbeddedPostgres
from songcau_local.supervisor import POSTGRES_SETTINGS


@contextmanager
def scratch_database(package: str) -> Iterator[str]:
    """Give the address of an empty database with the schema of a service; nothing of it stays."""
    with tempfile.TemporaryDirectory(prefix="songcau-load-") as folder:
        postgres = EmbeddedPostgres(Path(folder) / "postgres", settings=POSTGRES_SETTINGS)
        postgres.start()
        try:
            with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
                connection.execute("create database load")
            migrate(postgres.url("load"), package=package)
            yield postgres.url("load")
        finally:
            postgres.discard()

"""The telehealth service as it runs: a real database, real gRPC, real tokens, a clock that tests move."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from songcau_kit.clock import FixedClock
from songcau_kit.migrations import migrate
from support.telehealth_service import Telehealth, serving
from support.token_issuer import TokenIssuer

# What migrations fill, and what says which of them ran.
KEPT = ("schema_migrations", "outbox_lanes")


@pytest.fixture(scope="session")
def telehealth_database(postgres_url_factory: Callable[[str], str]) -> str:
    url = postgres_url_factory("telehealth")
    migrate(url, package="songcau_telehealth")
    return url


@pytest.fixture
def telehealth_url(telehealth_database: str) -> str:
    """The service's database, empty; emptying one is much faster than making one."""
    with psycopg.connect(telehealth_database) as connection:
        tables = connection.execute(
            "select tablename from pg_tables where schemaname = 'public' and tablename <> all(%s)", (list(KEPT),)
        ).fetchall()
        names = sql.SQL(", ").join(sql.Identifier(name) for (name,) in tables)
        connection.execute(sql.SQL("truncate {} restart identity cascade").format(names))
    return telehealth_database


@pytest.fixture
def telehealth_issuer(fixed_clock: FixedClock) -> Iterator[TokenIssuer]:
    with TokenIssuer(fixed_clock) as issuer:
        yield issuer


@pytest.fixture
def telehealth(
    telehealth_url: str, fixed_clock: FixedClock, telehealth_issuer: TokenIssuer, tmp_path: Path
) -> Iterator[Telehealth]:
    with serving(telehealth_url, fixed_clock, telehealth_issuer, tmp_path) as site:
        yield site

"""The telehealth service as it runs: a real database, real gRPC, real tokens, a clock that tests move."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from songcau_kit.clock import FixedClock
from songcau_kit.migrations import migrate
from support.emptying import empty_touched_tables
from support.telehealth_service import Telehealth, serving
from support.token_issuer import TokenIssuer


@pytest.fixture(scope="session")
def telehealth_database(postgres_url_factory: Callable[[str], str]) -> str:
    url = postgres_url_factory("telehealth")
    migrate(url, package="songcau_telehealth")
    return url


@pytest.fixture
def telehealth_url(telehealth_database: str) -> str:
    """The service's database, empty."""
    with psycopg.connect(telehealth_database) as connection:
        empty_touched_tables(connection)
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

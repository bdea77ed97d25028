"""What every level of test shares: a real PostgreSQL, a fixed clock, closed sockets and the folder of real data."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
import support.forks_without_grpc  # noqa: F401 -- first, it says why
from hypothesis import HealthCheck, settings
from pytest_socket import socket_allow_hosts
from support.bus_sites import IS_FULL, empty_kafka

if TYPE_CHECKING:
    from songcau_local.full.kafka import LocalKafka

ROOT = Path(__file__).resolve().parent.parent
POSTGRES_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300"}

# How long one example takes says how busy the machine is, nothing about the code; a failing example is printed whole.
settings.register_profile("songcau", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("songcau")


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup() -> None:
    """Only loopback and Unix sockets are open."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Start one embedded PostgreSQL for this test process and return the address of its maintenance database."""
    from songcau_local.postgres import EmbeddedPostgres

    folder = Path(tempfile.mkdtemp(prefix="songcau-postgres-"))
    server = EmbeddedPostgres(folder, settings=POSTGRES_SETTINGS)
    server.start()
    yield server.url("postgres")
    server.discard()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url_factory(postgres_server: str) -> Callable[[str], str]:
    """Return a function that makes a fresh empty database and returns its address."""

    def create(name: str) -> str:
        database = re.sub(r"[^a-z0-9_]", "_", name.lower())[:40] + "_" + uuid.uuid4().hex[:8]
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            connection.execute(f'create database "{database}"')  # type: ignore[arg-type]
        return postgres_server.rsplit("/", 1)[0] + "/" + database

    return create


@pytest.fixture(scope="session")
def kafka_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    """Start one real broker for this test process, where the run asks for the real parts."""
    from songcau_local.full.kafka import LocalKafka

    with LocalKafka(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


@pytest.fixture(scope="session")
def bus_url_factory(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Return a function that gives an empty bus: on a real Kafka with `make test-full`, else in PostgreSQL."""
    if not IS_FULL:
        return request.getfixturevalue("postgres_url_factory")
    broker = request.getfixturevalue("kafka_broker")

    def empty(_: str) -> str:
        empty_kafka(broker.address)
        return f"kafka://{broker.address}"

    return empty


@pytest.fixture
def fixed_clock():
    """Return a clock that stands at a working day's morning in Vietnam."""
    from songcau_kit.clock import FixedClock

    return FixedClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC), seed=1)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Return the folder of real data beside the project, or skip where it is not there."""
    folder = Path(os.environ.get("SONGCAU_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the folder of real data is not beside the project")
    return folder

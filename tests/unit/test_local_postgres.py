"""The embedded PostgreSQL says in one sentence why it cannot start."""

from pathlib import Path

import psycopg
import pytest
from songcau_local.postgres import EmbeddedPostgres, PostgresError


def test_a_fresh_database_answers(postgres_url_factory):
    with psycopg.connect(postgres_url_factory("fresh")) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_folder_of_another_version_is_refused_with_the_way_out(tmp_path: Path):
    server = EmbeddedPostgres(tmp_path)
    server.data.mkdir()
    (server.data / "PG_VERSION").write_text("15\n")
    with pytest.raises(PostgresError, match=r"PostgreSQL 15.*make reset"):
        server.start()


def test_a_server_is_discarded_while_clients_are_connected_and_keeps_what_was_committed_all_the_same(tmp_path: Path):
    server = EmbeddedPostgres(tmp_path)
    server.start()
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("create table kept as select 1 as number")
        server.discard()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")
    server.start()
    with psycopg.connect(server.url("postgres")) as connection:
        assert connection.execute("select number from kept").fetchone() == (1,)
    server.discard()

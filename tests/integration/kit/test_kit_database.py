import threading
import time

import pytest
from songcau_kit.database import CommitRefusedError, Database, UniqueViolation, service_of
from songcau_kit.errors import DomainError
from support.round_trips import counting_proxy


@pytest.fixture
def things(database: Database) -> Database:
    with database.transaction() as connection:
        connection.execute("create table things (id int primary key, name text)")
    return database


def test_a_pipeline_of_reads_and_writes_costs_two_round_trips_and_one_commit(things, kit_url):
    with counting_proxy(kit_url) as proxy:
        database = Database(proxy.url, application_name="kit-test", min_size=1, max_size=1)
        database.check()
        for number in range(7):  # more than the five runs after which the driver prepares a statement
            with proxy.counting() as count, database.transaction(pipeline=True) as connection:
                first = connection.execute("select count(*) from things")
                second = connection.execute("select max(id) from things where id < %s", (100,))
                assert second.fetchone() is not None
                assert first.fetchone() == (number,)
                connection.execute("insert into things values (%s, %s)", (number, "a"))
                connection.execute("update things set name = 'b' where id = %s", (number,))
            assert (count.round_trips, count.sendings, count.commits) == (2, 2, 1)
        database.close()
    with things.read() as connection:
        assert connection.execute("select count(*) from things where name = 'b'").fetchone() == (7,)


def test_a_pipeline_of_writes_alone_costs_one_round_trip(things, kit_url):
    with counting_proxy(kit_url) as proxy:
        database = Database(proxy.url, application_name="kit-test", min_size=1, max_size=1)
        database.check()
        with proxy.counting() as count, database.transaction(pipeline=True) as connection:
            connection.execute("insert into things values (1, 'a')")
            connection.execute("insert into things values (2, 'a')")
        assert (count.round_trips, count.sendings, count.commits) == (1, 1, 1)
        database.close()


def test_a_pipeline_carries_statements_and_answers_larger_than_any_buffer(things):
    name = "x" * 3_000_000
    with things.transaction(pipeline=True) as connection:
        for number in range(8):
            connection.execute("insert into things values (%s, %s)", (number, name))
        found = [connection.execute("select name from things where id = %s", (number,)) for number in range(8)]
        assert {len(row[0]) for cursor in found if (row := cursor.fetchone())} == {len(name)}


@pytest.mark.parametrize("pipeline", [False, True])
def test_a_block_that_raises_leaves_nothing_behind_and_a_usable_pool(things, pipeline):
    for _ in range(3):
        with pytest.raises(KeyError), things.transaction(pipeline=pipeline) as connection:
            connection.execute("insert into things values (1, 'a')")
            raise KeyError
    with things.read() as connection:
        assert connection.execute("select count(*) from things").fetchone() == (0,)


@pytest.mark.parametrize("is_fetched", [False, True])
def test_the_error_of_a_write_in_a_pipeline_surfaces_and_poisons_nothing(things, is_fetched):
    for _ in range(3):
        with pytest.raises(UniqueViolation), things.transaction(pipeline=True) as connection:
            connection.execute("insert into things values (1, 'a')")
            connection.execute("insert into things values (1, 'b')")
            connection.execute("insert into things values (2, 'c')")
            if is_fetched:
                connection.execute("select 1").fetchone()
    with things.transaction(pipeline=True) as connection:
        assert connection.execute("select count(*) from things").fetchone() == (0,)


def test_a_transaction_whose_error_was_swallowed_does_not_pretend_to_commit(things):
    with pytest.raises(CommitRefusedError), things.transaction() as connection:
        connection.execute("insert into things values (1, 'a')")
        with pytest.raises(UniqueViolation):
            connection.execute("insert into things values (1, 'b')")


def test_a_swallowed_error_in_a_pipeline_does_not_pretend_to_commit(things):
    with pytest.raises(CommitRefusedError), things.transaction(pipeline=True) as connection:
        connection.execute("insert into things values (1, 'a')")
        with pytest.raises(UniqueViolation):
            connection.execute("insert into things values (1, 'b') returning id").fetchone()
    with things.read() as connection:
        assert connection.execute("select count(*) from things").fetchone() == (0,)


def test_a_server_that_is_away_is_unavailable_and_the_pool_recovers(kit_url):
    with counting_proxy(kit_url) as proxy:
        database = Database(proxy.url, application_name="kit-test", min_size=1, max_size=2, wait_seconds=0.5)
        database.check()
        proxy.cut()
        with pytest.raises(DomainError, match="UNAVAILABLE"):
            database.check()
        proxy.mend()
        for _ in range(20):
            try:
                database.check()
                break
            except DomainError:
                continue
        database.check()
        database.close()


def test_connections_the_server_closed_while_idle_are_noticed_before_use(things):
    with things.transaction() as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = 'kit-test' and pid <> pg_backend_pid() and datname = current_database()"
        )
    time.sleep(0.2)
    for _ in range(5):
        things.check()


def test_a_connection_lost_within_a_transaction_is_unavailable(things):
    with pytest.raises(DomainError, match="UNAVAILABLE"), things.transaction(pipeline=True) as connection:
        connection.execute("select pg_terminate_backend(pg_backend_pid())").fetchone()
    things.check()


def test_a_full_pool_is_unavailable(kit_url):
    database = Database(kit_url, application_name="kit-test", min_size=1, max_size=1, wait_seconds=0.2)
    with database.read(), pytest.raises(DomainError, match="UNAVAILABLE"):
        database.check()
    database.close()


def test_every_connection_has_its_time_outs_and_its_name(database):
    with database.read() as connection:
        row = connection.execute(
            "select current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout'),"
            " current_setting('application_name')"
        ).fetchone()
    assert row == ("15s", "30s", "kit-test")


def test_a_broken_pipeline_in_one_thread_does_not_disturb_another(things):
    def insert(number: int) -> None:
        for attempt in range(20):
            try:
                with things.transaction(pipeline=True) as connection:
                    connection.execute("insert into things values (%s, 'a')", (number * 100 + attempt // 2,))
            except UniqueViolation:
                assert attempt % 2 == 1

    threads = [threading.Thread(target=insert, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with things.read() as connection:
        assert connection.execute("select count(*) from things").fetchone() == (40,)


@pytest.mark.parametrize(
    ("name", "service"),
    [("eservices", "eservices"), ("songcau-identity-serve", "identity"), ("songcau_telehealth", "telehealth")],
)
def test_the_service_is_the_first_word_of_the_application_name(name, service):
    assert service_of(name) == service

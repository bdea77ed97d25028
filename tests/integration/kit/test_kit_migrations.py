import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from songcau_kit import migrations
from songcau_kit.migrations import Migration, MigrationError, apply, migrate, migrations_of

ONE = Migration("sample", "0001_create_things.sql", "create table things (id int);")
TWO = Migration("sample", "0002_add_name.sql", "alter table things add name text; insert into things values (1, 'a');")


@pytest.fixture
def url(postgres_url_factory: Callable[[str], str]) -> str:
    return postgres_url_factory("migrations")


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchall()  # type: ignore[arg-type]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    name = f"sample_{tmp_path.name.replace('-', '_')}"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path / name
    sys.modules.pop(name, None)


def test_the_kits_tables_come_first_and_a_second_run_does_nothing(url):
    assert migrate(url, package="songcau_kit") == [migration.name for migration in migrations_of("songcau_kit")]
    assert migrate(url, package="songcau_kit") == []
    tables = {name for (name,) in query(url, "select tablename from pg_tables where schemaname = 'public'")}
    assert tables >= {"outbox", "outbox_lanes", "inbox", "idempotency_keys", "data_keys", "audit_entries"}


@pytest.mark.parametrize("place", ["inside", "beside"])
def test_migrations_lie_inside_the_package_or_beside_it(package, place, url):
    folder = (package if place == "inside" else package.parent) / "migrations"
    folder.mkdir()
    (folder / "0002_second.sql").write_text("alter table things add b int;")
    (folder / "0001_first.sql").write_text("create table things (a int);")
    assert [migration.name for migration in migrations_of(package.name)] == ["0001_first.sql", "0002_second.sql"]
    assert migrate(url, package=package.name)[-2:] == ["0001_first.sql", "0002_second.sql"]


def test_two_files_of_one_number_are_refused(package):
    (package / "migrations").mkdir()
    for name in ("0001_a.sql", "0001_b.sql"):
        (package / "migrations" / name).touch()
    with pytest.raises(MigrationError, match="its own four digits"):
        migrations_of(package.name)


def test_a_package_that_is_not_installed_is_named():
    with pytest.raises(MigrationError, match="songcau_nothing is not installed"):
        migrations_of("songcau_nothing")


def test_a_file_that_fails_leaves_nothing_behind_and_is_named(url):
    broken = Migration("sample", "0002_break.sql", "create table others (id int); select nothing;")
    with pytest.raises(MigrationError, match=r"0002_break\.sql failed: column"):
        apply(url, [ONE, broken], owner="sample")
    assert query(url, "select name from schema_migrations") == [(ONE.name,)]
    assert query(url, "select 1 from pg_tables where tablename = 'others'") == []
    assert apply(url, [ONE, TWO], owner="sample") == [TWO.name]


def test_an_applied_file_that_changed_is_refused_with_what_to_do(url):
    apply(url, [ONE], owner="sample")
    with pytest.raises(MigrationError, match=r"0001_create_things\.sql was changed after it was applied.*new file"):
        apply(url, [Migration(ONE.package, ONE.name, ONE.text + " "), TWO], owner="sample")
    assert query(url, "select name from schema_migrations") == [(ONE.name,)]


def test_other_line_ends_are_no_change(url):
    unix = Migration("sample", "0001_a.sql", "create table things (\n id int\n);\n")
    apply(url, [unix], owner="sample")
    assert apply(url, [Migration("sample", "0001_a.sql", unix.text.replace("\n", "\r\n"))], owner="sample") == []


def test_a_database_newer_than_the_code_is_refused(url):
    apply(url, [ONE, TWO], owner="sample")
    with pytest.raises(MigrationError, match=r"newer than this code.*0002_add_name\.sql"):
        apply(url, [ONE], owner="sample")


def test_parallel_migrators_apply_each_file_once(url):
    done: list[list[str]] = []
    threads = [threading.Thread(target=lambda: done.append(apply(url, [ONE, TWO], owner="sample"))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [[], [], [], [], [ONE.name, TWO.name]]
    assert query(url, "select count(*) from things") == [(1,)]


def test_a_migration_that_waits_for_a_lock_gives_up(url, monkeypatch):
    monkeypatch.setattr(migrations, "LOCK_TIMEOUT_MS", 100)
    apply(url, [ONE], owner="sample")
    with psycopg.connect(url) as connection:
        connection.execute("lock table things")
        with pytest.raises(MigrationError, match="lock timeout"):
            apply(url, [ONE, TWO], owner="sample")
    assert apply(url, [ONE, TWO], owner="sample") == [TWO.name]


def test_a_server_that_is_away_is_a_sentence():
    with pytest.raises(MigrationError, match="the database of sample cannot be migrated now"):
        apply("postgresql://postgres@127.0.0.1:1/nothing", [ONE], owner="sample")

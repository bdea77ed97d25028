"""One person's data key replaced while others write and read: nothing lost, no refusal, the former one destroyed."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
import typer
from songcau_kit.clock import SystemClock
from songcau_kit.data_key_commands import PersonalData, add_data_key_commands
from songcau_kit.data_key_replacement import DataKeyReplacement, Replacements
from songcau_kit.data_keys import DataKey, DataKeys
from songcau_kit.database import Database
from songcau_kit.errors import DomainError
from songcau_kit.field_cipher import Place, decrypt, encrypt
from songcau_kit.idempotency import IdempotencyKey, IdempotencyRegister
from songcau_kit.key_commands import add_key_commands
from songcau_kit.key_rotation import census, retire, rewrap_data_keys
from songcau_kit.keyring import Keyring, KeyringError, entry_of
from songcau_kit.migrations import migrate, migrations_of
from songcau_kit.objects import EncryptedObjects, ObjectStore, require_newest
from songcau_kit.sealed_data import SealedColumns, SealedData, StoredFiles
from songcau_kit.sealed_responses import SealedResponse
from songcau_kit.sealed_rows import count_versions
from songcau_kit.settings import ServiceSettings
from typer.testing import CliRunner

ANNA, BELA = UUID(int=1), UUID(int=2)
TABLES = """create table notes (id uuid primary key, person uuid not null, note_enc bytea not null, more_enc bytea);
    create table files (id uuid primary key, person uuid not null, address text not null)"""
SEALED = SealedData(
    columns=[
        SealedColumns("notes", ("note_enc", "more_enc"), ("id",), "id::text", "person = %(subject)s"),
        SealedColumns("idempotency_keys", ("response",), ("key_digest",), "encode(key_digest, 'hex')", owner=""),
    ],
    files=[StoredFiles("files", "address", "person = %(subject)s")],
)
# Caches of a second stand for those of a minute.
CACHE_S, SETTLE_S = 1, 1.3


def keyring(*versions: int) -> Keyring:
    return Keyring.parse(",".join(entry_of(version, bytes([version]) * 32) for version in versions))


class Site:
    """A database with sealed rows, answers and files of two people."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.objects = EncryptedObjects(ObjectStore(f"file://{folder}"))
        self.noted: list[tuple[UUID, int]] = []
        self.keys = self.process()
        with database.transaction() as conn:
            conn.execute(TABLES)

    def process(self, *, cache_seconds: int = CACHE_S, wrapping: Keyring | None = None) -> DataKeys:
        return DataKeys(wrapping or keyring(1), SystemClock(), cache_seconds=cache_seconds)

    def write(self, person: UUID, words: str, keys: DataKeys | None = None) -> UUID:
        note = uuid4()
        with self.database.transaction() as conn:
            key = (keys or self.keys).get_or_create(conn, person)
            sealed = [encrypt(key, Place("notes", column, str(note)), words) for column in ("note_enc", "more_enc")]
            conn.execute("insert into notes values (%s, %s, %s, %s)", (note, person, *sealed))
        return note

    def read(self, person: UUID, note: UUID, keys: DataKeys | None = None) -> str:
        with self.database.transaction() as conn:
            key = (keys or self.keys).get(conn, person)
            ((blob,),) = conn.execute("select note_enc from notes where id = %s", (note,)).fetchall()
        return decrypt(key, Place("notes", "note_enc", str(note)), blob).decode()

    def answer(self, person: UUID, request: str) -> bytes:
        """Return the stored answer of a request, made now where it is new."""
        key = IdempotencyKey("caller", "Method", request)
        with self.database.transaction() as conn:
            cipher = SealedResponse(self.keys.get_or_create(conn, person), key)
            stored = IdempotencyRegister().begin(conn, key, b"asked", cipher=cipher)
            if stored is None:
                IdempotencyRegister().finish(conn, key, request.encode(), cipher=cipher)
                return b"new"
        return stored.response

    def keep_file(self, person: UUID, content: bytes) -> UUID:
        file = uuid4()
        with self.database.transaction() as conn:
            stored = self.objects.put(self.keys.get_or_create(conn, person), b"%PDF-1.7\n" + content)
            conn.execute("insert into files values (%s, %s, %s)", (file, person, stored.address))
        return file

    def address(self, file: UUID) -> str:
        with self.database.read() as conn:
            ((address,),) = conn.execute("select address from files where id = %s", (file,)).fetchall()
        return str(address)

    def key(self, person: UUID, keys: DataKeys | None = None) -> DataKey:
        with self.database.read() as conn:
            return (keys or self.process(cache_seconds=0)).get(conn, person)

    def counts(self, person: UUID) -> dict[int, int]:
        with self.database.read() as conn:
            return dict(count_versions(conn, SEALED, self.key(person)))

    def replacement(self, sealed: SealedData = SEALED, *, settle_s: float = SETTLE_S) -> DataKeyReplacement:
        return DataKeyReplacement(
            self.database,
            keyring(1),
            sealed,
            lambda _, person, version: self.noted.append((person, version)),
            objects=self.objects,
            settle_s=settle_s,
        )


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Site:
    return Site(database, tmp_path)


def silent(_: str) -> None:
    pass


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as refused:
        call()
    return refused.value.reason.code


def causes(done: Replacements) -> dict[UUID, str]:
    return {person: str(error) for person, error in done.failures.items()}


def versions(site: Site) -> list[tuple[int, int]]:
    with site.database.read() as conn:
        return conn.execute(
            "select version, (select count(*) from other_data_keys o where o.subject_id = k.subject_id) "
            "from data_keys k where subject_id = %s",
            (ANNA,),
        ).fetchall()


def test_everything_of_a_person_is_sealed_anew_and_the_former_key_is_destroyed(site: Site):
    note, other = site.write(ANNA, "a word"), site.write(BELA, "of another")
    assert site.answer(ANNA, "one") == b"new"
    assert site.answer(BELA, "two") == b"new"
    file, twin = site.keep_file(ANNA, b"content"), site.keep_file(ANNA, b"content")
    before, address = site.key(ANNA), site.address(file)
    with site.database.read() as conn:
        ((blob,),) = conn.execute("select note_enc from notes where id = %s", (note,)).fetchall()

    assert site.replacement(settle_s=0.1).replace([ANNA], silent).versions == {ANNA: 2}

    time.sleep(CACHE_S)
    after = site.key(ANNA)
    assert (after.version, after.others) == (2, ())
    assert site.read(ANNA, note) == "a word"
    assert site.answer(ANNA, "one") == b"one"
    assert site.objects.get(after, site.address(file)) == b"%PDF-1.7\ncontent"
    assert site.address(file) == site.address(twin) != address
    assert site.counts(ANNA) == {2: 4}
    assert versions(site) == [(2, 0)]
    assert site.noted == [(ANNA, 2)]
    # The former opens what was stolen before, and nothing that stands now; the new one opens nothing of before.
    place = Place("notes", "note_enc", str(note))
    assert decrypt(before, place, blob) == b"a word"
    assert refusal(lambda: decrypt(after, place, blob)) == "CIPHERTEXT_INVALID"
    assert refusal(lambda: site.objects.get(before, site.address(file))) == "OBJECT_TAMPERED"
    # Nobody else's was touched.
    assert site.counts(BELA) == {1: 2}
    assert site.read(BELA, other) == "of another"
    assert site.answer(BELA, "two") == b"two"


def test_a_file_that_moved_stays_for_those_who_read_its_address_before_and_is_then_removed(site: Site):
    file = site.keep_file(ANNA, b"content")
    address, before = site.address(file), site.key(ANNA)
    site.replacement(settle_s=0).replace([ANNA], silent)
    assert site.objects.get(before, address).endswith(b"content")
    with site.database.read() as conn:
        rows = conn.execute("select address, abandoned_at > now() + interval '9 minutes' from abandoned_objects")
        assert rows.fetchall() == [(address, True)]


def test_a_key_is_replaced_again_and_again(site: Site):
    note = site.write(ANNA, "a word")
    for version in (2, 3, 4):
        assert site.replacement(settle_s=0).replace([ANNA], silent).versions == {ANNA: version}
    assert site.read(ANNA, note, site.process(cache_seconds=0)) == "a word"
    assert versions(site) == [(4, 0)]


@pytest.mark.timeout(120)
def test_writers_and_readers_meet_no_refusal_and_lose_nothing_while_the_key_is_replaced(site: Site):
    written = [site.write(ANNA, f"first {number}") for number in range(60)]
    ended = threading.Event()

    def work(number: int) -> list[UUID]:
        keys, own = site.process(), []  # a process of its own, with a cache of its own
        while not ended.is_set():
            own.append(site.write(ANNA, f"word of {number}", keys))
            assert site.read(ANNA, own[-1], keys) == f"word of {number}"
            assert site.read(ANNA, written[len(own) % len(written)], keys).startswith("first")
            with site.database.transaction() as conn:  # changes what others may be sealing anew at the moment
                key, note = keys.get(conn, ANNA), own[len(own) // 2]
                sealed = encrypt(key, Place("notes", "more_enc", str(note)), "changed")
                conn.execute("update notes set more_enc = %s where id = %s", (sealed, note))
            time.sleep(0.005)
        return own

    with ThreadPoolExecutor(6) as pool:
        workers = [pool.submit(work, number) for number in range(6)]
        time.sleep(0.5)
        assert site.replacement().replace([ANNA], silent).versions == {ANNA: 2}
        time.sleep(0.5)
        ended.set()
        notes = [note for worker in workers for note in worker.result(20)]
    assert len(notes) > 200
    fresh = site.process()
    assert all(site.read(ANNA, note, fresh) for note in notes + written)
    assert site.counts(ANNA) == {2: len(notes) + len(written)}


class KilledError(Exception):
    """Stands for the end of the process."""


@pytest.mark.parametrize("moment", range(6))
def test_a_replacement_that_ends_half_way_is_finished_by_starting_it_again(site: Site, moment: int, monkeypatch):
    notes = [site.write(ANNA, f"word {number}") for number in range(120)]
    file = site.keep_file(ANNA, b"content")
    count = iter(range(100))
    commit = psycopg.Connection.execute

    def may_die(self, query, *rest, **more):
        if query == "commit" and next(count) == moment:
            raise KilledError
        return commit(self, query, *rest, **more)

    with monkeypatch.context() as patch, pytest.raises(KilledError):
        patch.setattr(psycopg.Connection, "execute", may_die)
        site.replacement(settle_s=0).replace([ANNA], silent)
    fresh = site.process(cache_seconds=0)
    assert [site.read(ANNA, note, fresh) for note in notes] == [f"word {number}" for number in range(120)]
    assert site.objects.get(site.key(ANNA), site.address(file)).endswith(b"content")
    assert site.replacement(settle_s=0).replace([ANNA], silent).versions == {ANNA: 2}
    assert site.counts(ANNA) == {2: 121}
    assert site.objects.get(site.key(ANNA), site.address(file)).endswith(b"content")


def test_two_commands_at_once_replace_once(site: Site):
    notes = [site.write(ANNA, f"word {number}") for number in range(200)]
    gate = threading.Barrier(2)

    def run(_: int) -> Mapping[UUID, int]:
        gate.wait(10)
        return site.replacement(settle_s=0.3).replace([ANNA], silent).versions

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(run, range(2))) == [{ANNA: 2}, {ANNA: 2}]
    assert versions(site) == [(2, 0)]
    assert site.noted == [(ANNA, 2)]
    assert site.counts(ANNA) == {2: len(notes)}


def test_the_former_key_stays_as_long_as_a_transaction_is_open_that_may_have_taken_it(site: Site):
    site.write(ANNA, "before")
    held, go = threading.Event(), threading.Event()

    def late() -> UUID:
        note = uuid4()
        with site.database.transaction() as conn:
            key = site.keys.get(conn, ANNA)
            held.set()
            assert go.wait(20)
            sealed = encrypt(key, Place("notes", "note_enc", str(note)), "late")
            conn.execute("insert into notes values (%s, %s, %s, null)", (note, ANNA, sealed))
        return note

    with ThreadPoolExecutor(2) as pool:
        writer = pool.submit(late)
        assert held.wait(10)
        replacing = pool.submit(site.replacement(settle_s=0).replace, [ANNA], silent)
        time.sleep(1)
        assert not replacing.done()
        go.set()
        note = writer.result(20)
        assert replacing.result(20).versions == {ANNA: 2}
    assert site.read(ANNA, note, site.process()) == "late"
    assert site.counts(ANNA) == {2: 2}


def test_who_was_erased_or_is_unknown_is_refused_and_nothing_changes(site: Site):
    site.write(ANNA, "word")
    with site.database.transaction() as conn:
        site.keys.destroy(conn, ANNA)
    done = site.replacement(settle_s=0).replace([ANNA, BELA], silent)
    assert causes(done) == {ANNA: "DATA_KEY_DESTROYED", BELA: "DATA_KEY_NOT_FOUND"}
    assert done.versions == {}
    assert versions(site) == [(1, 0)]


def test_an_erasure_in_the_middle_wins_and_leaves_no_version(site: Site):
    site.write(ANNA, "word")

    def erase(words: str) -> None:
        if "seals" in words:
            with site.database.transaction() as conn:
                site.keys.destroy(conn, ANNA)

    assert causes(site.replacement(settle_s=0).replace([ANNA], erase)) == {ANNA: "DATA_KEY_DESTROYED"}
    assert versions(site) == [(2, 0)]
    assert refusal(lambda: site.key(ANNA)) == "DATA_KEY_DESTROYED"


def test_what_no_version_opens_stops_the_replacement_and_keeps_the_former(site: Site):
    note = site.write(ANNA, "word")
    with site.database.transaction() as conn:
        conn.execute("insert into notes select %s, person, note_enc, null from notes", (uuid4(),))
    assert causes(site.replacement(settle_s=0).replace([ANNA], silent)) == {ANNA: "CIPHERTEXT_INVALID"}
    assert versions(site) == [(2, 1)]
    assert site.read(ANNA, note, site.process(cache_seconds=0)) == "word"


def test_one_that_cannot_be_replaced_keeps_no_other_from_it_wherever_it_fails(site: Site):
    """Of five people one is unknown, one is erased and one has a damaged row; the other two stand around them."""
    erased, unknown, damaged, last = (UUID(int=number) for number in (3, 4, 5, 6))
    notes = {person: site.write(person, "word") for person in (ANNA, erased, damaged, last)}
    with site.database.transaction() as conn:
        site.keys.destroy(conn, erased)
        conn.execute(
            "insert into notes select %s, person, note_enc, null from notes where person = %s", (BELA, damaged)
        )
    told: list[str] = []

    done = site.replacement(settle_s=0).replace([erased, ANNA, unknown, damaged, last], told.append)

    assert done.versions == {ANNA: 2, last: 2}
    assert causes(done) == {
        erased: "DATA_KEY_DESTROYED",
        unknown: "DATA_KEY_NOT_FOUND",
        damaged: "CIPHERTEXT_INVALID",
    }
    for person in (ANNA, last):
        assert site.counts(person) == {2: 1}
    assert site.read(damaged, notes[damaged], site.process(cache_seconds=0)) == "word"
    assert f"3 of 3, {last}: 1 rows and files sealed anew" in told
    assert f"3 of 5, {unknown}: DATA_KEY_NOT_FOUND" in told


def test_the_command_names_at_the_end_who_was_not_replaced_and_ends_with_1(
    site: Site, kit_url: str, monkeypatch: pytest.MonkeyPatch
):
    site.write(ANNA, "word")
    monkeypatch.setattr(DataKeyReplacement, "_settle", lambda _: None)
    commands = typer.Typer()
    settings = ServiceSettings(database_url=kit_url, wrapping_keys=entry_of(1, bytes([1]) * 32))
    data = PersonalData(SealedData(columns=SEALED.columns), lambda *_: (), lambda *_: None)
    add_data_key_commands(commands, "kit", lambda _: settings, data)
    add_key_commands(commands, "kit", lambda _: settings)
    ran = CliRunner().invoke(commands, ["replace-data-keys", str(BELA), str(ANNA)])
    assert ran.exit_code == 1
    assert f"{ANNA}: version 2 seals, the former is destroyed" in ran.output
    assert str(ran.exception) == (
        f"{BELA}: not replaced, no data is held of this person (DATA_KEY_NOT_FOUND)\n1 of 2 were not replaced"
    )


def test_a_former_key_that_must_go_on_opening_stays_and_seals_nothing_new(site: Site):
    note = site.write(ANNA, "word")
    kept = SealedData(keeps_former=True)
    for version in (2, 3):
        assert site.replacement(kept, settle_s=0).replace([ANNA], silent).versions == {ANNA: version}
    fresh = site.process(cache_seconds=0)
    assert site.read(ANNA, note, fresh) == "word"
    site.write(ANNA, "new", fresh)
    assert site.counts(ANNA) == {3: 1, 1: 1, 2: 0}


def test_the_wrapping_key_of_every_version_moves_when_that_is_rotated(site: Site):
    note = site.write(ANNA, "word")
    site.replacement(SealedData(keeps_former=True), settle_s=0).replace([ANNA], silent)
    with pytest.raises(KeyringError, match="still wraps 2 data keys"):
        retire(site.database, keyring(1, 2), 1)
    assert rewrap_data_keys(site.database, keyring(1, 2), lambda *_: None) == 2
    assert retire(site.database, keyring(1, 2), 1) is True
    with site.database.read() as conn:
        assert census(conn) == {2: 2}
    assert site.read(ANNA, note, site.process(wrapping=keyring(2))) == "word"


def test_a_file_stored_under_the_former_key_is_not_entered_after_the_switch(site: Site):
    site.write(ANNA, "word")
    stored = site.objects.put(site.key(ANNA), b"%PDF-1.7\nslow upload")
    require_newest(site.key(ANNA), stored.address)
    site.replacement(settle_s=0).replace([ANNA], silent)
    assert refusal(lambda: require_newest(site.key(ANNA), stored.address)) == "DATA_KEY_REPLACED"


@pytest.fixture
def database_of_before(postgres_url_factory: Callable[[str], str]) -> Iterator[Database]:
    """A database with the tables as the release before left them."""
    url = postgres_url_factory("kit_before")
    migrate(url, package="songcau_kit")
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("drop table other_data_keys")
        conn.execute("alter table data_keys drop column version, drop column replacement")
    assert any(one.name.startswith("0046") for one in migrations_of("songcau_kit"))
    database = Database(url, application_name="kit-test")
    yield database
    database.close()


def test_keys_work_in_the_schema_of_the_release_before_where_none_can_be_replaced(database_of_before: Database):
    database, keys = database_of_before, DataKeys(keyring(1), SystemClock())
    with database.transaction() as conn:
        keys.get_or_create(conn, ANNA)
        keys.get_or_create(conn, BELA)
        keys.destroy(conn, BELA)
    for pipeline in (False, True):
        with database.transaction(pipeline=pipeline) as conn:
            assert DataKeys(keyring(1), SystemClock()).get(conn, ANNA).version == 1
    assert rewrap_data_keys(database, keyring(1, 2), lambda *_: None) == 1
    assert retire(database, keyring(1, 2), 1) is True
    replacement = DataKeyReplacement(database, keyring(1, 2), SEALED, lambda *_: None, settle_s=0)
    with pytest.raises(KeyringError, match="migrate"):
        replacement.replace([ANNA], silent)

"""Data keys in a real database: one per person whatever the race, cached briefly, destroyed for good."""

import base64
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Database
from songcau_kit.errors import DomainError
from songcau_kit.field_cipher import Place, decrypt, encrypt
from songcau_kit.key_rotation import rewrap
from songcau_kit.keyring import Keyring
from songcau_kit.migrations import migrate

ANNA = UUID(int=1)
PLACE = Place("citizens", "name_enc", "1")


def versions(*numbers: int) -> str:
    return ",".join(f"{v}:{base64.b64encode(bytes([v]) * 32).decode()}" for v in numbers)


def keyring(*numbers: int) -> Keyring:
    return Keyring.parse(versions(*numbers))


@pytest.fixture(scope="module")
def url(postgres_url_factory):
    address = postgres_url_factory("kit_data_keys")
    migrate(address, package="songcau_kit")
    return address


@pytest.fixture
def database(url):
    database = Database(url, max_size=20, application_name="test")
    with database.transaction() as conn:
        conn.execute("truncate data_keys, other_data_keys")
    yield database
    database.close()


@pytest.fixture
def keys(fixed_clock):
    return DataKeys(keyring(1), fixed_clock)


def refused(call) -> str:
    with pytest.raises(DomainError) as refusal:
        call()
    return refusal.value.reason.code


def test_a_key_is_made_once_and_found_by_another_process(database, keys, fixed_clock):
    with database.transaction() as conn:
        made = keys.get_or_create(conn, ANNA)
    with database.read() as conn:
        found = DataKeys(keyring(1), fixed_clock).get(conn, ANNA)

    assert decrypt(found, PLACE, encrypt(made, PLACE, "x")) == b"x"


def test_the_database_does_not_hold_the_key_itself(database, keys):
    with database.transaction() as conn:
        made = keys.get_or_create(conn, ANNA)
        stored = conn.execute("select wrapped_key from data_keys").fetchone()[0]

    assert made._secret not in stored


def test_nobody_has_a_key_before_it_is_made(database, keys):
    with database.read() as conn:
        assert refused(lambda: keys.get(conn, ANNA)) == "DATA_KEY_NOT_FOUND"


def test_parallel_callers_end_with_one_key(database, fixed_clock):
    barrier = Barrier(16)

    def make(number: int) -> bytes:
        keys = DataKeys(keyring(1), fixed_clock)
        with database.transaction(pipeline=number % 2 == 0) as conn:
            barrier.wait(10)
            key = keys.get_or_create(conn, ANNA)
        return key._secret

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(make, range(16)))) == 1


def test_a_key_whose_transaction_rolled_back_is_forgotten(database, keys):
    with pytest.raises(RuntimeError), database.transaction() as conn:
        lost = keys.get_or_create(conn, ANNA)
        assert keys.get(conn, ANNA) == lost
        raise RuntimeError
    with database.transaction() as conn:
        kept = keys.get_or_create(conn, ANNA)

    assert kept._secret != lost._secret
    with database.read() as conn:
        assert keys.get(conn, ANNA) == kept


def wait_until_settled(conn):
    """Wait for every transaction older than the keys, the server's own ones too: only then may a key be cached."""
    until = time.monotonic() + 30
    question = "select bool_and(age(xmin) > age(pg_snapshot_xmin(pg_current_snapshot())::xid)) from data_keys"
    while conn.execute(question).fetchone() != (True,):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_key_is_cached_for_at_most_a_minute(database, keys, fixed_clock):
    with database.transaction() as conn:
        keys.get_or_create(conn, ANNA)
    with database.read() as conn:
        wait_until_settled(conn)
        keys.get(conn, ANNA)
        conn.execute("delete from data_keys")
        fixed_clock.advance(timedelta(seconds=59))
        keys.get(conn, ANNA)
        fixed_clock.advance(timedelta(seconds=1))
        assert refused(lambda: keys.get(conn, ANNA)) == "DATA_KEY_NOT_FOUND"


def test_destroying_is_final(database, keys, fixed_clock):
    with database.transaction() as conn:
        keys.get_or_create(conn, ANNA)
    with database.transaction() as conn:
        keys.destroy(conn, ANNA)
        keys.destroy(conn, ANNA)
    for other in (keys, DataKeys(keyring(1), fixed_clock)):
        with database.transaction() as conn:
            assert refused(lambda conn=conn, other=other: other.get(conn, ANNA)) == "DATA_KEY_DESTROYED"
            assert refused(lambda conn=conn, other=other: other.get_or_create(conn, ANNA)) == "DATA_KEY_DESTROYED"
    with database.read() as conn:
        assert conn.execute("select wrapped_key from data_keys").fetchone()[0] == b""


def test_a_person_without_a_key_can_be_barred_from_getting_one(database, keys):
    with database.transaction() as conn:
        keys.destroy(conn, ANNA)
        assert refused(lambda: keys.get_or_create(conn, ANNA)) == "DATA_KEY_DESTROYED"


def test_another_process_notices_a_destroyed_key_within_a_minute(database, keys, fixed_clock):
    other = DataKeys(keyring(1), fixed_clock)
    with database.transaction() as conn:
        keys.get_or_create(conn, ANNA)
    with database.read() as conn:
        other.get(conn, ANNA)
    with database.transaction() as conn:
        keys.destroy(conn, ANNA)
    fixed_clock.advance(timedelta(seconds=60))
    with database.read() as conn:
        assert refused(lambda: other.get(conn, ANNA)) == "DATA_KEY_DESTROYED"


def test_rewrapping_moves_all_keys_to_the_newest_version_and_leaves_the_fields(database, keys, fixed_clock):
    people = [UUID(int=number) for number in range(1, 26)]
    with database.transaction() as conn:
        fields = {person: encrypt(keys.get_or_create(conn, person), PLACE, str(person)) for person in people}
        keys.destroy(conn, UUID(int=99))
    counts = []
    while not counts or counts[-1]:
        with database.transaction() as conn:
            counts.append(len(rewrap(conn, keyring(1, 2), 10)))

    assert counts == [10, 10, 5, 0]
    newest = DataKeys(keyring(2), fixed_clock)
    with database.read() as conn:
        assert all(
            decrypt(newest.get(conn, person), PLACE, fields[person]) == str(person).encode() for person in people
        )
        assert refused(lambda: newest.get(conn, UUID(int=99))) == "DATA_KEY_DESTROYED"


def test_two_rewraps_at_once_share_the_work(database, keys, fixed_clock):
    with database.transaction() as conn:
        for number in range(1, 41):
            keys.get_or_create(conn, UUID(int=number))

    def run(_: int) -> int:
        with database.transaction() as conn:
            return len(rewrap(conn, keyring(1, 2), 20))

    with ThreadPoolExecutor(2) as pool:
        first = sum(pool.map(run, range(2)))
    with database.transaction() as conn:
        assert first + len(rewrap(conn, keyring(1, 2), 100)) == 40


def test_a_wrapped_key_copied_to_another_person_does_not_open(database, keys):
    with database.transaction() as conn:
        keys.get_or_create(conn, ANNA)
        conn.execute(
            "insert into data_keys select %s, wrapped_key, wrapping_version, created_at from data_keys", (UUID(int=2),)
        )
        assert refused(lambda: keys.get(conn, UUID(int=2))) == "DATA_KEY_INVALID"


def test_a_question_in_a_pipeline_waits_for_no_round_trip_of_its_own(database, keys):
    with database.transaction() as conn:
        made = keys.get_or_create(conn, ANNA)
    with database.transaction(pipeline=True) as conn:
        answer = keys.ask(conn, ANNA)
        one = conn.execute("select 1")
        assert answer() == made
        assert one.fetchone() == (1,)

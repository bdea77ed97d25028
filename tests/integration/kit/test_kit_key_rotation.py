"""From one wrapping key to the next: everything moved, the old one provably unused, and barred from coming back."""

import base64
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from prometheus_client import REGISTRY
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Database
from songcau_kit.errors import DomainError
from songcau_kit.key_rotation import census, retire, retired_versions, rewrap_data_keys
from songcau_kit.keyring import Keyring, KeyringError
from songcau_kit.wrapping_key_watch import WrappingKeyWatch


def keyring(*versions: int) -> Keyring:
    return Keyring.parse(",".join(f"{v}:{base64.b64encode(bytes([v]) * 32).decode()}" for v in versions))


def silent(done: int, left: int) -> None:
    pass


@pytest.fixture
def fill(database, fixed_clock):
    """Return a function that makes data keys under the last of these versions."""

    def fill(versions: tuple[int, ...], people: range) -> None:
        keys = DataKeys(keyring(*versions), fixed_clock)
        with database.transaction() as conn:
            for person in people:
                keys.get_or_create(conn, UUID(int=person))

    return fill


def counted(database) -> dict[int, int]:
    with database.read() as conn:
        return census(conn)


def test_rewrapping_moves_every_key_and_tells_how_far_it_is(database, fill, fixed_clock):
    fill((1,), range(1, 251))
    told = []

    assert rewrap_data_keys(database, keyring(1, 2), lambda done, left: told.append((done, left))) == 250
    assert told == [(100, 150), (200, 50), (250, 0)]
    assert counted(database) == {2: 250}
    assert rewrap_data_keys(database, keyring(1, 2), silent) == 0


def test_a_key_that_cannot_be_opened_stops_the_rewrapping_and_changes_nothing(database, fill):
    fill((1,), range(1, 4))

    with pytest.raises(DomainError, match="WRAPPING_VERSION_UNKNOWN"):
        rewrap_data_keys(database, keyring(3), silent)
    assert counted(database) == {1: 3}


def test_rewrapping_waits_for_a_row_that_somebody_holds(database, fill):
    fill((1,), range(1, 4))
    held, free = threading.Event(), threading.Event()

    def hold() -> None:
        with database.transaction() as conn:
            conn.execute("select from data_keys where subject_id = %s for update", (UUID(int=2),))
            held.set()
            free.wait(10)

    with ThreadPoolExecutor(2) as pool:
        holding = pool.submit(hold)
        assert held.wait(10)
        rewrapping = pool.submit(rewrap_data_keys, database, keyring(1, 2), silent)
        while counted(database) != {1: 1, 2: 2}:
            time.sleep(0.01)
        free.set()
        holding.result(10)
        assert rewrapping.result(20) == 3
    assert counted(database) == {2: 3}


def test_a_version_in_use_cannot_be_retired(database, fill):
    fill((1,), range(1, 4))

    with pytest.raises(KeyringError, match="still wraps 3 data keys"):
        retire(database, keyring(1, 2), 1)
    with database.read() as conn:
        assert retired_versions(conn) == frozenset()


def test_the_current_version_and_one_nobody_has_cannot_be_retired(database):
    with pytest.raises(KeyringError, match="current"):
        retire(database, keyring(1, 2), 2)
    with pytest.raises(KeyringError, match="not among the given ones: 1, 2"):
        retire(database, keyring(1, 2), 7)


def test_a_destroyed_key_is_no_use_of_a_version(database, fill, fixed_clock):
    fill((1,), range(1, 2))
    with database.transaction() as conn:
        DataKeys(keyring(1), fixed_clock).destroy(conn, UUID(int=1))

    assert counted(database) == {}
    assert retire(database, keyring(1, 2), 1) is True


def test_retiring_twice_is_as_retiring_once(database):
    assert [retire(database, keyring(1, 2), 1), retire(database, keyring(1, 2), 1)] == [True, False]


def test_a_process_that_still_wraps_under_a_retired_version_is_refused_and_may_try_again(database, fixed_clock):
    retire(database, keyring(1, 2), 1)
    late = DataKeys(keyring(1), fixed_clock)
    for pipeline in (False, True):
        with (
            pytest.raises(DomainError, match="WRAPPING_VERSION_RETIRED") as refusal,
            database.transaction(pipeline=pipeline) as conn,
        ):
            late.get_or_create(conn, UUID(int=1))
        assert refusal.value.reason.status == "UNAVAILABLE"
    assert counted(database) == {}


def test_nobody_gets_a_key_under_a_version_while_it_is_being_retired(kit_url, fixed_clock):
    """Writers race with the retirement; whatever the order, a retired version wraps nothing."""
    database = Database(kit_url, application_name="kit-test", max_size=12)
    outcomes = []
    for turn in range(1, 26):
        old, new = 2 * turn, 2 * turn + 1
        barrier = threading.Barrier(9)

        def write(number: int, old=old, turn=turn, barrier=barrier) -> str:
            keys = DataKeys(keyring(old), fixed_clock)
            barrier.wait(10)
            try:
                with database.transaction(pipeline=number % 2 == 0) as conn:
                    keys.get_or_create(conn, UUID(int=turn * 100 + number))
            except DomainError as refusal:
                return refusal.reason.code
            return "written"

        def end(old=old, new=new, barrier=barrier) -> str:
            barrier.wait(10)
            try:
                retire(database, keyring(old, new), old)
            except KeyringError:
                return "in use"
            return "retired"

        with ThreadPoolExecutor(9) as pool:
            ending = pool.submit(end)
            writing = set(pool.map(write, range(8)))
        outcome = ending.result()
        outcomes.append(outcome)
        assert writing == ({"WRAPPING_VERSION_RETIRED"} if outcome == "retired" else {"written"} & writing), writing
        with database.read() as conn:
            assert not (census(conn).keys() & retired_versions(conn))
    database.close()
    print(outcomes)


@pytest.fixture
def watch(database):
    made = []

    def watch(*versions: int) -> WrappingKeyWatch:
        made.append(WrappingKeyWatch(database, keyring(*versions), every=0.05))
        return made[-1]

    yield watch
    for one in made:
        one.stop(5)


def metric(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


def test_a_process_without_a_version_that_data_is_under_does_not_start(fill, watch):
    fill((1,), range(1, 4))
    fill((2,), range(4, 6))

    with pytest.raises(KeyringError, match=r"not given here: 2 \(2 data keys\)"):
        watch(1).start()


def test_a_process_that_would_wrap_under_a_retired_version_does_not_start(database, watch):
    retire(database, keyring(1, 2), 1)

    with pytest.raises(KeyringError, match="wrapping key 1 was retired"):
        watch(1).start()


def test_a_process_with_every_version_is_ready_and_measures_them(fill, watch):
    fill((1,), range(1, 4))
    fill((2,), range(4, 6))
    complete = watch(1, 2)
    with pytest.raises(KeyringError):
        complete.check()
    complete.start()
    complete.check()

    assert metric("songcau_kit_data_keys_count", wrapping_version="1") == 3
    assert metric("songcau_kit_data_keys_count", wrapping_version="2") == 2
    assert metric("songcau_kit_data_keys_unreadable_count") == 0


def test_a_version_that_goes_missing_later_is_measured_and_stops_nobody_else(fill, watch):
    fill((1,), range(1, 3))
    running = watch(1)
    running.start()
    fill((2,), range(3, 6))
    until = time.monotonic() + 10
    while metric("songcau_kit_data_keys_unreadable_count") != 3:
        assert time.monotonic() < until
        time.sleep(0.02)

    running.check()


def test_a_process_whose_tables_are_not_there_yet_waits_for_them(postgres_url_factory):
    database = Database(postgres_url_factory("kit_empty"), application_name="kit-test")
    early = WrappingKeyWatch(database, keyring(1), every=0.05)
    early.start()
    try:
        with pytest.raises(KeyringError, match="not found to be complete yet"):
            early.check()
    finally:
        early.stop(5)
        database.close()

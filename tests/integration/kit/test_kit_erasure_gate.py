"""Whom the ledger names is forgotten before anybody works, also in a database restored from an older backup."""

import base64
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from songcau_kit.clock import SystemClock
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Connection, Database
from songcau_kit.erasure_gate import ErasureGate
from songcau_kit.erasure_ledger import (
    Erasure,
    ErasureLedger,
    ErasureLedgerError,
    ErasureLedgerWriter,
    address_of,
    new_ledger_key,
    public_key_of,
)
from songcau_kit.errors import DomainError
from songcau_kit.keyring import Keyring
from songcau_kit.migrations import migrate
from songcau_kit.objects import ObjectStore
from songcau_kit.settings import DEVELOPMENT_ERASURE_LEDGER_KEY, DEVELOPMENT_ERASURE_LEDGER_PUBLIC_KEY
from support.backups import back_up, restore

KEYRING = Keyring.parse("1:" + base64.b64encode(b"w" * 32).decode())
CLOCK = SystemClock()


class Site:
    """One database with its gate before one ledger."""

    def __init__(self, url: str, folder: Path, *, patience: float = 0.2) -> None:
        self.url = url
        self.store = ObjectStore(f"file://{folder}")
        self.writer = ErasureLedgerWriter(self.store, DEVELOPMENT_ERASURE_LEDGER_KEY)
        self.database = Database(url, max_size=4, application_name="kit-test")
        self.keys = DataKeys(KEYRING, CLOCK)
        self.forgotten: list[UUID] = []
        ledger = ErasureLedger(self.store, DEVELOPMENT_ERASURE_LEDGER_PUBLIC_KEY)
        self.gate = ErasureGate(self.database, ledger, self.keys, self._forget, patience=patience)

    def _forget(self, conn: Connection, erasure: Erasure) -> None:
        self.forgotten += erasure.subject_ids

    def make_key(self, subject: UUID) -> None:
        with self.database.transaction() as conn:
            self.keys.get_or_create(conn, subject)

    def erase(self, subject: UUID) -> None:
        erasure = Erasure(uuid4(), uuid4(), (subject,), CLOCK.now())
        while not self.writer.append(self.gate.apply(), erasure):
            pass

    def reason(self, subject: UUID) -> str:
        with self.database.read() as conn, pytest.raises(DomainError) as caught:
            DataKeys(KEYRING, CLOCK).get(conn, subject)
        return caught.value.reason.code

    def proofs(self) -> list[UUID]:
        with psycopg.connect(self.url) as conn:
            return [row[0] for row in conn.execute("select subject_id from erasures order by erased_at").fetchall()]


@pytest.fixture
def open_site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    sites: list[Site] = []

    def opening(url: str, folder: Path | None = None) -> Site:
        sites.append(Site(url, folder or tmp_path / "ledger"))
        return sites[-1]

    yield opening
    for site in sites:
        site.database.close()


@pytest.fixture
def site(open_site: Callable[..., Site], postgres_url_factory: Callable[[str], str]) -> Site:
    url = postgres_url_factory("erasures")
    migrate(url, package="songcau_kit")
    made = open_site(url)
    made.writer.begin(uuid4())
    return made


def restored(site: Site, create: Callable[[str], str], dump: Path) -> str:
    """Return the address of a new database out of a dump."""
    url = create("restored")
    restore(dump, url)
    return url


def test_whoever_an_older_backup_brings_back_is_forgotten_again_before_anybody_works(
    site: Site, open_site: Callable[..., Site], postgres_url_factory: Callable[[str], str], tmp_path: Path
) -> None:
    erased, kept = uuid4(), uuid4()
    for subject in (erased, kept):
        site.make_key(subject)
    site.gate.apply()
    back_up(site.url, tmp_path / "older.dump")
    site.erase(erased)
    site.gate.apply()
    assert site.forgotten == [erased]

    back = open_site(restored(site, postgres_url_factory, tmp_path / "older.dump"))
    with back.database.read() as conn:
        assert back.keys.get(conn, erased)  # the older backup has them whole
    back.keys.forget(erased)
    back.gate.start()
    back.gate.stop(1)
    assert back.forgotten == [erased]
    assert back.reason(erased) == "DATA_KEY_DESTROYED"
    assert back.proofs() == [erased]
    with back.database.read() as conn:
        assert back.keys.get(conn, kept)


def test_an_entry_is_applied_once_however_many_processes_start_at_once(site: Site) -> None:
    subjects = [uuid4() for _ in range(5)]
    for subject in subjects:
        site.erase(subject)
    others = [Site(site.url, Path(str(site.store.store.prefix))) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda other: other.gate.apply(), others))
    assert sorted(one for other in (site, *others) for one in other.forgotten) == sorted(subjects)
    for other in others:
        other.database.close()


def test_two_who_append_at_once_get_two_numbers(site: Site) -> None:
    subjects = [uuid4() for _ in range(8)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(site.erase, subjects))
    assert site.gate.apply().number == len(subjects)
    assert sorted(site.proofs()) == sorted(subjects)


@pytest.mark.parametrize("harm", ["missing", "altered", "moved", "forged"])
def test_a_ledger_that_is_not_whole_stops_the_process(site: Site, harm: str) -> None:
    site.erase(uuid4())
    site.gate.apply()
    site.erase(uuid4())
    first, second = (site.store.get(address_of(number)) for number in (1, 2))
    if harm == "missing":
        site.store.delete(address_of(1))
    elif harm == "altered":
        site.store.put(address_of(2), second.replace(b"subject_ids", b"subject_idz"))
    elif harm == "moved":
        site.store.put(address_of(2), first)
    else:
        stranger = ErasureLedgerWriter(site.store, base64.b64encode(b"s" * 32).decode())
        site.store.delete(address_of(2))
        stranger.append(site.gate._bound(), Erasure(uuid4(), uuid4(), (uuid4(),), CLOCK.now()))
    with pytest.raises(ErasureLedgerError):
        site.gate.start()
    with pytest.raises(ErasureLedgerError):
        site.gate.check()


NEW_KEY = new_ledger_key()


def gate_that_believes(site: Site, keys: str) -> ErasureGate:
    return ErasureGate(site.database, ErasureLedger(site.store, keys), site.keys, site._forget, patience=0.2)


def append(site: Site, gate: ErasureGate, key: str) -> UUID:
    """Write an entry with a key, as whoever has the key and may write to the store; return whom it erases."""
    subject = uuid4()
    assert ErasureLedgerWriter(site.store, key).append(gate.apply(), Erasure(uuid4(), uuid4(), (subject,), CLOCK.now()))
    return subject


def test_after_a_change_of_key_the_whole_ledger_is_believed_and_applied(
    site: Site, open_site: Callable[..., Site], postgres_url_factory: Callable[[str], str], tmp_path: Path
) -> None:
    back_up(site.url, tmp_path / "older.dump")
    former, new = DEVELOPMENT_ERASURE_LEDGER_PUBLIC_KEY, public_key_of(NEW_KEY)
    announced = gate_that_believes(site, f"{former} {new}")
    erased = [append(site, announced, DEVELOPMENT_ERASURE_LEDGER_KEY), append(site, announced, NEW_KEY)]
    replaced = f"{former}:1 {new}"
    gate = gate_that_believes(site, replaced)
    erased.append(append(site, gate, NEW_KEY))
    assert gate.apply().number == 3
    assert site.forgotten == erased

    back = open_site(restored(site, postgres_url_factory, tmp_path / "older.dump"))
    gate_that_believes(back, replaced).apply()
    assert back.proofs() == erased


def test_the_former_key_signs_nothing_behind_its_last_entry_and_not_at_all_where_it_is_not_given(site: Site) -> None:
    former, new = DEVELOPMENT_ERASURE_LEDGER_PUBLIC_KEY, public_key_of(NEW_KEY)
    site.erase(uuid4())
    gate = gate_that_believes(site, f"{former}:1 {new}")
    append(site, gate, DEVELOPMENT_ERASURE_LEDGER_KEY)
    with pytest.raises(ErasureLedgerError, match="entry 2"):
        gate.apply()
    with pytest.raises(ErasureLedgerError, match="entry 1"):
        gate_that_believes(site, new).apply()


@pytest.mark.parametrize("keys", ["", " ", "nothing", f"{DEVELOPMENT_ERASURE_LEDGER_PUBLIC_KEY}:", "a:1"])
def test_what_is_no_key_is_refused(site: Site, keys: str) -> None:
    with pytest.raises(ErasureLedgerError):
        ErasureLedger(site.store, keys)


def test_a_database_follows_no_other_ledger_than_its_own(
    site: Site, open_site: Callable[..., Site], tmp_path: Path
) -> None:
    site.gate.apply()
    other = open_site(site.url, tmp_path / "another")
    with pytest.raises(ErasureLedgerError, match="could not be applied"):
        other.gate.start()
    other.writer.begin(uuid4())
    with pytest.raises(ErasureLedgerError, match="not the one this database knows"):
        other.gate.start()


def test_nobody_works_where_no_ledger_was_begun(
    open_site: Callable[..., Site], postgres_url_factory: Callable[[str], str]
) -> None:
    url = postgres_url_factory("unbound")
    migrate(url, package="songcau_kit")
    with pytest.raises(ErasureLedgerError, match="no erasure ledger"):
        open_site(url).gate.start()


def test_an_entry_tells_ids_and_a_time_and_nothing_else(site: Site) -> None:
    site.erase(uuid4())
    words = json.loads(json.loads(site.store.get(address_of(1)))["entry"])
    assert words.keys() == {
        "number", "previous", "ledger_id", "erasure_id", "request_id", "subject_ids", "erased_at",
    }  # fmt: skip

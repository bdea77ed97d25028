"""Loads invented people the bulk way: sealed by the vault in several processes, then COPY; the same rows plainly."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from multiprocessing import get_context

import psycopg
from songcau_identity.model import IdentifierKind
from songcau_identity.vault import Profile, Vault
from songcau_kit.blind_index import BlindIndex
from songcau_kit.clock import SystemClock
from songcau_kit.data_keys import FIRST_VERSION, DataKey, binding_of
from songcau_kit.keyring import Keyring, new_key
from songcau_kit.personal import Personal
from songcau_kit.settings import DEVELOPMENT_BLIND_INDEX_KEY, DEVELOPMENT_WRAPPING_KEYS

from load.identity.people import Invented, invent

WORKERS = 2
BATCH = 5_000
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TABLES = {
    "citizens": "citizen_id, status, account_kind, identity_level, version, created_at, linked_at, last_verified_at, "
    "updated_at",
    "data_keys": "subject_id, wrapped_key, wrapping_version, created_at",
    "citizen_profiles": "citizen_id, full_name_enc, birth_date_enc, phone_number_enc, name_bix, name_exact_bix, "
    "name_year_bix, phone_number_bix, updated_at",
    "identifiers": "identifier_id, citizen_id, kind, value_enc, value_bix, status, active_from",
}
Rows = dict[str, tuple[object, ...]]


def vault() -> Vault:
    """Return the vault of a development installation."""
    return Vault(BlindIndex.parse(DEVELOPMENT_BLIND_INDEX_KEY))


def keyring() -> Keyring:
    """Return the wrapping keys of a development installation."""
    return Keyring.parse(DEVELOPMENT_WRAPPING_KEYS)


def load(url: str, seed: int, start: int, count: int) -> float:
    """Load people in several processes and return the seconds it took, sealing included."""
    share = -(-count // WORKERS)
    shares = [(url, seed, start + at, min(share, count - at)) for at in range(0, count, share)]
    began = time.perf_counter()
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        list(pool.map(_load_share, shares))
    return time.perf_counter() - began


def _load_share(share: tuple[str, int, int, int]) -> None:
    url, seed, start, count = share
    people = invent(seed, start, count)
    closing, keys, clock = vault(), keyring(), SystemClock()
    with psycopg.connect(url) as connection:
        while batch := list(islice(people, BATCH)):
            sealed = [_seal(person, closing, keys, clock) for person in batch]
            for table, columns in TABLES.items():
                _copy(connection, table, columns, (rows[table] for rows in sealed))
            connection.commit()


def _copy(connection: psycopg.Connection, table: str, columns: str, rows: Iterator[tuple[object, ...]]) -> None:
    statement = f"copy {table} ({columns}) from stdin"
    with connection.cursor().copy(statement) as copy:  # type: ignore[arg-type]
        for row in rows:
            copy.write_row(row)


def _seal(person: Invented, closing: Vault, keys: Keyring, clock: SystemClock) -> Rows:
    citizen_id, identifier_id, secret = clock.new_id(), clock.new_id(), new_key()
    wrapped = keys.wrap(secret, bound_to=binding_of(citizen_id))
    data_key = DataKey(citizen_id, FIRST_VERSION, secret)
    facts = (person.full_name, person.birth_date, person.phone_number, "")
    profile = closing.seal(data_key, Profile(*map(Personal, facts)))
    number = closing.seal_number(data_key, identifier_id, Personal(person.number))
    kind = IdentifierKind.PERSONAL_NUMBER
    return {
        "citizens": (citizen_id, "ACTIVE", "CITIZEN", 2, 1, AT, AT, AT, AT),
        "data_keys": (citizen_id, wrapped.blob, wrapped.version, AT),
        "citizen_profiles": (
            citizen_id,
            profile.full_name_enc,
            profile.birth_date_enc,
            profile.phone_number_enc,
            profile.name_bix,
            profile.name_exact_bix,
            profile.name_year_bix,
            profile.phone_number_bix,
            AT,
        ),
        "identifiers": (
            identifier_id, citizen_id, kind, number, closing.number_digest(kind, person.number), "ACTIVE", AT,
        ),
    }  # fmt: skip


def copy_plainly(url: str) -> float:
    """COPY every loaded row, as sealed, into tables of the same columns, keys and indexes; return the seconds."""
    seconds = 0.0
    with psycopg.connect(url) as source, psycopg.connect(url, autocommit=True) as target:
        for table, columns in TABLES.items():
            target.execute(f"create table bare_{table} (like {table} including all)")  # type: ignore[arg-type]
            blocks = _blocks(source, table, columns)
            began = time.perf_counter()
            with target.cursor().copy(f"copy bare_{table} ({columns}) from stdin") as copy:  # type: ignore[arg-type]
                for block in blocks:
                    copy.write(block)
            seconds += time.perf_counter() - began
    return seconds


def _blocks(source: psycopg.Connection, table: str, columns: str) -> Sequence[bytes]:
    with source.cursor().copy(f"copy {table} ({columns}) to stdout") as copy:  # type: ignore[arg-type]
        return [bytes(block) for block in copy]

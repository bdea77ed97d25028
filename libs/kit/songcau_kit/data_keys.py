"""One data key per citizen, wrapped in the database; destroying it is how a citizen's data is erased."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from psycopg.errors import RestrictViolation

from songcau_kit.clock import Clock
from songcau_kit.database import Connection, has_table
from songcau_kit.errors import DomainError
from songcau_kit.keyring import Wrapped, new_key
from songcau_kit.protection_errors import DATA_KEY_DESTROYED, DATA_KEY_NOT_FOUND, WRAPPING_VERSION_RETIRED
from songcau_kit.wrapping_keys import WrappingKeys

T = TypeVar("T")
CACHE_SECONDS = 60
CACHE_KEYS = 10_000
FIRST_VERSION = 1

# Only a row whose writer has surely ended may be cached: a key seen inside the transaction that makes it
# would outlive that transaction's rollback, and what is encrypted under it could never be read again.
_IS_SETTLED = "age(data_keys.xmin) > age(pg_snapshot_xmin(pg_current_snapshot())::xid)"
# In the schema of the release before, `version` and `replacement` are not columns of data_keys and mean the outer ones.
_FIND = f"""select held.* from (select 1 as version, null::text as replacement) as release_before, lateral (
        select wrapped_key, wrapping_version, destroyed_at is not null, {_IS_SETTLED}, version, replacement
        from data_keys where subject_id = %s) as held"""  # noqa: S608 -- a constant of this module
_CREATE = """insert into data_keys (subject_id, wrapped_key, wrapping_version, created_at) values (%s, %s, %s, %s)
    on conflict (subject_id) do update set wrapping_version = data_keys.wrapping_version
    returning xmax = 0"""
_ALL_VERSIONS = """select version, wrapped_key, wrapping_version, true from data_keys
        where subject_id = %(subject)s and destroyed_at is null
    union all select version, wrapped_key, wrapping_version, false from other_data_keys where subject_id = %(subject)s
    order by 4 desc, 1"""
_DESTROY = """insert into data_keys (subject_id, wrapped_key, wrapping_version, created_at, destroyed_at)
    values (%(subject)s, ''::bytea, 0, %(at)s, %(at)s)
    on conflict (subject_id) do update set wrapped_key = ''::bytea, wrapping_version = 0,
        destroyed_at = coalesce(data_keys.destroyed_at, excluded.destroyed_at)"""
_DESTROY_OTHERS = """with gone as (delete from other_data_keys where subject_id = %(subject)s)
    update data_keys set replacement = null where subject_id = %(subject)s"""


@dataclass(frozen=True)
class DataKey:
    """A citizen's key in memory; a separate key is derived for each purpose."""

    subject_id: UUID
    version: int
    _secret: bytes = field(repr=False)
    # While a key is replaced the other version opens, too; it never seals.
    others: tuple["DataKey", ...] = field(default=(), repr=False)

    @property
    def opening(self) -> tuple["DataKey", ...]:
        """Every version that opens, the one that seals first."""
        return (self, *self.others)

    def derive(self, purpose: str) -> bytes:
        """Return the 32-byte key of one purpose; keys of two purposes tell nothing of each other."""
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"songcau." + purpose.encode()).derive(self._secret)

    @cached_property
    def field_cipher(self) -> AESGCM:
        """The cipher of database fields."""
        return AESGCM(self.derive("field.1"))

    @cached_property
    def object_cipher(self) -> AESGCM:
        """The cipher of stored objects."""
        return AESGCM(self.derive("object.1"))

    @cached_property
    def address_key(self) -> bytes:
        """The key of the addresses of stored objects."""
        return self.derive("address.1")

    def __reduce__(self) -> str:
        """Refuse to be pickled: a key never leaves its process."""
        raise TypeError("a data key cannot be pickled")


class DataKeys:
    """Finds, makes and destroys data keys, inside the caller's transaction.

    Whatever finds or makes a key raises as `WrappingKeys` does.
    """

    def __init__(self, wrapping_keys: WrappingKeys, clock: Clock, *, cache_seconds: int = CACHE_SECONDS) -> None:
        self._wrapping_keys = wrapping_keys
        self._clock = clock
        self._lifetime = timedelta(seconds=min(cache_seconds, CACHE_SECONDS))
        self._cache: OrderedDict[UUID, tuple[datetime, DataKey]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, conn: Connection, subject_id: UUID) -> DataKey:
        """Return the key; raises DATA_KEY_DESTROYED after erasure and DATA_KEY_NOT_FOUND where none was made."""
        return self.ask(conn, subject_id)()

    def ask(self, conn: Connection, subject_id: UUID) -> Callable[[], DataKey]:
        """Send the question for a key and return how to take its answer.

        In a pipeline the question travels with the statements after it, so it costs no round trip of its own.
        """
        cached = self._find_cached(subject_id)
        if cached is not None:
            return lambda: cached
        asked_at = self._clock.now()
        cursor = conn.execute(_FIND, (subject_id,))

        def answer() -> DataKey:
            row = cursor.fetchone()
            if row is None:
                raise DomainError(DATA_KEY_NOT_FOUND)
            return self._open(conn, subject_id, row, asked_at)

        return answer

    def get_or_create(self, conn: Connection, subject_id: UUID) -> DataKey:
        """Return the key, made now where there is none; parallel callers end with the same one.

        Raises DATA_KEY_DESTROYED after erasure. The key made here is only as durable as the caller's transaction.
        """
        cached = self._find_cached(subject_id)
        if cached is not None:
            return cached
        asked_at = self._clock.now()
        row = conn.execute(_FIND, (subject_id,)).fetchone()
        if row is None:
            made = self._create(conn, subject_id)
            if made is not None:
                return made
            row = conn.execute(_FIND, (subject_id,)).fetchone()
        if row is None:
            raise DomainError(DATA_KEY_NOT_FOUND)
        return self._open(conn, subject_id, row, asked_at)

    def destroy(self, conn: Connection, subject_id: UUID) -> None:
        """Erase the key for good and leave a tombstone, so that no later call makes another.

        Other processes may still hold it in memory for at most 60 seconds.
        """
        conn.execute(_DESTROY, {"subject": subject_id, "at": self._clock.now()})
        if has_others(conn):
            conn.execute(_DESTROY_OTHERS, {"subject": subject_id})
        self.forget(subject_id)

    def forget(self, subject_id: UUID) -> None:
        """Drop one key from memory."""
        with self._lock:
            self._cache.pop(subject_id, None)

    def _create(self, conn: Connection, subject_id: UUID) -> DataKey | None:
        """Make the key; None where somebody else was faster. What is made here is not settled, so it is not kept."""
        key = DataKey(subject_id, FIRST_VERSION, new_key())
        wrapped = self._wrapping_keys.wrap(key._secret, bound_to=binding_of(subject_id))
        try:
            row = conn.execute(_CREATE, (subject_id, wrapped.blob, wrapped.version, self._clock.now())).fetchone()
        except RestrictViolation:
            # This process has not heard of the newer version yet; the caller's next try may find it.
            self._wrapping_keys.refresh()
            raise DomainError(WRAPPING_VERSION_RETIRED, details={"version": str(wrapped.version)}) from None
        return key if row == (True,) else None

    def _open(self, conn: Connection, subject_id: UUID, row: tuple[object, ...], asked_at: datetime) -> DataKey:
        blob, wrapping_version, is_destroyed, is_settled, version, replacement = row
        if is_destroyed:
            self.forget(subject_id)
            raise DomainError(DATA_KEY_DESTROYED)
        if replacement is None:
            key = self._unwrap(subject_id, version, blob, wrapping_version)
        else:
            key = self._open_all(conn, subject_id)
        if is_settled:
            self._keep(key, asked_at)
        return key

    def _open_all(self, conn: Connection, subject_id: UUID) -> DataKey:
        """Open every version as one statement sees them: between two the key may be switched."""
        rows = conn.execute(_ALL_VERSIONS, {"subject": subject_id}).fetchall()
        if not rows or not rows[0][3]:
            raise DomainError(DATA_KEY_DESTROYED)
        sealing, *others = [self._unwrap(subject_id, *row[:3]) for row in rows]
        return replace(sealing, others=tuple(others))

    def _unwrap(self, subject_id: UUID, version: object, blob: object, wrapping_version: object) -> DataKey:
        wrapped, number = Wrapped(_as(int, wrapping_version), _as(bytes, blob)), _as(int, version)
        return DataKey(subject_id, number, self._wrapping_keys.unwrap(wrapped, bound_to=binding_of(subject_id, number)))

    def _find_cached(self, subject_id: UUID) -> DataKey | None:
        with self._lock:
            entry = self._cache.get(subject_id)
            # The wall clock may be set back, so the distance counts in both directions.
            if entry is None or abs(self._clock.now() - entry[0]) >= self._lifetime:
                self._cache.pop(subject_id, None)
                return None
            return entry[1]

    def _keep(self, key: DataKey, asked_at: datetime) -> None:
        with self._lock:
            self._cache[key.subject_id] = (asked_at, key)
            self._cache.move_to_end(key.subject_id)
            while len(self._cache) > CACHE_KEYS:
                self._cache.popitem(last=False)


def binding_of(subject_id: UUID, version: int = FIRST_VERSION) -> bytes:
    """Return what a wrapped key is bound to: nobody else's row opens it, nor that of another version."""
    return subject_id.bytes + version.to_bytes(2, "big")


def has_others(conn: Connection) -> bool:
    """Say whether the schema holds other versions of keys; that of the release before does not."""
    return has_table(conn, "other_data_keys")


def _as(kind: type[T], value: object) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"a column of data_keys holds {type(value).__name__}")
    return value

"""Replaces the data keys of people: a new version seals everything anew, then the former is destroyed.

Both versions open meanwhile, so nobody waits and nothing is refused. It may be killed at any moment and started again.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from songcau_kit.abandoned_objects import abandon
from songcau_kit.clock import SystemClock
from songcau_kit.data_key_versions import ANNOUNCED, SWITCHED, HeldVersion, announce, end, hold_version, switch
from songcau_kit.data_keys import CACHE_SECONDS, DataKey, DataKeys
from songcau_kit.database import Connection, Database
from songcau_kit.errors import DomainError
from songcau_kit.keyring import KeyringError
from songcau_kit.objects import EncryptedObjects
from songcau_kit.sealed_data import SealedColumns, SealedData
from songcau_kit.sealed_rows import count_outdated, list_outdated_files, move_file, seal_portion
from songcau_kit.wrapping_keys import WrappingKeys

# A key lives in a process's memory for a minute; the rest is for clocks that run apart.
SETTLE_S = CACHE_SECONDS + 5.0
OPEN_TRANSACTIONS_S = 120.0
LOOK_EVERY_S = 0.2
MOST_PASSES = 5
# Who read an address just before its file moved still finds the file.
FILES_STAY = timedelta(minutes=10)

_NOW = "select clock_timestamp()"
_OLDER = """select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
    and backend_type = 'client backend' and xact_start < %s"""

Note = Callable[[Connection, UUID, int], None]
"""Enters in a person's access list, in the caller's transaction, that this version of their key has taken over."""
Tell = Callable[[str], None]
T = TypeVar("T")


class StillSealedError(Exception):
    """Something of a person went on being sealed under the former version; another run finishes it."""


@dataclass(frozen=True)
class Replacements:
    """How replacements ended: the version each person has now, and what kept those of others from being finished."""

    versions: Mapping[UUID, int]
    failures: Mapping[UUID, DomainError | StillSealedError]


class DataKeyReplacement:
    """Replaces keys in the database of one service.

    `sealed` says where its ciphertexts are, `objects` where its files are, where it has any.
    """

    def __init__(
        self,
        database: Database,
        wrapping_keys: WrappingKeys,
        sealed: SealedData,
        note: Note,
        *,
        objects: EncryptedObjects | None = None,
        settle_s: float = SETTLE_S,
    ) -> None:
        self._database = database
        self._wrapping_keys = wrapping_keys
        self._sealed = sealed
        self._note = note
        self._objects = objects
        self._settle_s = settle_s
        self._keys = DataKeys(wrapping_keys, SystemClock(), cache_seconds=0)

    def replace(self, subject_ids: Sequence[UUID], tell: Tell) -> Replacements:
        """Replace the keys of these people; one that cannot be replaced keeps no other from it.

        Among the failures are DATA_KEY_NOT_FOUND and DATA_KEY_DESTROYED before anything is changed for that person,
        CIPHERTEXT_INVALID and OBJECT_NOT_FOUND for what no version opens, StillSealedError; in all of them the former
        version stays. Raises KeyringError where a transaction does not end or the schema is of the release before.
        """
        run = _Run(tell)
        held = run.each(subject_ids, self._announce)
        if not held:
            return Replacements({}, run.failures)
        if any(one.replacement == ANNOUNCED for one in held.values()):
            tell(f"announced for {len(held)}; waiting until every process knows")
            self._settle()
        switched = run.each(held, lambda subject_id: self._switch(subject_id, held[subject_id].version))
        tell("the new version seals; waiting until no process seals under the former")
        self._settle()
        sealed = run.each(switched, lambda one: self._carry_over(one, switched[one]), "rows and files sealed anew")
        return Replacements({subject_id: switched[subject_id] for subject_id in sealed}, run.failures)

    def _announce(self, subject_id: UUID) -> HeldVersion:
        with self._database.transaction() as conn:
            return announce(conn, self._wrapping_keys, subject_id)

    def _switch(self, subject_id: UUID, version: int) -> int:
        with self._database.transaction() as conn:
            switch(conn, subject_id, version)
        return version

    def _settle(self) -> None:
        """Return once no process can act on what the database said before the last commit.

        What is in memory runs out; then every transaction that may have taken it from there must end.
        """
        time.sleep(self._settle_s)
        with self._database.read() as conn:
            ((moment,),) = conn.execute(_NOW).fetchall()
        until = time.monotonic() + OPEN_TRANSACTIONS_S
        while self._count_older(moment):
            if time.monotonic() > until:
                raise KeyringError("a transaction stays open too long: end it, then start the command again")
            time.sleep(LOOK_EVERY_S)

    def _count_older(self, moment: object) -> int:
        with self._database.read() as conn:
            ((count,),) = conn.execute(_OLDER, (moment,)).fetchall()
        return int(count)

    def _carry_over(self, subject_id: UUID, version: int) -> int:
        done = 0
        for _ in range(MOST_PASSES):
            done += sum(self._seal_rows(subject_id, columns, version) for columns in self._columns)
            done += self._seal_files(subject_id, version)
            if self._end(subject_id, version):
                return done
        raise StillSealedError("something is still sealed under a former version: start the command again")

    @property
    def _columns(self) -> Sequence[SealedColumns]:
        return () if self._sealed.keeps_former else self._sealed.columns

    def _seal_rows(self, subject_id: UUID, columns: SealedColumns, version: int) -> int:
        done, after = 0, None
        while True:
            with self._database.transaction() as conn:
                key = self._held_key(conn, subject_id, version)
                if key is None:
                    return done
                portion = seal_portion(conn, columns, key, after)
            if not portion.seen:
                return done
            done, after = done + portion.sealed, portion.last

    def _seal_files(self, subject_id: UUID, version: int) -> int:
        if self._objects is None or not self._sealed.files:
            return 0
        with self._database.transaction() as conn:
            key = self._held_key(conn, subject_id, version)
            if key is None:
                return 0
            found = {one for files in self._sealed.files for one in list_outdated_files(conn, files, key)}
        for before in found:
            self._move(key, before, self._objects.seal_anew(key, before))
        return len(found)

    def _move(self, key: DataKey, before: str, after: str) -> None:
        with self._database.transaction() as conn:
            hold_version(conn, key.subject_id)
            for files in self._sealed.files:
                move_file(conn, files, before, after)
            abandon(conn, [before], after=FILES_STAY)

    def _end(self, subject_id: UUID, version: int) -> bool:
        """Destroy the former version where nothing of the person carries it; say whether that is so."""
        with self._database.transaction() as conn:
            key = self._held_key(conn, subject_id, version)
            if key is None:
                return True
            rows = sum(count_outdated(conn, columns, key) for columns in self._columns)
            if rows or any(list_outdated_files(conn, files, key) for files in self._sealed.files):
                return False
            end(conn, subject_id, keep=self._sealed.keeps_former)
            self._note(conn, subject_id, version)
        return True

    def _held_key(self, conn: Connection, subject_id: UUID, version: int) -> DataKey | None:
        """Return the key, its row held; None where another command has finished this replacement already."""
        held = hold_version(conn, subject_id)
        if held.replacement != SWITCHED or held.version != version:
            return None
        return self._keys.get(conn, subject_id)


class _Run:
    """Takes steps for one person after another and goes on where one of them is refused."""

    def __init__(self, tell: Tell) -> None:
        self.failures: dict[UUID, DomainError | StillSealedError] = {}
        self._tell = tell

    def each(self, subject_ids: Iterable[UUID], step: Callable[[UUID], T], done: str = "") -> dict[UUID, T]:
        """Return what a step returned for whom it could be taken; `done` says what the number it returns counts."""
        people, results = list(subject_ids), dict[UUID, T]()
        for number, subject_id in enumerate(people, start=1):
            try:
                results[subject_id] = step(subject_id)
            except (DomainError, StillSealedError) as error:
                self.failures[subject_id] = error
                self._tell(f"{number} of {len(people)}, {subject_id}: {error}")
                continue
            if done:
                self._tell(f"{number} of {len(people)}, {subject_id}: {results[subject_id]} {done}")
        return results

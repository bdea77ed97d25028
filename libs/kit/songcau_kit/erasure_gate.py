"""Lets a process work only once its database has forgotten whom the erasure ledger says it must."""

import time
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from psycopg.errors import UndefinedTable

from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Connection, Database, service_of
from songcau_kit.erasure_ledger import FIRST, Erasure, ErasureLedger, ErasureLedgerError, LedgerEntry, Place
from songcau_kit.errors import DomainError
from songcau_kit.logs import get_logger
from songcau_kit.loop import Loop
from songcau_kit.metrics import gauge
from songcau_kit.objects import ObjectStore
from songcau_kit.settings import ServiceSettings

EVERY_S = 15.0
PATIENCE_S = 60.0
RETRY_S = 0.5

Erase = Callable[[Connection, Erasure], None]
"""Forgets one person in the caller's transaction; the same person again changes nothing."""

_log = get_logger(__name__)
_HOLD = "select number, digest, ledger_id from erasure_ledger_place for update"
_BIND = """insert into erasure_ledger_place (number, digest, ledger_id) values (%s, %s, %s)
    on conflict (one) do nothing"""
_MOVE = "update erasure_ledger_place set number = %s, digest = %s"
_PROVE = """insert into erasures (subject_id, erasure_id, erased_at) values (%s, %s, %s)
    on conflict (subject_id) do nothing returning true"""


class ErasureGate:
    """A component; stands before whatever serves or consumes.

    `start` returns once every entry was applied and raises ErasureLedgerError where that does not come about in
    `patience` seconds: the process ends and is started again. Later it looks from time to time, so that a database
    restored under a running process is erased again, too; `check` tells of a ledger that cannot be followed.
    """

    def __init__(
        self,
        database: Database,
        ledger: ErasureLedger,
        data_keys: DataKeys,
        erase: Erase,
        *,
        patience: float = PATIENCE_S,
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._data_keys = data_keys
        self._erase = erase
        self._patience = patience
        # Begins a ledger where there is none and this database never knew one; only who holds its key can.
        self.begin: Callable[[], None] | None = None
        self._fault: str | None = "not applied yet"
        service = service_of(database.application_name)
        self._loop = Loop(f"{service}-erasure-gate", self._step, longest_pause=EVERY_S)
        self._applied = gauge(
            service,
            "erasure_ledger_entries",
            "count",
            description="Entries of the erasure ledger this database applied.",
        )

    def start(self) -> None:
        """Apply the ledger, then follow it."""
        until = time.monotonic() + self._patience
        while True:
            try:
                self.apply()
                break
            except (DomainError, UndefinedTable, ErasureLedgerError) as error:
                if time.monotonic() >= until:
                    raise ErasureLedgerError(f"the erasure ledger could not be applied: {error}") from error
                _log.warning("erasure_ledger_not_applied_yet", cause=str(error))
                time.sleep(RETRY_S)
        self._loop.start()

    def stop(self, grace: float) -> None:
        """Follow no more."""
        self._loop.stop(grace)

    def check(self) -> None:
        """Raise ErasureLedgerError where the ledger was not applied at the last look; for `/readyz`."""
        if self._fault is not None:
            raise ErasureLedgerError(self._fault)

    def apply(self) -> Place:
        """Erase whom the ledger names and this database does not know as erased; return how far that is.

        Raises ErasureLedgerError for a ledger that is missing, false or not the one this database knows.
        """
        self._fault = "the erasure ledger was not applied"
        place = self._bound()
        self._ledger.check(place)
        while (entry := self._ledger.next(place)) is not None:
            place = self._apply(place, entry)
        self._applied.set(place.number)
        self._fault = None
        return place

    def forget(self, conn: Connection, erasure: Erasure) -> None:
        """Erase one person in the caller's transaction: key, fields, digests; what proves it stays."""
        new = [subject_id for subject_id in erasure.subject_ids if self._prove(conn, subject_id, erasure)]
        for subject_id in new:
            self._data_keys.destroy(conn, subject_id)
        if new:
            self._erase(conn, replace(erasure, subject_ids=tuple(new)))

    def _prove(self, conn: Connection, subject_id: UUID, erasure: Erasure) -> bool:
        """Write the proof; return False where it stands: then the person is forgotten here already."""
        return conn.execute(_PROVE, (subject_id, erasure.erasure_id, erasure.erased_at)).fetchone() is not None

    def _bound(self) -> Place:
        with self._database.transaction() as conn:
            row = conn.execute(_HOLD).fetchone()
        if row is not None:
            return Place(row[0], bytes(row[1]), row[2])
        first = self._ledger.find(FIRST)
        if first is None and self.begin is not None:
            self.begin()
            first = self._ledger.find(FIRST)
        if first is None:
            raise ErasureLedgerError("there is no erasure ledger at the place the settings name")
        with self._database.transaction() as conn:
            conn.execute(_BIND, (FIRST, first.digest, first.ledger_id))
        return self._bound()

    def _apply(self, place: Place, entry: LedgerEntry) -> Place:
        with self._database.transaction() as conn:
            row = conn.execute(_HOLD).fetchone()
            if row is not None and row[0] == place.number and entry.erasure is not None:
                self.forget(conn, entry.erasure)
                conn.execute(_MOVE, (entry.number, entry.digest))
                _log.info("erasure_applied", number=entry.number, erasure_id=str(entry.erasure.erasure_id))
        return entry.place

    def _step(self) -> float:
        self.apply()
        return EVERY_S


def open_gate(settings: ServiceSettings, database: Database, data_keys: DataKeys, erase: Erase) -> ErasureGate:
    """Return the gate of a service as its settings say; raises ErasureLedgerError for what is no key."""
    ledger = ErasureLedger(ObjectStore(settings.erasure_ledger_url), settings.erasure_ledger_public_key)
    return ErasureGate(database, ledger, data_keys, erase)

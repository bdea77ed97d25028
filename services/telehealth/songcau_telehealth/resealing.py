"""Seals what releases before this one left in plain; a step of `work`, in short transactions."""

from uuid import UUID

from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Connection, Database
from songcau_kit.errors import DomainError
from songcau_kit.logs import get_logger
from songcau_kit.loop import Loop
from songcau_kit.metrics import counter
from songcau_kit.protection_errors import DATA_KEY_DESTROYED

from songcau_telehealth.consultations import repository_plain
from songcau_telehealth.consultations.records import SealedTriage
from songcau_telehealth.consultations.sealing import Envelope

BATCH = 200
# Processes of the release before may write in plain for as long as a roll-out takes, so it looks again.
EVERY_S = 600.0

_log = get_logger(__name__)


class Resealing:
    """A component of `work`; several at once do no harm, a stop loses nothing."""

    def __init__(self, database: Database, data_keys: DataKeys) -> None:
        self._database = database
        self._data_keys = data_keys
        self._loop = Loop("telehealth-resealing", self._step, longest_pause=EVERY_S)
        self._resealed = counter("telehealth", "consultations_resealed", "Consultations whose triage stood in plain.")

    def start(self) -> None:
        """Begin to look."""
        self._loop.start()

    def stop(self, grace: float) -> None:
        """Finish the portion under way."""
        self._loop.stop(grace)

    def check(self) -> None:
        """Raise where it does not run; for `/readyz`."""
        self._loop.check()

    def reseal(self) -> int:
        """Seal one portion and return how many consultations it held."""
        with self._database.transaction() as connection:
            plain = repository_plain.lock_plain(connection, BATCH)
            for consultation_id, citizen_id, triage in plain:
                note = self._sealed(connection, (consultation_id, citizen_id), triage)
                repository_plain.seal_plain(connection, consultation_id, note)
        if plain:
            self._resealed.inc(len(plain))
            _log.info("consultations_resealed", count=len(plain))
        return len(plain)

    def _sealed(self, connection: Connection, ids: tuple[UUID, UUID], triage: SealedTriage | None) -> bytes | None:
        consultation_id, citizen_id = ids
        try:
            envelope = Envelope(self._data_keys.get(connection, citizen_id), consultation_id)
        except DomainError as error:
            if error.reason is not DATA_KEY_DESTROYED:
                raise
            return None  # an erased citizen: what stood in plain goes with the rest
        note = envelope.triage(triage)
        return envelope.seal_triage(note) if note else None

    def _step(self) -> float:
        return 0.0 if self.reseal() >= BATCH else EVERY_S

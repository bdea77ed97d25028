"""What triage decided, as releases before this one left it: in plain, beside the sealed note."""

from uuid import UUID

from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.protection_errors import DATA_KEY_DESTROYED

from songcau_telehealth.consultations import repository_plain
from songcau_telehealth.consultations.records import SealedTriage
from songcau_telehealth.consultations.sealing import Envelope


class PlainTriage:
    """Moves it into the sealed note."""

    def __init__(self, data_keys: DataKeys) -> None:
        self._data_keys = data_keys

    def seal_portion(self, connection: Connection, limit: int) -> int:
        """Seal at most so many consultations and return how many there were."""
        plain = repository_plain.lock_plain(connection, limit)
        for consultation_id, citizen_id, triage in plain:
            note = self._sealed(connection, (consultation_id, citizen_id), triage)
            repository_plain.seal_plain(connection, consultation_id, note)
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

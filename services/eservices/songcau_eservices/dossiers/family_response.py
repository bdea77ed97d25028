"""A stored answer that may have been sealed for another record of the same citizen, before the two became one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from songcau_kit.data_keys import DataKey, DataKeys
from songcau_kit.database import Connection
from songcau_kit.errors import IDEMPOTENCY_KEY_REUSED, DomainError
from songcau_kit.protection_errors import CIPHERTEXT_INVALID, DATA_KEY_DESTROYED, DATA_KEY_NOT_FOUND
from songcau_kit.sealed_responses import SealedResponse

from songcau_eservices.dossiers import repository_citizens

_NO_KEY = (DATA_KEY_DESTROYED, DATA_KEY_NOT_FOUND)


@dataclass(frozen=True)
class FamilyResponse:
    """The register's `ResponseCipher` for a citizen who may have several records; seals for the one that is meant."""

    conn: Connection
    keys: DataKeys
    own: SealedResponse

    def seal(self, response: bytes) -> bytes:
        """Return what may stand in the register."""
        return self.own.seal(response)

    def open(self, sealed: bytes) -> bytes:
        """Return the stored answer, whichever record of the citizen it was sealed for.

        Raises IDEMPOTENCY_KEY_REUSED where it is about none of them: the records were parted again since.
        """
        for data_key in self._family():
            try:
                return replace(self.own, data_key=data_key).open(sealed)
            except DomainError as error:
                if error.reason is not CIPHERTEXT_INVALID:
                    raise
        raise DomainError(IDEMPOTENCY_KEY_REUSED)

    def _family(self) -> Iterator[DataKey]:
        own_id = self.own.data_key.subject_id
        yield self.own.data_key
        for citizen_id in sorted(repository_citizens.ask_family(self.conn, own_id)() - {own_id}):
            try:
                yield self.keys.get(self.conn, citizen_id)
            except DomainError as error:
                if error.reason not in _NO_KEY:
                    raise

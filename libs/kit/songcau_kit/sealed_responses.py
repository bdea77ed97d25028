"""Stored answers that hold personal data: sealed under the person's data key, each good for its own key only."""

from dataclasses import dataclass

from songcau_kit.data_keys import DataKey
from songcau_kit.field_cipher import Place, decrypt, encrypt
from songcau_kit.idempotency import IdempotencyKey


@dataclass(frozen=True)
class SealedResponse:
    """The register's `ResponseCipher` for an answer about one person."""

    data_key: DataKey
    key: IdempotencyKey

    def seal(self, response: bytes) -> bytes:
        """Return what may stand in the register."""
        return encrypt(self.data_key, self._place, response)

    def open(self, sealed: bytes) -> bytes:
        """Return the stored answer; raise CIPHERTEXT_INVALID for one of another person or key."""
        return decrypt(self.data_key, self._place, sealed)

    @property
    def _place(self) -> Place:
        return Place("idempotency_keys", "response", self.key.digest.hex())

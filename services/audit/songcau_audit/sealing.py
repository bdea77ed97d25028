"""Makes leaves out of accesses, and opens them again for whom they are about, until that citizen is erased."""

import secrets
from collections.abc import Iterable
from uuid import UUID

from songcau_kit.blind_index import BlindIndex
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Connection
from songcau_kit.erasure_ledger import Erasure
from songcau_kit.errors import DomainError
from songcau_kit.field_cipher import Place, decrypt, encrypt
from songcau_kit.protection_errors import CIPHERTEXT_INVALID, DATA_KEY_DESTROYED, DATA_KEY_NOT_FOUND
from songcau_kit.sealed_data import SealedData

from songcau_audit import repository, repository_citizens
from songcau_audit.leaves import SALT_BYTES, Access, is_opened_by, make_leaf, make_opening, sealed_part
from songcau_audit.repository import Arrival, PlacedLeaf

# A leaf is hashed with its ciphertext and has left this house: what stands is opened by the key it was sealed under.
SEALED = SealedData(keeps_former=True)
NOT_THEIRS = (CIPHERTEXT_INVALID, DATA_KEY_DESTROYED, DATA_KEY_NOT_FOUND)


class Sealing:
    """Knows the key of each citizen in this database; every method works in the caller's transaction."""

    def __init__(self, data_keys: DataKeys, blind_index: BlindIndex) -> None:
        self._data_keys = data_keys
        self._blind_index = blind_index

    def take_in(self, conn: Connection, access: Access) -> None:
        """Seal an access and let its leaf wait for a place in the tree.

        One about an erased citizen is a leaf like others, whose opening nobody keeps.
        """
        repository.add_arrival(conn, Arrival(access.entry_id, self._leaf(conn, access)))

    def forget(self, conn: Connection, erasure: Erasure) -> None:
        """Forget how often a person was met; the gate destroys the key: leaves stay, nothing opens them again."""
        for citizen_id in erasure.subject_ids:
            repository_citizens.forget_count(conn, self._index_of(citizen_id))

    def find_opening(self, conn: Connection, leaf: PlacedLeaf, citizens: Iterable[UUID]) -> bytes | None:
        """Return what a leaf commits to, where it is about one of these ids of a citizen who was not erased."""
        for citizen_id in citizens:
            try:
                key = self._data_keys.get(conn, citizen_id)
                opening = decrypt(key, _place(leaf.entry_id), sealed_part(leaf.leaf))
            except DomainError as error:
                if error.reason not in NOT_THEIRS:
                    raise
            else:
                return opening if is_opened_by(leaf.leaf, opening) else None
        return None

    def _leaf(self, conn: Connection, access: Access) -> bytes:
        salt = secrets.token_bytes(SALT_BYTES)
        try:
            key = self._data_keys.get_or_create(conn, access.subject_id)
        except DomainError as error:
            if error.reason is not DATA_KEY_DESTROYED:
                raise
            return make_leaf(access, make_opening(access, 0, salt).content, b"")
        number = repository_citizens.next_number(conn, self._index_of(access.subject_id))
        opening = make_opening(access, number, salt).content
        return make_leaf(access, opening, encrypt(key, _place(access.entry_id), opening))

    def _index_of(self, citizen_id: UUID) -> bytes:
        return self._blind_index.of("entry_counts.subject", str(citizen_id))


def _place(entry_id: UUID) -> Place:
    return Place("leaves", "sealed", str(entry_id))

"""Encrypts one field of one row for one citizen, so that it can be read nowhere else.

Layout: format (1 byte), key version (2), nonce (12), AES-256-GCM ciphertext with its tag.
"""

import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag

from songcau_kit.data_keys import DataKey
from songcau_kit.errors import DomainError
from songcau_kit.protection_errors import CIPHERTEXT_INVALID

FORMAT = 1
HEADER_BYTES = 3
NONCE_BYTES = 12
TAG_BYTES = 16


@dataclass(frozen=True)
class Place:
    """Where a field stands: a ciphertext is good in this place only."""

    table: str
    column: str
    row: str


def encrypt(data_key: DataKey, place: Place, plain: str | bytes) -> bytes:
    """Encrypt text or bytes for one place; twice the same never looks the same."""
    header = header_of(data_key)
    nonce = os.urandom(NONCE_BYTES)
    content = plain.encode() if isinstance(plain, str) else plain
    return header + nonce + data_key.field_cipher.encrypt(nonce, content, _associated(header, data_key, place))


def decrypt(data_key: DataKey, place: Place, blob: bytes) -> bytes:
    """Decrypt what `encrypt` made for the same place and citizen, under the version of the key that it names.

    Raises CIPHERTEXT_INVALID when a bit was changed or the field comes from another place, citizen or key version.
    """
    header, nonce = blob[:HEADER_BYTES], blob[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES]
    key = next((one for one in data_key.opening if header_of(one) == header), None)
    if key is None or len(blob) < HEADER_BYTES + NONCE_BYTES + TAG_BYTES:
        raise _invalid(place)
    sealed = blob[HEADER_BYTES + NONCE_BYTES :]
    try:
        return key.field_cipher.decrypt(nonce, sealed, _associated(header, key, place))
    except InvalidTag:
        raise _invalid(place) from None


def decrypt_text(data_key: DataKey, place: Place, blob: bytes) -> str:
    """Decrypt a field that holds text."""
    return decrypt(data_key, place, blob).decode()


def header_of(data_key: DataKey) -> bytes:
    """Return how everything begins that this version of a key seals."""
    return bytes([FORMAT]) + data_key.version.to_bytes(2, "big")


def _associated(header: bytes, data_key: DataKey, place: Place) -> bytes:
    parts = [header, data_key.subject_id.bytes, place.table.encode(), place.column.encode(), place.row.encode()]
    # Each part carries its length: ("ab", "c") and ("a", "bc") must not read the same.
    return b"songcau.field\x00" + b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _invalid(place: Place) -> DomainError:
    return DomainError(CIPHERTEXT_INVALID, details={"table": place.table, "column": place.column})

"""Files of citizens in an object store: encrypted, content-addressed, their type read from their content.

The address is a keyed digest under the citizen's own key, so equal files of two citizens are not linkable.
"""

import hashlib
import hmac
import io
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import filetype
import obstore
from cryptography.exceptions import InvalidTag
from obstore.exceptions import AlreadyExistsError
from obstore.store import AzureStore, GCSStore, HTTPStore, LocalStore, MemoryStore, S3Store, from_url

from songcau_kit.data_keys import FIRST_VERSION, DataKey
from songcau_kit.errors import DomainError
from songcau_kit.field_cipher import HEADER_BYTES, header_of
from songcau_kit.protection_errors import (
    DATA_KEY_REPLACED,
    MEDIA_TYPE_NOT_ALLOWED,
    OBJECT_EMPTY,
    OBJECT_NOT_FOUND,
    OBJECT_TAMPERED,
    OBJECT_TOO_LARGE,
)

Store = AzureStore | GCSStore | HTTPStore | LocalStore | MemoryStore | S3Store
NONCE_BYTES = 12
MAX_BYTES = 25 * 1024 * 1024
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OFFICE = frozenset({WORD, SHEET})
ALLOWED = frozenset({"application/pdf", "image/png", "image/jpeg", "image/heic", "image/tiff"}) | OFFICE


@dataclass(frozen=True)
class StoredObject:
    """What the database keeps of a file.

    `sha256` is the digest of the plain file: equal files are equal in it, so keep it encrypted or not at all.
    """

    address: str
    sha256: bytes
    size: int
    media_type: str


def sniff(data: bytes) -> str:
    """Return the media type that the content itself shows; raises MEDIA_TYPE_NOT_ALLOWED for any type not taken."""
    media_type = filetype.guess_mime(data)
    if media_type not in ALLOWED or (media_type in OFFICE and not _is_plain_office(data)):
        raise DomainError(MEDIA_TYPE_NOT_ALLOWED, details={"media_type": media_type or "unknown"})
    return str(media_type)


class ObjectStore:
    """A bucket or a folder: `file:///folder`, `s3://bucket/prefix`, `memory:///`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme == "file":
            self.store: Store = LocalStore(prefix=Path(unquote(parts.netloc + parts.path)), mkdir=True)
        elif parts.scheme == "memory":
            self.store = MemoryStore()
        else:
            self.store = from_url(url)

    def put(self, address: str, blob: bytes) -> None:
        """Store whole or not at all; what stood at the address before is replaced."""
        obstore.put(self.store, address, blob, mode="overwrite", use_multipart=False)

    def put_new(self, address: str, blob: bytes) -> bool:
        """Store whole where nothing stands; return False, and change nothing, where something does."""
        try:
            obstore.put(self.store, address, blob, mode="create", use_multipart=False)
        except AlreadyExistsError:
            return False
        return True

    def get(self, address: str, *, at_most: int | None = None) -> bytes:
        """Return what stands at the address; raises OBJECT_NOT_FOUND, OBJECT_TOO_LARGE unread beyond `at_most` bytes.

        For what a stranger may have put there, so that its size costs no memory.
        """
        try:
            found = obstore.get(self.store, address)
        except FileNotFoundError:
            raise DomainError(OBJECT_NOT_FOUND) from None
        if at_most is not None and found.meta["size"] > at_most:
            raise DomainError(OBJECT_TOO_LARGE, details={"max_bytes": str(at_most)})
        return bytes(found.bytes())

    def addresses(self, folder: str, *, after: str = "") -> Iterator[str]:
        """Return the addresses in a folder that come behind another in the order of their text, in any order."""
        for portion in obstore.list(self.store, folder, offset=after or None):
            yield from (found["path"] for found in portion)

    def delete(self, address: str) -> None:
        """Remove what stands at the address; an absent object is fine."""
        try:
            obstore.delete(self.store, address)
        except FileNotFoundError:
            return


class EncryptedObjects:
    """The files of citizens, each under its citizen's key."""

    def __init__(self, store: ObjectStore, *, max_bytes: int = MAX_BYTES) -> None:
        self._store = store
        self._max_bytes = max_bytes

    def put(self, data_key: DataKey, data: bytes) -> StoredObject:
        """Store a file and return its address; the same file of the same citizen has one address, stored twice or not.

        Raises OBJECT_TOO_LARGE, OBJECT_EMPTY and MEDIA_TYPE_NOT_ALLOWED.
        """
        if len(data) > self._max_bytes:
            raise DomainError(OBJECT_TOO_LARGE, details={"max_bytes": str(self._max_bytes)})
        if not data:
            raise DomainError(OBJECT_EMPTY)
        media_type = sniff(data)
        digest = hashlib.sha256(data).digest()
        return StoredObject(self._seal(data_key, data, digest), digest, len(data), media_type)

    def get(self, data_key: DataKey, address: str) -> bytes:
        """Return the file; raises OBJECT_NOT_FOUND, or OBJECT_TAMPERED when it is not what was stored there."""
        blob = self._store.get(address)
        header = blob[:HEADER_BYTES]
        key = next((one for one in data_key.opening if header_of(one) == header), None)
        nonce, sealed = blob[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES], blob[HEADER_BYTES + NONCE_BYTES :]
        try:
            if key is None:
                raise InvalidTag
            data = key.object_cipher.decrypt(nonce, sealed, _associated(header, key, address))
        except (InvalidTag, ValueError):
            raise DomainError(OBJECT_TAMPERED) from None
        if not hmac.compare_digest(_address(key, hashlib.sha256(data).digest()), address):
            raise DomainError(OBJECT_TAMPERED)
        return data

    def seal_anew(self, data_key: DataKey, address: str) -> str:
        """Store a file once more under the version that seals now and return its new address; the old one stays.

        Raises as `get`. Twice is as once: the new address follows from the content.
        """
        data = self.get(data_key, address)
        return self._seal(data_key, data, hashlib.sha256(data).digest())

    def delete(self, address: str) -> None:
        """Remove a file; the caller knows that nothing else points to the address."""
        self._store.delete(address)

    def _seal(self, data_key: DataKey, data: bytes, digest: bytes) -> str:
        address, header = _address(data_key, digest), header_of(data_key)
        nonce = os.urandom(NONCE_BYTES)
        sealed = data_key.object_cipher.encrypt(nonce, data, _associated(header, data_key, address))
        self._store.put(address, header + nonce + sealed)
        return address


def require_newest(data_key: DataKey, address: str) -> None:
    """Raise DATA_KEY_REPLACED for a file that was stored under a version of the key that is no longer the newest.

    For whoever stores first and enters the address in a later transaction: between the two the key may be replaced.
    """
    if not address.startswith(address_prefix(data_key)):
        raise DomainError(DATA_KEY_REPLACED)


def _address(data_key: DataKey, digest: bytes) -> str:
    name = hmac.new(data_key.address_key, digest, hashlib.sha256).hexdigest()
    return f"{address_prefix(data_key)}{name[:2]}/{name}"


def address_prefix(data_key: DataKey) -> str:
    """Return how the addresses of a version of a key begin, so that a database alone can tell which it still needs."""
    return f"v{data_key.version}/" if data_key.version > FIRST_VERSION else ""


def _associated(header: bytes, data_key: DataKey, address: str) -> bytes:
    return b"songcau.object\x00" + header + data_key.subject_id.bytes + address.encode()


def _is_plain_office(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return not any(name.lower().endswith("vbaproject.bin") for name in archive.namelist())
    except zipfile.BadZipFile:
        return False

"""What was erased, outside the databases and their backups: signed entries in an object store, each naming the last.

An erasure is final once its entry stands here. A database that was restored is behind the ledger and is erased again
before anybody works with it (`erasure_gate`). See docs/adr/0039-erasure-outlives-backups.md.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from songcau_kit.errors import DomainError
from songcau_kit.objects import ObjectStore
from songcau_kit.protection_errors import OBJECT_NOT_FOUND

FIRST = 0
KEY_BYTES = 32


class ErasureLedgerError(OSError):
    """The ledger is not there, not whole or not ours; nobody may work before somebody has looked."""


@dataclass(frozen=True)
class Erasure:
    """What is erased: one person under all their ids, by which request, when."""

    erasure_id: UUID
    request_id: UUID
    subject_ids: tuple[UUID, ...]
    erased_at: datetime


@dataclass(frozen=True)
class Place:
    """How far a database has applied the ledger."""

    number: int
    digest: bytes
    ledger_id: UUID


@dataclass(frozen=True)
class LedgerEntry:
    """An entry as it stands in the ledger; the one with number 0 begins it and erases nobody."""

    number: int
    digest: bytes
    previous: bytes
    erasure: Erasure | None
    ledger_id: UUID

    @property
    def place(self) -> Place:
        """How far a database is that has applied this entry."""
        return Place(self.number, self.digest, self.ledger_id)


@dataclass(frozen=True)
class LedgerKey:
    """A public key by which entries are believed; one that was replaced, up to and with an entry only."""

    key: Ed25519PublicKey
    last: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `KEY` or `KEY:LAST`; raises ErasureLedgerError."""
        encoded, colon, last = text.partition(":")
        if colon and not last.isdecimal():
            raise ErasureLedgerError("behind a key of the erasure ledger stands a colon and the last entry it signed")
        return cls(Ed25519PublicKey.from_public_bytes(_key_bytes(encoded)), int(last) if colon else None)

    def has_signed(self, number: int, signature: bytes, body: bytes) -> bool:
        """Say whether the entry of a number is believed by this key."""
        if self.last is not None and number > self.last:
            return False
        try:
            self.key.verify(signature, body)
        except InvalidSignature:
            return False
        return True


class ErasureLedger:
    """Reads entries and believes none without its signature.

    `public_keys` are several, blank between, where the key was replaced; raises ErasureLedgerError for what is no key.
    """

    def __init__(self, store: ObjectStore, public_keys: str) -> None:
        self._store = store
        self._keys = [LedgerKey.parse(one) for one in public_keys.split()]
        if not self._keys:
            raise ErasureLedgerError("no key is given by which the erasure ledger is believed")

    def find(self, number: int) -> LedgerEntry | None:
        """Return the entry of a number, None behind the last; raises ErasureLedgerError for a false one."""
        try:
            blob = self._store.get(address_of(number))
        except DomainError as error:
            if error.reason is OBJECT_NOT_FOUND:
                return None
            raise
        return self._read(number, blob)

    def check(self, place: Place) -> None:
        """Raise ErasureLedgerError unless this is the ledger a database has applied up to this place."""
        entry = self.find(place.number)
        if entry is None or (entry.digest, entry.ledger_id) != (place.digest, place.ledger_id):
            raise ErasureLedgerError(f"the erasure ledger is not the one this database knows at entry {place.number}")

    def next(self, place: Place) -> LedgerEntry | None:
        """Return the entry after a place; raises ErasureLedgerError for one that does not follow it."""
        entry = self.find(place.number + 1)
        if entry is not None and (entry.previous, entry.ledger_id) != (place.digest, place.ledger_id):
            raise ErasureLedgerError(f"entry {place.number + 1} of the erasure ledger does not follow the one before")
        return entry

    def _read(self, number: int, blob: bytes) -> LedgerEntry:
        try:
            envelope = json.loads(blob)
            body = envelope["entry"].encode()
            signature = base64.b64decode(envelope["signature"])
            if not any(key.has_signed(number, signature, body) for key in self._keys):
                raise ValueError
            return _entry(number, json.loads(body), hashlib.sha256(body).digest())
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ErasureLedgerError(f"entry {number} of the erasure ledger is not signed by its key") from None


class ErasureLedgerWriter:
    """Appends; only the service that decides on erasures holds the key."""

    def __init__(self, store: ObjectStore, key: str) -> None:
        self._store = store
        self._key = Ed25519PrivateKey.from_private_bytes(_key_bytes(key))
        self.ledger = ErasureLedger(store, public_key_of(key))

    def begin(self, ledger_id: UUID) -> None:
        """Begin the ledger where there is none."""
        self._put(FIRST, b"", {"ledger_id": str(ledger_id)})

    def append(self, place: Place, erasure: Erasure) -> bool:
        """Write an entry after a place; return False where another stands there by now: apply it and try again."""
        words = {
            "ledger_id": str(place.ledger_id),
            "erasure_id": str(erasure.erasure_id),
            "request_id": str(erasure.request_id),
            "subject_ids": [str(subject) for subject in erasure.subject_ids],
            "erased_at": erasure.erased_at.isoformat(),
        }
        return self._put(place.number + 1, place.digest, words)

    def _put(self, number: int, previous: bytes, words: Mapping[str, object]) -> bool:
        body = json.dumps({"number": number, "previous": previous.hex(), **words}, sort_keys=True)
        signature = base64.b64encode(self._key.sign(body.encode())).decode()
        blob = json.dumps({"entry": body, "signature": signature}).encode()
        return self._store.put_new(address_of(number), blob)


def address_of(number: int) -> str:
    """Return where an entry stands."""
    return f"entries/{number:012d}.json"


def new_ledger_key() -> str:
    """Return a new signing key, base64."""
    return base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()


def public_key_of(key: str) -> str:
    """Return the public half of a signing key, both base64."""
    private = Ed25519PrivateKey.from_private_bytes(_key_bytes(key))
    return base64.b64encode(private.public_key().public_bytes_raw()).decode()


def _key_bytes(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise ErasureLedgerError(f"a key of the erasure ledger is the base64 of {KEY_BYTES} bytes")
    return key


def _entry(number: int, words: Mapping[str, Any], digest: bytes) -> LedgerEntry:
    if words["number"] != number:
        raise ValueError("an entry stands under another number")
    erasure = None
    if number > FIRST:
        erasure = Erasure(
            UUID(words["erasure_id"]),
            UUID(words["request_id"]),
            tuple(UUID(subject) for subject in words["subject_ids"]),
            datetime.fromisoformat(words["erased_at"]),
        )
    return LedgerEntry(number, digest, bytes.fromhex(words["previous"]), erasure, UUID(words["ledger_id"]))

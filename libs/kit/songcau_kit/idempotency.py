"""Repeated requests get the first one's answer: the register that a use case asks and fills in its own transaction.

In a pipeline the question travels with the reads after it, and the answer is written with the other writes::

    with database.transaction(pipeline=True) as connection:
        claim = register.claim(connection, key, fingerprint)  # sent with the next statement that is fetched
        dossier = repository.get_for_update(connection, ...)  # one round trip for both
        if (stored := claim.stored()) is not None:
            return stored.response
        ...
        register.finish(connection, key, response)  # leaves together with COMMIT
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import psycopg

from songcau_kit.database import Connection
from songcau_kit.errors import IDEMPOTENCY_KEY_IN_PROGRESS, IDEMPOTENCY_KEY_REUSED, DomainError

KEEP_AT_LEAST = timedelta(hours=24)

# A second caller does not wait for the first: it is told that the first still runs. The lock ends with the transaction.
# What stood there before the statement began is seen, the row it inserts is not. A first caller that commits just then
# is not seen either, and its row keeps the second one from claiming: that one is told to come again.
_CLAIM = """with claimed as (
        insert into idempotency_keys (key_digest, fingerprint)
        select %(digest)s, %(fingerprint)s
        where pg_try_advisory_xact_lock(%(lock)s)
        on conflict (key_digest) do nothing
        returning true
    ) select exists (select from claimed), found.fingerprint, found.response
    from (select) as request left join idempotency_keys as found on found.key_digest = %(digest)s"""
_FINISH = "update idempotency_keys set response = %s where key_digest = %s"
_PRUNE = """with gone as (
        delete from idempotency_keys where key_digest in (
            select key_digest from idempotency_keys where created_at < now() - %s limit %s)
        returning true
    ) select count(*) from gone"""


@dataclass(frozen=True)
class IdempotencyKey:
    """A client's key: it counts for one scope (caller and client) and one method only."""

    scope: str
    method: str
    key: str

    @property
    def digest(self) -> bytes:
        """The 32 bytes that stand for the key at rest; clients may write anything into a key."""
        return hashlib.sha256(self._text).digest()

    def bind(self, fingerprint: bytes) -> bytes:
        """Return the fingerprint as it may stand at rest.

        It is keyed with the client's key, which is stored nowhere: a stolen table does not let anybody try out what a
        request may have said.
        """
        return hmac.digest(self._text, fingerprint, hashlib.sha256)

    @property
    def _text(self) -> bytes:
        parts = (self.scope.encode(), self.method.encode(), self.key.encode())
        return b"".join(len(part).to_bytes(4) + part for part in parts)


@dataclass(frozen=True)
class StoredResponse:
    """The answer that the first request with this key got."""

    response: bytes


class ResponseCipher(Protocol):
    """Closes a response before it is stored and opens it again; usually under the person's data key."""

    def seal(self, response: bytes) -> bytes:
        """Return what may stand in the table."""

    def open(self, sealed: bytes) -> bytes:
        """Return the response."""


class Claim:
    """The question whether this request came before; the answer is fetched by `stored`."""

    def __init__(self, cursor: psycopg.Cursor[tuple[bool, bytes | None, bytes | None]], *, fingerprint: bytes) -> None:
        self._cursor = cursor
        self._fingerprint = fingerprint

    def stored(self, *, cipher: ResponseCipher | None = None) -> StoredResponse | None:
        """Return the first request's response, or None where this is the first.

        Raises IDEMPOTENCY_KEY_REUSED for another fingerprint and IDEMPOTENCY_KEY_IN_PROGRESS while the first runs.
        """
        is_claimed, fingerprint, response = self._cursor.fetchone() or (False, None, None)
        if is_claimed:
            return None
        if fingerprint is not None and fingerprint != self._fingerprint:
            raise DomainError(IDEMPOTENCY_KEY_REUSED)
        if response is None:
            raise DomainError(IDEMPOTENCY_KEY_IN_PROGRESS)
        return StoredResponse(cipher.open(response) if cipher else response)


class IdempotencyRegister:
    """Remembers, per key, what was asked and what was answered, for at least 24 hours.

    A response may hold personal data: give `finish` and `stored` a cipher of the person's data key, or store no more
    than ids. A use case that raises leaves no trace, so that the same key may try again.
    """

    def claim(self, connection: Connection, key: IdempotencyKey, fingerprint: bytes) -> Claim:
        """Ask whether this request came before, without waiting for the answer in a pipeline."""
        digest, fingerprint = key.digest, key.bind(fingerprint)
        lock = int.from_bytes(digest[:8], signed=True)
        cursor = connection.execute(_CLAIM, {"digest": digest, "fingerprint": fingerprint, "lock": lock})
        return Claim(cursor, fingerprint=fingerprint)

    def begin(
        self, connection: Connection, key: IdempotencyKey, fingerprint: bytes, *, cipher: ResponseCipher | None = None
    ) -> StoredResponse | None:
        """Ask and fetch at once; returns and raises as `Claim.stored`."""
        return self.claim(connection, key, fingerprint).stored(cipher=cipher)

    def finish(
        self, connection: Connection, key: IdempotencyKey, response: bytes, *, cipher: ResponseCipher | None = None
    ) -> None:
        """Store the response in the transaction that began with the claim."""
        connection.execute(_FINISH, (cipher.seal(response) if cipher else response, key.digest))

    def prune(self, connection: Connection, *, older_than: timedelta = KEEP_AT_LEAST * 2, at_most: int = 10_000) -> int:
        """Forget keys older than the given age, never less than 24 hours; return how many went."""
        if older_than < KEEP_AT_LEAST:
            raise ValueError("an idempotency key is kept for 24 hours")
        (gone,) = connection.execute(_PRUNE, (older_than, at_most)).fetchone() or (0,)
        return int(gone)

"""Repeated requests get the first one's answer: the bytes it was answered with, sealed under the citizen's data key."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Connection
from songcau_kit.errors import INVALID_REQUEST, DomainError, Violation
from songcau_kit.idempotency import IdempotencyKey, IdempotencyRegister
from songcau_kit.rpc_call import Call, find_call, mark_replayed
from songcau_kit.sealed_responses import SealedResponse

T = TypeVar("T")

LONGEST_KEY = 255
SUBJECT_BYTES = 16


@dataclass(frozen=True)
class Once(Generic[T]):
    """One mutating request: its key, a digest of everything it asks for, and how its answer becomes bytes."""

    method: str
    request_id: str
    fingerprint: bytes
    encode: Callable[[T], bytes]

    def __post_init__(self) -> None:
        if not (
            1 <= len(self.request_id) <= LONGEST_KEY and self.request_id.isascii() and self.request_id.isprintable()
        ):
            raise DomainError(INVALID_REQUEST, violations=[Violation("/request_id", "REQUIRED")])

    def key(self, call: Call) -> IdempotencyKey:
        """Return the register's key: it counts for one person at one client and one method."""
        caller = call.known_caller
        return IdempotencyKey(f"{caller.subject} {caller.client_id}", self.method, self.request_id)


class Register:
    """The idempotency register, with answers that hold personal data sealed."""

    def __init__(self, register: IdempotencyRegister, data_keys: DataKeys) -> None:
        self._register = register
        self._data_keys = data_keys

    def find(self, connection: Connection, call: Call, once: Once[T]) -> bytes | None:
        """Claim the key in this transaction; return the first request's answer where there was one."""
        key = once.key(call)
        cipher = _Sealing(connection, self._data_keys, None, key)
        stored = self._register.begin(connection, key, once.fingerprint, cipher=cipher)
        if stored is None:
            return None
        if find_call() is not None:
            mark_replayed()
        return stored.response

    def keep(
        self, connection: Connection, call: Call, once: Once[T], answer: T, *, subject_id: UUID | None = None
    ) -> bytes:
        """Store the answer in this transaction and return it; with a subject it is sealed under their key."""
        key = once.key(call)
        response = once.encode(answer)
        cipher = _Sealing(connection, self._data_keys, subject_id, key)
        self._register.finish(connection, key, response, cipher=cipher)
        return response


class _Sealing:
    """Finds the person of a stored answer by its first bytes: whose key opens the rest, zeros for nobody's."""

    def __init__(
        self, connection: Connection, data_keys: DataKeys, subject_id: UUID | None, key: IdempotencyKey
    ) -> None:
        self._connection = connection
        self._data_keys = data_keys
        self._subject_id = subject_id
        self._key = key

    def seal(self, response: bytes) -> bytes:
        if self._subject_id is None:
            return bytes(SUBJECT_BYTES) + response
        data_key = self._data_keys.get_or_create(self._connection, self._subject_id)
        return self._subject_id.bytes + SealedResponse(data_key, self._key).seal(response)

    def open(self, sealed: bytes) -> bytes:
        subject, body = sealed[:SUBJECT_BYTES], sealed[SUBJECT_BYTES:]
        if not any(subject):
            return body
        data_key = self._data_keys.get(self._connection, UUID(bytes=subject))
        return SealedResponse(data_key, self._key).open(body)

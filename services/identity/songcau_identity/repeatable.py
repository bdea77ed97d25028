"""The frame of every write: one transaction, one answer per request however often it comes, its entries beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar, runtime_checkable
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit.database import Connection, Database
from songcau_kit.idempotency import IdempotencyKey, IdempotencyRegister
from songcau_kit.rpc_call import mark_replayed

from songcau_identity.auditing import Access, Asker, Auditor, Operation


class Answer(Protocol):
    """What a write answers: ids, codes and times, nothing personal, as the register keeps it in clear."""

    @property
    def subjects(self) -> Sequence[UUID]:
        """Return whose data the write met."""


@runtime_checkable
class AnswerAboutOrganisation(Protocol):
    """What a write answers that met an organisation."""

    @property
    def organisation_id(self) -> UUID:
        """Return which of the subjects is one."""


A = TypeVar("A", bound=Answer)


@dataclass(frozen=True)
class Request:
    """What makes a repeated request the same: its method, the client's key and what was asked."""

    method: str
    request_id: str
    fingerprint: bytes


class RepeatableWrites:
    """Runs writes so that a repetition changes nothing and gets the first answer."""

    def __init__(self, *, database: Database, auditor: Auditor) -> None:
        self._database = database
        self._auditor = auditor
        self._register = IdempotencyRegister()

    def run(
        self,
        asker: Asker,
        operation: Operation,
        request: Request,
        access: Access,
        *,
        act: Callable[[Connection], A],
        form: TypeAdapter[A],
    ) -> A:
        """Do the act once and return its answer; raises the register's reasons and what the act raises."""
        key = IdempotencyKey(f"{asker.caller.client_id}/{asker.caller.subject}", request.method, request.request_id)
        with self._database.transaction() as conn:
            stored = self._register.begin(conn, key, request.fingerprint)
            if stored is None:
                answer = act(conn)
                self._register.finish(conn, key, form.dump_json(answer))
            else:
                answer = form.validate_json(stored.response)
            access.subjects[:] = answer.subjects
            if isinstance(answer, AnswerAboutOrganisation):
                access.organisations.add(answer.organisation_id)
            self._auditor.record(conn, asker, operation, access)
        if stored is not None:
            mark_replayed()
        return answer

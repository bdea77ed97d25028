"""Puts together what a service holds of a person and hands it over sealed: ordered by an event, answered by one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from songcau.common.v1 import subject_answer_event_pb2 as pb

from songcau_kit.data_copy import CopyPart
from songcau_kit.database import Connection, Database
from songcau_kit.errors import DomainError
from songcau_kit.logs import get_logger
from songcau_kit.loop import Loop, Looping
from songcau_kit.objects import ObjectStore
from songcau_kit.parcels import seal_parcel
from songcau_kit.subject_answers import PROVIDE_DATA_COPY, Answering, Question

EVERY_S = 1.0
TRIES = 5

Gather = Callable[[Connection, Sequence[UUID]], CopyPart]
"""Returns what a service holds of a person under these ids."""

_log = get_logger(__name__)
_ORDER = """insert into copy_orders (request_id, subject_id, subject_ids, public_key, attempt)
    values (%s, %s, %s, %s, %s) on conflict (request_id) do update set attempt = excluded.attempt"""
_NEXT = """select request_id, subject_id, subject_ids, public_key, attempt, failures from copy_orders
    order by failures, ordered_at limit 1"""
_DONE = "delete from copy_orders where request_id = %s returning true"
_FAILED = "update copy_orders set failures = failures + 1 where request_id = %s"


@dataclass(frozen=True)
class CopyOrder:
    """A copy that was asked for; sealed for whoever holds the other half of the key."""

    request_id: UUID
    subject_id: UUID
    subject_ids: Sequence[UUID]
    public_key: bytes
    attempt: int
    failures: int = 0


def order_copy(conn: Connection, order: CopyOrder) -> None:
    """Note an order in the transaction of its event."""
    subjects = list(order.subject_ids)
    conn.execute(_ORDER, (order.request_id, order.subject_id, subjects, order.public_key, order.attempt))


def parcel_label(request_id: UUID, holder: str) -> str:
    """Return where a part lies in the exchange store; it opens under no other name."""
    return f"copies/{request_id}/{holder}"


class DataCopying(Looping):
    """A component of `work` that answers orders, one after another; several at once answer twice, which is once."""

    def __init__(self, database: Database, exchange: ObjectStore, answering: Answering, gather: Gather) -> None:
        self._database = database
        self._exchange = exchange
        self._answering = answering
        self._gather = gather
        self._loop = Loop(f"{answering.holder}-data-copying", self._step)

    def answer_next(self) -> bool:
        """Answer the order that has waited longest; return False where none waits."""
        with self._database.read() as conn:
            row = conn.execute(_NEXT).fetchone()
        if row is None:
            return False
        order = CopyOrder(*row)
        try:
            self._provide(order)
        except Exception as error:  # noqa: BLE001 -- whatever keeps a copy from coming is told after some tries
            self._give_up_after_some_tries(order, error)
        return True

    def _provide(self, order: CopyOrder) -> None:
        address = parcel_label(order.request_id, self._answering.holder)
        with self._database.transaction() as conn:
            part = self._gather(conn, order.subject_ids)
        parcel = seal_parcel(order.public_key, part.model_dump_json().encode(), label=address)
        self._exchange.put(address, parcel)
        fact = pb.DataCopyProvided(address=address, size=len(parcel))
        self._tell(order, pb.SubjectAnswerEvent(data_copy_provided=fact))

    def _give_up_after_some_tries(self, order: CopyOrder, error: Exception) -> None:
        cause = error.reason.code if isinstance(error, DomainError) else "INTERNAL"
        _log.warning("copy_not_provided", request_id=str(order.request_id), cause=type(error).__name__)
        if order.failures + 1 < TRIES:
            with self._database.transaction() as conn:
                conn.execute(_FAILED, (order.request_id,))
            self._loop.stopping.wait(EVERY_S)
            return
        self._tell(order, pb.SubjectAnswerEvent(data_copy_failed=pb.DataCopyFailed(cause=cause)))

    def _tell(self, order: CopyOrder, answer: pb.SubjectAnswerEvent) -> None:
        with self._database.transaction() as conn:
            # Another process may have answered it meanwhile.
            if conn.execute(_DONE, (order.request_id,)).fetchone() is None:
                return
            question = Question(order.request_id, order.subject_id, order.attempt)
            failure = answer.data_copy_failed.cause
            self._answering.tell(conn, question, answer, PROVIDE_DATA_COPY, failure=failure)

    def _step(self) -> float:
        return 0.0 if self.answer_next() else EVERY_S

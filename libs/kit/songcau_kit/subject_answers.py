"""What a service answers to a request about a person's data that identity put to all of them, and its audit entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from songcau.common.v1 import subject_answer_event_pb2 as pb

from songcau_kit import audit, outbox
from songcau_kit.audit import AuditEntry
from songcau_kit.clock import Clock, iso_day
from songcau_kit.database import Connection
from songcau_kit.events import Actor, event_meta, to_outbox

PURPOSE = "DATA_SUBJECT_REQUEST"
PROVIDE_DATA_COPY, ANSWER_ERASURE, ERASE_DATA = "PROVIDE_DATA_COPY", "ANSWER_ERASURE", "ERASE_DATA"


@dataclass(frozen=True)
class Question:
    """Which request asks about whom, for the how-many-th time."""

    request_id: UUID
    subject_id: UUID
    attempt: int


@dataclass(frozen=True)
class RetentionGround:
    """Why data must stay: a code, the law, the last day (None while its end is open), and about how many things."""

    code: str
    legal_reference: str
    kept_until: date | None
    count: int


@dataclass(frozen=True)
class Answering:
    """Answers for one service, in the transaction in which it knows what to say."""

    holder: str
    clock: Clock

    def tell(
        self, conn: Connection, question: Question, answer: pb.SubjectAnswerEvent, operation: str, *, failure: str = ""
    ) -> None:
        """Write the answer to the outbox and the access to the person's list."""
        answer.holder, answer.subject_id = self.holder, str(question.subject_id)
        actor = Actor(self.holder, "SYSTEM")
        answer.meta.CopyFrom(event_meta(self.clock, question.request_id, question.attempt, actor))
        outbox.append(conn, to_outbox(f"{self.holder}.answer.v1", answer))
        self.note(conn, question.subject_id, operation, question.request_id, failure=failure)

    def answer_erasure(self, conn: Connection, question: Question, grounds: Sequence[RetentionGround]) -> None:
        """Say what the law makes the service keep, or that nothing does."""
        if not grounds:
            self.tell(conn, question, pb.SubjectAnswerEvent(erasure_cleared=pb.ErasureCleared()), ANSWER_ERASURE)
            return
        held = pb.ErasureHeld(
            grounds=[
                pb.HeldGround(
                    code=ground.code,
                    legal_reference=ground.legal_reference,
                    kept_until=iso_day(ground.kept_until),
                    count=ground.count,
                )
                for ground in grounds
            ]
        )
        self.tell(conn, question, pb.SubjectAnswerEvent(erasure_held=held), ANSWER_ERASURE)

    def note(self, conn: Connection, subject_id: UUID, operation: str, request_id: UUID, *, failure: str = "") -> None:
        """Enter what the service did by itself for a request of a person."""
        entry = AuditEntry(
            subject_id=subject_id,
            actor_id=self.holder,
            actor_kind="SYSTEM",
            actor_organization=None,
            on_behalf_of=None,
            client_id=self.holder,
            operation=operation,
            object_kind="subject_request",
            object_id=str(request_id),
            purpose=PURPOSE,
            outcome="FAILED" if failure else "ALLOWED",
            reason=failure or None,
            correlation_id="",
        )
        audit.record(conn, entry, clock=self.clock)

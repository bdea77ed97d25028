"""Forgets a person: every value, file and digest that leads to them; says before what must stay."""

from uuid import UUID

from songcau_kit.database import Connection
from songcau_kit.erasure_ledger import Erasure
from songcau_kit.subject_answers import ERASE_DATA, Answering, Question

from songcau_eservices.dossiers import repository_citizens as citizens
from songcau_eservices.dossiers.repository_citizens import CitizenStatus
from songcau_eservices.rights import repository
from songcau_eservices.rights.retention import Retention


class PersonRights:
    """What identity's facts about the rights of a person mean here."""

    def __init__(self, answering: Answering, retention: Retention) -> None:
        self._answering = answering
        self._retention = retention

    def close_and_answer(self, conn: Connection, question: Question, citizen_ids: list[UUID]) -> None:
        """Start nothing new for a person who may be erased, and say what must stay of what there is."""
        citizens.move(conn, question.subject_id, question.attempt, status=CitizenStatus.BLOCKED, identity_level=None)
        citizens.move_organisations(conn, citizen_ids, CitizenStatus.BLOCKED)
        self._answering.answer_erasure(conn, question, self._retention.grounds(conn, citizen_ids))

    def forget(self, conn: Connection, erasure: Erasure) -> None:
        """Forget one person in the caller's transaction."""
        repository.forget(conn, erasure.subject_ids)
        for citizen_id in erasure.subject_ids:
            citizens.close(conn, citizen_id)
            self._answering.note(conn, citizen_id, ERASE_DATA, erasure.request_id)

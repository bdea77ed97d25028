"""Forgets a person: every value, file and digest that leads to them; says before what must stay."""

from uuid import UUID

from songcau_kit.database import Connection
from songcau_kit.erasure_ledger import Erasure
from songcau_kit.subject_answers import ERASE_DATA, Answering, Question

from songcau_telehealth.citizens import citizens
from songcau_telehealth.citizens.model import CitizenNews, CitizenStatus
from songcau_telehealth.rights import repository
from songcau_telehealth.rights.retention import Retention


class PersonRights:
    """What identity's facts about the rights of a person mean here."""

    def __init__(self, answering: Answering, retention: Retention) -> None:
        self._answering = answering
        self._retention = retention

    def close_and_answer(self, connection: Connection, question: Question, citizen_ids: list[UUID]) -> None:
        """Start nothing new for a person who may be erased, and say what must stay of what there is."""
        citizens.follow(connection, CitizenNews(question.subject_id, question.attempt, CitizenStatus.BLOCKED, None))
        self._answering.answer_erasure(connection, question, self._retention.grounds(connection, citizen_ids))

    def forget(self, connection: Connection, erasure: Erasure) -> None:
        """Forget one person in the caller's transaction."""
        repository.forget(connection, erasure.subject_ids)
        for citizen_id in erasure.subject_ids:
            self._answering.note(connection, citizen_id, ERASE_DATA, erasure.request_id)

"""Refusals before anything was read still belong to the access list of the citizen they were about."""

from uuid import UUID

from songcau_kit.audit import AuditJournal
from songcau_kit.database import Database
from songcau_kit.errors import DomainError
from songcau_kit.rpc_call import Call

from songcau_telehealth.consultations import access, repository
from songcau_telehealth.consultations.access import Trace


class Refusals:
    """Writes down who was turned away at the gate."""

    def __init__(self, database: Database, journal: AuditJournal) -> None:
        self._database = database
        self._journal = journal

    def note(self, call: Call, operation: str, consultation_id: UUID | None, error: DomainError) -> None:
        """Enter a refusal where the consultation exists."""
        if consultation_id is None:
            return
        with self._database.read() as connection:
            citizen_id = repository.find_citizen_of(connection, consultation_id)
        if citizen_id is not None:
            trace = Trace(operation, str(consultation_id), citizen_id)
            self._journal.write(access.refused_entry(call, None, trace, error))

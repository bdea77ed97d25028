"""Refusals before anything was read still belong to the access list of the citizen they were about.

They are entered under the names that steps and reads have there, whoever refused.
"""

from uuid import UUID

from songcau_kit.audit import AuditJournal, Outcome
from songcau_kit.database import Database
from songcau_kit.rpc_call import Call

from songcau_telehealth.consultations import access, repository
from songcau_telehealth.consultations.access import Trace
from songcau_telehealth.consultations.model import Step


def _step(step: Step) -> str:
    return f"{step}_CONSULTATION"


OPERATIONS = {
    "RequestConsultation": "REQUEST_CONSULTATION",
    "GetConsultation": "GET_CONSULTATION",
    "ListConsultations": "LIST_CONSULTATIONS",
    "GetSummary": "GET_SUMMARY",
    "ListConsultationConsents": "LIST_CONSULTATION_CONSENTS",
    "WithdrawConsultationConsent": _step(Step.CANCEL),
    "TriageConsultation": _step(Step.TRIAGE),
    "OfferSlot": _step(Step.OFFER),
    "ConfirmOffer": _step(Step.CONFIRM),
    "CheckIn": _step(Step.CHECK_IN),
    "AdmitPatient": _step(Step.ADMIT),
    "CompleteConsultation": _step(Step.COMPLETE),
    "CancelConsultation": _step(Step.CANCEL),
    # Whose absence was to be marked is told by a request that is not read any more.
    "MarkNoShow": _step(Step.MARK_PATIENT_MISSED),
}


class Refusals:
    """Writes down who was turned away at the gate."""

    def __init__(self, database: Database, journal: AuditJournal) -> None:
        self._database = database
        self._journal = journal

    def note(
        self, call: Call, operation: str, consultation_id: UUID | None, reason: str, outcome: Outcome = "DENIED"
    ) -> None:
        """Enter that the caller was denied, or had to wait (FAILED), where the consultation exists."""
        if consultation_id is None:
            return
        with self._database.read() as connection:
            citizen_id = repository.find_citizen_of(connection, consultation_id)
        if citizen_id is not None:
            trace = Trace(operation, str(consultation_id), citizen_id)
            self._journal.write(access.audit_entry(call, None, trace, outcome, reason))

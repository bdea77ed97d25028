"""Enters what a citizen declared on paper or in a recorded call, on the evidence an officer keeps."""

from dataclasses import dataclass
from uuid import UUID

from songcau_kit.clock import local_date
from songcau_kit.errors import DomainError

from songcau_identity.auditing import Access, Asker, Operation, require_agency, require_purpose
from songcau_identity.consent.consents import Consents
from songcau_identity.consent.declared import Choice, ConsentAnswer, Declared
from songcau_identity.consent.model import ConsentChannel, Decider, Proof
from songcau_identity.documents import DocumentEvidence, verify_document
from songcau_identity.errors import CITIZEN_NOT_FOUND, CONSENT_CHANNEL_INVALID
from songcau_identity.officers import Desk, refuse_own_record

RECORDED = frozenset({ConsentChannel.PAPER, ConsentChannel.RECORDED_CALL})


@dataclass(frozen=True)
class Record:
    """What an officer enters: for whom, how it was declared, the document that shows it.

    `representative_id` is who declared it where that was not the person themselves.
    """

    request_id: str
    citizen_id: UUID | None
    choice: Choice
    channel: ConsentChannel | None
    evidence: DocumentEvidence
    representative_id: UUID | None = None


class ConsentRecording:
    """The use cases RecordConsent and RecordConsentWithdrawal."""

    def __init__(self, desk: Desk, consents: Consents) -> None:
        self._desk = desk
        self._consents = consents

    def record(self, asker: Asker, operation: Operation, record: Record, access: Access) -> ConsentAnswer:
        """Enter one declared choice.

        Raises OFFICER_WITHOUT_AGENCY, PURPOSE_REQUIRED, PURPOSE_UNKNOWN, CONSENT_CHANNEL_INVALID, EVIDENCE_INVALID,
        OWN_RECORD and what `Consents.decide` raises.
        """
        require_agency(asker)
        require_purpose(asker)
        if record.channel not in RECORDED:
            raise DomainError(CONSENT_CHANNEL_INVALID)
        verify_document(record.evidence, today=local_date(self._desk.clock.now()))
        self._refuse_own(asker, record.citizen_id, access)
        if record.representative_id is not None:
            self._refuse_own(asker, record.representative_id, access)
        proof = Proof(
            Decider.REPRESENTATIVE if record.representative_id else Decider.SELF,
            record.representative_id,
            record.channel,
            asker.caller.subject,
            asker.organization,
            asker.caller.client_id,
        )
        declared = Declared(record.choice, record.citizen_id, proof, record.evidence.words())
        return self._consents.decide(asker, operation, record.request_id, declared, access)

    def _refuse_own(self, asker: Asker, citizen_id: UUID | None, access: Access) -> None:
        if citizen_id is None:
            raise DomainError(CITIZEN_NOT_FOUND)
        with self._desk.database.read() as conn:
            try:
                refuse_own_record(conn, asker, citizen_id)
            except DomainError:
                access.subjects.append(citizen_id)
                raise

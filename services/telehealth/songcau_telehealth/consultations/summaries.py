"""Handing out a signed summary to those who may read it, and telling anybody whether a file is the signed one."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from songcau_kit.blind_index import BlindIndex
from songcau_kit.errors import PAYLOAD_TOO_LARGE, DomainError
from songcau_kit.objects import EncryptedObjects
from songcau_kit.rpc_call import Call

from songcau_telehealth.consultations import access, repository_summaries
from songcau_telehealth.consultations.access import Trace
from songcau_telehealth.consultations.completion import read_code, spell
from songcau_telehealth.consultations.consenting import may_see_result
from songcau_telehealth.consultations.reading import Reading
from songcau_telehealth.consultations.repository_summaries import Summary
from songcau_telehealth.consultations.steps import Desk, Seen
from songcau_telehealth.errors import RESULT_NOT_SHARED, SUMMARY_NOT_FOUND
from songcau_telehealth.facilities.model import PractitionerCard

OPERATION = "GET_SUMMARY"
LARGEST_PDF = 3 * 1024 * 1024


class Verdict(StrEnum):
    """What verification found."""

    ISSUED = "ISSUED"
    VALID = "VALID"
    ALTERED = "ALTERED"


@dataclass(frozen=True)
class SignedFile:
    """The signed summary."""

    pdf: bytes
    code: str
    sha256: str


@dataclass(frozen=True)
class Verification:
    """What a stranger may learn of a summary: by whom and when, nothing of the patient."""

    verdict: Verdict
    code: str
    signed_at: datetime
    facility_code: str
    facility_name: str
    practitioner: PractitionerCard


class Summaries:
    """The signed summaries."""

    def __init__(self, desk: Desk, reading: Reading, objects: EncryptedObjects, blind_index: BlindIndex) -> None:
        self._desk = desk
        self._reading = reading
        self._objects = objects
        self._blind_index = blind_index

    def get(self, call: Call, consultation_id: UUID) -> SignedFile:
        """Return the signed file; raise SUMMARY_NOT_FOUND, RESULT_NOT_SHARED or CONSULTATION_NOT_FOUND."""
        seen = Seen()
        try:
            with self._desk.database.transaction() as connection:
                consultation, standing, purpose = self._reading.reach(connection, call, consultation_id, seen)
                summary = repository_summaries.find_by_consultation(connection, consultation_id)
                if summary is None:
                    raise DomainError(SUMMARY_NOT_FOUND)
                if not may_see_result(connection, consultation, standing):
                    raise DomainError(RESULT_NOT_SHARED)
                data_key = self._desk.data_keys.get(connection, consultation.citizen_id)
        except DomainError as error:
            self._desk.refuse(call, seen, OPERATION, error)
            raise
        pdf = self._objects.get(data_key, summary.object_address)
        trace = Trace(OPERATION, str(consultation_id), consultation.citizen_id, purpose)
        self._desk.journal.write(access.audit_entry(call, standing, trace))
        return SignedFile(pdf, spell(summary.code), hashlib.sha256(pdf).hexdigest())

    def verify(self, code: str, pdf: bytes) -> Verification:
        """Say whether a file is byte for byte the signed one, or without a file whether the code was issued."""
        if len(pdf) > LARGEST_PDF:
            raise DomainError(PAYLOAD_TOO_LARGE, details={"max_bytes": str(LARGEST_PDF)})
        with self._desk.database.read() as connection:
            summary = repository_summaries.find_by_code(connection, read_code(code))
        if summary is None:
            raise DomainError(SUMMARY_NOT_FOUND)
        return Verification(
            self._judge(summary, pdf),
            spell(summary.code),
            summary.signed_at,
            summary.facility_code,
            summary.facility_name,
            summary.practitioner,
        )

    def _judge(self, summary: Summary, pdf: bytes) -> Verdict:
        if not pdf:
            return Verdict.ISSUED
        found = self._blind_index.of("summaries.pdf", hashlib.sha256(pdf).hexdigest())
        return Verdict.VALID if hmac.compare_digest(found, summary.pdf_bix) else Verdict.ALTERED

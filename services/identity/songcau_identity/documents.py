"""The document an officer's act rests on: read strictly, kept closed with the record."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from songcau_kit.errors import DomainError, Violation
from songcau_kit.personal import Personal
from songcau_kit.text import LegacyEncodingError, normalize

from songcau_identity.errors import EVIDENCE_INVALID

NUMBER_LENGTH = 100
ISSUER_LENGTH = 200


class EvidenceKind(StrEnum):
    """What kind of document an officer saw."""

    COURT_DECISION = "COURT_DECISION"
    CIVIL_STATUS_RECORD = "CIVIL_STATUS_RECORD"
    POLICE_NOTICE = "POLICE_NOTICE"
    IDENTITY_PAPER = "IDENTITY_PAPER"
    BIRTH_CERTIFICATE = "BIRTH_CERTIFICATE"
    OFFICE_RECORD = "OFFICE_RECORD"
    DEATH_RECORD = "DEATH_RECORD"
    INHERITANCE_AGREEMENT = "INHERITANCE_AGREEMENT"
    INHERITANCE_DECLARATION = "INHERITANCE_DECLARATION"


@dataclass(frozen=True)
class DocumentEvidence:
    """A document as an officer names it; its number may lead to a person."""

    kind: EvidenceKind | None
    document_number: Personal
    issuer: str
    issued_on: str

    def words(self) -> Mapping[str, str]:
        """Return what is kept of the document."""
        return {
            "kind": str(self.kind),
            "document_number": self.document_number.reveal(),
            "issuer": self.issuer,
            "issued_on": self.issued_on,
        }


def verify_document(evidence: DocumentEvidence, *, today: date) -> None:
    """Raise EVIDENCE_INVALID, naming each field that names no document."""
    wrongs = {
        "kind": None if evidence.kind is not None else "INVALID",
        "document_number": _wrong_line(evidence.document_number.reveal(), NUMBER_LENGTH),
        "issuer": _wrong_line(evidence.issuer, ISSUER_LENGTH),
        "issued_on": None if _is_past_day(evidence.issued_on, today) else "INVALID",
    }
    violations = [Violation(f"/evidence/{name}", wrong) for name, wrong in wrongs.items() if wrong]
    if violations:
        raise DomainError(EVIDENCE_INVALID, violations=violations)


def require_kind(evidence: DocumentEvidence, accepted: Collection[str], *, code: str) -> None:
    """Raise EVIDENCE_INVALID with this code for a document that proves something else."""
    if str(evidence.kind) not in accepted:
        raise DomainError(EVIDENCE_INVALID, violations=[Violation("/evidence/kind", code)])


def _wrong_line(text: str, longest: int) -> str | None:
    """Return the code of what is wrong with a line, None where nothing is."""
    try:
        line = normalize(text)
    except LegacyEncodingError:
        return "LEGACY_ENCODING"
    return None if 0 < len(line) <= longest and line.isprintable() else "INVALID"


def _is_past_day(text: str, today: date) -> bool:
    try:
        return date.fromisoformat(text) <= today
    except ValueError:
        return False

"""What the requests of all acts of officers have in common: the document they rest on, the numbers they name."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from songcau.identity.v1 import citizen_record_service_pb2 as pb
from songcau.identity.v1 import paper_pb2
from songcau_kit.personal import Personal

from songcau_identity.auditing import Operation
from songcau_identity.documents import DocumentEvidence, EvidenceKind
from songcau_identity.model import RECORDED_PAPERS, PaperKind, Sex
from songcau_identity.officers import Order
from songcau_identity.paper_numbers import StatedPaper
from songcau_identity.record_act import RecordAct
from songcau_identity.servers.admission import Admission, read_request_id

EVIDENCE_KINDS = {
    pb.EVIDENCE_KIND_COURT_DECISION: EvidenceKind.COURT_DECISION,
    pb.EVIDENCE_KIND_CIVIL_STATUS_RECORD: EvidenceKind.CIVIL_STATUS_RECORD,
    pb.EVIDENCE_KIND_POLICE_NOTICE: EvidenceKind.POLICE_NOTICE,
    pb.EVIDENCE_KIND_IDENTITY_PAPER: EvidenceKind.IDENTITY_PAPER,
    pb.EVIDENCE_KIND_BIRTH_CERTIFICATE: EvidenceKind.BIRTH_CERTIFICATE,
    pb.EVIDENCE_KIND_OFFICE_RECORD: EvidenceKind.OFFICE_RECORD,
    pb.EVIDENCE_KIND_DEATH_RECORD: EvidenceKind.DEATH_RECORD,
    pb.EVIDENCE_KIND_INHERITANCE_AGREEMENT: EvidenceKind.INHERITANCE_AGREEMENT,
    pb.EVIDENCE_KIND_INHERITANCE_DECLARATION: EvidenceKind.INHERITANCE_DECLARATION,
}
SEXES: dict[int, Sex] = {pb.SEX_MALE: Sex.MALE, pb.SEX_FEMALE: Sex.FEMALE}
PAPER_KINDS: dict[int, PaperKind] = {getattr(paper_pb2, f"PAPER_KIND_{kind}"): kind for kind in RECORDED_PAPERS}


class ActRequest(Protocol):
    """What the requests of all acts have."""

    request_id: str

    @property
    def evidence(self) -> pb.DocumentEvidence:
        """The document the act rests on."""


@contextmanager
def ordered(admission: Admission, request: ActRequest, act: RecordAct, operation: Operation) -> Iterator[Order]:
    """Admit an act of an officer; raises what admission raises, and INVALID_REQUEST."""
    with admission.admitted(operation) as (asker, access):
        evidence = read_document(request.evidence)
        yield Order(asker, act, read_request_id(request.request_id), evidence, access)


def read_document(evidence: pb.DocumentEvidence) -> DocumentEvidence:
    """Return the document as it was named."""
    return DocumentEvidence(
        kind=EVIDENCE_KINDS.get(evidence.kind),
        document_number=Personal(evidence.document_number),
        issuer=evidence.issuer,
        issued_on=evidence.issued_on,
    )


def read_paper_number(paper: paper_pb2.PaperNumber) -> StatedPaper:
    """Return a paper as it was stated."""
    return StatedPaper(PAPER_KINDS.get(paper.kind), Personal(paper.number), paper.issuer)

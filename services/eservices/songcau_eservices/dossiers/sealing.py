"""The personal fields of a dossier: sealed before they reach SQL, opened for somebody who may see them."""

import json
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit.data_keys import DataKey
from songcau_kit.field_cipher import Place, decrypt, encrypt

from songcau_eservices.dossiers.dossier import Answers, Applicant, AttachmentDetails, ProposedDecision, SupplementBody

T = TypeVar("T")
APPLICANT = TypeAdapter(Applicant)
DETAILS = TypeAdapter(AttachmentDetails)
BODY = TypeAdapter(SupplementBody)
PROPOSAL = TypeAdapter(ProposedDecision)


@dataclass(frozen=True)
class Seal:
    """Seals and opens the fields of one citizen."""

    data_key: DataKey

    def answers(self, dossier_id: UUID, answers: Answers) -> bytes:
        """Seal answers."""
        text = json.dumps(dict(answers), ensure_ascii=False, separators=(",", ":"))
        return encrypt(self.data_key, _of_dossier("answers", dossier_id), text)

    def open_answers(self, dossier_id: UUID, sealed: bytes) -> Answers:
        """Open answers."""
        answers: Answers = json.loads(decrypt(self.data_key, _of_dossier("answers", dossier_id), sealed))
        return answers

    def applicant(self, dossier_id: UUID, applicant: Applicant) -> bytes:
        """Seal the applicant."""
        return encrypt(self.data_key, _of_dossier("applicant", dossier_id), APPLICANT.dump_json(applicant))

    def open_applicant(self, dossier_id: UUID, sealed: bytes) -> Applicant:
        """Open the applicant."""
        return APPLICANT.validate_json(decrypt(self.data_key, _of_dossier("applicant", dossier_id), sealed))

    def reason(self, dossier_id: UUID, reason: str) -> bytes | None:
        """Seal the reason a dossier is where it is; an empty one is nothing."""
        return encrypt(self.data_key, _of_dossier("reason", dossier_id), reason) if reason else None

    def open_reason(self, dossier_id: UUID, sealed: bytes | None) -> str:
        """Open the reason."""
        return decrypt(self.data_key, _of_dossier("reason", dossier_id), sealed).decode() if sealed else ""

    def proposal(self, dossier_id: UUID, proposal: ProposedDecision) -> bytes:
        """Seal a drafted decision."""
        return encrypt(self.data_key, _of_dossier("proposal", dossier_id), PROPOSAL.dump_json(proposal))

    def open_proposal(self, dossier_id: UUID, sealed: bytes | None) -> ProposedDecision | None:
        """Open the drafted decision, None where there is none."""
        if sealed is None:
            return None
        return PROPOSAL.validate_json(decrypt(self.data_key, _of_dossier("proposal", dossier_id), sealed))

    def step_reason(self, dossier_id: UUID, version: int, reason: str) -> bytes | None:
        """Seal the reason of one step of the history."""
        return encrypt(self.data_key, _of_step(dossier_id, version), reason) if reason else None

    def open_step_reason(self, dossier_id: UUID, version: int, sealed: bytes | None) -> str:
        """Open the reason of one step."""
        return decrypt(self.data_key, _of_step(dossier_id, version), sealed).decode() if sealed else ""

    def details(self, attachment_id: UUID, details: AttachmentDetails) -> bytes:
        """Seal what of a file is personal."""
        return encrypt(self.data_key, _of_file(attachment_id), DETAILS.dump_json(details))

    def open_details(self, attachment_id: UUID, sealed: bytes) -> AttachmentDetails:
        """Open what of a file is personal."""
        return DETAILS.validate_json(decrypt(self.data_key, _of_file(attachment_id), sealed))

    def body(self, supplement_id: UUID, body: SupplementBody) -> bytes:
        """Seal a request for papers."""
        return encrypt(self.data_key, _of_supplement(supplement_id), BODY.dump_json(body))

    def open_body(self, supplement_id: UUID, sealed: bytes) -> SupplementBody:
        """Open a request for papers."""
        return BODY.validate_json(decrypt(self.data_key, _of_supplement(supplement_id), sealed))

    def return_url(self, payment_id: UUID, address: str) -> bytes:
        """Seal where a payer goes back to."""
        return encrypt(self.data_key, _of_payment(payment_id), address)

    def open_return_url(self, payment_id: UUID, sealed: bytes) -> str:
        """Open where a payer goes back to."""
        return decrypt(self.data_key, _of_payment(payment_id), sealed).decode()

    def revocation(self, paper_id: UUID, reason: str) -> bytes:
        """Seal why a result was revoked."""
        return encrypt(self.data_key, _of_revocation(paper_id), reason)

    def open_revocation(self, paper_id: UUID, sealed: bytes | None) -> str:
        """Open why a result was revoked."""
        return decrypt(self.data_key, _of_revocation(paper_id), sealed).decode() if sealed else ""


def _of_dossier(column: str, dossier_id: UUID) -> Place:
    return Place("dossiers", f"{column}_enc", str(dossier_id))


def _of_step(dossier_id: UUID, version: int) -> Place:
    return Place("dossier_history", "reason_enc", f"{dossier_id}/{version}")


def _of_file(attachment_id: UUID) -> Place:
    return Place("attachments", "details_enc", str(attachment_id))


def _of_supplement(supplement_id: UUID) -> Place:
    return Place("supplements", "body_enc", str(supplement_id))


def _of_revocation(paper_id: UUID) -> Place:
    return Place("papers", "revocation_reason_enc", str(paper_id))


def _of_payment(payment_id: UUID) -> Place:
    return Place("payments", "return_url_enc", str(payment_id))

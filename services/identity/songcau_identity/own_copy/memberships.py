"""Sections of a copy about organisations: what a person is or was there, and what they claimed on which document."""

from collections.abc import Sequence
from uuid import UUID

from songcau_kit.data_copy import CopyField, CopyRecord, field, record
from songcau_kit.database import Connection

from songcau_identity.documents import DocumentEvidence
from songcau_identity.officers import Desk
from songcau_identity.organisations import repository_members, repository_proposals
from songcau_identity.organisations.model import Member, Proposal
from songcau_identity.organisations.naming import OrganisationNames
from songcau_identity.organisations.repository import SealedOrganisation
from songcau_identity.organisations.sealing import ORGANISATIONS, PROPOSALS, open_evidence
from songcau_identity.own_copy.record import DOCUMENT


def list_memberships(desk: Desk, conn: Connection, citizen_ids: Sequence[UUID]) -> list[CopyRecord]:
    """Return every membership, newest first, and the document where the person founded the organisation on it."""
    names = OrganisationNames(desk.data_keys, desk.vault)
    found = repository_members.list_of_citizen(conn, citizen_ids, before=None, limit=None)
    return [
        _membership(member, names.open(conn, sealed).name.reveal(), _founding(desk, conn, sealed, citizen_ids))
        for member, sealed in found
    ]


def _founding(desk: Desk, conn: Connection, sealed: SealedOrganisation, citizen_ids: Sequence[UUID]) -> list[CopyField]:
    if sealed.evidence_enc is None or sealed.founder_id not in citizen_ids:
        return []
    key = desk.data_keys.get(conn, sealed.founder_id)
    return _document(open_evidence(key, ORGANISATIONS, sealed.organisation.organisation_id, sealed.evidence_enc))


def _membership(member: Member, name: str, document: list[CopyField]) -> CopyRecord:
    fields = [
        field("organisation", "Tổ chức", name or None),
        field("organisation_id", "Mã tổ chức", str(member.organisation_id)),
        field("role", "Vai trò", member.role),
        field("state", "Trạng thái", member.state),
        field("created_at", "Từ lúc", member.created_at),
        field("end_cause", "Lý do kết thúc", member.end),
        field("ended_at", "Kết thúc lúc", member.ended_at),
        *document,
    ]
    return record(member.member_id, f"{member.role} {name}".strip(), fields)


def list_proposals(desk: Desk, conn: Connection, citizen_ids: Sequence[UUID]) -> list[CopyRecord]:
    """Return every claim to be the legal representative with the document that was named, newest first."""
    found = repository_proposals.list_sealed_of_citizen(conn, citizen_ids)
    return [_proposal(desk, conn, proposal, evidence_enc) for proposal, evidence_enc in found]


def _proposal(desk: Desk, conn: Connection, one: Proposal, evidence_enc: bytes | None) -> CopyRecord:
    fields = [
        field("organisation_id", "Mã tổ chức", str(one.organisation_id)),
        field("state", "Trạng thái", one.state),
        field("created_at", "Gửi lúc", one.created_at),
    ]
    if evidence_enc is not None:
        key = desk.data_keys.get(conn, one.citizen_id)
        fields += _document(open_evidence(key, PROPOSALS, one.proposal_id, evidence_enc))
    return record(one.proposal_id, "Đề nghị làm người đại diện theo pháp luật", fields)


def _document(evidence: DocumentEvidence) -> list[CopyField]:
    return [field(f"evidence.{code}", DOCUMENT.get(code, code), text) for code, text in evidence.words().items()]

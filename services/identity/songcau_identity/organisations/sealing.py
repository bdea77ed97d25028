"""Closes and opens what is kept of an organisation: name, identifier, the documents that were named."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from songcau_kit.data_keys import DataKey
from songcau_kit.field_cipher import Place, decrypt_text, encrypt
from songcau_kit.personal import Personal

from songcau_identity.documents import DocumentEvidence, EvidenceKind

ORGANISATIONS = "organisations"
PROPOSALS = "organisation_proposals"


@dataclass(frozen=True)
class SealedNames:
    """Name and identifier as they stand in the database; None where they were forgotten."""

    name_enc: bytes | None
    identifier_enc: bytes | None


@dataclass(frozen=True)
class Names:
    """What an organisation is called and known by; a household business is known by its owner."""

    name: Personal
    identifier: Personal


def seal_names(key: DataKey, organisation_id: UUID, names: Names) -> SealedNames:
    """Close name and identifier of one organisation."""
    return SealedNames(
        encrypt(key, _place(organisation_id, "name_enc"), names.name.reveal()),
        encrypt(key, _place(organisation_id, "identifier_enc"), names.identifier.reveal()),
    )


def open_names(key: DataKey, organisation_id: UUID, sealed: SealedNames) -> Names:
    """Open what `seal_names` closed; empty where it was forgotten."""
    return Names(
        _open(key, _place(organisation_id, "name_enc"), sealed.name_enc),
        _open(key, _place(organisation_id, "identifier_enc"), sealed.identifier_enc),
    )


def seal_evidence(key: DataKey, table: str, row: UUID, evidence: DocumentEvidence) -> bytes:
    """Close a document that somebody named, for one row."""
    words = json.dumps(dict(evidence.words()), ensure_ascii=False)
    return encrypt(key, Place(table, "evidence_enc", str(row)), words)


def open_evidence(key: DataKey, table: str, row: UUID, blob: bytes) -> DocumentEvidence:
    """Open what `seal_evidence` closed."""
    words: Mapping[str, str] = json.loads(decrypt_text(key, Place(table, "evidence_enc", str(row)), blob))
    number = Personal(words["document_number"])
    return DocumentEvidence(EvidenceKind(words["kind"]), number, words["issuer"], words["issued_on"])


def _place(organisation_id: UUID, column: str) -> Place:
    return Place(ORGANISATIONS, column, str(organisation_id))


def _open(key: DataKey, place: Place, blob: bytes | None) -> Personal:
    return Personal(decrypt_text(key, place, blob) if blob is not None else "")

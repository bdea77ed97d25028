"""Opens the names of organisations and of their members; what was erased with somebody is empty."""

from uuid import UUID

from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.personal import Personal
from songcau_kit.protection_errors import DATA_KEY_DESTROYED

from songcau_identity.documents import DocumentEvidence
from songcau_identity.organisations.repository import SealedOrganisation
from songcau_identity.organisations.repository_proposals import SealedCase
from songcau_identity.organisations.sealing import ORGANISATIONS, PROPOSALS, Names, open_evidence, open_names
from songcau_identity.repositories import citizens
from songcau_identity.vault import Vault

NOTHING = Personal("")


class OrganisationNames:
    """Opens the names of organisations and of their members."""

    def __init__(self, data_keys: DataKeys, vault: Vault) -> None:
        self._data_keys = data_keys
        self._vault = vault

    def open(self, conn: Connection, sealed: SealedOrganisation) -> Names:
        """Return what an organisation is called; empty where it was erased with its owner."""
        try:
            key = self._data_keys.get(conn, sealed.key_subject_id)
        except DomainError as error:
            if error.reason is not DATA_KEY_DESTROYED:
                raise
            return Names(NOTHING, NOTHING)
        return open_names(key, sealed.organisation.organisation_id, sealed.names)

    def person(self, conn: Connection, citizen_id: UUID) -> Personal:
        """Return a person's name, empty where the person was erased."""
        family = citizens.find_family(conn, citizen_id)
        record = citizens.find_record(conn, family[0]) if family else None
        if record is None:
            return NOTHING
        try:
            key = self._data_keys.get(conn, family[0])
        except DomainError as error:
            if error.reason is not DATA_KEY_DESTROYED:
                raise
            return NOTHING
        return self._vault.open(key, record.profile).full_name

    def evidence(self, conn: Connection, case: SealedCase) -> DocumentEvidence | None:
        """Return the document somebody named."""
        if case.evidence_enc is None:
            return None
        key = self._data_keys.get(conn, case.citizen_id)
        if case.proposal is not None:
            return open_evidence(key, PROPOSALS, case.proposal.proposal_id, case.evidence_enc)
        organisation_id = case.organisation.organisation.organisation_id
        return open_evidence(key, ORGANISATIONS, organisation_id, case.evidence_enc)

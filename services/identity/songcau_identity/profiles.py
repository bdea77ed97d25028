"""Shows citizens their own profile."""

from dataclasses import dataclass
from uuid import UUID

from songcau_kit.data_keys import DataKey, DataKeys
from songcau_kit.database import Connection, Database
from songcau_kit.errors import DomainError
from songcau_kit.personal import Personal

from songcau_identity.auditing import Access, Asker
from songcau_identity.errors import CITIZEN_NOT_ACTIVE, CITIZEN_NOT_FOUND
from songcau_identity.identifiers import mask
from songcau_identity.model import AccountKind, Citizen, CitizenStatus, PaperKind, PaperStatus
from songcau_identity.organisations import repository as organisations
from songcau_identity.organisations import repository_members
from songcau_identity.organisations.identifiers import show_identifier
from songcau_identity.organisations.naming import OrganisationNames
from songcau_identity.organisations.rights import FOUNDER_LEVEL
from songcau_identity.paper_numbers import mask_paper
from songcau_identity.repositories import citizens as repository
from songcau_identity.repositories import newborns, papers
from songcau_identity.repositories.citizens import CitizenRecord
from songcau_identity.repositories.newborns import Newborn
from songcau_identity.representations.covering import Covering, require_active
from songcau_identity.representations.model import Scope
from songcau_identity.vault import NOT_KNOWN, Profile, Vault


@dataclass(frozen=True)
class OpenedCitizen:
    """A citizen with the opened profile; the number as it may be shown; of an organisation who represents it by law."""

    citizen: Citizen
    profile: Profile
    masked_number: Personal
    legal_representative: Personal = NOT_KNOWN


@dataclass(frozen=True)
class OpenedNewborn:
    """A child as it was registered, and the citizen it is."""

    newborn: Newborn
    citizen: OpenedCitizen


class Profiles:
    """The use cases GetOwnProfile and ListOwnNewborns, and the opening of profiles for those who may."""

    def __init__(self, *, database: Database, data_keys: DataKeys, vault: Vault, covering: Covering) -> None:
        self._database = database
        self._covering = covering
        self._data_keys = data_keys
        self._vault = vault
        self._organisation_names = OrganisationNames(data_keys, vault)

    def get_own(self, asker: Asker, access: Access) -> OpenedCitizen:
        """Return the profile of the asker, or of whom the asker stands for.

        Who may file a dossier for somebody may see what it says of them, an heir of who died: no other representation
        outlasts a death. Raises CITIZEN_NOT_FOUND, CITIZEN_NOT_ACTIVE
        and NOT_REPRESENTED.
        """
        with self._database.read() as conn:
            meant = self._covering.meant(conn, asker, access, scopes=(Scope.IDENTITY_READ, Scope.DOSSIER_WRITE))
            record = self._find(conn, meant)
            if record is None:
                return self._get_organisation(conn, meant, access)
            access.subjects[:] = [record.citizen.citizen_id]
            status = record.citizen.status
            is_left = status is CitizenStatus.DECEASED and asker.on_behalf_of is not None
            if status is not CitizenStatus.ACTIVE and not is_left:
                raise DomainError(CITIZEN_NOT_ACTIVE, details={"state": status})
            return self.open(conn, record)

    def _get_organisation(self, conn: Connection, organisation_id: UUID, access: Access) -> OpenedCitizen:
        """Return what an organisation is as an applicant: its name, identifier and legal representative."""
        sealed = organisations.find(conn, organisation_id)
        if sealed is None:
            raise DomainError(CITIZEN_NOT_FOUND)
        access.subjects.clear()
        access.meet_organisation(organisation_id)
        if sealed.organisation.is_owner_s:
            require_active(conn, sealed.founder_id)
        one, names = sealed.organisation, self._organisation_names.open(conn, sealed)
        applicant = Citizen(
            citizen_id=organisation_id,
            status=CitizenStatus.ACTIVE,
            account_kind=AccountKind.ORGANISATION,
            identity_level=FOUNDER_LEVEL,
            version=one.version,
            linked_at=one.created_at,
            last_verified_at=one.created_at,
        )
        profile = Profile(names.name, NOT_KNOWN, NOT_KNOWN, NOT_KNOWN)
        identifier = Personal(show_identifier(names.identifier.reveal()))
        return OpenedCitizen(applicant, profile, identifier, self._legal_representative(conn, organisation_id, access))

    def _legal_representative(self, conn: Connection, organisation_id: UUID, access: Access) -> Personal:
        """Return the name of who represents an organisation by law, who finds it on their access list."""
        found = repository_members.find_representative(conn, organisation_id)
        if found is None:
            return NOT_KNOWN
        access.subjects.append(found.citizen_id)
        return self._organisation_names.person(conn, found.citizen_id)

    def list_own_newborns(self, asker: Asker, access: Access) -> list[OpenedNewborn]:
        """Return the asker's children who have no electronic identity of their own; raises CITIZEN_NOT_FOUND."""
        own_id = asker.own_citizen_id
        with self._database.read() as conn:
            family = repository.find_family(conn, own_id) if own_id else ()
            if not family:
                raise DomainError(CITIZEN_NOT_FOUND)
            found = newborns.list_of_mother(conn, family)
            access.subjects.extend((*family, *(child.citizen_id for child in found)))
            records = [(child, self._find(conn, child.citizen_id)) for child in found]
            return [OpenedNewborn(child, self.open(conn, record)) for child, record in records if record]

    def _find(self, conn: Connection, own_id: UUID) -> CitizenRecord | None:
        record = repository.find_record(conn, own_id)
        if record is None or record.citizen.merged_into is None:
            return record
        return repository.find_record(conn, record.citizen.merged_into)

    def open(self, conn: Connection, record: CitizenRecord) -> OpenedCitizen:
        """Open a record; raises DATA_KEY_DESTROYED after erasure."""
        data_key = self._data_keys.get(conn, record.citizen.citizen_id)
        profile = self._vault.open(data_key, record.profile)
        return OpenedCitizen(record.citizen, profile, self._show_number(conn, record, data_key))

    def _show_number(self, conn: Connection, record: CitizenRecord, data_key: DataKey) -> Personal:
        """Return what a citizen is known by, masked: the number, else a newborn's temporary key, else a passport."""
        closed = record.number
        if closed is not None:
            number = self._vault.open_number(data_key, closed.identifier_id, closed.value_enc)
            return Personal(mask(number.reveal()))
        newborn = newborns.find_newborn(conn, record.citizen.citizen_id)
        if newborn is not None:
            return Personal(newborn.temporary_key)
        for held in papers.list_papers(conn, [record.citizen.citizen_id]):
            if held.kind is PaperKind.HO_CHIEU and held.status is PaperStatus.ACTIVE:
                passport = self._vault.open_paper(data_key, held.paper_id, held.kind, held.value_enc)
                return Personal(mask_paper(passport.number.reveal()))
        return Personal("")

"""Shows citizens their own profile."""

from dataclasses import dataclass
from uuid import UUID

from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Connection, Database
from songcau_kit.errors import DomainError
from songcau_kit.personal import Personal

from songcau_identity.auditing import Access, Asker
from songcau_identity.errors import CITIZEN_NOT_ACTIVE, CITIZEN_NOT_FOUND
from songcau_identity.identifiers import mask
from songcau_identity.model import Citizen, CitizenStatus
from songcau_identity.repositories import citizens as repository
from songcau_identity.repositories.citizens import CitizenRecord
from songcau_identity.vault import Profile, Vault


@dataclass(frozen=True)
class OpenedCitizen:
    """A citizen with the opened profile; the number as it may be shown."""

    citizen: Citizen
    profile: Profile
    masked_number: Personal


class Profiles:
    """The use case GetOwnProfile, and the opening of profiles for those who may."""

    def __init__(self, *, database: Database, data_keys: DataKeys, vault: Vault) -> None:
        self._database = database
        self._data_keys = data_keys
        self._vault = vault

    def get_own(self, asker: Asker, access: Access) -> OpenedCitizen:
        """Return the asker's profile; raises CITIZEN_NOT_FOUND and CITIZEN_NOT_ACTIVE."""
        own_id = asker.own_citizen_id
        with self._database.read() as conn:
            record = self._find(conn, own_id) if own_id else None
            if record is None:
                raise DomainError(CITIZEN_NOT_FOUND)
            access.subjects.append(record.citizen.citizen_id)
            status = record.citizen.status
            if status is not CitizenStatus.ACTIVE:
                raise DomainError(CITIZEN_NOT_ACTIVE, details={"state": status})
            return self.open(conn, record)

    def _find(self, conn: Connection, own_id: UUID) -> CitizenRecord | None:
        record = repository.find_record(conn, own_id)
        if record is None or record.citizen.merged_into is None:
            return record
        return repository.find_record(conn, record.citizen.merged_into)

    def open(self, conn: Connection, record: CitizenRecord) -> OpenedCitizen:
        """Open a record; raises DATA_KEY_DESTROYED after erasure."""
        data_key = self._data_keys.get(conn, record.citizen.citizen_id)
        number = self._vault.open_number(data_key, record.identifier_id, record.number_enc)
        profile = self._vault.open(data_key, record.profile)
        return OpenedCitizen(record.citizen, profile, Personal(mask(number.reveal())))

"""Shows the addresses of a citizen, the history among them."""

from dataclasses import dataclass
from uuid import UUID

from songcau_kit.errors import DomainError

from songcau_identity.addresses import repository
from songcau_identity.addresses.frame import AddressDesk
from songcau_identity.addresses.model import AddressValue, HeldAddress
from songcau_identity.addresses.period import as_it_stands
from songcau_identity.auditing import Access, Asker, require_agency, require_purpose
from songcau_identity.errors import CITIZEN_NOT_FOUND
from songcau_identity.repositories import citizens
from songcau_identity.representations.covering import Covering
from songcau_identity.representations.model import Scope


@dataclass(frozen=True)
class ShownAddress:
    """An address as it may be shown to its citizen and to officers."""

    held: HeldAddress
    value: AddressValue


class AddressList:
    """The use cases ListAddresses and ListOwnAddresses."""

    def __init__(self, addresses: AddressDesk) -> None:
        self._addresses = addresses
        self._database = addresses.desk.database
        self._covering = Covering(addresses.desk.clock)

    def of_citizen(self, asker: Asker, citizen_id: UUID | None, access: Access) -> list[ShownAddress]:
        """Return every address of a citizen and of the records merged into theirs; raises CITIZEN_NOT_FOUND."""
        require_agency(asker)
        require_purpose(asker)
        return self._list(citizen_id, access)

    def own(self, asker: Asker, access: Access) -> list[ShownAddress]:
        """Return every address of the asker, or of whom the asker stands for.

        Raises CITIZEN_NOT_FOUND, NOT_REPRESENTED, and CITIZEN_NOT_ACTIVE for a representative who is blocked.
        """
        with self._database.read() as conn:
            citizen_id = asker.own_citizen_id
            if asker.on_behalf_of is not None:
                citizen_id = self._covering.meant(conn, asker, access, scopes=(Scope.IDENTITY_READ,))
        return self._list(citizen_id, access)

    def _list(self, citizen_id: UUID | None, access: Access) -> list[ShownAddress]:
        with self._database.read() as conn:
            family = citizens.find_family(conn, citizen_id) if citizen_id else ()
            if not family:
                raise DomainError(CITIZEN_NOT_FOUND)
            access.subjects[:] = family
            found = repository.list_addresses(conn, family)
            today = self._addresses.today()
            values = [self._addresses.open(conn, held) for held in found]
            return [
                ShownAddress(as_it_stands(held, value, today), value) for held, value in zip(found, values, strict=True)
            ]

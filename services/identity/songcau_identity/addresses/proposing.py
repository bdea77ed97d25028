"""Citizens propose where they live; an officer decides."""

from uuid import UUID

from songcau_kit.database import Connection
from songcau_kit.errors import DomainError

from songcau_identity.addresses import repository
from songcau_identity.addresses.frame import ADDRESS_ANSWER, AddressAnswer, AddressDesk, Entering, fingerprint
from songcau_identity.addresses.model import AddressAct, AddressState, AddressValue, EnteredBy
from songcau_identity.addresses.writing import StatedAddress, read_address
from songcau_identity.auditing import Access, Asker, Operation
from songcau_identity.errors import CITIZEN_NOT_FOUND, NOT_REPRESENTED
from songcau_identity.model import Citizen
from songcau_identity.papers import refuse_organisation
from songcau_identity.renumbering import refuse_unlinked
from songcau_identity.repeatable import Request
from songcau_identity.repositories import citizens
from songcau_identity.representations.covering import Covering
from songcau_identity.representations.model import OF_CHILDREN, Kind, Scope

# Where somebody lives is told by who cares for them; an authorisation to file dossiers does not reach so far.
_CARERS = OF_CHILDREN | {Kind.LIMITED_CAPACITY}


class Proposing:
    """The use case ProposeAddress."""

    def __init__(self, addresses: AddressDesk) -> None:
        self._addresses = addresses
        self._desk = addresses.desk
        self._covering = Covering(addresses.desk.clock)

    def propose(self, asker: Asker, request_id: str, stated: StatedAddress, access: Access) -> AddressAnswer:
        """Enter a proposal of the asker, or for a child the asker stands for; it replaces one of its kind that waits.

        Raises ADDRESS_INVALID, CITIZEN_NOT_FOUND, NOT_REPRESENTED, PERSON_REQUIRED and CITIZEN_NOT_ACTIVE.
        """
        kind, written = read_address(stated, today=self._addresses.today())

        def act(conn: Connection) -> AddressAnswer:
            citizen = self._hold(conn, asker, access)
            for waiting in repository.find_of_kind(conn, [citizen.citizen_id], kind, AddressState.PROPOSED):
                self._addresses.move(conn, waiting, AddressAct.REPLACE)
            placement = self._addresses.place(conn, written)
            value = AddressValue(written, placement)
            address_id = self._addresses.enter(conn, Entering(citizen.citizen_id, kind, value, EnteredBy.CITIZEN))
            return AddressAnswer(citizen, address_id, placement.resolution, placement.warnings)

        request = Request(
            Operation.PROPOSE_ADDRESS, request_id, f"{asker.on_behalf_of} ".encode() + fingerprint(stated)
        )
        return self._desk.writes.run(asker, Operation.PROPOSE_ADDRESS, request, access, act=act, form=ADDRESS_ANSWER)

    def _hold(self, conn: Connection, asker: Asker, access: Access) -> Citizen:
        """Hold the record that is meant, so that proposals of one person wait for one another."""
        citizen_id, represented_id = asker.own_citizen_id, asker.on_behalf_of
        family = citizens.find_family(conn, represented_id or citizen_id) if citizen_id else ()
        if not family:
            # Whoever names somebody does not learn whether there is such a person.
            raise DomainError(NOT_REPRESENTED if represented_id else CITIZEN_NOT_FOUND)
        access.subjects[:] = [family[0]]
        citizen = citizens.hold_citizens(conn, [family[0]])[family[0]]
        if represented_id is not None and citizen_id is not None:
            self._require_carer(conn, citizen_id, family)
        refuse_organisation(citizen)
        refuse_unlinked(citizen)
        return citizen

    def _require_carer(self, conn: Connection, citizen_id: UUID, family: tuple[UUID, ...]) -> None:
        held = self._covering.hold(conn, citizen_id, family, scopes=(Scope.DOSSIER_WRITE,))
        if not any(one.kind in _CARERS for one in held):
            raise DomainError(NOT_REPRESENTED)

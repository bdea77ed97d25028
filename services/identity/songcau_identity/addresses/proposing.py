"""Citizens propose where they live; an officer decides."""

from uuid import UUID

from songcau_kit.clock import local_date
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError

from songcau_identity.addresses import repository
from songcau_identity.addresses.frame import ADDRESS_ANSWER, AddressAnswer, AddressDesk, Entering, fingerprint
from songcau_identity.addresses.model import AddressAct, AddressState, AddressValue, EnteredBy
from songcau_identity.addresses.writing import StatedAddress, read_address
from songcau_identity.auditing import Access, Asker, Operation
from songcau_identity.errors import CITIZEN_NOT_FOUND
from songcau_identity.model import Citizen
from songcau_identity.papers import refuse_organisation
from songcau_identity.renumbering import refuse_unlinked
from songcau_identity.repeatable import Request
from songcau_identity.repositories import citizens


class Proposing:
    """The use case ProposeAddress."""

    def __init__(self, addresses: AddressDesk) -> None:
        self._addresses = addresses
        self._desk = addresses.desk

    def propose(self, asker: Asker, request_id: str, stated: StatedAddress, access: Access) -> AddressAnswer:
        """Enter a proposal; it takes the place of one of its kind that waits.

        Raises ADDRESS_INVALID, CITIZEN_NOT_FOUND, PERSON_REQUIRED and CITIZEN_NOT_ACTIVE.
        """
        kind, written = read_address(stated, today=local_date(self._desk.clock.now()))

        def act(conn: Connection) -> AddressAnswer:
            citizen = self._hold(conn, asker.own_citizen_id, access)
            for waiting in repository.find_of_kind(conn, [citizen.citizen_id], kind, AddressState.PROPOSED):
                self._addresses.move(conn, waiting, AddressAct.REPLACE)
            placement = self._addresses.place(conn, written)
            value = AddressValue(written, placement)
            address_id = self._addresses.enter(conn, Entering(citizen.citizen_id, kind, value, EnteredBy.CITIZEN))
            return AddressAnswer(citizen, address_id, placement.resolution, placement.warnings)

        request = Request(Operation.PROPOSE_ADDRESS, request_id, fingerprint(stated))
        return self._desk.writes.run(asker, Operation.PROPOSE_ADDRESS, request, access, act=act, form=ADDRESS_ANSWER)

    def _hold(self, conn: Connection, citizen_id: UUID | None, access: Access) -> Citizen:
        """Hold the record that stands for the caller, so that proposals of one person wait for one another."""
        family = citizens.find_family(conn, citizen_id) if citizen_id else ()
        if not family:
            raise DomainError(CITIZEN_NOT_FOUND)
        access.subjects[:] = [family[0]]
        citizen = citizens.hold_citizens(conn, [family[0]])[family[0]]
        refuse_organisation(citizen)
        refuse_unlinked(citizen)
        return citizen

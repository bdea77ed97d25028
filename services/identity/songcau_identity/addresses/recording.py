"""Officers record where citizens live and decide on what citizens proposed, on evidence."""

from dataclasses import dataclass, replace
from uuid import UUID

from songcau_kit import outbox
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError, Violation

from songcau_identity.address_errors import ADDRESS_INVALID
from songcau_identity.addresses import repository
from songcau_identity.addresses.frame import (
    ADDRESS_ANSWER,
    AddressAnswer,
    AddressDesk,
    Entering,
    fingerprint,
    next_state,
)
from songcau_identity.addresses.model import (
    AddressAct,
    AddressKind,
    AddressRefusal,
    AddressState,
    AddressValue,
    EnteredBy,
    HeldAddress,
    Placement,
)
from songcau_identity.addresses.period import is_over
from songcau_identity.addresses.writing import StatedAddress, read_address
from songcau_identity.auditing import Operation
from songcau_identity.model import Citizen
from songcau_identity.officers import Entry, OfficerActs, Order, Seen
from songcau_identity.papers import refuse_organisation
from songcau_identity.renumbering import refuse_unlinked
from songcau_identity.repositories import citizens


@dataclass(frozen=True)
class Recorded:
    """An address that is on record now."""

    address_id: UUID
    kind: AddressKind
    placement: Placement


class Recording:
    """The use cases RecordAddress, AcceptAddressProposal and RefuseAddressProposal."""

    def __init__(self, addresses: AddressDesk) -> None:
        self._addresses = addresses
        self._desk = addresses.desk
        self._acts = OfficerActs(addresses.desk)

    def record(self, order: Order, seen: Seen, stated: StatedAddress) -> AddressAnswer:
        """Enter an address on evidence; the one of its kind on record ends.

        Raises ADDRESS_INVALID, PERSON_REQUIRED, CITIZEN_NOT_ACTIVE and what every act of an officer raises.
        """
        kind, written = read_address(stated, today=self._addresses.today())

        def act(conn: Connection) -> AddressAnswer:
            before = self._acts.hold_one(conn, order, seen.citizen_id, seen.version)
            refuse_unlinked(before)
            refuse_organisation(before)
            value = AddressValue(written, self._addresses.place(conn, written))
            self._end_present(conn, before, kind)
            citizen, act_id = self._step(conn, order, before)
            entering = Entering(citizen.citizen_id, kind, value, EnteredBy.OFFICER, act_id)
            recorded = Recorded(self._addresses.enter(conn, entering), kind, value.placement)
            return self._told(conn, order, citizen, recorded)

        asked = f"{seen} ".encode() + fingerprint(stated)
        return self._acts.run(order, Operation.RECORD_ADDRESS, asked, act=act, form=ADDRESS_ANSWER)

    def accept(self, order: Order, address_id: UUID | None, version: int) -> AddressAnswer:
        """Take a proposal over as it was written; the address of its kind on record ends.

        Raises ADDRESS_NOT_FOUND, ADDRESS_STATE_CONFLICT, ADDRESS_INVALID for a temporary residence whose last day has
        passed, and what every act of an officer raises.
        """

        def act(conn: Connection) -> AddressAnswer:
            held, before = self._hold(conn, order, address_id, version)
            next_state(held, AddressAct.RECORD)
            value = self._addresses.open(conn, held)
            if is_over(value.written, self._addresses.today()):
                raise DomainError(ADDRESS_INVALID, violations=[Violation("/address/valid_to", "OUT_OF_RANGE")])
            self._end_present(conn, before, held.kind)
            citizen, act_id = self._step(conn, order, before)
            self._addresses.move(conn, held, AddressAct.RECORD, act_id=act_id)
            return self._told(conn, order, citizen, Recorded(held.address_id, held.kind, value.placement))

        asked = f"{address_id} {version}".encode()
        return self._acts.run(order, Operation.ACCEPT_ADDRESS_PROPOSAL, asked, act=act, form=ADDRESS_ANSWER)

    def refuse(self, order: Order, address_id: UUID | None, version: int, refusal: AddressRefusal) -> AddressAnswer:
        """Refuse a proposal; it stays in the history with the reason.

        Raises ADDRESS_NOT_FOUND, ADDRESS_STATE_CONFLICT and what every act of an officer raises.
        """

        def act(conn: Connection) -> AddressAnswer:
            held, citizen = self._hold(conn, order, address_id, version)
            next_state(held, AddressAct.REFUSE)
            act_id = self._acts.finish(conn, order, Entry(citizen.citizen_id))
            self._addresses.move(conn, held, AddressAct.REFUSE, act_id=act_id, refusal=refusal)
            return AddressAnswer(citizen, held.address_id, held.resolution)

        asked = f"{address_id} {version} {refusal}".encode()
        return self._acts.run(order, Operation.REFUSE_ADDRESS_PROPOSAL, asked, act=act, form=ADDRESS_ANSWER)

    def _hold(
        self, conn: Connection, order: Order, address_id: UUID | None, version: int
    ) -> tuple[HeldAddress, Citizen]:
        found = self._addresses.find(conn, address_id)
        citizen = self._acts.hold_one(conn, order, found.citizen_id, version)
        return self._addresses.find(conn, found.address_id), citizen

    def _end_present(self, conn: Connection, citizen: Citizen, kind: AddressKind) -> None:
        for present in repository.find_of_kind(conn, [citizen.citizen_id], kind, AddressState.RECORDED):
            self._addresses.move(conn, present, AddressAct.END)

    def _step(self, conn: Connection, order: Order, before: Citizen) -> tuple[Citizen, UUID]:
        citizen = replace(before, version=before.version + 1)
        citizens.update_citizen(conn, citizen, self._desk.clock.now())
        return citizen, self._acts.finish(conn, order, Entry(citizen.citizen_id))

    def _told(self, conn: Connection, order: Order, citizen: Citizen, recorded: Recorded) -> AddressAnswer:
        told = (order.asker.actor, order.asker.correlation_id)
        event = self._desk.events.address_recorded(citizen, *told, address_id=recorded.address_id, kind=recorded.kind)
        outbox.append(conn, event)
        placement = recorded.placement
        return AddressAnswer(citizen, recorded.address_id, placement.resolution, placement.warnings)

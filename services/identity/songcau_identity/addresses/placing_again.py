"""Places open addresses again once a legal day, with the hamlets, units and boundaries that are known by then."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from songcau_kit import audit, outbox
from songcau_kit.database import Connection
from songcau_kit.events import Actor
from songcau_units.resolving import Resolution

from songcau_identity.addresses import repository_doubts
from songcau_identity.addresses.frame import AddressDesk
from songcau_identity.addresses.model import AddressValue, HeldAddress
from songcau_identity.addresses.period import is_over
from songcau_identity.auditing import Operation
from songcau_identity.daily_look import AT_MOST, EVERY_S, DailyLook
from songcau_identity.repositories import citizens
from songcau_identity.representations.frame import By
from songcau_identity.representations.running_out import SYSTEM, system_entry


class PlacingAgain(DailyLook[HeldAddress]):
    """Looks at every open address; what was decided is left as it is.

    A portion is one transaction and notes the day, so a process that ends in between goes on where it was. What an
    older release entered is looked at once, to wait for officers where it must.
    """

    name = "identity-placing-again"
    unseen = "address_not_placed_again"

    def __init__(self, addresses: AddressDesk, *, every: float = EVERY_S, at_most: int = AT_MOST) -> None:
        super().__init__(addresses.desk, every=every, at_most=at_most)
        self._addresses = addresses

    def _hold(self, conn: Connection, today: date, without: Collection[UUID], at_most: int) -> Sequence[HeldAddress]:
        return repository_doubts.hold_to_place(conn, today, without, at_most)

    def _note(self, conn: Connection, looked: Collection[UUID], today: date) -> None:
        repository_doubts.note_placing(conn, looked, today)

    def _id(self, one: HeldAddress) -> UUID:
        return one.address_id

    def _look_at(self, conn: Connection, one: HeldAddress, today: date) -> None:
        held = repository_doubts.find_to_place(conn, one.address_id, today)
        if held is None:
            return
        value = self._addresses.open(conn, held)
        if held.resolution != Resolution.RESOLVED and not is_over(value.written, today):
            value = self._placed(conn, held, value)
        self._addresses.let_wait(conn, held, value)

    def _placed(self, conn: Connection, held: HeldAddress, before: AddressValue) -> AddressValue:
        value = AddressValue(before.written, self._addresses.place(conn, before.written))
        if value != before:
            self._addresses.keep_placement(conn, held, value)
        if value.placement.resolution == Resolution.RESOLVED:
            self._tell(conn, held)
        return value

    def _tell(self, conn: Connection, held: HeldAddress) -> None:
        now = self._desk.clock.now()
        by = By(Actor(SYSTEM, "SYSTEM"), str(self._desk.clock.new_id()))
        before = citizens.hold_citizens(conn, [held.citizen_id])[held.citizen_id]
        citizen = replace(before, version=before.version + 1)
        citizens.update_citizen(conn, citizen, now)
        told = (by.actor, by.correlation_id)
        event = self._desk.events.address_resolved(citizen, *told, address_id=held.address_id, kind=held.kind)
        outbox.append(conn, event)
        what = (Operation.RESOLVE_ADDRESS, "address", held.address_id)
        audit.record(conn, system_entry(held.citizen_id, what, by, purpose=""), clock=self._desk.clock)

"""Officers resolve what words alone leave open: by the hamlet or the point, on evidence."""

from dataclasses import dataclass, replace
from uuid import UUID

from songcau_kit import outbox
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError, Violation
from songcau_kit.personal import Personal
from songcau_kit.text import LegacyEncodingError
from songcau_units.boundaries import Point

from songcau_identity.address_errors import ADDRESS_INVALID, ADDRESS_STATE_CONFLICT, HAMLET_ELSEWHERE
from songcau_identity.addresses import repository_doubts, repository_hamlets
from songcau_identity.addresses.frame import ADDRESS_ANSWER, AddressAnswer, AddressDesk
from songcau_identity.addresses.model import OPEN_STATES, AddressValue, Basis, HeldAddress, Placement
from songcau_identity.addresses.period import as_it_stands
from songcau_identity.addresses.writing import hamlet_key, read_hamlet
from songcau_identity.auditing import Operation
from songcau_identity.model import Citizen
from songcau_identity.officers import Entry, OfficerActs, Order
from songcau_identity.repositories import citizens


@dataclass(frozen=True)
class Finding:
    """What an officer found: the unit of today, by the hamlet or by the point (latitude, longitude in degrees)."""

    unit_code: str
    hamlet: Personal
    coordinates: tuple[float, float] | None

    @property
    def point(self) -> Point | None:
        """The point on earth."""
        return Point(*self.coordinates) if self.coordinates else None


class Resolving:
    """The use case ResolveAddress."""

    def __init__(self, addresses: AddressDesk) -> None:
        self._addresses = addresses
        self._desk = addresses.desk
        self._acts = OfficerActs(addresses.desk)

    def resolve(self, order: Order, address_id: UUID | None, version: int, finding: Finding) -> AddressAnswer:
        """Decide the unit of today of an address that waits; the hamlet decides for those who come after.

        The unit the words told already is confirmed as it is; another needs the hamlet or the point.
        Raises ADDRESS_INVALID, ADDRESS_NOT_FOUND, ADDRESS_STATE_CONFLICT, ADDRESS_UNIT_INVALID, HAMLET_ELSEWHERE,
        BOUNDARIES_UNAVAILABLE and what every act of an officer raises.
        """
        hamlet = read_finding(finding)

        def act(conn: Connection) -> AddressAnswer:
            found = self._addresses.find(conn, address_id)
            before = self._acts.hold_one(conn, order, found.citizen_id, version)
            held = self._addresses.find(conn, found.address_id)
            value = self._addresses.open(conn, held)
            is_waiting = repository_doubts.is_waiting(conn, held.address_id)
            refuse_settled(as_it_stands(held, value, self._addresses.today()), is_waiting=is_waiting)
            placement = self._found(value.placement, finding, hamlet)
            citizen, act_id = self._step(conn, order, before, held)
            self._addresses.keep_placement(conn, held, self._completed(value, placement, hamlet, finding), act_id)
            repository_doubts.save_doubts(conn, held, ())
            if hamlet:
                self._learn(conn, value.placement, placement, hamlet, act_id)
            return AddressAnswer(citizen, held.address_id, placement.resolution, placement.warnings)

        words = (str(address_id), str(version), finding.unit_code, hamlet, str(finding.coordinates))
        asked = "\x00".join(words).encode()
        return self._acts.run(order, Operation.RESOLVE_ADDRESS, asked, act=act, form=ADDRESS_ANSWER)

    def _found(self, before: Placement, finding: Finding, hamlet: str) -> Placement:
        placing = self._addresses.placing
        if before.now is not None and before.now.code == finding.unit_code:
            placing.check_point(finding.unit_code, finding.point)
            return before
        if not hamlet and finding.coordinates is None:
            raise DomainError(ADDRESS_INVALID, violations=[Violation("/hamlet", "REQUIRED")])
        basis = Basis.HAMLET if hamlet else Basis.COORDINATES
        return placing.verify(before, finding.unit_code, finding.point, basis=basis)

    def _step(self, conn: Connection, order: Order, before: Citizen, held: HeldAddress) -> tuple[Citizen, UUID]:
        citizen = replace(before, version=before.version + 1)
        citizens.update_citizen(conn, citizen, self._desk.clock.now())
        told = (order.asker.actor, order.asker.correlation_id)
        event = self._desk.events.address_resolved(citizen, *told, address_id=held.address_id, kind=held.kind)
        outbox.append(conn, event)
        return citizen, self._acts.finish(conn, order, Entry(citizen.citizen_id))

    def _completed(self, value: AddressValue, placement: Placement, hamlet: str, finding: Finding) -> AddressValue:
        """Return the address with what the officer found; the text stays as it was entered."""
        written = replace(value.written, hamlet=hamlet or value.written.hamlet)
        if finding.coordinates:
            written = replace(written, latitude=finding.coordinates[0], longitude=finding.coordinates[1])
        return AddressValue(written, placement)

    def _learn(self, conn: Connection, before: Placement, after: Placement, hamlet: str, act_id: UUID) -> None:
        """Keep where the hamlet of a split unit went; raises HAMLET_ELSEWHERE where another unit is known for it."""
        split = next((one.then for one in before.candidates if one.partial and one.now == after.now), None)
        if split is None or after.now is None:
            return
        known = repository_hamlets.enter_hamlet(
            conn, split, hamlet_key(hamlet), unit_code=after.now.code, act_id=act_id, at=self._desk.clock.now()
        )
        if known != after.now.code:
            raise DomainError(HAMLET_ELSEWHERE, details={"unit_code": str(known)})


def read_finding(finding: Finding) -> str:
    """Return the name of the hamlet, empty where none is named; raises ADDRESS_INVALID."""
    try:
        return read_hamlet(finding.hamlet)
    except LegacyEncodingError as error:
        raise DomainError(ADDRESS_INVALID, violations=[Violation("/hamlet", "LEGACY_ENCODING", str(error))]) from None
    except ValueError as error:
        raise DomainError(ADDRESS_INVALID, violations=[Violation("/hamlet", str(error))]) from None


def refuse_settled(held: HeldAddress, *, is_waiting: bool) -> None:
    """Raise ADDRESS_STATE_CONFLICT for an address that is history or whose unit is known and waits for nobody."""
    if held.state not in OPEN_STATES:
        raise DomainError(ADDRESS_STATE_CONFLICT, details={"state": held.state})
    if held.resolution == "RESOLVED" and not is_waiting:
        raise DomainError(ADDRESS_STATE_CONFLICT, details={"state": held.resolution})

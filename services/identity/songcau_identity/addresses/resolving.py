"""Officers resolve what words alone leave open: by the hamlet or the point, on evidence."""

from dataclasses import dataclass, replace
from uuid import UUID

from songcau_kit import outbox
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError, Violation
from songcau_kit.personal import Personal
from songcau_kit.text import LegacyEncodingError
from songcau_units.boundaries import Point

from songcau_identity.addresses import repository
from songcau_identity.addresses.frame import ADDRESS_ANSWER, AddressAnswer, AddressDesk, seal_address
from songcau_identity.addresses.model import AddressState, AddressValue, Basis, HeldAddress, Placement
from songcau_identity.addresses.writing import hamlet_key, read_hamlet
from songcau_identity.auditing import Operation
from songcau_identity.errors import ADDRESS_INVALID, ADDRESS_STATE_CONFLICT, HAMLET_ELSEWHERE
from songcau_identity.model import Citizen
from songcau_identity.officers import Entry, OfficerActs, Order
from songcau_identity.repositories import citizens

OPEN_STATES = (AddressState.PROPOSED, AddressState.RECORDED)


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
        """Decide the unit of today of an address that is open; the hamlet decides for those who come after.

        Raises ADDRESS_INVALID, ADDRESS_NOT_FOUND, ADDRESS_STATE_CONFLICT, ADDRESS_UNIT_INVALID, HAMLET_ELSEWHERE,
        BOUNDARIES_UNAVAILABLE and what every act of an officer raises.
        """
        hamlet = read_finding(finding)

        def act(conn: Connection) -> AddressAnswer:
            found = self._addresses.find(conn, address_id)
            before = self._acts.hold_one(conn, order, found.citizen_id, version)
            held = self._addresses.find(conn, found.address_id)
            refuse_settled(held)
            value = self._addresses.open(conn, held)
            basis = Basis.HAMLET if hamlet else Basis.COORDINATES
            placement = self._addresses.placing.verify(value.placement, finding.unit_code, finding.point, basis=basis)
            citizen, act_id = self._step(conn, order, before, held)
            self._keep(conn, held, self._completed(value, placement, hamlet, finding), act_id)
            if hamlet:
                self._learn(conn, value.placement, placement, hamlet, act_id)
            return AddressAnswer(citizen, held.address_id, placement.resolution, placement.warnings)

        words = (str(address_id), str(version), finding.unit_code, hamlet, str(finding.coordinates))
        asked = "\x00".join(words).encode()
        return self._acts.run(order, Operation.RESOLVE_ADDRESS, asked, act=act, form=ADDRESS_ANSWER)

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

    def _keep(self, conn: Connection, held: HeldAddress, value: AddressValue, act_id: UUID) -> None:
        key = self._desk.data_keys.get(conn, held.citizen_id)
        blob = seal_address(key, held.address_id, value)
        resolution = value.placement.resolution
        repository.save_resolution(conn, held.address_id, resolution=resolution, value_enc=blob, act_id=act_id)

    def _learn(self, conn: Connection, before: Placement, after: Placement, hamlet: str, act_id: UUID) -> None:
        """Keep where the hamlet of a split unit went; raises HAMLET_ELSEWHERE where another unit is known for it."""
        split = next((one.then for one in before.candidates if one.partial and one.now == after.now), None)
        if split is None or after.now is None:
            return
        known = repository.enter_hamlet(
            conn, split, hamlet_key(hamlet), unit_code=after.now.code, act_id=act_id, at=self._desk.clock.now()
        )
        if known != after.now.code:
            raise DomainError(HAMLET_ELSEWHERE, details={"unit_code": str(known)})


def read_finding(finding: Finding) -> str:
    """Return the name of the hamlet; raises ADDRESS_INVALID where neither hamlet nor point are named, or wrongly."""
    try:
        hamlet = read_hamlet(finding.hamlet)
    except LegacyEncodingError as error:
        raise DomainError(ADDRESS_INVALID, violations=[Violation("/hamlet", "LEGACY_ENCODING", str(error))]) from None
    except ValueError as error:
        raise DomainError(ADDRESS_INVALID, violations=[Violation("/hamlet", str(error))]) from None
    if not hamlet and finding.coordinates is None:
        raise DomainError(ADDRESS_INVALID, violations=[Violation("/hamlet", "REQUIRED")])
    return hamlet


def refuse_settled(held: HeldAddress) -> None:
    """Raise ADDRESS_STATE_CONFLICT for an address that is history or whose unit is known."""
    if held.state not in OPEN_STATES:
        raise DomainError(ADDRESS_STATE_CONFLICT, details={"state": held.state})
    if held.resolution == "RESOLVED":
        raise DomainError(ADDRESS_STATE_CONFLICT, details={"state": held.resolution})

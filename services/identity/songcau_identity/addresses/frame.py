"""What proposing, recording, resolving and listing share: sealing, placing, the steps of the lifecycle."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit.clock import local_date
from songcau_kit.data_keys import DataKey
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.field_cipher import Place, decrypt_text, encrypt

from songcau_identity.address_errors import ADDRESS_NOT_FOUND, ADDRESS_STATE_CONFLICT
from songcau_identity.addresses import repository, repository_doubts, repository_hamlets
from songcau_identity.addresses.doubts import communes_of, doubts_of
from songcau_identity.addresses.model import (
    OPEN_STATES,
    TRANSITIONS,
    AddressAct,
    AddressKind,
    AddressRefusal,
    AddressState,
    AddressValue,
    EnteredBy,
    HeldAddress,
    Placement,
    WrittenAddress,
)
from songcau_identity.addresses.period import is_over
from songcau_identity.addresses.placing import Placing
from songcau_identity.addresses.repository import Settlement
from songcau_identity.addresses.writing import StatedAddress, hamlet_key
from songcau_identity.model import Citizen
from songcau_identity.officers import Desk

_VALUE = TypeAdapter(AddressValue)


@dataclass(frozen=True)
class AddressAnswer:
    """A citizen after a write and the address it was about; nothing personal."""

    citizen: Citizen
    address_id: UUID
    resolution: str
    warnings: tuple[str, ...] = ()

    @property
    def subjects(self) -> Sequence[UUID]:
        """Return whose data the write met."""
        return [self.citizen.citizen_id]


ADDRESS_ANSWER = TypeAdapter(AddressAnswer)


@dataclass(frozen=True)
class Entering:
    """An address about to be entered, by whom, and on which act of an officer (None for a proposal)."""

    citizen_id: UUID
    kind: AddressKind
    value: AddressValue
    by: EnteredBy
    act_id: UUID | None = None


class AddressDesk:
    """Opens and closes addresses and takes them from state to state, in the caller's transaction."""

    def __init__(self, desk: Desk, placing: Placing) -> None:
        self.desk = desk
        self.placing = placing

    def place(self, conn: Connection, written: WrittenAddress) -> Placement:
        """Return what an address was resolved to with the hamlets known so far."""
        find = repository_hamlets.find_hamlet
        return self.placing.place(written, lambda old, hamlet: find(conn, old, hamlet_key(hamlet)))

    def enter(self, conn: Connection, entering: Entering) -> UUID:
        """Add an address and return its id."""
        now, address_id = self.desk.clock.now(), self.desk.clock.new_id()
        key = self.desk.data_keys.get(conn, entering.citizen_id)
        held = HeldAddress(
            address_id=address_id,
            citizen_id=entering.citizen_id,
            kind=entering.kind,
            state=AddressState.RECORDED if entering.act_id else AddressState.PROPOSED,
            resolution=entering.value.placement.resolution,
            value_enc=seal_address(key, address_id, entering.value),
            entered_by=entering.by,
            entered_at=now,
            recorded_at=now if entering.act_id else None,
        )
        repository.insert_address(conn, held, entering.act_id, local_date(now))
        self.let_wait(conn, held, entering.value)
        return address_id

    def let_wait(self, conn: Connection, held: HeldAddress, value: AddressValue) -> None:
        """Let an address wait for the officers of its communes while something about it is in doubt."""
        is_open = doubts_of(value) and not is_over(value.written, self.today())
        digests = [self.desk.vault.commune_digest(code) for code in communes_of(value)] if is_open else []
        repository_doubts.save_doubts(conn, held, digests)

    def keep_placement(
        self, conn: Connection, held: HeldAddress, value: AddressValue, act_id: UUID | None = None
    ) -> None:
        """Keep what an address was resolved to anew, by an officer's act or by what became known."""
        key = self.desk.data_keys.get(conn, held.citizen_id)
        blob = seal_address(key, held.address_id, value)
        resolution = value.placement.resolution
        repository.save_resolution(conn, held.address_id, resolution=resolution, value_enc=blob, act_id=act_id)

    def move(
        self,
        conn: Connection,
        held: HeldAddress,
        act: AddressAct,
        *,
        act_id: UUID | None = None,
        refusal: AddressRefusal | None = None,
    ) -> None:
        """Take a step of the lifecycle; raises ADDRESS_STATE_CONFLICT."""
        after = next_state(held, act)
        repository.settle(conn, held.address_id, Settlement(after, self.desk.clock.now(), act_id, refusal))
        if after not in OPEN_STATES:
            repository_doubts.save_doubts(conn, held, ())

    def today(self) -> date:
        """Return the legal day."""
        return local_date(self.desk.clock.now())

    def open(self, conn: Connection, held: HeldAddress) -> AddressValue:
        """Return what an address says."""
        key = self.desk.data_keys.get(conn, held.citizen_id)
        return open_address(key, held)

    def find(self, conn: Connection, address_id: UUID | None) -> HeldAddress:
        """Return an address; raises ADDRESS_NOT_FOUND."""
        found = repository.find_address(conn, address_id) if address_id else None
        if found is None:
            raise DomainError(ADDRESS_NOT_FOUND)
        return found


def next_state(held: HeldAddress, act: AddressAct) -> AddressState:
    """Return the state an act leads to; raises ADDRESS_STATE_CONFLICT."""
    after = TRANSITIONS.get((held.state, act))
    if after is None:
        raise DomainError(ADDRESS_STATE_CONFLICT, details={"state": held.state})
    return after


def seal_address(key: DataKey, address_id: UUID, value: AddressValue) -> bytes:
    """Close an address for one citizen and one row."""
    return encrypt(key, _place(address_id), _VALUE.dump_json(value).decode())


def open_address(key: DataKey, held: HeldAddress) -> AddressValue:
    """Open an address."""
    return _VALUE.validate_json(decrypt_text(key, _place(held.address_id), held.value_enc))


def fingerprint(stated: StatedAddress) -> bytes:
    """Return what tells two requests apart."""
    words = (str(stated.kind), stated.text.reveal(), stated.hamlet.reveal(), stated.written_on, str(stated.coordinates))
    period = (stated.valid_from, stated.valid_to) if stated.valid_from or stated.valid_to else ()
    return "\x00".join((*words, *period)).encode()


def _place(address_id: UUID) -> Place:
    return Place("addresses", "value_enc", str(address_id))

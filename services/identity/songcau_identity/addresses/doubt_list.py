"""Shows officers the addresses of their communes that wait for them."""

from dataclasses import dataclass

from songcau_kit.cursors import CursorSigner
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_units.agencies import Area, area_of

from songcau_identity.address_errors import AGENCY_WITHOUT_RESIDENTS
from songcau_identity.addresses import repository_doubts
from songcau_identity.addresses.doubts import doubts_of
from songcau_identity.addresses.frame import AddressDesk
from songcau_identity.addresses.listing import ShownAddress
from songcau_identity.addresses.model import AddressDoubt
from songcau_identity.addresses.period import is_over
from songcau_identity.addresses.repository_doubts import Reach, WaitingAddress
from songcau_identity.auditing import Access, Asker, require_agency, require_purpose
from songcau_identity.positions import Position, page_size_of, read_position, write_position
from songcau_identity.repositories import citizens

LIST = "address doubts"


@dataclass(frozen=True)
class ShownDoubt:
    """An address that waits, why, and the version of its citizen."""

    address: ShownAddress
    doubts: tuple[AddressDoubt, ...]
    citizen_version: int


@dataclass(frozen=True)
class DoubtPage:
    """One page of addresses that wait; the cursor of the next is empty on the last."""

    doubts: tuple[ShownDoubt, ...]
    next_cursor: str


class AddressDoubtList:
    """The use case ListAddressDoubts."""

    def __init__(self, addresses: AddressDesk, cursors: CursorSigner) -> None:
        self._addresses = addresses
        self._desk = addresses.desk
        self._cursors = cursors

    def list_waiting(self, asker: Asker, access: Access, *, page_size: int, cursor: str) -> DoubtPage:
        """Return one page of what waits in the communes of the officer's agencies, the oldest first.

        A temporary residence whose last day has passed waits for nobody: a page may be shorter, the next one follows.
        Agencies of the province see every commune, and alone the addresses that may lie anywhere. Nobody is shown their
        own. Raises AGENCY_WITHOUT_RESIDENTS for agencies that look after no commune, and CURSOR_INVALID.
        """
        require_agency(asker)
        require_purpose(asker)
        area = area_of(asker.caller.values("agency_codes"))
        if area.is_empty:
            raise DomainError(AGENCY_WITHOUT_RESIDENTS)
        size = page_size_of(page_size)
        after = read_position(self._cursors, cursor, of=LIST)
        with self._desk.database.read() as conn:
            found = repository_doubts.list_waiting(conn, self._reach(conn, asker, area), after=after, limit=size + 1)
            waiting = tuple(self._shown(conn, one) for one in found[:size])
        today = self._addresses.today()
        page = tuple(one for one in waiting if not is_over(one.address.value.written, today))
        access.subjects.extend(dict.fromkeys(one.address.held.citizen_id for one in page))
        if len(found) <= size:
            return DoubtPage(page, "")
        last = waiting[-1].address.held
        return DoubtPage(page, write_position(self._cursors, Position(last.entered_at, last.address_id), of=LIST))

    def _reach(self, conn: Connection, asker: Asker, area: Area) -> Reach:
        own = asker.own_citizen_id
        without = citizens.find_family(conn, own) if own else ()
        digest = self._desk.vault.commune_digest
        return Reach(None if area.is_province else [digest(code) for code in area.communes], without)

    def _shown(self, conn: Connection, one: WaitingAddress) -> ShownDoubt:
        value = self._addresses.open(conn, one.held)
        return ShownDoubt(ShownAddress(one.held, value), doubts_of(value), one.citizen_version)

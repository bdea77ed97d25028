"""Shows citizens who touched their data, in every service, and takes in what the other services report."""

from dataclasses import dataclass

from songcau_kit.cursors import CursorSigner
from songcau_kit.database import Connection, Database
from songcau_kit.errors import DomainError

from songcau_identity.auditing import Access, Asker
from songcau_identity.errors import CITIZEN_NOT_FOUND
from songcau_identity.positions import Position, page_size_of, read_position, write_position
from songcau_identity.repositories import accesses as repository
from songcau_identity.repositories import citizens
from songcau_identity.repositories.accesses import AccessRecord
from songcau_identity.representations.covering import Covering
from songcau_identity.representations.model import Scope


@dataclass(frozen=True)
class AccessPage:
    """One page of the list; the cursor of the next is empty on the last."""

    accesses: tuple[AccessRecord, ...]
    next_cursor: str


class AccessList:
    """The use case ListOwnAccesses."""

    def __init__(self, *, database: Database, cursors: CursorSigner, covering: Covering) -> None:
        self._database = database
        self._covering = covering
        self._cursors = cursors

    def list_own(
        self, asker: Asker, access: Access, *, page_size: int, cursor: str, for_others: bool = False
    ) -> AccessPage:
        """Return one page, newest first, with what was met under the ids of records merged into the citizen's.

        `for_others` asks for what the asker did in the name of others. Whoever stands for a citizen sees that citizen's
        list. Raises CITIZEN_NOT_FOUND, NOT_REPRESENTED and CURSOR_INVALID.
        """
        size = page_size_of(page_size)
        with self._database.read() as conn:
            meant = self._covering.meant(conn, asker, access, scopes=(Scope.ACCESS_READ,))
            family = citizens.find_family(conn, meant)
            if not family:
                raise DomainError(CITIZEN_NOT_FOUND)
            access.subjects[:] = [family[0]]
            list_name = f"{family[0]}/{for_others}"
            before = read_position(self._cursors, cursor, of=list_name)
            if for_others:
                found = repository.list_for_others(conn, asker.caller.subject, before=before, limit=size + 1)
            else:
                found = repository.list_accesses(conn, family, before=before, limit=size + 1)
        page = tuple(found[:size])
        if len(found) <= size:
            return AccessPage(page, "")
        last = Position(page[-1].occurred_at, page[-1].entry_id)
        return AccessPage(page, write_position(self._cursors, last, of=list_name))


def take_in(conn: Connection, access: AccessRecord) -> None:
    """Add what another service reported, in the consumer's transaction."""
    repository.insert_access(conn, access)

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


@dataclass(frozen=True)
class AccessPage:
    """One page of the list; the cursor of the next is empty on the last."""

    accesses: tuple[AccessRecord, ...]
    next_cursor: str


class AccessList:
    """The use case ListOwnAccesses."""

    def __init__(self, *, database: Database, cursors: CursorSigner) -> None:
        self._database = database
        self._cursors = cursors

    def list_own(self, asker: Asker, access: Access, *, page_size: int, cursor: str) -> AccessPage:
        """Return one page, newest first, with what was met under the ids of records merged into the citizen's.

        Raises CITIZEN_NOT_FOUND and CURSOR_INVALID.
        """
        own_id = asker.own_citizen_id
        if own_id is None:
            raise DomainError(CITIZEN_NOT_FOUND)
        size = page_size_of(page_size)
        with self._database.read() as conn:
            family = citizens.find_family(conn, own_id)
            if not family:
                raise DomainError(CITIZEN_NOT_FOUND)
            access.subjects.append(family[0])
            before = read_position(self._cursors, cursor, of=str(family[0]))
            found = repository.list_accesses(conn, family, before=before, limit=size + 1)
        page = tuple(found[:size])
        if len(found) <= size:
            return AccessPage(page, "")
        last = Position(page[-1].occurred_at, page[-1].entry_id)
        return AccessPage(page, write_position(self._cursors, last, of=str(family[0])))


def take_in(conn: Connection, access: AccessRecord) -> None:
    """Add what another service reported, in the consumer's transaction."""
    repository.insert_access(conn, access)

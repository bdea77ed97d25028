"""Shows citizens who touched their data, in every service, and takes in what the other services report."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from songcau_kit.cursors import CursorSigner
from songcau_kit.database import Connection, Database
from songcau_kit.errors import CURSOR_INVALID, DomainError

from songcau_identity.auditing import Access, Asker
from songcau_identity.errors import CITIZEN_NOT_FOUND
from songcau_identity.repositories import accesses as repository
from songcau_identity.repositories import citizens
from songcau_identity.repositories.accesses import AccessRecord, Position

DEFAULT_PAGE = 50
LARGEST_PAGE = 200


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
        """Return one page, newest first; raises CITIZEN_NOT_FOUND and CURSOR_INVALID."""
        subject_id = asker.own_citizen_id
        if subject_id is None:
            raise DomainError(CITIZEN_NOT_FOUND)
        size = min(page_size, LARGEST_PAGE) if page_size > 0 else DEFAULT_PAGE
        with self._database.read() as conn:
            if citizens.find_citizen(conn, subject_id) is None:
                raise DomainError(CITIZEN_NOT_FOUND)
            access.subjects.append(subject_id)
            before = self._read_cursor(cursor, subject_id) if cursor else None
            found = repository.list_accesses(conn, subject_id, before=before, limit=size + 1)
        page = tuple(found[:size])
        return AccessPage(page, self._write_cursor(page[-1]) if len(found) > size else "")

    def _write_cursor(self, last: AccessRecord) -> str:
        position = {"at": last.occurred_at.isoformat(), "id": str(last.entry_id), "of": str(last.subject_id)}
        return self._cursors.encode(position)

    def _read_cursor(self, cursor: str, subject_id: UUID) -> Position:
        position = self._cursors.decode(cursor)
        if position.get("of") != str(subject_id):
            raise DomainError(CURSOR_INVALID)
        return Position(datetime.fromisoformat(str(position["at"])), UUID(str(position["id"])))


def take_in(conn: Connection, access: AccessRecord) -> None:
    """Add what another service reported, in the consumer's transaction."""
    repository.insert_access(conn, access)

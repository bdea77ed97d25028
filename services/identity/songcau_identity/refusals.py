"""Who is turned away before a use case is reached stands on the list of the citizen who was named, like who is not."""

from collections.abc import Iterable
from uuid import UUID

from songcau_kit.database import Database

from songcau_identity.access_endings import Ending
from songcau_identity.auditing import Access, Asker, Auditor, Operation
from songcau_identity.repositories import citizens


class Refusals:
    """Enters refusals."""

    def __init__(self, database: Database, auditor: Auditor) -> None:
        self._database = database
        self._auditor = auditor

    def find_named(self, citizen_ids: Iterable[UUID]) -> list[UUID]:
        """Return those of the ids that are a citizen's; the others name nobody."""
        with self._database.read() as conn:
            return [one for one in dict.fromkeys(citizen_ids) if citizens.find_citizen(conn, one) is not None]

    def note(self, asker: Asker, operation: Operation, access: Access, ending: Ending) -> None:
        """Enter a refusal, for nobody where the access met nobody; raises UNAVAILABLE where it cannot be."""
        self._auditor.enter(asker, operation, access, ending)

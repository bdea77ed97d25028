"""All SQL of a dossier read whole: its row with what hangs on it as JSON values, so that one statement has all."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection

from songcau_eservices.attachments import repository as attachments
from songcau_eservices.dossiers import repository
from songcau_eservices.dossiers.dossier import Attachment, Dossier, Supplement
from songcau_eservices.dossiers.repository_citizens import FAMILY
from songcau_eservices.results import repository as papers
from songcau_eservices.results.paper import Paper

Found = tuple[Dossier, list[Attachment], list[Supplement], Paper | None]

_PARTS = f"{attachments.OF_DOSSIER}, {repository.SUPPLEMENTS_OF_DOSSIER}, {papers.RESULT_OF_DOSSIER}"
_FOR_READER = (
    f"select {FAMILY}, {_PARTS}, {', '.join(repository.COLUMNS)} "  # noqa: S608 -- names of these modules
    "from dossiers where id = %(dossier_id)s"
)
_AFTER_LOCK = f"select {_PARTS} from dossiers where id = %s"  # noqa: S608 -- names of these modules


def find(conn: Connection, dossier_id: UUID, *, reader_id: UUID | None) -> tuple[Found, frozenset[UUID]] | None:
    """Return a dossier with all that hangs on it, and every id its reader has as a citizen, from one statement."""
    row = conn.execute(_FOR_READER, {"dossier_id": dossier_id, "citizen_id": reader_id}).fetchone()
    if row is None:
        return None
    return _found(repository.dossier_of(row[4:]), row[1:4]), frozenset(row[0])


def ask_locked(conn: Connection, dossier_id: UUID) -> Callable[[], Found | None]:
    """Send the question for a dossier and all that hangs on it, and return how to take its answer.

    The row is held against other writers, and a statement of its own reads what hangs on it: one that waited for the
    lock would still see the parts of before.
    """
    take, parts = repository.ask(conn, dossier_id, lock=True), conn.execute(_AFTER_LOCK, (dossier_id,))

    def answer() -> Found | None:
        dossier, row = take(), parts.fetchone()
        return _found(dossier, row) if dossier and row else None

    return answer


def _found(dossier: Dossier, parts: Sequence[Any]) -> Found:
    files, supplements, result = parts
    return (
        dossier,
        attachments.of_json(files),
        repository.supplements_of_json(supplements),
        papers.of_json(result),
    )

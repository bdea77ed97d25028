"""All SQL of a dossier read whole: its row with what hangs on it as JSON values, so that one statement has all."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection

from songcau_eservices.attachments import repository as attachments
from songcau_eservices.dossiers import repository
from songcau_eservices.dossiers.dossier import Attachment, Dossier, Supplement
from songcau_eservices.results import repository as papers
from songcau_eservices.results.paper import Paper

Found = tuple[Dossier, list[Attachment], list[Supplement], Paper | None]

_PARTS = f"{attachments.OF_DOSSIER}, {repository.SUPPLEMENTS_OF_DOSSIER}, {papers.RESULT_OF_DOSSIER}"
_WHOLE = f"select {_PARTS}, {', '.join(repository.COLUMNS)} from dossiers where id = %s"  # noqa: S608 -- names of these modules
_AFTER_LOCK = f"select {_PARTS} from dossiers where id = %s"  # noqa: S608 -- names of these modules


def ask(conn: Connection, dossier_id: UUID, *, lock: bool) -> Callable[[], Found | None]:
    """Send the question for a dossier and all that hangs on it, and return how to take its answer.

    With `lock` the row is held against other writers, and a statement of its own reads what hangs on it: one that
    waited for the lock would still see the parts of before.
    """
    if not lock:
        cursor = conn.execute(_WHOLE, (dossier_id,))
        return lambda: _whole(cursor.fetchone())
    take, parts = repository.ask(conn, dossier_id, lock=True), conn.execute(_AFTER_LOCK, (dossier_id,))
    return lambda: _with_parts(take(), parts.fetchone())


def _whole(row: tuple[Any, ...] | None) -> Found | None:
    return _with_parts(repository.dossier_of(row[3:]), row[:3]) if row else None


def _with_parts(dossier: Dossier | None, parts: tuple[Any, ...] | None) -> Found | None:
    if dossier is None or parts is None:
        return None
    files, supplements, result = parts
    return (
        dossier,
        attachments.of_json(files),
        repository.supplements_of_json(supplements),
        papers.of_json(result),
    )

"""All SQL of a dossier's files; their content stands in the object store."""

from collections.abc import Callable
from uuid import UUID

from songcau_kit.database import Connection

from songcau_eservices.dossiers.dossier import Attachment

_COLUMNS = "id, dossier_id, component_key, address, media_type, size, attached_at, fixed, details_enc"


def ask_of_dossier(conn: Connection, dossier_id: UUID) -> Callable[[], list[Attachment]]:
    """Send the question for the files of a dossier, oldest first, and return how to take its answer."""
    cursor = conn.execute(
        f"select {_COLUMNS} from attachments where dossier_id = %s order by id",  # noqa: S608 -- a constant
        (dossier_id,),
    )
    return lambda: [Attachment(*row) for row in cursor.fetchall()]


def add(conn: Connection, attachment: Attachment) -> None:
    """Insert a file."""
    conn.execute(
        f"insert into attachments ({_COLUMNS}) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",  # noqa: S608
        (
            attachment.id, attachment.dossier_id, attachment.component_key, attachment.address, attachment.media_type,
            attachment.size, attachment.attached_at, attachment.fixed, attachment.details_enc,
        ),
    )  # fmt: skip


def remove(conn: Connection, attachment_id: UUID) -> None:
    """Delete a file's row."""
    conn.execute("delete from attachments where id = %s", (attachment_id,))


def fix(conn: Connection, dossier_id: UUID) -> None:
    """Mark every file of a dossier as handed in."""
    conn.execute("update attachments set fixed = true where dossier_id = %s and not fixed", (dossier_id,))

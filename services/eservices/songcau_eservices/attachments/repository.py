"""All SQL of a dossier's files; their content stands in the object store."""

from datetime import datetime
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection

from songcau_eservices.dossiers.dossier import Attachment

_COLUMNS = "id, dossier_id, component_key, address, media_type, size, attached_at, fixed, details_enc, reused_from"


# A value beside a row of dossiers; JSON has no bytes.
OF_DOSSIER = """(select json_agg(json_build_array(id, component_key, address, media_type, size, attached_at, fixed,
    encode(details_enc, 'hex'), dossier_id, reused_from) order by id)
    from attachments where dossier_id = dossiers.id)"""


def of_json(rows: list[list[Any]] | None) -> list[Attachment]:
    """Return the files that OF_DOSSIER gave, oldest first."""
    return [
        Attachment(
            UUID(own), UUID(dossier_id), key, address, media_type, size, datetime.fromisoformat(at), fixed,
            bytes.fromhex(details), UUID(source) if source else None,
        )
        for own, key, address, media_type, size, at, fixed, details, dossier_id, source in rows or ()
    ]  # fmt: skip


def add(conn: Connection, attachment: Attachment) -> None:
    """Insert a file."""
    conn.execute(
        f"insert into attachments ({_COLUMNS}) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",  # noqa: S608
        (
            attachment.id, attachment.dossier_id, attachment.component_key, attachment.address, attachment.media_type,
            attachment.size, attachment.attached_at, attachment.fixed, attachment.details_enc, attachment.reused_from,
        ),
    )  # fmt: skip


def remove(conn: Connection, attachment_id: UUID) -> None:
    """Delete a file's row."""
    conn.execute("delete from attachments where id = %s", (attachment_id,))


def fix(conn: Connection, dossier_id: UUID) -> None:
    """Mark every file of a dossier as handed in."""
    conn.execute("update attachments set fixed = true where dossier_id = %s and not fixed", (dossier_id,))

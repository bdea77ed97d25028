"""SQL of files that an earlier dossier holds and another may take."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection

from songcau_eservices.dossiers.dossier import Attachment
from songcau_eservices.dossiers.model import TERMINAL

MOST = 500
# A file an officer asked for again was not the right one; one taken from elsewhere is offered where it came from.
_SOURCES = """select a.id, a.dossier_id, a.component_key, a.address, a.media_type, a.size, a.attached_at, a.fixed,
    a.details_enc, d.citizen_id, d.code, d.procedure_name, d.procedure_version_id,
    case when d.state = any(%(ended)s) then coalesce(d.finished_at, d.updated_at) end
from attachments a join dossiers d on d.id = a.dossier_id
where d.citizen_id = any(%(citizens)s) and d.id <> %(target)s and d.code is not null and a.fixed
    and a.reused_from is null and a.component_key <> ''
    and not exists (select from supplements s where s.dossier_id = d.id and a.component_key = any(s.component_keys)
        and s.requested_at >= a.attached_at)"""


@dataclass(frozen=True)
class Source:
    """A file of an accepted dossier, with what is known of that; `ended_at` is empty while it is worked on."""

    attachment: Attachment
    citizen_id: UUID
    dossier_code: str
    procedure_name: str
    procedure_version_id: UUID
    ended_at: datetime | None


def list_sources(conn: Connection, citizen_ids: Collection[UUID], target_id: UUID) -> list[Source]:
    """Return the files of a person's other accepted dossiers, newest first."""
    rows = conn.execute(f"{_SOURCES} order by a.id desc limit {MOST}", _values(citizen_ids, target_id)).fetchall()
    return [_source(row) for row in rows]


def hold_source(conn: Connection, citizen_ids: Collection[UUID], target_id: UUID, attachment_id: UUID) -> Source | None:
    """Return one of these files and let it and its dossier stay until the transaction ends."""
    values = _values(citizen_ids, target_id) | {"attachment": attachment_id}
    row = conn.execute(f"{_SOURCES} and a.id = %(attachment)s for share", values).fetchone()
    return _source(row) if row else None


def is_foreign(conn: Connection, citizen_ids: Collection[UUID], attachment_ids: Collection[UUID]) -> bool:
    """Say whether one of these files is in a dossier of somebody else: of a record that was merged in error."""
    row = conn.execute(
        """select from attachments a join dossiers d on d.id = a.dossier_id
        where a.id = any(%s) and d.citizen_id <> all(%s) limit 1""",
        (list(attachment_ids), list(citizen_ids)),
    ).fetchone()
    return row is not None


def _values(citizen_ids: Collection[UUID], target_id: UUID) -> dict[str, Any]:
    return {"citizens": list(citizen_ids), "target": target_id, "ended": sorted(TERMINAL)}


def _source(row: tuple[Any, ...]) -> Source:
    own, dossier_id, key, address, media_type, size, at, fixed, details, *of_dossier = row
    attachment = Attachment(own, dossier_id, key, address, media_type, size, at, fixed, bytes(details))
    return Source(attachment, *of_dossier)

"""All SQL about everything this service holds of one person, under all their ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row
from songcau_kit.abandoned_objects import abandon
from songcau_kit.database import Connection

from songcau_eservices.dossiers.model import TERMINAL, State

# What is forgotten of a person, in this order; what stays says that something happened, not about whom.
FORGOTTEN: Sequence[str] = (
    "update supplements set body_enc = ''::bytea where dossier_id = any(%(dossiers)s)",
    "update dossier_history set reason_enc = null where dossier_id = any(%(dossiers)s)",
    "update payments set return_url_enc = null, pay_url = '' where citizen_id = any(%(citizens)s)",
    """update dossiers set answers_enc = ''::bytea, applicant_enc = ''::bytea, reason_enc = null, proposal_enc = null
    where citizen_id = any(%(citizens)s)""",
)
# The digest of a file leads to its holder, so the rows go with the files.
_FILES = (
    "delete from attachments where dossier_id = any(%(dossiers)s) returning address",
    "delete from papers where citizen_id = any(%(citizens)s) returning address",
)
_KEPT = """select count(*) filter (where state <> all(%(ended)s)), count(*) filter (where state = any(%(ended)s)),
    max(coalesce(finished_at, updated_at)) filter (where state = any(%(ended)s))
    from dossiers where citizen_id = any(%(citizens)s) and state <> %(draft)s"""


@dataclass(frozen=True)
class Kept:
    """Dossiers that were handed in: how many are worked on, how many ended, and when the last of these did."""

    open: int
    ended: int
    last_ended_at: datetime | None


def count_kept(conn: Connection, citizen_ids: Sequence[UUID]) -> Kept:
    """Return what was handed in; drafts are the citizen's alone."""
    values = {"citizens": list(citizen_ids), "ended": sorted(TERMINAL), "draft": State.DRAFT}
    row = conn.execute(_KEPT, values).fetchone()
    return Kept(*row) if row else Kept(0, 0, None)


def forget(conn: Connection, citizen_ids: Sequence[UUID]) -> None:
    """Remove every personal value and what leads to one; files go after the commit."""
    rows = conn.execute("select id from dossiers where citizen_id = any(%s)", (list(citizen_ids),)).fetchall()
    values = {"citizens": list(citizen_ids), "dossiers": [row[0] for row in rows]}
    for statement in _FILES:
        abandon(conn, [address for (address,) in conn.execute(statement, values).fetchall()])
    for statement in FORGOTTEN:
        conn.execute(statement, values)


def list_rows(conn: Connection, statement: str, citizen_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return the rows of one of this module's statements, oldest first."""
    cursor = conn.cursor(row_factory=dict_row)
    return cursor.execute(statement, (list(citizen_ids),)).fetchall()


DOSSIERS = """select id, citizen_id, reference, coalesce(code, '') as code, procedure_code, procedure_name, channel,
    state, receiving_agency, fee_amount, answers_enc, applicant_enc, reason_enc, created_at, submitted_at, accepted_at,
    finished_at from dossiers where citizen_id = any(%s) order by id"""
ATTACHMENTS = """select a.id, d.citizen_id, a.dossier_id, a.component_key, a.media_type, a.size, a.details_enc,
    a.attached_at, coalesce(a.reused_from::text, '') as reused_from
    from attachments a join dossiers d on d.id = a.dossier_id where d.citizen_id = any(%s) order by a.id"""
SUPPLEMENTS = """select s.id, d.citizen_id, s.dossier_id, s.body_enc, s.requested_at, s.supplied_at
    from supplements s join dossiers d on d.id = s.dossier_id where d.citizen_id = any(%s) order by s.id"""
PAPERS = """select id, citizen_id, dossier_id, kind, code, agency_name, procedure_name, signer, signed_at, revoked_at,
    revocation_reason_enc from papers where citizen_id = any(%s) order by id"""
PAYMENTS = """select id, citizen_id, dossier_id, code, amount, state, created_at, paid_at from payments
    where citizen_id = any(%s) order by id"""

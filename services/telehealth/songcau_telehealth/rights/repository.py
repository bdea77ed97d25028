"""All SQL about everything this service holds of one person, under all their ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import dict_row
from songcau_kit.abandoned_objects import abandon
from songcau_kit.database import Connection

from songcau_telehealth.consultations.model import FINAL, State

# What is forgotten of a person; what stays says that something happened, not about whom. A column that the schema
# wants filled becomes empty, which opens under no key.
_FORGET = """update consultations set patient_enc = ''::bytea, complaint_enc = ''::bytea,
    representative_enc = case when is_child then ''::bytea end,
    outcome_enc = case when state = 'COMPLETED' then ''::bytea end,
    triage_enc = null, cancellation_note_enc = null, priority = null, redirect = null
    where citizen_id = any(%s)"""
# The digest of a file leads to its holder, so the rows go with the files.
_SUMMARIES = """delete from summaries where consultation_id in (
    select consultation_id from consultations where citizen_id = any(%s)) returning object_address"""
# A health record is what was found or decided about somebody's health, treated or not.
_KEPT = """select count(*) filter (where state <> all(%(ended)s)),
    count(*) filter (where state = any(%(ended)s) and is_record),
    max(state_since) filter (where state = any(%(ended)s) and is_record)
    from (select state, state_since, state = any(%(treated)s) or triage_enc is not null as is_record
        from consultations where citizen_id = any(%(citizens)s)) as held"""
_CONSULTATIONS = "select consultation_id from consultations where citizen_id = any(%s) order by consultation_id"
_SUMMARIES_OF = """select s.code, s.consultation_id, s.size, s.signed_at, s.responsible_facility_code
    from summaries s join consultations c using (consultation_id) where c.citizen_id = any(%s) order by s.signed_at"""
_CONSENTS = """select n.consultation_id, n.purpose, n.text_version, n.channel, n.given_by, n.given_at
    from consents n join consultations c using (consultation_id) where c.citizen_id = any(%s) order by n.given_at"""
_FOLLOWED = """select citizen_id, purpose, state, text_version, decided_at from citizen_consents
    where citizen_id = any(%s) order by decided_at"""
TREATED = (State.COMPLETED, State.REDIRECTED)


@dataclass(frozen=True)
class Kept:
    """Consultations: how many are under way, how many ended as health records, and when the last of these did."""

    open: int
    records: int
    last_ended_at: datetime | None


def count_kept(connection: Connection, citizen_ids: Sequence[UUID]) -> Kept:
    """Return what is held of a person's health."""
    values = {"citizens": list(citizen_ids), "ended": sorted(FINAL), "treated": list(TREATED)}
    row = connection.execute(_KEPT, values).fetchone()
    return Kept(*row) if row else Kept(0, 0, None)


def forget(connection: Connection, citizen_ids: Sequence[UUID]) -> None:
    """Remove every personal value and what leads to one; files go after the commit."""
    ids = (list(citizen_ids),)
    abandon(connection, [address for (address,) in connection.execute(_SUMMARIES, ids).fetchall()])
    connection.execute(_FORGET, ids)
    connection.execute("update citizens set status = 'BLOCKED' where citizen_id = any(%s)", ids)


def list_consultations(connection: Connection, citizen_ids: Sequence[UUID]) -> list[UUID]:
    """Return every consultation of a person, oldest first."""
    return [found for (found,) in connection.execute(_CONSULTATIONS, (list(citizen_ids),)).fetchall()]


def list_summaries(connection: Connection, citizen_ids: Sequence[UUID]) -> list[dict[str, object]]:
    """Return what is known of every signed summary of a person."""
    return connection.cursor(row_factory=dict_row).execute(_SUMMARIES_OF, (list(citizen_ids),)).fetchall()


def list_consents(connection: Connection, citizen_ids: Sequence[UUID]) -> list[dict[str, object]]:
    """Return the consent to each consultation of a person, oldest first."""
    return connection.cursor(row_factory=dict_row).execute(_CONSENTS, (list(citizen_ids),)).fetchall()


def list_followed_consents(connection: Connection, citizen_ids: Sequence[UUID]) -> list[dict[str, object]]:
    """Return what this service knows of the consents given at identity, oldest first."""
    return connection.cursor(row_factory=dict_row).execute(_FOLLOWED, (list(citizen_ids),)).fetchall()

"""SQL of what releases before this one left in plain; a release after the last such row it may go."""

from uuid import UUID

from songcau_kit.database import Connection

from songcau_telehealth.consultations.records import SealedTriage
from songcau_telehealth.consultations.repository import sealed_triage_of

_PLAIN = """
select consultation_id, citizen_id, triage_enc, priority, redirect from consultations
where priority is not null or redirect is not null
order by consultation_id limit %s for no key update skip locked
"""
_SEAL = """
update consultations set triage_enc = coalesce(%s, triage_enc), priority = null, redirect = null
where consultation_id = %s
"""


def lock_plain(connection: Connection, limit: int) -> list[tuple[UUID, UUID, SealedTriage | None]]:
    """Lock and return consultations whose triage stands in plain: their ids, their citizens, what is there."""
    return [
        (consultation_id, citizen_id, sealed_triage_of(note, priority, redirect))
        for consultation_id, citizen_id, note, priority, redirect in connection.execute(_PLAIN, (limit,))
    ]


def seal_plain(connection: Connection, consultation_id: UUID, note: bytes | None) -> None:
    """Remove what stands in plain; the sealed note takes its place where one is given."""
    connection.execute(_SEAL, (note, consultation_id))

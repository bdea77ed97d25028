"""SQL of lists of consultations, and of what the platform's own sweeps look for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from psycopg import sql
from songcau_kit.database import Connection

from songcau_telehealth.consultations.model import State
from songcau_telehealth.consultations.records import ConsultationLine
from songcau_telehealth.consultations.repository import sealed_triage_of
from songcau_telehealth.facilities.model import RemoteMode

_LIST = """
select c.consultation_id, c.citizen_id, c.version, c.state, c.mode, c.service_code, c.facility_code,
    c.receiving_facility_code, p.practitioner_id, t.starts_at, t.ends_at, c.requested_at, c.state_since,
    c.patient_enc, c.triage_enc, c.priority, c.redirect
from consultations c
left join practitioners p on p.practitioner_no = c.practitioner_no
left join bookings b on b.consultation_id = c.consultation_id and b.status <> 'RELEASED'
left join slots t on t.slot_id = b.slot_id
where {owner} and c.consultation_id < %(before)s
  and (%(states)s::text[] is null or c.state = any(%(states)s))
  and octet_length(c.patient_enc) > 0
order by c.consultation_id desc limit %(limit)s
"""
# Each view is one index; nothing of a caller goes into SQL but as a parameter.
_OWNERS = {
    "OWN": "c.citizen_id = any(%(keys)s::uuid[])",
    "STATION": "c.receiving_facility_code = any(%(keys)s::text[])",
    "QUEUE": "c.facility_code = any(%(keys)s::text[])",
    "ASSIGNED": """c.practitioner_no = (
        select practitioner_no from practitioners where practitioner_id = any(%(keys)s::uuid[]))""",
}
_WAITING_SINCE = """
select consultation_id from consultations where state in ('REQUESTED', 'TRIAGE') and state_since < %s
order by state_since limit %s
"""
_UNHELD = """
select c.consultation_id from bookings b
join slots s on s.slot_id = b.slot_id
join consultations c on c.consultation_id = b.consultation_id
where b.status = 'BOOKED' and c.state in ('SCHEDULED', 'CHECKED_IN') and s.ends_at < %s limit %s
"""


@dataclass(frozen=True)
class ListQuery:
    """Whose consultations, in which states, from where on."""

    view: str
    keys: Sequence[str]
    states: Sequence[State]
    before: UUID
    limit: int


def list_consultations(connection: Connection, query: ListQuery) -> list[ConsultationLine]:
    """Return lines, newest first; the patient's name and the priority still sealed. Who was erased is on no list."""
    statement = sql.SQL(_LIST).format(owner=sql.SQL(_OWNERS[query.view]))
    parameters = {
        "keys": list(query.keys),
        "before": query.before,
        "states": [state.value for state in query.states] or None,
        "limit": query.limit,
    }
    return [_line_of(row) for row in connection.execute(statement, parameters)]


def list_waiting(connection: Connection, *, since: datetime, limit: int) -> list[UUID]:
    """Return requests that have waited unscheduled since before an instant."""
    return [row[0] for row in connection.execute(_WAITING_SINCE, (since, limit))]


def list_unheld(connection: Connection, *, now: datetime, after: timedelta, limit: int) -> list[UUID]:
    """Return bookings whose slot ended so long ago that nobody will tell any more."""
    return [row[0] for row in connection.execute(_UNHELD, (now - after, limit))]


def _line_of(row: tuple[object, ...]) -> ConsultationLine:
    *values, note, priority, redirect = row
    values[3] = State(str(values[3]))
    values[4] = RemoteMode(str(values[4]))
    line = ConsultationLine(*values)  # type: ignore[arg-type]
    return replace(line, triage_sealed=sealed_triage_of(note, priority, redirect))  # type: ignore[arg-type]

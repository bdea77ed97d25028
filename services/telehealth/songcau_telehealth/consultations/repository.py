"""SQL of consultations, their steps and consents. Personal columns come and go sealed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.rows import dict_row
from songcau_kit.database import Connection

from songcau_telehealth.consultations.model import Actor, State
from songcau_telehealth.consultations.records import (
    Booking,
    CancellationReason,
    Consent,
    ConsentChannel,
    Consultation,
    IdentityProof,
    Priority,
    Redirect,
    Sealed,
    SealedTriage,
    TakenStep,
)
from songcau_telehealth.facilities.model import RemoteMode
from songcau_telehealth.facilities.repository import card_of

_VIEW = """
select c.consultation_id, c.citizen_id, c.version, c.state, c.mode, c.service_code, c.facility_code,
    c.receiving_facility_code, c.responsible_facility_code, c.is_child, c.requested_at, c.state_since,
    c.priority, c.redirect, c.identity_proof, c.representative_present, c.checked_in_at, c.cancelled_by,
    c.cancellation_reason, c.patient_enc, c.complaint_enc, c.representative_enc, c.triage_enc, c.outcome_enc,
    c.cancellation_note_enc,
    f.name as facility_name, r.name as receiving_name, s.code as summary_code,
    n.text_version, n.channel, n.given_at, n.given_by,
    p.practitioner_no, p.practitioner_id, p.full_name, p.title, p.licence_number,
    l.practitioner_no as local_practitioner_no, l.practitioner_id as local_practitioner_id,
    l.full_name as local_full_name, l.title as local_title, l.licence_number as local_licence_number,
    b.hold_id, b.slot_id, b.expires_at, t.starts_at, t.ends_at
from consultations c
join facilities f on f.facility_code = c.responsible_facility_code
join consents n on n.consultation_id = c.consultation_id and n.purpose = 'CARE'
left join facilities r on r.facility_code = c.receiving_facility_code
left join practitioners p on p.practitioner_no = c.practitioner_no
left join practitioners l on l.practitioner_no = c.local_practitioner_no
left join bookings b on b.consultation_id = c.consultation_id and b.status <> 'RELEASED'
left join slots t on t.slot_id = b.slot_id
left join summaries s on s.consultation_id = c.consultation_id
where c.consultation_id = %s
"""
_INSERT = """
insert into consultations (consultation_id, citizen_id, version, state, mode, service_code, facility_code,
    receiving_facility_code, responsible_facility_code, local_practitioner_no, is_child,
    patient_enc, complaint_enc, representative_enc, requested_at, state_since)
values (%s, %s, 1, 'REQUESTED', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_CONSENT = """
insert into consents (consultation_id, purpose, text_version, channel, given_by, recorded_by, given_at)
values (%s, 'CARE', %s, %s, %s, %s, %s)
"""
_STEP = """
insert into consultation_steps (consultation_id, version, from_state, to_state, actor_kind, taken_at)
values (%s, %s, %s, %s, %s, %s)
"""
_STEPS = """
select version, from_state, to_state, actor_kind, taken_at from consultation_steps
where consultation_id = %s order by version
"""
_MOVE = """
update consultations set state = %(state)s, state_since = %(at)s, version = version + 1{changes}
where consultation_id = %(id)s and version = %(version)s and state = %(start)s
"""
# Only these may a step change; the names go into SQL, so they come from here and nowhere else.
CHANGEABLE = frozenset(
    {
        "practitioner_no",
        "identity_proof",
        "representative_present",
        "checked_in_at",
        "cancelled_by",
        "cancellation_reason",
        "triage_enc",
        "outcome_enc",
        "cancellation_note_enc",
    }
)


class LostRaceError(Exception):
    """The row is no longer what the step was decided on."""


def note_representative(connection: Connection, consultation_id: UUID, representative_id: UUID) -> None:
    """Keep which citizen asked in the patient's name."""
    connection.execute(
        "update consultations set representative_id = %s where consultation_id = %s",
        (representative_id, consultation_id),
    )


def insert_consultation(connection: Connection, new: Consultation, *, recorded_by: str, given_by: str) -> None:
    """Insert a requested consultation with its consent."""
    local = new.local_practitioner.practitioner_no if new.local_practitioner else None
    connection.execute(
        _INSERT,
        (
            new.consultation_id,
            new.citizen_id,
            new.mode,
            new.service_code,
            new.facility_code,
            new.receiving_facility_code,
            new.responsible_facility_code,
            local,
            new.is_child,
            new.sealed.patient,
            new.sealed.complaint,
            new.sealed.representative,
            new.requested_at,
            new.state_since,
        ),
    )
    consent = new.consent
    values = (new.consultation_id, consent.text_version, consent.channel, given_by, recorded_by, consent.given_at)
    connection.execute(_CONSENT, values)


def find_citizen_of(connection: Connection, consultation_id: UUID) -> UUID | None:
    """Return whose consultation it is, without locking it."""
    row = connection.execute(
        "select citizen_id from consultations where consultation_id = %s", (consultation_id,)
    ).fetchone()
    return row[0] if row else None


def lock(connection: Connection, consultation_id: UUID) -> None:
    """Let nobody else take a step until the transaction ends.

    A statement of its own: what is read after it has waited is then fresh in every table.
    """
    connection.execute("select from consultations where consultation_id = %s for no key update", (consultation_id,))


def find_consultation(connection: Connection, consultation_id: UUID) -> Consultation | None:
    """Return a consultation with its cards and its slot."""
    row = connection.cursor(row_factory=dict_row).execute(_VIEW, (consultation_id,)).fetchone()
    return _consultation_of(row) if row else None


def move(
    connection: Connection, consultation: Consultation, *, end: State, at: datetime, changes: Mapping[str, object]
) -> None:
    """Compare and set: to the new state with its changes; raise LostRaceError where somebody was faster."""
    unknown = changes.keys() - CHANGEABLE
    if unknown:
        raise ValueError(f"a step does not change {', '.join(sorted(unknown))}")
    sets = sql.SQL("").join(
        sql.SQL(", {} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in changes
    )
    parameters = {
        **changes,
        "state": end,
        "at": at,
        "id": consultation.consultation_id,
        "version": consultation.version,
        "start": consultation.state,
    }
    if connection.execute(sql.SQL(_MOVE).format(changes=sets), parameters).rowcount != 1:
        raise LostRaceError


def insert_step(connection: Connection, consultation_id: UUID, step: TakenStep) -> None:
    """Write a step into the history."""
    connection.execute(_STEP, (consultation_id, step.version, step.start, step.end, step.actor, step.at))


def list_steps(connection: Connection, consultation_id: UUID) -> Sequence[TakenStep]:
    """Return the history, oldest first."""
    return [
        TakenStep(version, State(start) if start else None, State(end), Actor(actor), at)
        for version, start, end, actor, at in connection.execute(_STEPS, (consultation_id,))
    ]


def _consultation_of(row: dict[str, Any]) -> Consultation:
    def optional(kind: Any, name: str) -> Any:
        return kind(row[name]) if row[name] is not None else None

    return Consultation(
        consultation_id=row["consultation_id"],
        citizen_id=row["citizen_id"],
        version=row["version"],
        state=State(row["state"]),
        mode=RemoteMode(row["mode"]),
        service_code=row["service_code"],
        facility_code=row["facility_code"],
        receiving_facility_code=row["receiving_facility_code"],
        responsible_facility_code=row["responsible_facility_code"],
        responsible_facility_name=row["facility_name"],
        receiving_facility_name=row["receiving_name"] or "",
        is_child=row["is_child"],
        requested_at=row["requested_at"],
        state_since=row["state_since"],
        sealed=_sealed_of(row),
        consent=Consent(row["text_version"], ConsentChannel(row["channel"]), row["given_at"], given_by=row["given_by"]),
        practitioner=card_of(row) if row["practitioner_no"] is not None else None,
        local_practitioner=card_of(row, "local_") if row["local_practitioner_no"] is not None else None,
        booking=_booking_of(row),
        identity_proof=optional(IdentityProof, "identity_proof"),
        representative_present=row["representative_present"],
        checked_in_at=row["checked_in_at"],
        cancelled_by=optional(Actor, "cancelled_by"),
        cancellation_reason=optional(CancellationReason, "cancellation_reason"),
        summary_code=row["summary_code"],
    )


def _booking_of(row: dict[str, Any]) -> Booking | None:
    if row["hold_id"] is None:
        return None
    return Booking(row["hold_id"], row["slot_id"], row["starts_at"], row["ends_at"], row["expires_at"])


def sealed_triage_of(note: bytes | None, priority: str | None, redirect: str | None) -> SealedTriage | None:
    """Return the sealed note with what stands in plain beside it."""
    if note is None:
        return None
    return SealedTriage(note, Priority(priority) if priority else None, Redirect(redirect) if redirect else None)


def _sealed_of(row: dict[str, Any]) -> Sealed:
    return Sealed(
        row["patient_enc"],
        row["complaint_enc"],
        row["representative_enc"],
        sealed_triage_of(row["triage_enc"], row["priority"], row["redirect"]),
        row["outcome_enc"],
        row["cancellation_note_enc"],
    )

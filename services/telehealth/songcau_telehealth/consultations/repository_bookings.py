"""SQL of bookings. Two exclusion constraints decide who gets a time; their refusal comes out as the blocking slot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from songcau_kit.database import Connection, ExclusionViolation

from songcau_telehealth.slots.model import BookableSlot

PRACTITIONER_FREE = "bookings_practitioner_free"

# Holds live by the database's clock alone: it is the same for everybody who races about one.
_HOLD = """
insert into bookings (hold_id, slot_id, consultation_id, status, expires_at, practitioner_span, patient_span)
select %(hold)s, s.slot_id, %(consultation)s, 'HELD', clock_timestamp() + %(lifetime)s, s.span, int8range(
        %(citizen)s * 4294967296 + (extract(epoch from s.starts_at) / 60)::bigint,
        %(citizen)s * 4294967296 + (extract(epoch from s.ends_at) / 60)::bigint)
from slots s where s.slot_id = %(slot)s
"""
# Two look-ups, each over the index of its constraint; one condition with "or" would read the whole table.
_BLOCKING = """
select slot_id, starts_at, is_practitioner from (
    select s.slot_id, s.starts_at, true as is_practitioner
    from slots w
    join bookings b on b.practitioner_span && w.span and b.status in ('HELD', 'BOOKED', 'USED')
    join slots s on s.slot_id = b.slot_id
    where w.slot_id = %(slot)s
    union all
    select s.slot_id, s.starts_at, false
    from slots w
    cross join unnest(%(citizens)s::bigint[]) as patient (number)
    join bookings b on b.status in ('HELD', 'BOOKED') and b.patient_span && int8range(
        patient.number * 4294967296 + (extract(epoch from w.starts_at) / 60)::bigint,
        patient.number * 4294967296 + (extract(epoch from w.ends_at) / 60)::bigint)
    join slots s on s.slot_id = b.slot_id
    where w.slot_id = %(slot)s
) as blocking
order by is_practitioner desc limit 1
"""
_CONFIRM = """
update bookings set status = 'BOOKED', expires_at = null
where hold_id = %s and consultation_id = %s and status = 'HELD' and expires_at > clock_timestamp()
"""
_END = """
update bookings set status = %s, expires_at = null where consultation_id = %s and status in ('HELD', 'BOOKED')
"""
_IS_EXPIRED = """
select exists (select from bookings
    where consultation_id = %s and status = 'HELD' and expires_at <= clock_timestamp())
"""
_EXPIRED = """
select consultation_id from bookings where status = 'HELD' and expires_at <= clock_timestamp()
order by expires_at limit %s
"""


@dataclass(frozen=True)
class NewHold:
    """A slot to be taken, for whom and for how long."""

    hold_id: UUID
    consultation_id: UUID
    citizen_no: int
    lifetime: timedelta


@dataclass(frozen=True)
class Blocking:
    """What stands in the way: whose time is taken, and by which slot."""

    is_practitioner: bool
    slot_id: UUID
    starts_at: datetime


class BlockedError(Exception):
    """The practitioner or the patient is taken at that time."""

    def __init__(self, blocking: Blocking) -> None:
        super().__init__("blocked")
        self.blocking = blocking


def find_blocking(connection: Connection, slot_id: UUID, citizen_nos: Sequence[int]) -> Blocking | None:
    """Return what blocks a slot for a patient under any of their numbers; the practitioner's time comes first."""
    row = connection.execute(_BLOCKING, {"slot": slot_id, "citizens": list(citizen_nos)}).fetchone()
    return Blocking(row[2], row[0], row[1]) if row else None


def hold(connection: Connection, slot: BookableSlot, new: NewHold) -> None:
    """Take a slot for a patient until the hold expires; raise BlockedError where a constraint refuses."""
    parameters = {
        "hold": new.hold_id,
        "slot": slot.slot_id,
        "consultation": new.consultation_id,
        "citizen": new.citizen_no,
        "lifetime": new.lifetime,
    }
    try:
        with connection.transaction():
            connection.execute(_HOLD, parameters)
    except ExclusionViolation as error:
        found = find_blocking(connection, slot.slot_id, [new.citizen_no])
        is_practitioner = error.diag.constraint_name == PRACTITIONER_FREE
        raise BlockedError(found or Blocking(is_practitioner, slot.slot_id, slot.starts_at)) from None


def confirm(connection: Connection, hold_id: UUID, consultation_id: UUID) -> bool:
    """Book a hold that is still alive by the database's clock; say whether it was."""
    return connection.execute(_CONFIRM, (hold_id, consultation_id)).rowcount == 1


def release(connection: Connection, consultation_id: UUID) -> None:
    """Free the consultation's slot for others."""
    connection.execute(_END, ("RELEASED", consultation_id))


def use_up(connection: Connection, consultation_id: UUID) -> None:
    """Free the patient; the practitioner's time stays taken."""
    connection.execute(_END, ("USED", consultation_id))


def is_expired(connection: Connection, consultation_id: UUID) -> bool:
    """Say whether the consultation's hold has run out."""
    row = connection.execute(_IS_EXPIRED, (consultation_id,)).fetchone()
    return bool(row and row[0])


def list_expired(connection: Connection, limit: int) -> list[UUID]:
    """Return consultations whose hold has run out, longest ago first."""
    return [row[0] for row in connection.execute(_EXPIRED, (limit,))]

"""SQL of slots. The exclusion constraint is what keeps them apart; its refusal comes out as `OverlapError`."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from songcau_kit.database import Connection, ExclusionViolation

from songcau_telehealth.slots.model import BookableSlot, Period, Slot, SlotFilter

_INSERT = """
insert into slots (slot_id, practitioner_no, facility_code, starts_at, ends_at, span, published_at)
select slot_id, %(practitioner)s, %(facility)s, starts_at, ends_at, int8range(
        %(practitioner)s * 4294967296 + (extract(epoch from starts_at) / 60)::bigint,
        %(practitioner)s * 4294967296 + (extract(epoch from ends_at) / 60)::bigint), %(now)s
from unnest(%(ids)s::uuid[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]) as slot (slot_id, starts_at, ends_at)
"""
_OVERLAPPED = """
select s.slot_id, s.starts_at from slots s
join unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) as wanted (starts_at, ends_at)
    on s.starts_at < wanted.ends_at and s.ends_at > wanted.starts_at
where s.practitioner_no = %(practitioner)s order by s.starts_at limit 1
"""
_LIST = """
select s.slot_id, s.facility_code, p.practitioner_id, s.starts_at, s.ends_at, b.slot_id is null
from slots s
join practitioners p on p.practitioner_no = s.practitioner_no
left join bookings b on b.slot_id = s.slot_id and b.status <> 'RELEASED'
where s.facility_code = %(facility)s and s.starts_at >= %(from)s
  and (%(to)s::timestamptz is null or s.starts_at < %(to)s)
  and (s.starts_at, s.slot_id) > (%(after_at)s, %(after_id)s)
  and (not %(free_only)s or b.slot_id is null)
  and (%(service)s::text is null or %(service)s = any(p.service_codes))
  and (%(practitioner)s::uuid is null or p.practitioner_id = %(practitioner)s)
order by s.starts_at, s.slot_id limit %(limit)s
"""
# The lock lets rivals for one slot queue here instead of meeting inside the constraint.
_LOCK = """
select s.practitioner_no, p.practitioner_id, s.facility_code, s.starts_at, s.ends_at
from slots s join practitioners p on p.practitioner_no = s.practitioner_no
where s.slot_id = %s for no key update of s
"""


class OverlapError(Exception):
    """The practitioner already has a slot at one of the times."""

    def __init__(self, slot_id: UUID | None, starts_at: datetime | None) -> None:
        super().__init__("overlapping slots")
        self.slot_id = slot_id
        self.starts_at = starts_at


def insert_slots(
    connection: Connection,
    *,
    ids: Sequence[UUID],
    practitioner_no: int,
    facility_code: str,
    periods: Sequence[Period],
    now: datetime,
) -> None:
    """Insert slots of one practitioner, all or none; raise OverlapError."""
    parameters = {
        "ids": list(ids),
        "practitioner": practitioner_no,
        "facility": facility_code,
        "starts": [period.starts_at for period in periods],
        "ends": [period.ends_at for period in periods],
        "now": now,
    }
    try:
        with connection.transaction():
            connection.execute(_INSERT, parameters)
    except ExclusionViolation:
        row = connection.execute(_OVERLAPPED, parameters).fetchone()
        raise OverlapError(*(row or (None, None))) from None


def list_slots(connection: Connection, wanted: SlotFilter, *, after: tuple[datetime, UUID], limit: int) -> list[Slot]:
    """Return slots after a position, in the order of their start."""
    parameters = {
        "facility": wanted.facility_code,
        "from": wanted.starts_from,
        "to": wanted.starts_before,
        "after_at": after[0],
        "after_id": after[1],
        "free_only": wanted.free_only,
        "service": wanted.service_code,
        "practitioner": wanted.practitioner_id,
        "limit": limit,
    }
    return [Slot(*row) for row in connection.execute(_LIST, parameters)]


def lock_slot(connection: Connection, slot_id: UUID) -> BookableSlot | None:
    """Return a slot and let nobody else book it until the transaction ends."""
    row = connection.execute(_LOCK, (slot_id,)).fetchone()
    return BookableSlot(slot_id, *row) if row else None


def find_last_end(connection: Connection, practitioner_id: UUID) -> datetime | None:
    """Return when the practitioner's last slot ends, None where there is none."""
    row = connection.execute(
        """select max(s.ends_at) from slots s join practitioners p on p.practitioner_no = s.practitioner_no
        where p.practitioner_id = %s""",
        (practitioner_id,),
    ).fetchone()
    return row[0] if row else None

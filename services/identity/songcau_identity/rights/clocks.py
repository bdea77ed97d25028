"""By which day a request is acknowledged and answered (Law 91/2025, Decree 356/2025)."""

from datetime import date, timedelta

from songcau_kit.working_days import WorkingDays

from songcau_identity.rights.model import ACKNOWLEDGE_WORKING_DAYS, CLOCKS, RequestKind


def acknowledge_by(received_on: date, calendar: WorkingDays) -> date:
    """Return the last day of the acknowledgement, in working days."""
    return calendar.add_working_days(received_on, ACKNOWLEDGE_WORKING_DAYS)


def due_on(received_on: date, kind: RequestKind, *, third_party: bool = False, extended: bool = False) -> date:
    """Return the last day of the answer, in calendar days."""
    clock = CLOCKS[kind]
    days = clock.with_third_party if third_party else clock.days
    return received_on + timedelta(days=days + (clock.extension if extended else 0))

"""When a dossier is due: the processing time counted from acceptance, stopped by a pause, moved by a resumption."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from songcau_kit.clock import VIETNAM, local_date

from songcau_eservices.calendar import wording
from songcau_eservices.calendar.model import Deadline, DueChange, Explanation, Pause, Timeliness
from songcau_eservices.calendar.working_days import DayKind, WorkingCalendar, days_between
from songcau_eservices.catalogue.model import ProcessingTime, TimeUnit

SAME_DAY_LIMIT = time(15, 0)
"""Same-day procedures accepted after this time are due the next working day (written in the procedures themselves)."""


def compute_deadline(accepted_at: datetime, term: ProcessingTime, calendar: WorkingCalendar) -> Deadline:
    """Return the deadline of a dossier accepted at an aware instant, each step explained.

    Days are counted from the day after acceptance. A deadline in days or months that ends on a day off ends on the
    next working day (Civil Code, article 148). Raises ValueError for an instant without offset or a negative time.
    """
    if term.value < 0:
        raise ValueError("a processing time is not negative")
    accepted = local_date(accepted_at)
    due_at = _due_at(accepted_at, term, calendar)
    due = local_date(due_at)
    explained = (
        wording.accepted(accepted_at),
        _term_step(accepted_at, term, calendar),
        *_skipped(accepted, due, term, calendar),
        wording.due(due),
    )
    return Deadline(accepted_at, term.value, term.unit, term.same_day, due, due_at, explained=explained)


def pause(deadline: Deadline, at: datetime, reason: str) -> Deadline:
    """Stop the clock. Raises ValueError when it stands already."""
    if deadline.paused:
        raise ValueError("the clock stands already")
    pauses = (*deadline.pauses, Pause(at, reason))
    return replace(deadline, pauses=pauses, explained=(*deadline.explained, wording.paused(local_date(at))))


def resume(deadline: Deadline, at: datetime, calendar: WorkingCalendar) -> Deadline:
    """Let the clock go on: the due date moves by the time it stood; a dossier already late stays late.

    Raises ValueError when the clock does not stand or `at` lies before the pause.
    """
    if not deadline.paused:
        raise ValueError("the clock does not stand")
    stopped = deadline.pauses[-1]
    if at < stopped.started_at:
        raise ValueError("a pause does not end before it starts")
    due_at = _moved(deadline, stopped.started_at, at, calendar)
    due = local_date(due_at)
    return replace(
        deadline,
        due_at=due_at,
        due_date=due,
        pauses=(*deadline.pauses[:-1], replace(stopped, ended_at=at)),
        history=(*deadline.history, DueChange(at, deadline.due_date, due)),
        explained=(*deadline.explained, wording.resumed(local_date(at), deadline.due_date, due)),
    )


def timeliness(finished: date, due: date) -> Timeliness:
    """Tell whether a dossier was finished early, on time or late, by dates only."""
    if finished == due:
        return Timeliness.ON_TIME
    return Timeliness.EARLY if finished < due else Timeliness.LATE


def days_left(deadline: Deadline, today: date, calendar: WorkingCalendar) -> int:
    """Return the days until the due date in the unit of the deadline, negative when late; 0 on the due date.

    Deadlines in working days and hours count working days, the others calendar days. While the clock stands, the
    count stands too.
    """
    day = local_date(deadline.pauses[-1].started_at) if deadline.paused else today
    if deadline.unit in (TimeUnit.DAY, TimeUnit.MONTH):
        return (deadline.due_date - day).days
    if day <= deadline.due_date:
        return _working_days_after(day, deadline.due_date, calendar)
    return -_working_days_after(deadline.due_date, day, calendar)


def _working_days_after(day: date, last: date, calendar: WorkingCalendar) -> int:
    return calendar.working_days_between(day + timedelta(days=1), last + timedelta(days=1))


def _due_at(accepted_at: datetime, term: ProcessingTime, calendar: WorkingCalendar) -> datetime:
    accepted = local_date(accepted_at)
    if term.same_day:
        return calendar.closing(_same_day_due(accepted_at, calendar))
    match term.unit:
        case TimeUnit.HOUR:
            return _add_working_time(accepted_at, timedelta(hours=term.value), calendar)
        case TimeUnit.WORKING_DAY:
            due = calendar.same_or_next_working_day(accepted) if term.value == 0 else accepted
            return calendar.closing(calendar.add_working_days(due, term.value))
        case TimeUnit.DAY:
            raw = accepted + timedelta(days=term.value)
        case TimeUnit.MONTH:
            raw = add_months(accepted, term.value)
    return calendar.closing(calendar.same_or_next_working_day(raw))


def _same_day_due(accepted_at: datetime, calendar: WorkingCalendar) -> date:
    accepted = local_date(accepted_at)
    if _is_after_limit(accepted_at) or not calendar.is_working_day(accepted):
        return calendar.next_working_day(accepted)
    return accepted


def _is_after_limit(accepted_at: datetime) -> bool:
    # By the minute, as the slip prints it: nobody is told that 15:00 is after 15:00.
    return accepted_at.astimezone(VIETNAM).time().replace(second=0, microsecond=0) > SAME_DAY_LIMIT


def _moved(deadline: Deadline, stopped_at: datetime, resumed_at: datetime, calendar: WorkingCalendar) -> datetime:
    stopped, resumed = local_date(stopped_at), local_date(resumed_at)
    if stopped > deadline.due_date:
        return deadline.due_at
    match deadline.unit:
        case TimeUnit.HOUR if not deadline.same_day:
            return _add_working_time(deadline.due_at, _working_time(stopped_at, resumed_at, calendar), calendar)
        case TimeUnit.DAY | TimeUnit.MONTH if not deadline.same_day:
            stood = sum(((_ended(p, resumed_at) - local_date(p.started_at)).days for p in deadline.pauses), start=0)
            return calendar.closing(calendar.same_or_next_working_day(_raw_due(deadline) + timedelta(days=stood)))
    moved = calendar.working_days_between(stopped, resumed)
    return calendar.closing(calendar.add_working_days(deadline.due_date, moved)) if moved else deadline.due_at


def _ended(stop: Pause, resumed_at: datetime) -> date:
    return local_date(stop.ended_at or resumed_at)


def _raw_due(deadline: Deadline) -> date:
    # Counted anew from acceptance: rolling to a working day must happen once, at the end, not after every pause.
    accepted = local_date(deadline.accepted_at)
    if deadline.unit is TimeUnit.MONTH:
        return add_months(accepted, deadline.value)
    return accepted + timedelta(days=deadline.value)


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _add_working_time(start: datetime, amount: timedelta, calendar: WorkingCalendar) -> datetime:
    if amount <= timedelta(0):
        return start
    for opens, closes in calendar.working_spans(start):
        if closes - opens >= amount:
            return opens + amount
        amount -= closes - opens
    raise AssertionError("working days never end")


def _working_time(start: datetime, end: datetime, calendar: WorkingCalendar) -> timedelta:
    total = timedelta(0)
    for opens, closes in calendar.working_spans(start):
        if opens >= end:
            return total
        total += min(closes, end) - opens
    raise AssertionError("working days never end")


def _term_step(accepted_at: datetime, term: ProcessingTime, calendar: WorkingCalendar) -> Explanation:
    if not term.same_day:
        return wording.term(term.value, term.unit)
    if not calendar.is_working_day(local_date(accepted_at)):
        return wording.same_day_on_day_off()
    return wording.same_day_late() if _is_after_limit(accepted_at) else wording.same_day()


def _skipped(accepted: date, due: date, term: ProcessingTime, calendar: WorkingCalendar) -> Iterator[Explanation]:
    """Yield the days off and the swapped working days that shaped the due date, neighbours together."""
    first = accepted + timedelta(days=1)
    if term.unit in (TimeUnit.DAY, TimeUnit.MONTH) and not term.same_day:
        first = add_months(accepted, term.value) if term.unit is TimeUnit.MONTH else accepted + timedelta(term.value)
    run: list[date] = []
    for day in days_between(first, due + timedelta(days=1)):
        kind = calendar.reason(day)
        if run and (calendar.is_working_day(day) or kind != calendar.reason(run[0])):
            yield wording.skipped(run[0], run[-1], calendar.reason(run[0]))
            run = []
        if not calendar.is_working_day(day):
            run.append(day)
        elif kind.kind in (DayKind.SWAPPED, DayKind.OVERRIDE):
            yield wording.worked(day, kind)

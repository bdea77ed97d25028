"""Which days and hours an agency works: Vietnam's holidays with their swapped days, a week pattern and overrides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from songcau_kit.clock import VIETNAM
from songcau_kit.working_days import ONE_DAY, WorkingDays, public_calendar

SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True)
class Session:
    """Opening hours of one part of a day, in Vietnam's time."""

    opens: time
    closes: time

    def on(self, day: date) -> tuple[datetime, datetime]:
        """Return the two instants of this session on a day."""
        return datetime.combine(day, self.opens, VIETNAM), datetime.combine(day, self.closes, VIETNAM)


MORNING = Session(time(7, 30), time(11, 30))
AFTERNOON = Session(time(13, 30), time(17, 0))


@dataclass(frozen=True)
class WeekPattern:
    """The usual week of an agency. `extra` days are open for receiving but do not count in a deadline."""

    code: str = "STANDARD"
    sessions: tuple[Session, ...] = (MORNING, AFTERNOON)
    extra: Mapping[int, tuple[Session, ...]] = field(default_factory=dict)


STANDARD_WEEK = WeekPattern()
SATURDAY_MORNING_WEEK = WeekPattern("SATURDAY_MORNING", extra={SATURDAY: (MORNING,)})
WEEK_PATTERNS: Mapping[str, WeekPattern] = {week.code: week for week in (STANDARD_WEEK, SATURDAY_MORNING_WEEK)}


@dataclass(frozen=True)
class Override:
    """A day decided by an authority after the rules were written; `basis` names the decision."""

    day: date
    working: bool
    basis: str


class DayKind:
    """Why a day counts or does not."""

    WORKING = "WORKING"
    SWAPPED = "SWAPPED"
    WEEKEND = "WEEKEND"
    HOLIDAY = "HOLIDAY"
    OVERRIDE = "OVERRIDE"


@dataclass(frozen=True)
class DayReason:
    """Why a day counts or does not, with the name of the holiday in both languages."""

    kind: str
    vi: str = ""
    en: str = ""


class WorkingCalendar(WorkingDays):
    """Says of every day whether the agency works; immutable, safe to share between threads."""

    def __init__(self, week: WeekPattern = STANDARD_WEEK, overrides: Mapping[date, Override] | None = None) -> None:
        self._week = week
        self._overrides = dict(overrides or {})
        super().__init__({day: override.working for day, override in self._overrides.items()})

    def reason(self, day: date) -> DayReason:
        """Return why the day counts or does not."""
        override = self._overrides.get(day)
        if override:
            return DayReason(DayKind.OVERRIDE, override.basis, override.basis)
        names = public_calendar(day.year)
        if day in names["vi"]:
            return DayReason(DayKind.HOLIDAY, names["vi"][day], names["en_US"][day])
        weekend = day.weekday() in (SATURDAY, SUNDAY)
        if self.is_working_day(day):
            return DayReason(DayKind.SWAPPED if weekend else DayKind.WORKING)
        return DayReason(DayKind.WEEKEND)

    def sessions(self, day: date) -> tuple[Session, ...]:
        """Return the opening hours of a day, extra reception hours included."""
        if self.is_working_day(day):
            return self._week.sessions
        is_closed = self.reason(day).kind in (DayKind.HOLIDAY, DayKind.OVERRIDE)
        return () if is_closed else self._week.extra.get(day.weekday(), ())

    def is_open(self, instant: datetime) -> bool:
        """Return whether a counter receives dossiers at this instant."""
        local = instant.astimezone(VIETNAM)
        return any(session.opens <= local.time() <= session.closes for session in self.sessions(local.date()))

    def closing(self, day: date) -> datetime:
        """Return the end of office of a working day."""
        return self._week.sessions[-1].on(day)[1]

    def next_working_day(self, day: date) -> date:
        """Return the first working day after `day`."""
        return self.add_working_days(day, 1)

    def same_or_next_working_day(self, day: date) -> date:
        """Return `day` when it is a working day, else the next one."""
        return day if self.is_working_day(day) else self.next_working_day(day)

    def working_days_between(self, first: date, last: date) -> int:
        """Count the working days from `first` up to, not including, `last`; 0 when `last` comes before."""
        return sum(self.is_working_day(day) for day in days_between(first, last))

    def working_spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the hours that count in a deadline from `start` on, for ever."""
        local = start.astimezone(VIETNAM)
        day = local.date()
        while True:
            if self.is_working_day(day):
                for opens, closes in (session.on(day) for session in self._week.sessions):
                    if closes > local:
                        yield max(opens, local), closes
            day += ONE_DAY


def days_between(first: date, last: date) -> Iterator[date]:
    """Yield the days from `first` up to, not including, `last`."""
    for offset in range((last - first).days):
        yield first + timedelta(days=offset)

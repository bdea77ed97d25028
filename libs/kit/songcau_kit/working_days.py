"""Which days are working days in Vietnam: holidays with their swapped days, and days an authority decided otherwise."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

import holidays

ONE_DAY = timedelta(days=1)


class WorkingDays:
    """Counts working days; immutable, safe to share between threads."""

    def __init__(self, decided: Mapping[date, bool] | None = None) -> None:
        self._decided = dict(decided or {})

    def is_working_day(self, day: date) -> bool:
        """Return whether the day counts in a deadline."""
        decided = self._decided.get(day)
        return public_calendar(day.year)["vi"].is_working_day(day) if decided is None else decided

    def add_working_days(self, day: date, count: int) -> date:
        """Return the `count`-th working day after `day`; 0 returns `day` itself."""
        for _ in range(count):
            day += ONE_DAY
            while not self.is_working_day(day):
                day += ONE_DAY
        return day


@cache
def public_calendar(year: int) -> Mapping[str, holidays.HolidayBase]:
    """Return the public holidays of a year by language, `vi` and `en_US`; do not change them."""
    # One object per year, filled here, so that no thread ever grows a calendar while another reads it.
    return {
        language: holidays.country_holidays("VN", years=[year], expand=False, language=language)
        for language in ("vi", "en_US")
    }

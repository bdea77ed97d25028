"""When a person reaches an age, from a birth date that may lack its day or month."""

import calendar
from datetime import date

HEARD_FROM = 7
ADULT_FROM = 18


def last_possible_birth_day(birth_date: str) -> date:
    """Return the last day that YYYY-MM-DD, YYYY-MM or YYYY can mean; nobody is taken for older than they may be."""
    year, month, day = (*(int(part) for part in birth_date.split("-")), 0, 0)[:3]
    month = month or 12
    return date(year, month, day or calendar.monthrange(year, month)[1])


def day_of_age(birth_date: str, years: int) -> date:
    """Return the first legal day on which somebody is so old; born on 29 February: 1 March where there is none."""
    born = last_possible_birth_day(birth_date)
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def is_of_age(birth_date: str, years: int, today: date) -> bool:
    """Say whether somebody is certainly so old today."""
    return today >= day_of_age(birth_date, years)

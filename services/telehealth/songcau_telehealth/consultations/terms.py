"""The times and limits a consultation lives by, as values; the settings fill them."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Terms:
    """What an installation may tune."""

    hold: timedelta = timedelta(minutes=15)
    request_lifetime: timedelta = timedelta(days=14)
    check_in_opens: timedelta = timedelta(minutes=120)
    no_show_grace: timedelta = timedelta(minutes=15)
    unheld_after: timedelta = timedelta(hours=24)
    child_below_years: int = 16
    consent_versions: frozenset[str] = frozenset({"care-1"})
    staff_level: int = 2

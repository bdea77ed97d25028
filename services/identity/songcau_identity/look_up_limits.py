"""How many people an officer may look up in a minute and in a day, over all processes together."""

from datetime import datetime, time, timedelta
from math import ceil

from songcau_kit.clock import VIETNAM, Clock
from songcau_kit.database import Database
from songcau_kit.errors import DomainError

from songcau_identity.errors import LOOK_UP_LIMIT_REACHED
from songcau_identity.repositories.look_up_counts import DAY, MINUTE, Window, count_look_up


class LookUpLimits:
    """Counts look-ups in the database and refuses those over a limit; the day is Vietnam's."""

    def __init__(self, *, database: Database, clock: Clock, per_minute: int, per_day: int) -> None:
        self._database = database
        self._clock = clock
        self._per_minute = per_minute
        self._per_day = per_day

    def take(self, actor_id: str) -> None:
        """Count one look-up; raise LOOK_UP_LIMIT_REACHED, which counts in neither window."""
        now = self._clock.now()
        minute = Window(MINUTE, now.replace(second=0, microsecond=0), self._per_minute)
        midnight = datetime.combine(now.astimezone(VIETNAM).date(), time(), VIETNAM)
        day = Window(DAY, midnight, self._per_day)
        with self._database.transaction() as conn:
            had_room = count_look_up(conn, actor_id, minute, day)
            # A full day is told before a full minute: waiting a minute would not help.
            for window, length in ((day, timedelta(days=1)), (minute, timedelta(minutes=1))):
                if window.span not in had_room:
                    raise _reached(window, window.starts_at + length - now)


def _reached(window: Window, wait: timedelta) -> DomainError:
    seconds = max(1, ceil(wait.total_seconds()))
    details = {"per": window.span, "limit": str(window.limit), "retry_after": str(seconds)}
    return DomainError(LOOK_UP_LIMIT_REACHED, details=details)

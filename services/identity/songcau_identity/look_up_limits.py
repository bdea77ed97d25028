"""How many people one may look up, or name by number, in a minute and in a day, over all processes together."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from math import ceil

from songcau_kit.clock import VIETNAM, Clock
from songcau_kit.database import Database
from songcau_kit.errors import DomainError, Reason

from songcau_identity.errors import LOOK_UP_LIMIT_REACHED, NAMING_LIMIT_REACHED
from songcau_identity.repositories.look_up_counts import DAY, MINUTE, Window, count_look_up


@dataclass(frozen=True)
class Counted:
    """What is counted for an actor, apart from everything else, and the reason one too many is refused for."""

    prefix: str
    reason: Reason


LOOK_UPS = Counted("", LOOK_UP_LIMIT_REACHED)
NAMINGS = Counted("naming ", NAMING_LIMIT_REACHED)
"""Each tells whether number and name belong together: whoever could name without end would try names for a number."""


class LookUpLimits:
    """Counts in the database and refuses what is over a limit; the day is Vietnam's."""

    def __init__(
        self, *, database: Database, clock: Clock, per_minute: int, per_day: int, of: Counted = LOOK_UPS
    ) -> None:
        self._of = of
        self._database = database
        self._clock = clock
        self._per_minute = per_minute
        self._per_day = per_day

    def take(self, actor_id: str) -> None:
        """Count one; raise the reason of what is counted, which counts in neither window.

        The count is committed at once: it stays, whatever becomes of what it was taken for.
        """
        now = self._clock.now()
        minute = Window(MINUTE, now.replace(second=0, microsecond=0), self._per_minute)
        midnight = datetime.combine(now.astimezone(VIETNAM).date(), time(), VIETNAM)
        day = Window(DAY, midnight, self._per_day)
        with self._database.transaction() as conn:
            had_room = count_look_up(conn, self._of.prefix + actor_id, minute, day)
            # A full day is told before a full minute: waiting a minute would not help.
            for window, length in ((day, timedelta(days=1)), (minute, timedelta(minutes=1))):
                if window.span not in had_room:
                    raise _reached(self._of.reason, window, window.starts_at + length - now)


def _reached(reason: Reason, window: Window, wait: timedelta) -> DomainError:
    seconds = max(1, ceil(wait.total_seconds()))
    details = {"per": window.span, "limit": str(window.limit), "retry_after": str(seconds)}
    return DomainError(reason, details=details)

"""Which sessions ended before their tokens did: remembered in each process, no longer than a token lives."""

from collections import OrderedDict

from songcau_kit.caller import Caller
from songcau_kit.clock import Clock
from songcau_kit.logout_tokens import SessionEnd

REMEMBERED_SECONDS = 3600.0  # longer than any access token lives
MOST_REMEMBERED = 100_000


class EndedSessions:
    """The memory of one process; the oldest end is forgotten first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends: OrderedDict[str, float] = OrderedDict()

    def add(self, end: SessionEnd) -> bool:
        """Remember an end; return whether it is news."""
        name = f"sid {end.session_id}" if end.session_id else f"sub {end.subject}"
        is_news = self._ends.get(name, 0.0) < end.at
        if is_news:
            self._ends[name] = end.at
            self._ends.move_to_end(name)
            self._forget()
        return is_news

    def holds(self, caller: Caller) -> bool:
        """Say whether the caller's session ended, or every session the person had when theirs began."""
        if f"sid {caller.session_id}" in self._ends:
            return True
        everywhere = self._ends.get(f"sub {caller.subject}")
        began = caller.auth_time.timestamp() if caller.auth_time else 0.0
        return everywhere is not None and began <= everywhere

    def _forget(self) -> None:
        oldest_kept = self._clock.now().timestamp() - REMEMBERED_SECONDS
        while self._ends and (len(self._ends) > MOST_REMEMBERED or next(iter(self._ends.values())) < oldest_kept):
            self._ends.popitem(last=False)

"""Which sessions ended before their tokens did: remembered in each process, no longer than a token lives."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from songcau_kit.caller import Caller
from songcau_kit.clock import Clock
from songcau_kit.logout_tokens import SessionEnd

REMEMBERED_SECONDS = 3600.0  # longer than any access token lives
MOST_REMEMBERED = 100_000


@dataclass(frozen=True)
class _Remembered:
    """When it ended, and the issuer's signed word for it, which convinces other processes too."""

    at: float
    logout_token: str = field(repr=False)


class EndedSessions:
    """The memory of one process; the oldest end is forgotten first.

    A process that starts knows nothing of the hour before: until it has learnt that from its peers it is not complete.
    """

    def __init__(self, clock: Clock, *, is_complete: bool = True) -> None:
        self._clock = clock
        self._ends: OrderedDict[str, _Remembered] = OrderedDict()
        self._complete = asyncio.Event()
        if is_complete:
            self._complete.set()

    @property
    def is_complete(self) -> bool:
        """Say whether the ends before this process's start are known."""
        return self._complete.is_set()

    def become_complete(self) -> None:
        """Note that nothing more can be learnt of the time before this process."""
        self._complete.set()

    async def wait_until_complete(self) -> None:
        """Wait for what the peers remember."""
        await self._complete.wait()

    def add(self, end: SessionEnd, logout_token: str = "") -> bool:
        """Remember an end; return whether it is news."""
        name = f"sid {end.session_id}" if end.session_id else f"sub {end.subject}"
        known = self._ends.get(name)
        is_news = known is None or known.at < end.at
        if is_news:
            self._ends[name] = _Remembered(end.at, logout_token)
            self._ends.move_to_end(name)
            self._forget()
        return is_news

    def holds(self, caller: Caller) -> bool:
        """Say whether the caller's session ended, or every session the person had when theirs began."""
        if f"sid {caller.session_id}" in self._ends:
            return True
        everywhere = self._ends.get(f"sub {caller.subject}")
        began = caller.auth_time.timestamp() if caller.auth_time else 0.0
        return everywhere is not None and began <= everywhere.at

    def logout_tokens(self) -> Sequence[str]:
        """Return the issuer's word for everything that is remembered."""
        return [known.logout_token for known in self._ends.values() if known.logout_token]

    def _forget(self) -> None:
        oldest_kept = self._clock.now().timestamp() - REMEMBERED_SECONDS
        while self._ends and (len(self._ends) > MOST_REMEMBERED or next(iter(self._ends.values())).at < oldest_kept):
            self._ends.popitem(last=False)

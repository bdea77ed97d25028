"""The calls that wait while nothing was heard for long of the service whose facts they rest on.

Who may act for whom and who agreed to what is asked of copies, which say nothing of what did not arrive. Once they may
be older than the time in which an end has to have its effect everywhere, nobody acts on them.
"""

from collections.abc import Collection
from functools import partial

from songcau_kit.clock import Clock
from songcau_kit.database import Database, service_of
from songcau_kit.errors import COPIES_STALE, DomainError
from songcau_kit.freshness import Freshness
from songcau_kit.heartbeats import find_told_until
from songcau_kit.metrics import counter
from songcau_kit.rpc_call import Call


class HeartbeatGuard:
    """Refuses calls for somebody else, and a closed list of methods, on copies that may be too old.

    `source` is the service that is copied; copies may be `max_age_seconds` old (0: whatever age).
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        source: str,
        max_age_seconds: int,
        methods: Collection[str] = (),
    ) -> None:
        self.methods = frozenset(methods)
        self._news = Freshness(
            database, clock, find=partial(find_told_until, service=source), max_age_seconds=max_age_seconds
        )
        service = service_of(database.application_name)
        self._refused = counter(service, "copies_stale", "Calls refused because copies might have been too old.")

    def check(self, method: str, call: Call) -> None:
        """Raise COPIES_STALE where a call rests on copies that may be too old."""
        if self._rests_on_copies(method, call) and not self._news.holds():
            self._refused.inc()
            raise DomainError(COPIES_STALE)

    def _rests_on_copies(self, method: str, call: Call) -> bool:
        return call.on_behalf_of is not None or method.lstrip("/") in self.methods

"""Lets a process serve only once it has every wrapping key that its database names, and measures what each wraps."""

from psycopg.errors import UndefinedTable

from songcau_kit.database import Database, service_of
from songcau_kit.errors import DomainError
from songcau_kit.key_rotation import census, retired_versions, unknown_versions
from songcau_kit.keyring import KeyringError
from songcau_kit.logs import get_logger
from songcau_kit.loop import Loop
from songcau_kit.metrics import gauge
from songcau_kit.wrapping_keys import WrappingKeys

EVERY_S = 300.0
AT_FIRST_S = 2.0

_log = get_logger(__name__)


class WrappingKeyWatch:
    """A component of processes that open data keys.

    `start` raises KeyringError where data keys name a version that is not at hand, or new ones would be wrapped under
    a retired version. Where the database, its tables or the token are not there at that moment, `check` holds the
    process back until they are. A version that goes missing later is logged and measured, and only the people under
    it are refused: stopping every process would take everybody's data away.
    """

    def __init__(self, database: Database, wrapping_keys: WrappingKeys, *, every: float = EVERY_S) -> None:
        service = service_of(database.application_name)
        self._database = database
        self._wrapping_keys = wrapping_keys
        self._every = every
        self._is_fit = False
        self._shown: set[int] = set()
        self._loop = Loop(f"{service}-wrapping-keys", self._step, longest_pause=AT_FIRST_S)
        self._wrapped = gauge(
            service, "data_keys", "count", description="Data keys by wrapping version.", labels=("wrapping_version",)
        )
        self._unreadable = gauge(
            service, "data_keys_unreadable", "count", description="Data keys whose wrapping version is not at hand."
        )

    def start(self) -> None:
        """Look once, then from time to time."""
        try:
            self._examine()
        except (DomainError, UndefinedTable) as error:
            _log.warning("wrapping_keys_not_examined_yet", cause=str(error))
        self._loop.start()

    def stop(self, grace: float) -> None:
        """Look no more."""
        self._loop.stop(grace)

    def check(self) -> None:
        """Raise KeyringError as long as the keys were not found to be complete; for `/readyz`."""
        if not self._is_fit:
            raise KeyringError("the wrapping keys were not found to be complete yet")

    def _step(self) -> float:
        try:
            self._examine()
        except (KeyringError, UndefinedTable) as error:
            _log.error("wrapping_keys_incomplete", cause=str(error))
        return self._every if self._is_fit else AT_FIRST_S

    def _examine(self) -> None:
        with self._database.read() as conn:
            counts, retired = census(conn), retired_versions(conn)
        unknown = unknown_versions(counts, self._wrapping_keys)
        self._show(counts, sum(unknown.values()))
        if unknown:
            told = ", ".join(f"{version} ({count} data keys)" for version, count in sorted(unknown.items()))
            raise KeyringError(f"data is under wrapping keys that are not given here: {told}")
        if (current := self._wrapping_keys.current) in retired:
            raise KeyringError(f"wrapping key {current} was retired and cannot be the current one")
        self._is_fit = True

    def _show(self, counts: dict[int, int], unreadable: int) -> None:
        self._shown |= counts.keys()
        for version in self._shown:
            self._wrapped.labels(str(version)).set(counts.get(version, 0))
        self._unreadable.set(unreadable)

"""Removes what look-ups were judged from and what became of it, once its time is over; a component of `work`."""

from datetime import datetime

from songcau_kit.clock import local_date, years_after
from songcau_kit.loop import Loop, Looping

from songcau_identity.anomalies import repository_retention as repository
from songcau_identity.anomalies.gathering import span_of
from songcau_identity.officers import Desk

EVERY_S = 600.0
AT_MOST = 500


class AnomalyRetention(Looping):
    """Removes decided anomalies with their words, numbers of officers' days, and ended places on the watched list.

    An anomaly that nobody decided stays. Several at once do no harm.
    """

    def __init__(self, desk: Desk, *, years: int, at_most: int = AT_MOST, every: float = EVERY_S) -> None:
        self._desk = desk
        self._years = years
        self._at_most = at_most
        self._every = every
        self._loop = Loop("identity-anomaly-retention", self._step, longest_pause=every)

    def tidy(self) -> bool:
        """Remove one portion of each kind; say whether more may be waiting."""
        before = self._before()
        with self._desk.database.transaction() as conn:
            gone = repository.remove_anomalies(conn, before, at_most=self._at_most)
            for anomaly_id in gone:
                self._desk.data_keys.destroy(conn, anomaly_id)
        with self._desk.database.transaction() as conn:
            days = repository.remove_officer_days(conn, before.date(), at_most=self._at_most)
        with self._desk.database.transaction() as conn:
            watched = repository.remove_ended_watches(conn, before, at_most=self._at_most)
        return max(len(gone), days, watched) == self._at_most

    def _before(self) -> datetime:
        """Return the beginning of the first legal day that is kept."""
        return span_of(years_after(local_date(self._desk.clock.now()), -self._years)).begins

    def _step(self) -> float:
        return 0.0 if self.tidy() else self._every

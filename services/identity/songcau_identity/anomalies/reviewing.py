"""Judges the look-ups of closed legal days; a component of `work`."""

from collections.abc import Mapping
from datetime import date, timedelta

from songcau_kit.clock import local_date
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.errors import Status as ErrorStatus
from songcau_kit.logs import get_logger
from songcau_kit.loop import Loop, Looping
from songcau_kit.metrics import gauge

from songcau_identity.anomalies import repository
from songcau_identity.anomalies import repository_days as days
from songcau_identity.anomalies import repository_facts as facts
from songcau_identity.anomalies.gathering import Gathering, Reach, look_ups_of, span_of
from songcau_identity.anomalies.model import Anomaly, AnomalyState
from songcau_identity.anomalies.repository_days import OfficerDayRow
from songcau_identity.anomalies.rules import Suspicion, Thresholds, Volume, judge, volume_of
from songcau_identity.officers import Desk

EVERY_S = 300.0
OFFICERS_AT_ONCE = 10
FURTHEST_BACK = timedelta(days=62)  # how far an installation that never judged begins in the past

_log = get_logger(__name__)


class LookUpReview(Looping):
    """Opens each closed day once and judges its officers in portions; several processes share the portions.

    A day is judged once the days in which a case may still follow have passed, so cases entered late count. A process
    that ends in the middle leaves its portion to the next one; an anomaly is there once however often it is found.
    """

    def __init__(self, desk: Desk, thresholds: Thresholds, reach: Reach, *, every: float = EVERY_S) -> None:
        self._desk = desk
        self._thresholds = thresholds
        self._reach = reach
        self._gathering = Gathering(desk, reach)
        self._every = every
        # Whose look-ups could not be judged stands first in the order; they are left out until the round is over.
        self._failed: set[OfficerDayRow] = set()
        self._open = gauge(
            "identity", "anomalies_open", "count", description="anomalies that wait for a data officer's decision"
        )
        self._behind = gauge(
            "identity", "anomaly_review_behind", "days", description="closed days whose look-ups are not judged yet"
        )
        self._loop = Loop("identity-look-up-review", self._step, longest_pause=every)

    def review(self) -> int:
        """Judge one portion, or open the next day where none waits; return how much was done, 0 at the end."""
        judged = self._judge_portion()
        return judged or int(self._open_next_day())

    def measure(self) -> tuple[int, int]:
        """Return and set how many anomalies are undecided and how many days are not judged."""
        with self._desk.database.read() as conn:
            undecided = repository.count_undecided(conn)
            behind = self._days_behind(conn)
        self._open.set(undecided)
        self._behind.set(behind)
        return undecided, behind

    def last_ready_day(self) -> date:
        """Return the last legal day that may be judged now."""
        return local_date(self._desk.clock.now()) - timedelta(days=self._reach.case_days + 1)

    def _days_behind(self, conn: Connection) -> int:
        last = days.find_last_finished(conn)
        if last is None:
            first = self._first_day(conn)
            return 0 if first is None else max(0, (self.last_ready_day() - first).days + 1)
        return max(0, (self.last_ready_day() - last).days)

    def _first_day(self, conn: Connection) -> date | None:
        first = facts.find_first_look_up(conn)
        return None if first is None else max(local_date(first), self.last_ready_day() - FURTHEST_BACK)

    def _open_next_day(self) -> bool:
        with self._desk.database.transaction() as conn:
            # Here and not with the portion: only what others committed, too, may finish a day.
            days.finish_days(conn, self._desk.clock.now())
            last = days.find_last_day(conn)
            day = self._first_day(conn) if last is None else last + timedelta(days=1)
            if day is None or day > self.last_ready_day():
                return False
            if days.open_day(conn, day, self._desk.clock.now()):
                days.insert_officer_days(conn, self._volumes(conn, day))
        return True

    def _volumes(self, conn: Connection, day: date) -> Mapping[OfficerDayRow, Volume]:
        volumes = {}
        for officer_id, organization in facts.list_officers(conn, span_of(day)):
            groups = look_ups_of(facts.list_look_ups(conn, officer_id, span_of(day)))
            volumes[OfficerDayRow(day, officer_id, organization)] = volume_of([group[0].at for group in groups])
        return volumes

    def _judge_portion(self) -> int:
        with self._desk.database.transaction() as conn:
            portion = days.hold_unjudged(conn, self._failed, limit=OFFICERS_AT_ONCE)
            judged = {row for row in portion if self._is_judged(conn, row)}
        self._failed = self._failed | set(portion) - judged if portion else set()
        return len(portion)

    def _is_judged(self, conn: Connection, row: OfficerDayRow) -> bool:
        try:
            day = self._gathering.gather(conn, row)
        except DomainError as error:
            if error.reason.status is ErrorStatus.UNAVAILABLE:
                raise
            # One record that cannot be opened must not keep all others from being judged; the next round tries again.
            _log.error("look_ups_not_judged", day=str(row.day), reason=error.reason.code)
            return False
        for suspicion in judge(day, self._thresholds):
            repository.insert_anomaly(conn, self._found(row, suspicion), suspicion.entry_ids)
        days.note_judged(conn, row, self._desk.clock.now())
        return True

    def _found(self, row: OfficerDayRow, suspicion: Suspicion) -> Anomaly:
        return Anomaly(
            anomaly_id=self._desk.clock.new_id(),
            version=1,
            kind=suspicion.kind,
            state=AnomalyState.OPEN,
            officer_id=row.officer_id,
            organization=row.organization,
            day=row.day,
            citizen_id=suspicion.citizen_id,
            look_ups=suspicion.look_ups,
            found_at=self._desk.clock.now(),
        )

    def _step(self) -> float:
        done = self.review()
        if done:
            return 0.0
        self.measure()
        return self._every

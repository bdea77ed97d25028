"""Builds the door of anomalies and what supervises in `work`, part of the composition root."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from songcau_kit.cursors import CursorSigner

from songcau_identity.anomalies.gathering import Reach
from songcau_identity.anomalies.reading import AnomalyReading
from songcau_identity.anomalies.reporting import AnomalyReporting
from songcau_identity.anomalies.retention import AnomalyRetention
from songcau_identity.anomalies.reviewing import LookUpReview
from songcau_identity.anomalies.rules import Thresholds
from songcau_identity.anomalies.steps import AnomalySteps
from songcau_identity.anomalies.watching import Watching
from songcau_identity.breaches.notice_clock import NoticeClock
from songcau_identity.complaints.measuring import ComplaintClock
from songcau_identity.officers import Desk
from songcau_identity.servers.admission import Admission
from songcau_identity.servers.anomalies import AnomalyServer, AnomalyUseCases
from songcau_identity.settings import Settings


@dataclass(frozen=True)
class Supervision:
    """What watches over accesses, as one component of `work`."""

    parts: Sequence[LookUpReview | AnomalyRetention | NoticeClock | ComplaintClock]

    def start(self) -> None:
        """Begin."""
        for part in self.parts:
            part.start()

    def stop(self, grace: float) -> None:
        """End."""
        for part in self.parts:
            part.stop(grace)

    def check(self) -> None:
        """Raise when one of them does not run."""
        for part in self.parts:
            part.check()


def build_anomalies(settings: Settings, desk: Desk, admission: Admission, cursors: CursorSigner) -> AnomalyServer:
    """Return the door of anomalies."""
    cases = AnomalyUseCases(
        reading=AnomalyReading(desk, cursors),
        steps=AnomalySteps(desk),
        reporting=AnomalyReporting(desk, settings.controller_name),
        watching=Watching(desk, cursors),
    )
    return AnomalyServer(admission=admission, cases=cases)


def build_supervision(settings: Settings, desk: Desk) -> Supervision:
    """Return the job that judges look-ups, what removes old anomalies, and the clocks of breaches and complaints."""
    notices, complaints = NoticeClock(desk.database, desk.clock), ComplaintClock(desk.database, desk.clock)
    retention = AnomalyRetention(desk, years=settings.anomaly_years)
    return Supervision((build_review(settings, desk), retention, notices, complaints))


def build_review(settings: Settings, desk: Desk) -> LookUpReview:
    """Return the job that judges look-ups."""
    thresholds = Thresholds(
        without_case=settings.look_ups_without_case,
        bulk_per_hour=settings.bulk_look_ups_per_hour,
        bulk_per_day=settings.bulk_look_ups_per_day,
        bulk_factor=settings.bulk_look_ups_factor,
        own_act_within=timedelta(minutes=settings.look_up_own_act_minutes),
    )
    return LookUpReview(desk, thresholds, Reach(settings.look_up_case_days, settings.look_up_history_days))

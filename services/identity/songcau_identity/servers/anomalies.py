"""The gRPC door of AnomalyService."""

from dataclasses import dataclass
from datetime import date

import grpc
from songcau.identity.v1 import anomaly_service_pb2 as pb
from songcau.identity.v1 import anomaly_service_pb2_grpc

from songcau_identity.anomalies.model import Anomaly, AnomalyFilter, AnomalyKind, AnomalyState, WatchedCitizen
from songcau_identity.anomalies.reading import AnomalyReading, OpenedAnomaly
from songcau_identity.anomalies.reporting import AnomalyReporting
from songcau_identity.anomalies.steps import AnomalyOrder, AnomalySteps, Decision
from songcau_identity.anomalies.watching import Watching
from songcau_identity.auditing import Access, Asker, Operation
from songcau_identity.errors import ANOMALY_INVALID
from songcau_identity.rights import words
from songcau_identity.servers.accesses import write_access
from songcau_identity.servers.admission import Admission, read_request_id
from songcau_identity.servers.breaches import stamp
from songcau_identity.servers.citizens import find_uuid
from songcau_identity.servers.subject_requests import read_enum

_Step = pb.AskAboutAnomalyRequest | pb.DecideAnomalyRequest | pb.ExplainAnomalyRequest


@dataclass(frozen=True)
class AnomalyUseCases:
    """What the door opens to."""

    reading: AnomalyReading
    steps: AnomalySteps
    reporting: AnomalyReporting
    watching: Watching


class AnomalyServer(anomaly_service_pb2_grpc.AnomalyServiceServicer):
    """Translates between messages and use cases; no rule lives here."""

    def __init__(self, *, admission: Admission, cases: AnomalyUseCases) -> None:
        self._admission = admission
        self._cases = cases

    def ListAnomalies(self, request: pb.ListAnomaliesRequest, _: grpc.ServicerContext) -> pb.ListAnomaliesResponse:  # noqa: N802
        """List anomalies."""
        with self._admission.admitted(Operation.LIST_ANOMALIES) as (asker, access):
            page = self._cases.reading.list_all(
                asker, access, read_filter(request), page_size=request.page_size, cursor=request.page_token
            )
        return pb.ListAnomaliesResponse(anomalies=map(write_anomaly, page.anomalies), next_page_token=page.next_cursor)

    def GetAnomaly(self, request: pb.GetAnomalyRequest, _: grpc.ServicerContext) -> pb.GetAnomalyResponse:  # noqa: N802
        """Return one anomaly."""
        with self._admission.admitted(Operation.GET_ANOMALY) as (asker, access):
            opened = self._cases.reading.get(asker, find_uuid(request.anomaly_id), access)
        return pb.GetAnomalyResponse(details=write_opened(opened))

    def AskAboutAnomaly(  # noqa: N802
        self, request: pb.AskAboutAnomalyRequest, _: grpc.ServicerContext
    ) -> pb.AskAboutAnomalyResponse:
        """Ask the officer."""
        with self._admission.admitted(Operation.ASK_ABOUT_ANOMALY) as (asker, access):
            moved = self._cases.steps.ask(read_order(request, asker, access), request.question)
        return pb.AskAboutAnomalyResponse(anomaly=write_anomaly(moved))

    def DecideAnomaly(self, request: pb.DecideAnomalyRequest, _: grpc.ServicerContext) -> pb.DecideAnomalyResponse:  # noqa: N802
        """End an anomaly."""
        state = read_enum(AnomalyState, pb.AnomalyDecision.Name, request.decision, "ANOMALY_DECISION_")
        decision = Decision(state, request.note, find_uuid(request.breach_id), names_breach=bool(request.breach_id))
        with self._admission.admitted(Operation.DECIDE_ANOMALY) as (asker, access):
            moved = self._cases.steps.decide(read_order(request, asker, access), decision)
        return pb.DecideAnomalyResponse(anomaly=write_anomaly(moved))

    def GetAnomalyReport(  # noqa: N802
        self, request: pb.GetAnomalyReportRequest, _: grpc.ServicerContext
    ) -> pb.GetAnomalyReportResponse:
        """Return the report of a month."""
        with self._admission.admitted(Operation.GET_ANOMALY_REPORT) as (asker, _access):
            return pb.GetAnomalyReportResponse(pdf=self._cases.reporting.report(asker, request.month))

    def ListOwnAnomalies(  # noqa: N802
        self, request: pb.ListOwnAnomaliesRequest, _: grpc.ServicerContext
    ) -> pb.ListOwnAnomaliesResponse:
        """List what the caller was asked about."""
        with self._admission.admitted(Operation.LIST_OWN_ANOMALIES) as (asker, access):
            page = self._cases.reading.list_own(asker, access, page_size=request.page_size, cursor=request.page_token)
        return pb.ListOwnAnomaliesResponse(
            anomalies=map(write_anomaly, page.anomalies), next_page_token=page.next_cursor
        )

    def GetOwnAnomaly(self, request: pb.GetOwnAnomalyRequest, _: grpc.ServicerContext) -> pb.GetOwnAnomalyResponse:  # noqa: N802
        """Return one of them."""
        with self._admission.admitted(Operation.GET_OWN_ANOMALY) as (asker, access):
            opened = self._cases.reading.get_own(asker, find_uuid(request.anomaly_id), access)
        return pb.GetOwnAnomalyResponse(details=write_opened(opened))

    def ExplainAnomaly(self, request: pb.ExplainAnomalyRequest, _: grpc.ServicerContext) -> pb.ExplainAnomalyResponse:  # noqa: N802
        """Answer the question."""
        with self._admission.admitted(Operation.EXPLAIN_ANOMALY) as (asker, access):
            moved = self._cases.steps.explain(read_order(request, asker, access), request.explanation)
        return pb.ExplainAnomalyResponse(anomaly=write_anomaly(moved))

    def ListWatchedCitizens(  # noqa: N802
        self, request: pb.ListWatchedCitizensRequest, _: grpc.ServicerContext
    ) -> pb.ListWatchedCitizensResponse:
        """List watched citizens."""
        with self._admission.admitted(Operation.LIST_WATCHED_CITIZENS) as (asker, access):
            found, token = self._cases.watching.list_all(
                asker, access, page_size=request.page_size, cursor=request.page_token
            )
        return pb.ListWatchedCitizensResponse(
            watched=[write_watched(one.watched, reason=one.reason.reveal()) for one in found], next_page_token=token
        )

    def WatchCitizen(self, request: pb.WatchCitizenRequest, _: grpc.ServicerContext) -> pb.WatchCitizenResponse:  # noqa: N802
        """Put a citizen on the list."""
        with self._admission.admitted(Operation.WATCH_CITIZEN) as (asker, access):
            key, citizen_id = read_request_id(request.request_id), find_uuid(request.citizen_id)
            watched = self._cases.watching.watch(asker, key, citizen_id, request.reason, access)
        return pb.WatchCitizenResponse(watched=write_watched(watched))

    def UnwatchCitizen(self, request: pb.UnwatchCitizenRequest, _: grpc.ServicerContext) -> pb.UnwatchCitizenResponse:  # noqa: N802
        """Take a citizen off it."""
        with self._admission.admitted(Operation.UNWATCH_CITIZEN) as (asker, access):
            key, watch_id = read_request_id(request.request_id), find_uuid(request.watch_id)
            watched = self._cases.watching.unwatch(asker, key, watch_id, request.expected_version, access)
        return pb.UnwatchCitizenResponse(watched=write_watched(watched))


def read_order(request: _Step, asker: Asker, access: Access) -> AnomalyOrder:
    """Return who orders which step of which anomaly."""
    key, anomaly_id = read_request_id(request.request_id), find_uuid(request.anomaly_id)
    return AnomalyOrder(asker, access, key, anomaly_id, request.expected_version)


def read_filter(request: pb.ListAnomaliesRequest) -> AnomalyFilter:
    """Return which anomalies a request wants; raises ANOMALY_INVALID for a code or a day that is none."""
    states = [read_enum(AnomalyState, pb.AnomalyState.Name, one, "ANOMALY_STATE_") for one in request.states]
    kinds = [read_enum(AnomalyKind, pb.AnomalyKind.Name, one, "ANOMALY_KIND_") for one in request.kinds]
    for field, read in (("states", states), ("kinds", kinds)):
        if None in read:
            raise words.invalid(field, reason=ANOMALY_INVALID)
    return AnomalyFilter(
        states=tuple(filter(None, states)),
        kinds=tuple(filter(None, kinds)),
        officer_id=request.officer_id,
        first_day=read_day(request.first_day, "first_day"),
        last_day=read_day(request.last_day, "last_day"),
    )


def read_day(text: str, field: str) -> date | None:
    """Return a legal day, None where none is given; raises ANOMALY_INVALID."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise words.invalid(field, reason=ANOMALY_INVALID) from None


def write_anomaly(anomaly: Anomaly) -> pb.Anomaly:
    """Return an anomaly without its words as a message."""
    return pb.Anomaly(
        anomaly_id=str(anomaly.anomaly_id),
        version=anomaly.version,
        kind=f"ANOMALY_KIND_{anomaly.kind}",
        state=f"ANOMALY_STATE_{anomaly.state}",
        officer_id=anomaly.officer_id,
        organization=anomaly.organization,
        day=anomaly.day.isoformat(),
        citizen_id=str(anomaly.citizen_id or ""),
        look_ups=anomaly.look_ups,
        found_at=stamp(anomaly.found_at),
        asked_at=stamp(anomaly.asked_at),
        explained_at=stamp(anomaly.explained_at),
        decided_at=stamp(anomaly.decided_at),
        breach_id=str(anomaly.breach_id or ""),
    )


def write_opened(opened: OpenedAnomaly) -> pb.AnomalyDetails:
    """Return an anomaly with its entries and words as a message."""
    return pb.AnomalyDetails(
        anomaly=write_anomaly(opened.anomaly),
        entries=[write_access(entry) for entry in opened.entries],
        more_entries=opened.more_entries,
        question=opened.texts.question.reveal(),
        explanation=opened.texts.explanation.reveal(),
        note=opened.texts.note.reveal(),
        access_complaint_ids=map(str, opened.complaint_ids),
    )


def write_watched(watched: WatchedCitizen, *, reason: str = "") -> pb.WatchedCitizen:
    """Return a watched citizen as a message."""
    return pb.WatchedCitizen(
        watch_id=str(watched.watch_id),
        version=watched.version,
        citizen_id=str(watched.citizen_id),
        reason=reason,
        watched_by=watched.watched_by,
        watched_at=stamp(watched.watched_at),
        ended_at=stamp(watched.ended_at),
    )

"""What only time and the answers of others bring about: copies, erasures, questions asked again, days that pass."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from songcau_kit.clock import local_date
from songcau_kit.database import service_of
from songcau_kit.loop import Loop, Looping
from songcau_kit.metrics import gauge

from songcau_identity.officers import Desk
from songcau_identity.rights import repository
from songcau_identity.rights import repository_parts as parts
from songcau_identity.rights.asking import Asking
from songcau_identity.rights.assembling import Assembling
from songcau_identity.rights.erasing import Erasing
from songcau_identity.rights.model import OPEN, RequestKind, RequestState

EVERY_S = 1.0
MEASURE_EVERY = 30
ASKED_AT_MOST = 5
AT_ONCE = 20


@dataclass(frozen=True)
class Workers:
    """What works on requests."""

    asking: Asking
    assembling: Assembling
    erasing: Erasing


class RightsWork(Looping):
    """A component of `work`; several at once do each thing once. `patience` is how long a service may take."""

    def __init__(self, desk: Desk, workers: Workers, *, patience: timedelta) -> None:
        self._desk = desk
        self._workers = workers
        self._patience = patience
        self._steps = 0
        self._loop = Loop("identity-rights", self._step)
        service = service_of(desk.database.application_name)
        self._open = gauge(
            service, "subject_requests", "count", description="Requests that are open.", labels=("kind",)
        )
        self._overdue = gauge(
            service, "subject_requests_overdue", "count", description="Of these, overdue.", labels=("kind",)
        )
        told = "Open requests that wait for an answer of a service."
        self._waiting = gauge(service, "subject_request_parts", "count", description=told, labels=("holder",))

    def run(self) -> None:
        """Do what can be done now."""
        self._workers.assembling.run()
        self._workers.erasing.run()
        self._ask_again()
        self._workers.assembling.expire()

    def measure(self) -> None:
        """Tell how many requests are open and overdue, and which services owe an answer."""
        with self._desk.database.read() as conn:
            counts = repository.count_open(conn, local_date(self._desk.clock.now()))
            waiting = parts.count_waiting(conn)
        for kind in RequestKind:
            is_open, overdue = counts.get(kind, (0, 0))
            self._open.labels(kind).set(is_open)
            self._overdue.labels(kind).set(overdue)
        for holder in self._workers.asking.holders:
            self._waiting.labels(holder).set(waiting.get(holder, 0))

    def _ask_again(self) -> None:
        before = self._desk.clock.now() - self._patience
        with self._desk.database.read() as conn:
            late = parts.list_late(conn, asked_before=before, attempts=ASKED_AT_MOST, limit=AT_ONCE)
        for subject_request_id in late:
            self._ask(subject_request_id)

    def _ask(self, subject_request_id: UUID) -> None:
        with self._desk.database.transaction() as conn:
            request = repository.hold_request(conn, subject_request_id)
            if request is None or request.state not in OPEN:
                return
            if request.kind is RequestKind.COPY:
                self._workers.asking.ask_for_copy(conn, request)
            elif request.state is RequestState.EXECUTING:
                self._workers.asking.propose_erasure(conn, request)

    def _step(self) -> float:
        self.run()
        if self._steps % MEASURE_EVERY == 0:
            self.measure()
        self._steps += 1
        return EVERY_S

"""The gRPC door of BreachService."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from songcau.identity.v1 import breach_service_pb2 as pb
from songcau.identity.v1 import breach_service_pb2_grpc
from songcau_kit.clock import Clock, iso_day

from songcau_identity.auditing import Operation
from songcau_identity.breaches.model import Audience, Breach, BreachFacts, BreachStep, TouchedPerson, Window
from songcau_identity.breaches.reading import BreachReading
from songcau_identity.breaches.steps import BreachOrder, BreachSteps, Notice
from songcau_identity.servers.admission import Admission, read_request_id
from songcau_identity.servers.citizens import find_uuid

AUDIENCES = {
    pb.BREACH_AUDIENCE_AUTHORITY: Audience.AUTHORITY,
    pb.BREACH_AUDIENCE_PERSONS: Audience.PERSONS,
}
_Step = pb.AmendBreachRequest | pb.AssessBreachRequest | pb.RecordBreachNoticeRequest | pb.CloseBreachRequest


class BreachServer(breach_service_pb2_grpc.BreachServiceServicer):
    """Translates between messages and use cases; no rule lives here."""

    def __init__(self, *, admission: Admission, steps: BreachSteps, reading: BreachReading, clock: Clock) -> None:
        self._admission = admission
        self._steps = steps
        self._reading = reading
        self._clock = clock

    def OpenBreach(self, request: pb.OpenBreachRequest, _: grpc.ServicerContext) -> pb.OpenBreachResponse:  # noqa: N802
        """Open a breach."""
        with self._admission.admitted(Operation.OPEN_BREACH) as (asker, access):
            order = BreachOrder(asker, access, read_request_id(request.request_id))
            breach = self._steps.open(order, read_facts(request.facts))
        return pb.OpenBreachResponse(breach=self._write(breach))

    def AmendBreach(self, request: pb.AmendBreachRequest, _: grpc.ServicerContext) -> pb.AmendBreachResponse:  # noqa: N802
        """Replace what is known."""
        with self._ordered(request, Operation.AMEND_BREACH) as order:
            breach = self._steps.amend(order, read_facts(request.facts))
        return pb.AmendBreachResponse(breach=self._write(breach))

    def AssessBreach(self, request: pb.AssessBreachRequest, _: grpc.ServicerContext) -> pb.AssessBreachResponse:  # noqa: N802
        """Find who was touched."""
        window = Window(
            read_moment(getattr(request, "from")),
            read_moment(request.to),
            request.actor_id,
            request.client_id,
            request.service,
        )
        with self._ordered(request, Operation.ASSESS_BREACH) as order:
            breach = self._steps.assess(order, window)
        return pb.AssessBreachResponse(breach=self._write(breach))

    def RecordBreachNotice(  # noqa: N802
        self, request: pb.RecordBreachNoticeRequest, _: grpc.ServicerContext
    ) -> pb.RecordBreachNoticeResponse:
        """Record that somebody was told."""
        notice = Notice(AUDIENCES.get(request.audience), read_moment(request.told_at), request.reference)
        with self._ordered(request, Operation.RECORD_BREACH_NOTICE) as order:
            breach = self._steps.tell(order, notice)
        return pb.RecordBreachNoticeResponse(breach=self._write(breach))

    def CloseBreach(self, request: pb.CloseBreachRequest, _: grpc.ServicerContext) -> pb.CloseBreachResponse:  # noqa: N802
        """Close a breach."""
        with self._ordered(request, Operation.CLOSE_BREACH) as order:
            breach = self._steps.close(order, dismissed=request.dismissed)
        return pb.CloseBreachResponse(breach=self._write(breach))

    def GetBreach(self, request: pb.GetBreachRequest, _: grpc.ServicerContext) -> pb.GetBreachResponse:  # noqa: N802
        """Return one breach."""
        with self._admission.admitted(Operation.GET_BREACH) as (asker, _access):
            opened = self._reading.get(asker, find_uuid(request.breach_id))
        return pb.GetBreachResponse(
            breach=self._write(opened.breach), facts=write_facts(opened.facts), steps=map(write_step, opened.steps)
        )

    def ListBreaches(self, request: pb.ListBreachesRequest, _: grpc.ServicerContext) -> pb.ListBreachesResponse:  # noqa: N802
        """List breaches."""
        with self._admission.admitted(Operation.LIST_BREACHES) as (asker, _access):
            found, token = self._reading.list_all(asker, page_size=request.page_size, cursor=request.page_token)
        return pb.ListBreachesResponse(breaches=map(self._write, found), next_page_token=token)

    def ListBreachPersons(  # noqa: N802
        self, request: pb.ListBreachPersonsRequest, _: grpc.ServicerContext
    ) -> pb.ListBreachPersonsResponse:
        """List who was touched."""
        with self._admission.admitted(Operation.LIST_BREACH_PERSONS) as (asker, access):
            found, token = self._reading.list_persons(
                asker, find_uuid(request.breach_id), access, page_size=request.page_size, cursor=request.page_token
            )
        return pb.ListBreachPersonsResponse(persons=map(write_person, found), next_page_token=token)

    def GetBreachForm(self, request: pb.GetBreachFormRequest, _: grpc.ServicerContext) -> pb.GetBreachFormResponse:  # noqa: N802
        """Return the notice as a form."""
        with self._admission.admitted(Operation.GET_BREACH_FORM) as (asker, _access):
            return pb.GetBreachFormResponse(pdf=self._reading.form(asker, find_uuid(request.breach_id)))

    @contextmanager
    def _ordered(self, request: _Step, operation: Operation) -> Iterator[BreachOrder]:
        with self._admission.admitted(operation) as (asker, access):
            key, breach_id = read_request_id(request.request_id), find_uuid(request.breach_id)
            yield BreachOrder(asker, access, key, breach_id, request.expected_version)

    def _write(self, breach: Breach) -> pb.Breach:
        return pb.Breach(
            breach_id=str(breach.breach_id),
            version=breach.version,
            state=f"BREACH_STATE_{breach.state}",
            detected_at=stamp(breach.detected_at),
            has_biometric_data=breach.has_biometric_data,
            has_location_data=breach.has_location_data,
            categories=breach.categories,
            notice_due_at=stamp(breach.notice_due_at),
            authority_told_at=stamp(breach.authority_told_at),
            persons_told_at=stamp(breach.persons_told_at),
            closed_at=stamp(breach.closed_at),
            kept_until=iso_day(breach.kept_until),
            persons=breach.persons,
            overdue=breach.is_overdue(self._clock.now()),
            missing_notices=breach.missing,
        )


def read_moment(moment: Timestamp) -> datetime:
    """Return an instant; one that was left out is the epoch, which no rule takes."""
    return moment.ToDatetime(tzinfo=UTC)


def read_facts(facts: pb.BreachFacts) -> BreachFacts:
    """Return what is known as it was stated."""
    detected_at = read_moment(facts.detected_at) if facts.HasField("detected_at") else datetime.max.replace(tzinfo=UTC)
    return BreachFacts(
        detected_at,
        facts.has_biometric_data,
        facts.has_location_data,
        tuple(facts.categories),
        facts.description,
        facts.consequences,
        facts.measures,
    )


def write_facts(facts: BreachFacts) -> pb.BreachFacts:
    """Return what is known."""
    return pb.BreachFacts(
        detected_at=stamp(facts.detected_at),
        has_biometric_data=facts.has_biometric_data,
        has_location_data=facts.has_location_data,
        categories=facts.categories,
        description=facts.description,
        consequences=facts.consequences,
        measures=facts.measures,
    )


def write_step(step: BreachStep) -> pb.BreachStep:
    """Return one step."""
    return pb.BreachStep(
        version=step.version,
        act=step.act,
        taken_by=step.taken_by,
        taken_at=stamp(step.taken_at),
        reference=step.reference,
    )


def write_person(person: TouchedPerson) -> pb.BreachPerson:
    """Return one person who was touched."""
    return pb.BreachPerson(
        citizen_id=str(person.citizen_id),
        accesses=person.accesses,
        first_at=stamp(person.first_at),
        last_at=stamp(person.last_at),
    )


def stamp(moment: datetime | None) -> Timestamp | None:
    """Return an instant as a message, nothing for none."""
    if moment is None:
        return None
    message = Timestamp()
    message.FromDatetime(moment.astimezone(UTC))
    return message

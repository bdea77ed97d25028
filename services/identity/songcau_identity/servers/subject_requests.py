"""The gRPC door of SubjectRequestService."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import UUID

import grpc
from songcau.identity.v1 import subject_request_service_pb2 as pb
from songcau.identity.v1 import subject_request_service_pb2_grpc
from songcau_kit.clock import Clock, iso_day, local_date

from songcau_identity.auditing import Operation
from songcau_identity.rights.fetching import CopyFetching, CopyForm
from songcau_identity.rights.model import Refusal, RequestChannel, RequestKind, SubjectRequest
from songcau_identity.rights.own_requests import NewRequest, OwnRequests
from songcau_identity.rights.queue import RefusalWords, RequestOrder, RequestQueue
from songcau_identity.rights.recording import PaperRequest, RequestRecording
from songcau_identity.rights.repository_parts import Part
from songcau_identity.rights.steps import OpenedRequest, SeenRequest
from songcau_identity.rights.words import invalid
from songcau_identity.servers.admission import Admission, read_request_id
from songcau_identity.servers.citizens import find_uuid
from songcau_identity.servers.orders import read_document

E = TypeVar("E", bound=StrEnum)


class StepRequest(Protocol):
    """What the requests of all steps have."""

    request_id: str
    subject_request_id: str
    expected_version: int


class SubjectRequestServer(subject_request_service_pb2_grpc.SubjectRequestServiceServicer):
    """Translates between messages and use cases; no rule lives here."""

    def __init__(
        self,
        *,
        admission: Admission,
        own: OwnRequests,
        recording: RequestRecording,
        fetching: CopyFetching,
        queue: RequestQueue,
        clock: Clock,
    ) -> None:
        self._admission = admission
        self._own = own
        self._recording = recording
        self._fetching = fetching
        self._queue = queue
        self._clock = clock

    def MakeSubjectRequest(  # noqa: N802
        self, request: pb.MakeSubjectRequestRequest, _: grpc.ServicerContext
    ) -> pb.MakeSubjectRequestResponse:
        """Make a request."""
        kind = read_enum(RequestKind, pb.SubjectRequestKind.Name, request.kind, "SUBJECT_REQUEST_KIND_")
        with self._admission.admitted(Operation.MAKE_SUBJECT_REQUEST) as (asker, access):
            new = NewRequest(read_request_id(request.request_id), kind, request.activity, request.details)
            made = self._own.make(asker, new, access)
        return pb.MakeSubjectRequestResponse(request=self._write(made))

    def RecordSubjectRequest(  # noqa: N802
        self, request: pb.RecordSubjectRequestRequest, _: grpc.ServicerContext
    ) -> pb.RecordSubjectRequestResponse:
        """Enter a request that came on paper."""
        with self._admission.admitted(Operation.RECORD_SUBJECT_REQUEST) as (asker, access):
            recorded = self._recording.record(asker, read_paper_request(request), access)
        return pb.RecordSubjectRequestResponse(request=self._write(recorded))

    def ListOwnSubjectRequests(  # noqa: N802
        self, request: pb.ListOwnSubjectRequestsRequest, _: grpc.ServicerContext
    ) -> pb.ListOwnSubjectRequestsResponse:
        """List the caller's requests."""
        with self._admission.admitted(Operation.LIST_OWN_SUBJECT_REQUESTS) as (asker, access):
            page = self._own.list_own(asker, access, page_size=request.page_size, cursor=request.page_token)
        return pb.ListOwnSubjectRequestsResponse(
            requests=[self._write(one) for one in page.requests], next_page_token=page.next_cursor
        )

    def GetOwnSubjectRequest(  # noqa: N802
        self, request: pb.GetOwnSubjectRequestRequest, _: grpc.ServicerContext
    ) -> pb.GetOwnSubjectRequestResponse:
        """Return one of the caller's requests."""
        with self._admission.admitted(Operation.GET_OWN_SUBJECT_REQUEST) as (asker, access):
            opened = self._own.get_own(asker, find_uuid(request.subject_request_id), access)
        return pb.GetOwnSubjectRequestResponse(details=self._write_opened(opened))

    def WithdrawSubjectRequest(  # noqa: N802
        self, request: pb.WithdrawSubjectRequestRequest, _: grpc.ServicerContext
    ) -> pb.WithdrawSubjectRequestResponse:
        """Take a request back."""
        with self._admission.admitted(Operation.WITHDRAW_SUBJECT_REQUEST) as (asker, access):
            moved = self._own.withdraw(asker, read_request_id(request.request_id), read_seen(request), access)
        return pb.WithdrawSubjectRequestResponse(request=self._write(moved))

    def GetDataCopy(self, request: pb.GetDataCopyRequest, _: grpc.ServicerContext) -> pb.GetDataCopyResponse:  # noqa: N802
        """Return a copy of the caller's data."""
        form = CopyForm.PDF if request.form == pb.DATA_COPY_FORM_PDF else CopyForm.JSON
        with self._admission.admitted(Operation.GET_DATA_COPY) as (asker, access):
            copy = self._fetching.fetch(asker, find_uuid(request.subject_request_id), form, access)
        response = pb.GetDataCopyResponse(content=copy.content, media_type=copy.media_type, file_name=copy.file_name)
        response.expires_at.FromDatetime(copy.expires_at)
        return response

    def ListSubjectRequests(  # noqa: N802
        self, request: pb.ListSubjectRequestsRequest, _: grpc.ServicerContext
    ) -> pb.ListSubjectRequestsResponse:
        """List the queue."""
        listed = self._queue.list_ended if request.ended else self._queue.list_open
        with self._admission.admitted(Operation.LIST_SUBJECT_REQUESTS) as (asker, access):
            page = listed(asker, access, page_size=request.page_size, cursor=request.page_token)
        return pb.ListSubjectRequestsResponse(
            requests=[self._write(one) for one in page.requests], next_page_token=page.next_cursor
        )

    def GetSubjectRequest(  # noqa: N802
        self, request: pb.GetSubjectRequestRequest, _: grpc.ServicerContext
    ) -> pb.GetSubjectRequestResponse:
        """Return one request."""
        with self._admission.admitted(Operation.GET_SUBJECT_REQUEST) as (asker, access):
            opened = self._queue.get(asker, find_uuid(request.subject_request_id), access)
        return pb.GetSubjectRequestResponse(details=self._write_opened(opened))

    def AcknowledgeSubjectRequest(  # noqa: N802
        self, request: pb.AcknowledgeSubjectRequestRequest, _: grpc.ServicerContext
    ) -> pb.AcknowledgeSubjectRequestResponse:
        """Acknowledge a request."""
        with self._ordered(request, Operation.ACKNOWLEDGE_SUBJECT_REQUEST) as order:
            moved = self._queue.acknowledge(order, third_party=request.third_party)
        return pb.AcknowledgeSubjectRequestResponse(request=self._write(moved))

    def ExtendSubjectRequest(  # noqa: N802
        self, request: pb.ExtendSubjectRequestRequest, _: grpc.ServicerContext
    ) -> pb.ExtendSubjectRequestResponse:
        """Extend a request."""
        with self._ordered(request, Operation.EXTEND_SUBJECT_REQUEST) as order:
            moved = self._queue.extend(order, request.answer)
        return pb.ExtendSubjectRequestResponse(request=self._write(moved))

    def RefuseSubjectRequest(  # noqa: N802
        self, request: pb.RefuseSubjectRequestRequest, _: grpc.ServicerContext
    ) -> pb.RefuseSubjectRequestResponse:
        """Refuse a request."""
        refusal = read_enum(Refusal, pb.SubjectRequestRefusal.Name, request.refusal, "SUBJECT_REQUEST_REFUSAL_")
        with self._ordered(request, Operation.REFUSE_SUBJECT_REQUEST) as order:
            moved = self._queue.refuse(order, RefusalWords(refusal, request.legal_reference, request.answer))
        return pb.RefuseSubjectRequestResponse(request=self._write(moved))

    def CompleteSubjectRequest(  # noqa: N802
        self, request: pb.CompleteSubjectRequestRequest, _: grpc.ServicerContext
    ) -> pb.CompleteSubjectRequestResponse:
        """Carry a request out."""
        with self._ordered(request, Operation.COMPLETE_SUBJECT_REQUEST) as order:
            named = read_id(request.correction_act_id, "correction_act_id")
            moved = self._queue.complete(order, request.answer, named)
        return pb.CompleteSubjectRequestResponse(request=self._write(moved))

    @contextmanager
    def _ordered(self, request: StepRequest, operation: Operation) -> Iterator[RequestOrder]:
        with self._admission.admitted(operation) as (asker, access):
            yield RequestOrder(asker, read_request_id(request.request_id), read_seen(request), access)

    def _write(self, request: SubjectRequest) -> pb.SubjectRequest:
        return write_request(request, today=local_date(self._clock.now()))

    def _write_opened(self, opened: OpenedRequest) -> pb.SubjectRequestDetails:
        return write_opened(opened, today=local_date(self._clock.now()))


def read_paper_request(request: pb.RecordSubjectRequestRequest) -> PaperRequest:
    """Return what an officer enters."""
    return PaperRequest(
        request_id=read_request_id(request.request_id),
        citizen_id=find_uuid(request.citizen_id),
        kind=read_enum(RequestKind, pb.SubjectRequestKind.Name, request.kind, "SUBJECT_REQUEST_KIND_"),
        activity=request.activity,
        details=request.details,
        channel=read_enum(RequestChannel, pb.SubjectRequestChannel.Name, request.channel, "SUBJECT_REQUEST_CHANNEL_"),
        received_on=request.received_on,
        evidence=read_document(request.evidence),
    )


def read_seen(request: StepRequest) -> SeenRequest:
    """Return which request at which version a step is about."""
    return SeenRequest(find_uuid(request.subject_request_id), request.expected_version)


def read_id(text: str, field: str) -> UUID | None:
    """Return an id that may be left out; raises SUBJECT_REQUEST_INVALID for what is none."""
    found = find_uuid(text)
    if text and found is None:
        raise invalid(field)
    return found


def read_enum(kind: type[E], name_of: "Naming", number: int, prefix: str) -> E | None:
    """Return the value of ours that a number of a message's enum means, None where there is none."""
    try:
        return kind(name_of(number).removeprefix(prefix))
    except ValueError:
        return None


class Naming(Protocol):
    """Returns the name of an enum's value; raises ValueError for a number it does not have."""

    def __call__(self, number: int, /) -> str:
        """Return the name."""


def write_request(request: SubjectRequest, *, today: date) -> pb.SubjectRequest:
    """Return a request without its words as a message."""
    message = pb.SubjectRequest(
        subject_request_id=str(request.subject_request_id),
        citizen_id=str(request.citizen_id),
        kind=f"SUBJECT_REQUEST_KIND_{request.kind}",
        state=f"SUBJECT_REQUEST_STATE_{request.state}",
        version=request.version,
        activity=request.activity,
        acknowledge_by=request.acknowledge_by.isoformat(),
        due_on=request.due_on.isoformat(),
        third_party=request.third_party,
        extended=request.extended,
        overdue=request.is_overdue(today),
        refusal=f"SUBJECT_REQUEST_REFUSAL_{request.refusal or 'UNSPECIFIED'}",
        channel=f"SUBJECT_REQUEST_CHANNEL_{request.channel}",
        recorded_for=request.recorded_for,
    )
    message.received_at.FromDatetime(request.received_at)
    if request.acknowledged_at is not None:
        message.acknowledged_at.FromDatetime(request.acknowledged_at)
    if request.ended_at is not None:
        message.ended_at.FromDatetime(request.ended_at)
    return message


def write_opened(opened: OpenedRequest, *, today: date) -> pb.SubjectRequestDetails:
    """Return a request with its words as a message."""
    message = pb.SubjectRequestDetails(
        request=write_request(opened.request, today=today),
        details=opened.details.reveal(),
        answer=opened.answer.reveal(),
        legal_reference=opened.legal_reference.reveal(),
    )
    for step in opened.steps:
        written = message.steps.add(
            act=step.act, state=f"SUBJECT_REQUEST_STATE_{step.state}", actor_kind=step.actor_kind
        )
        written.taken_at.FromDatetime(step.taken_at)
    message.parts.extend(write_part(part) for part in opened.parts)
    return message


def write_part(part: Part) -> pb.SubjectRequestPart:
    """Return what a service answered as a message."""
    message = pb.SubjectRequestPart(
        holder=part.holder,
        state=part.state,
        attempts=part.attempts,
        failure=part.failure,
        grounds=[
            pb.RetentionGround(
                code=ground.code,
                legal_reference=ground.legal_reference,
                kept_until=iso_day(ground.kept_until),
                count=ground.count,
            )
            for ground in part.grounds
        ],
    )
    message.asked_at.FromDatetime(part.asked_at)
    if part.answered_at is not None:
        message.answered_at.FromDatetime(part.answered_at)
    return message

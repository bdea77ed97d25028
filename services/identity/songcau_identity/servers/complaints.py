"""The gRPC door of AccessComplaintService."""

from datetime import date

import grpc
from songcau.identity.v1 import access_complaint_service_pb2 as pb
from songcau.identity.v1 import access_complaint_service_pb2_grpc
from songcau_kit.clock import Clock, local_date

from songcau_identity.auditing import Access, Asker, Operation
from songcau_identity.complaints.model import Complaint, Finding
from songcau_identity.complaints.outcomes import OpenedComplaint
from songcau_identity.complaints.own_complaints import NewComplaint, OwnComplaints, SeenComplaint
from songcau_identity.complaints.queue import ComplaintOrder, ComplaintQueue
from songcau_identity.servers.accesses import write_access
from songcau_identity.servers.admission import Admission, read_request_id
from songcau_identity.servers.citizens import find_uuid
from songcau_identity.servers.subject_requests import read_enum


class AccessComplaintServer(access_complaint_service_pb2_grpc.AccessComplaintServiceServicer):
    """Translates between messages and use cases; no rule lives here."""

    def __init__(self, *, admission: Admission, own: OwnComplaints, queue: ComplaintQueue, clock: Clock) -> None:
        self._admission = admission
        self._own = own
        self._queue = queue
        self._clock = clock

    def MakeAccessComplaint(  # noqa: N802
        self, request: pb.MakeAccessComplaintRequest, _: grpc.ServicerContext
    ) -> pb.MakeAccessComplaintResponse:
        """Complain about an entry."""
        with self._admission.admitted(Operation.MAKE_ACCESS_COMPLAINT) as (asker, access):
            new = NewComplaint(read_request_id(request.request_id), find_uuid(request.entry_id), request.details)
            made = self._own.make(asker, new, access)
        return pb.MakeAccessComplaintResponse(complaint=self._write(made))

    def ListOwnAccessComplaints(  # noqa: N802
        self, request: pb.ListOwnAccessComplaintsRequest, _: grpc.ServicerContext
    ) -> pb.ListOwnAccessComplaintsResponse:
        """List the caller's complaints."""
        with self._admission.admitted(Operation.LIST_OWN_ACCESS_COMPLAINTS) as (asker, access):
            page = self._own.list_own(asker, access, page_size=request.page_size, cursor=request.page_token)
        return pb.ListOwnAccessComplaintsResponse(
            complaints=[self._write(one) for one in page.complaints], next_page_token=page.next_cursor
        )

    def GetOwnAccessComplaint(  # noqa: N802
        self, request: pb.GetOwnAccessComplaintRequest, _: grpc.ServicerContext
    ) -> pb.GetOwnAccessComplaintResponse:
        """Return one of the caller's complaints."""
        with self._admission.admitted(Operation.GET_OWN_ACCESS_COMPLAINT) as (asker, access):
            opened = self._own.get_own(asker, find_uuid(request.access_complaint_id), access)
        return pb.GetOwnAccessComplaintResponse(details=self._write_opened(opened))

    def WithdrawAccessComplaint(  # noqa: N802
        self, request: pb.WithdrawAccessComplaintRequest, _: grpc.ServicerContext
    ) -> pb.WithdrawAccessComplaintResponse:
        """Take a complaint back."""
        seen = SeenComplaint(find_uuid(request.access_complaint_id), request.expected_version)
        with self._admission.admitted(Operation.WITHDRAW_ACCESS_COMPLAINT) as (asker, access):
            moved = self._own.withdraw(asker, read_request_id(request.request_id), seen, access)
        return pb.WithdrawAccessComplaintResponse(complaint=self._write(moved))

    def ListAccessComplaints(  # noqa: N802
        self, request: pb.ListAccessComplaintsRequest, _: grpc.ServicerContext
    ) -> pb.ListAccessComplaintsResponse:
        """List the queue."""
        listed = self._queue.list_answered if request.answered else self._queue.list_open
        with self._admission.admitted(Operation.LIST_ACCESS_COMPLAINTS) as (asker, access):
            page = listed(asker, access, page_size=request.page_size, cursor=request.page_token)
        return pb.ListAccessComplaintsResponse(
            complaints=[self._write(one) for one in page.complaints], next_page_token=page.next_cursor
        )

    def GetAccessComplaint(  # noqa: N802
        self, request: pb.GetAccessComplaintRequest, _: grpc.ServicerContext
    ) -> pb.GetAccessComplaintResponse:
        """Return one complaint."""
        with self._admission.admitted(Operation.GET_ACCESS_COMPLAINT) as (asker, access):
            opened = self._queue.get(asker, find_uuid(request.access_complaint_id), access)
        return pb.GetAccessComplaintResponse(details=self._write_opened(opened))

    def AcknowledgeAccessComplaint(  # noqa: N802
        self, request: pb.AcknowledgeAccessComplaintRequest, _: grpc.ServicerContext
    ) -> pb.AcknowledgeAccessComplaintResponse:
        """Acknowledge a complaint."""
        with self._admission.admitted(Operation.ACKNOWLEDGE_ACCESS_COMPLAINT) as (asker, access):
            moved = self._queue.acknowledge(read_order(request, asker, access))
        return pb.AcknowledgeAccessComplaintResponse(complaint=self._write(moved))

    def AnswerAccessComplaint(  # noqa: N802
        self, request: pb.AnswerAccessComplaintRequest, _: grpc.ServicerContext
    ) -> pb.AnswerAccessComplaintResponse:
        """Answer a complaint."""
        finding = read_enum(Finding, pb.AccessComplaintFinding.Name, request.finding, "ACCESS_COMPLAINT_FINDING_")
        with self._admission.admitted(Operation.ANSWER_ACCESS_COMPLAINT) as (asker, access):
            moved = self._queue.answer(read_order(request, asker, access), finding, request.answer)
        return pb.AnswerAccessComplaintResponse(complaint=self._write(moved))

    def _write(self, complaint: Complaint) -> pb.AccessComplaint:
        return write_complaint(complaint, today=local_date(self._clock.now()))

    def _write_opened(self, opened: OpenedComplaint) -> pb.AccessComplaintDetails:
        return pb.AccessComplaintDetails(
            complaint=self._write(opened.complaint),
            details=opened.details.reveal(),
            answer=opened.answer.reveal(),
            anomaly_ids=map(str, opened.anomaly_ids),
        )


def read_order(
    request: pb.AcknowledgeAccessComplaintRequest | pb.AnswerAccessComplaintRequest, asker: Asker, access: Access
) -> ComplaintOrder:
    """Return who orders which step of which complaint."""
    complaint_id = find_uuid(request.access_complaint_id)
    return ComplaintOrder(asker, read_request_id(request.request_id), complaint_id, request.expected_version, access)


def write_complaint(complaint: Complaint, *, today: date) -> pb.AccessComplaint:
    """Return a complaint without its words as a message."""
    message = pb.AccessComplaint(
        access_complaint_id=str(complaint.complaint_id),
        citizen_id=str(complaint.citizen_id),
        state=f"ACCESS_COMPLAINT_STATE_{complaint.state}",
        version=complaint.version,
        access=write_access(complaint.access),
        acknowledge_by=complaint.acknowledge_by.isoformat(),
        overdue=complaint.is_overdue(today),
        finding=f"ACCESS_COMPLAINT_FINDING_{complaint.finding or 'UNSPECIFIED'}",
    )
    message.received_at.FromDatetime(complaint.received_at)
    if complaint.acknowledged_at is not None:
        message.acknowledged_at.FromDatetime(complaint.acknowledged_at)
    if complaint.answered_at is not None:
        message.answered_at.FromDatetime(complaint.answered_at)
    return message

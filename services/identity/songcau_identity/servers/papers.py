"""The gRPC door of PaperService."""

import grpc
from songcau.identity.v1 import paper_service_pb2 as pb
from songcau.identity.v1 import paper_service_pb2_grpc
from songcau_kit.errors import DomainError, Violation

from songcau_identity.auditing import Operation
from songcau_identity.errors import PAPER_INVALID
from songcau_identity.model import PaperStatus, PaperWithdrawal
from songcau_identity.officers import Seen
from songcau_identity.papers import Papers, ShownPaper
from songcau_identity.record_act import RecordAct
from songcau_identity.servers.admission import Admission
from songcau_identity.servers.citizens import find_uuid, write_citizen
from songcau_identity.servers.orders import ordered, read_paper_number

WITHDRAWALS: dict[int, PaperWithdrawal] = {getattr(pb, f"PAPER_WITHDRAWAL_{one}"): one for one in PaperWithdrawal}


class PaperServer(paper_service_pb2_grpc.PaperServiceServicer):
    """Translates between messages and use cases; no rule lives here."""

    def __init__(self, *, admission: Admission, papers: Papers) -> None:
        self._admission = admission
        self._papers = papers

    def RecordPaper(self, request: pb.RecordPaperRequest, _: grpc.ServicerContext) -> pb.RecordPaperResponse:  # noqa: N802
        """Record a paper."""
        with ordered(self._admission, request, RecordAct.RECORD_PAPER, Operation.RECORD_PAPER) as order:
            seen = Seen(find_uuid(request.citizen_id), request.expected_version)
            answer = self._papers.record(order, seen, read_paper_number(request.paper))
        return pb.RecordPaperResponse(
            citizen=write_citizen(answer.citizen), paper_id=str(answer.paper_id), warnings=list(answer.doubts)
        )

    def WithdrawPaper(  # noqa: N802
        self, request: pb.WithdrawPaperRequest, _: grpc.ServicerContext
    ) -> pb.WithdrawPaperResponse:
        """Let a paper count no more."""
        with ordered(self._admission, request, RecordAct.WITHDRAW_PAPER, Operation.WITHDRAW_PAPER) as order:
            withdrawal = read_withdrawal(request.withdrawal)
            paper_id = find_uuid(request.paper_id)
            answer = self._papers.withdraw(order, paper_id, request.expected_citizen_version, withdrawal)
        return pb.WithdrawPaperResponse(
            citizen=write_citizen(answer.citizen), paper_id=str(answer.paper_id), warnings=list(answer.doubts)
        )

    def ListPapers(self, request: pb.ListPapersRequest, _: grpc.ServicerContext) -> pb.ListPapersResponse:  # noqa: N802
        """List a citizen's papers."""
        with self._admission.admitted(Operation.LIST_PAPERS) as (asker, access):
            shown = self._papers.list_papers(asker, find_uuid(request.citizen_id), access)
        return pb.ListPapersResponse(papers=[write_paper(one) for one in shown])

    def ListOwnPapers(  # noqa: N802
        self, _request: pb.ListOwnPapersRequest, _: grpc.ServicerContext
    ) -> pb.ListOwnPapersResponse:
        """List the caller's papers."""
        with self._admission.admitted(Operation.LIST_OWN_PAPERS) as (asker, access):
            shown = self._papers.list_own(asker, access)
        return pb.ListOwnPapersResponse(papers=[write_paper(one) for one in shown])


def read_withdrawal(withdrawal: int) -> PaperWithdrawal:
    """Return why a paper counts no more; raises PAPER_INVALID."""
    found = WITHDRAWALS.get(withdrawal)
    if found is None:
        raise DomainError(PAPER_INVALID, violations=[Violation("/withdrawal", "REQUIRED")])
    return found


def write_paper(shown: ShownPaper) -> pb.HeldPaper:
    """Return a paper as it may be shown."""
    held = shown.held
    message = pb.HeldPaper(
        paper_id=str(held.paper_id),
        kind=f"PAPER_KIND_{held.kind}",
        masked_number=shown.masked.reveal(),
        issuer=shown.issuer,
        source=f"PAPER_SOURCE_{held.source}",
        active=held.status is PaperStatus.ACTIVE,
        withdrawal=f"PAPER_WITHDRAWAL_{held.withdrawal or 'UNSPECIFIED'}",
        citizen_id=str(held.citizen_id),
    )
    message.recorded_at.FromDatetime(held.recorded_at)
    if held.withdrawn_at is not None:
        message.withdrawn_at.FromDatetime(held.withdrawn_at)
    return message

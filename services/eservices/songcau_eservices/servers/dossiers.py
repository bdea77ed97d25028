"""The door to dossiers: message in, use case, message out."""

from dataclasses import dataclass

from songcau.eservices.v1 import dossier_pb2, procedure_service_pb2
from songcau.eservices.v1 import dossier_service_pb2 as pb
from songcau.eservices.v1.dossier_service_pb2_grpc import DossierServiceServicer
from songcau_kit.pages import Page
from songcau_kit.rpc_server import current_call

from songcau_eservices.catalogue.model import Channel
from songcau_eservices.dossiers.citizen_steps import CitizenSteps
from songcau_eservices.dossiers.dossier import SupplementItem
from songcau_eservices.dossiers.drafts import Drafts, NewDraft
from songcau_eservices.dossiers.model import Action, State
from songcau_eservices.dossiers.office import Office
from songcau_eservices.dossiers.reading import Listing, Reading
from songcau_eservices.dossiers.submission import Submission
from songcau_eservices.results.deciding import Deciding, Decision
from songcau_eservices.results.receipts import Receipts
from songcau_eservices.servers.dossier_messages import (
    checklist_message,
    dossier_message,
    history_message,
    read_answers,
)
from songcau_eservices.servers.enums import read_enum
from songcau_eservices.servers.requests import (
    ASSISTED_WRITE,
    CITIZEN_READ,
    CITIZEN_WRITE,
    OFFICE,
    change_of,
    read_id,
    ticket_of,
)

SERVICE = "songcau.eservices.v1.DossierService"
READS = ("GetDossier", "ListDossiers", "GetChecklist", "GetReceipt", "ListDossierHistory")
CITIZENS = ("WithdrawDossier",)
ASSISTED = ("CreateDossier", "UpdateDossier", "SubmitDossier", "SupplySupplement")
OFFICES = (
    "AcceptDossier",
    "RefuseDossier",
    "RequestSupplement",
    "RequirePayment",
    "StartProcessing",
    "ProposeDecision",
    "ResolveDossier",
    "ReturnResult",
    "StopDossier",
)
RULES = {
    f"{SERVICE}/{method}": rule
    for methods, rule in (
        (READS, CITIZEN_READ),
        (CITIZENS, CITIZEN_WRITE),
        (ASSISTED, ASSISTED_WRITE),
        (OFFICES, OFFICE),
    )
    for method in methods
}


@dataclass(frozen=True)
class DossierUseCases:
    """What stands behind the door."""

    drafts: Drafts
    submission: Submission
    steps: CitizenSteps
    office: Office
    deciding: Deciding
    reading: Reading
    receipts: Receipts


class DossierServer(DossierServiceServicer):
    """Serves DossierService."""

    def __init__(self, cases: DossierUseCases) -> None:
        self._cases = cases

    def CreateDossier(self, request: pb.CreateDossierRequest, _: object) -> pb.CreateDossierResponse:  # noqa: N802
        """Open a draft."""
        channel = read_enum(procedure_service_pb2.Channel, request.channel, "/channel")
        draft = NewDraft(
            current_call(),
            ticket_of(request),
            request.procedure_code,
            request.sub_case_code,
            Channel(channel or Channel.ONLINE),
            request.receiving_agency_code,
            request.helping_agency_code,
            read_answers(request.answers),
        )
        return pb.CreateDossierResponse(dossier=dossier_message(self._cases.drafts.create(draft)))

    def UpdateDossier(self, request: pb.UpdateDossierRequest, _: object) -> pb.UpdateDossierResponse:  # noqa: N802
        """Replace the answers."""
        change, answers = change_of(request, Action.UPDATE), read_answers(request.answers)
        view = self._cases.drafts.update(change, answers, shown_procedure=request.procedure_code)
        return pb.UpdateDossierResponse(dossier=dossier_message(view))

    def GetDossier(self, request: pb.GetDossierRequest, _: object) -> pb.GetDossierResponse:  # noqa: N802
        """Return one dossier."""
        view = self._cases.reading.get(current_call(), read_id(request.dossier_id))
        return pb.GetDossierResponse(dossier=dossier_message(view))

    def ListDossiers(self, request: pb.ListDossiersRequest, _: object) -> pb.ListDossiersResponse:  # noqa: N802
        """Return a page of dossiers."""
        names = [read_enum(dossier_pb2.DossierState, one, "/states") for one in request.states]
        states = tuple(State(name) for name in names if name)
        listing = Listing(states, request.agency_code, request.own)
        page = Page.of(request.page_size, request.page_token)
        views, token = self._cases.reading.list(current_call(), listing, page)
        return pb.ListDossiersResponse(dossiers=[dossier_message(view) for view in views], next_page_token=token)

    def GetChecklist(self, request: pb.GetChecklistRequest, _: object) -> pb.GetChecklistResponse:  # noqa: N802
        """Return which papers are needed and there."""
        return checklist_message(self._cases.reading.checklist(current_call(), read_id(request.dossier_id)))

    def SubmitDossier(self, request: pb.SubmitDossierRequest, _: object) -> pb.SubmitDossierResponse:  # noqa: N802
        """Hand the draft in."""
        view = self._cases.submission.submit(change_of(request, Action.SUBMIT))
        return pb.SubmitDossierResponse(dossier=dossier_message(view))

    def AcceptDossier(self, request: pb.AcceptDossierRequest, _: object) -> pb.AcceptDossierResponse:  # noqa: N802
        """Number the dossier and set its due date."""
        view = self._cases.office.accept(change_of(request, Action.ACCEPT))
        return pb.AcceptDossierResponse(dossier=dossier_message(view))

    def RefuseDossier(self, request: pb.RefuseDossierRequest, _: object) -> pb.RefuseDossierResponse:  # noqa: N802
        """Do not accept the dossier."""
        view = self._cases.office.refuse(change_of(request, Action.REFUSE), request.reason)
        return pb.RefuseDossierResponse(dossier=dossier_message(view))

    def RequestSupplement(  # noqa: N802
        self, request: pb.RequestSupplementRequest, _: object
    ) -> pb.RequestSupplementResponse:
        """Ask for papers."""
        items = [SupplementItem(item.component_key, item.name, item.instruction) for item in request.items]
        change = change_of(request, Action.REQUEST_SUPPLEMENT)
        view = self._cases.office.request_supplement(change, items, request.note)
        return pb.RequestSupplementResponse(dossier=dossier_message(view))

    def SupplySupplement(  # noqa: N802
        self, request: pb.SupplySupplementRequest, _: object
    ) -> pb.SupplySupplementResponse:
        """Hand in what was asked."""
        view = self._cases.steps.supply(change_of(request, Action.SUPPLY_SUPPLEMENT))
        return pb.SupplySupplementResponse(dossier=dossier_message(view))

    def RequirePayment(self, request: pb.RequirePaymentRequest, _: object) -> pb.RequirePaymentResponse:  # noqa: N802
        """Ask for the fee during processing."""
        view = self._cases.office.require_payment(change_of(request, Action.REQUIRE_PAYMENT), request.amount)
        return pb.RequirePaymentResponse(dossier=dossier_message(view))

    def StartProcessing(  # noqa: N802
        self, request: pb.StartProcessingRequest, _: object
    ) -> pb.StartProcessingResponse:
        """Begin work."""
        view = self._cases.office.start(change_of(request, Action.START_PROCESSING))
        return pb.StartProcessingResponse(dossier=dossier_message(view))

    def ProposeDecision(  # noqa: N802
        self, request: pb.ProposeDecisionRequest, _: object
    ) -> pb.ProposeDecisionResponse:
        """Draft the decision."""
        view = self._cases.deciding.propose(change_of(request, Action.PROPOSE_DECISION), _decision(request))
        return pb.ProposeDecisionResponse(dossier=dossier_message(view))

    def ResolveDossier(self, request: pb.ResolveDossierRequest, _: object) -> pb.ResolveDossierResponse:  # noqa: N802
        """Sign the result."""
        view = self._cases.deciding.resolve(change_of(request, Action.RESOLVE), _decision(request))
        return pb.ResolveDossierResponse(dossier=dossier_message(view))

    def ReturnResult(self, request: pb.ReturnResultRequest, _: object) -> pb.ReturnResultResponse:  # noqa: N802
        """Hand the result over."""
        method = read_enum(pb.ReturnMethod, request.method, "/method") or "ONLINE"
        view = self._cases.office.hand_over(change_of(request, Action.RETURN), method)
        return pb.ReturnResultResponse(dossier=dossier_message(view))

    def WithdrawDossier(  # noqa: N802
        self, request: pb.WithdrawDossierRequest, _: object
    ) -> pb.WithdrawDossierResponse:
        """Withdraw."""
        view = self._cases.steps.withdraw(change_of(request, Action.WITHDRAW), request.reason)
        return pb.WithdrawDossierResponse(dossier=dossier_message(view))

    def StopDossier(self, request: pb.StopDossierRequest, _: object) -> pb.StopDossierResponse:  # noqa: N802
        """Stop processing."""
        view = self._cases.office.stop(change_of(request, Action.STOP), request.reason)
        return pb.StopDossierResponse(dossier=dossier_message(view))

    def GetReceipt(self, request: pb.GetReceiptRequest, _: object) -> pb.GetReceiptResponse:  # noqa: N802
        """Return the appointment slip."""
        pdf, code = self._cases.receipts.get(current_call(), read_id(request.dossier_id))
        return pb.GetReceiptResponse(pdf=pdf, file_name=f"giay-tiep-nhan-{code}.pdf")

    def ListDossierHistory(  # noqa: N802
        self, request: pb.ListDossierHistoryRequest, _: object
    ) -> pb.ListDossierHistoryResponse:
        """Return a page of the dossier's steps."""
        page = Page.of(request.page_size, request.page_token)
        entries, token = self._cases.reading.history(current_call(), read_id(request.dossier_id), page)
        return pb.ListDossierHistoryResponse(
            entries=[history_message(entry) for entry in entries], next_page_token=token
        )


def _decision(request: pb.ProposeDecisionRequest | pb.ResolveDossierRequest) -> Decision:
    return Decision(request.decision, tuple((fact.label, fact.value) for fact in request.facts))

"""Papers as a test has officers record and withdraw them."""

from typing import Any
from uuid import uuid4

from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau.identity.v1 import paper_pb2
from songcau.identity.v1 import paper_service_pb2 as pb
from support.identity_service import Identity
from support.record_acts import document


def paper(kind: str = "HO_CHIEU", number: str = "C1234567", issuer: str | None = None) -> paper_pb2.PaperNumber:
    """Return a paper, a Vietnamese passport where nothing else is said."""
    issuer = ("VNM" if kind == "HO_CHIEU" else "") if issuer is None else issuer
    return paper_pb2.PaperNumber(kind=f"PAPER_KIND_{kind}", number=number, issuer=issuer)


def record_paper(
    identity: Identity,
    citizen: Any,
    shown: paper_pb2.PaperNumber | None = None,
    *,
    metadata: Any = None,
    **changes: Any,
) -> pb.RecordPaperResponse:
    given = {
        "request_id": str(uuid4()),
        "citizen_id": citizen.citizen_id,
        "expected_version": citizen.version,
        "paper": shown or paper(),
        "evidence": document(kind="EVIDENCE_KIND_IDENTITY_PAPER"),
    } | changes
    metadata = metadata or identity.as_officer(acr="aal2", purpose="COUNTER_ASSISTANCE")
    answer: pb.RecordPaperResponse = identity.papers.RecordPaper(pb.RecordPaperRequest(**given), metadata=metadata)
    return answer


def withdraw_paper(
    identity: Identity, recorded: Any, reason: str = "REPLACED", *, metadata: Any = None, **changes: Any
) -> pb.WithdrawPaperResponse:
    given = {
        "request_id": str(uuid4()),
        "paper_id": recorded.paper_id,
        "expected_citizen_version": recorded.citizen.version,
        "withdrawal": f"PAPER_WITHDRAWAL_{reason}",
        "evidence": document(),
    } | changes
    request = pb.WithdrawPaperRequest(**given)
    answer: pb.WithdrawPaperResponse = identity.papers.WithdrawPaper(
        request, metadata=metadata or identity.as_data_officer()
    )
    return answer


def papers_of(identity: Identity, citizen_id: str) -> list[tuple[str, str, bool]]:
    request = pb.ListPapersRequest(citizen_id=citizen_id)
    listed = identity.papers.ListPapers(request, metadata=identity.as_officer()).papers
    return [(paper_pb2.PaperKind.Name(one.kind)[11:], one.masked_number, one.active) for one in listed]


def own_papers(identity: Identity, citizen_id: str) -> list[Any]:
    answer = identity.papers.ListOwnPapers(pb.ListOwnPapersRequest(), metadata=identity.as_citizen(citizen_id))
    return list(answer.papers)


def find_by_paper(identity: Identity, shown: paper_pb2.PaperNumber, *, metadata: Any = None) -> list[str]:
    """Return the ids of who has or had a paper."""
    request = citizens.LookUpCitizenRequest(paper=shown)
    answer = identity.citizens.LookUpCitizen(request, metadata=metadata or identity.as_officer())
    return [hit.citizen.citizen_id for hit in answer.citizens]

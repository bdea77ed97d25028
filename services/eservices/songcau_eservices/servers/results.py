"""The door to signed results: message in, use case, message out."""

from songcau.eservices.v1 import result_service_pb2 as pb
from songcau.eservices.v1.result_service_pb2_grpc import ResultServiceServicer
from songcau_kit.rpc_server import Rule, current_call

from songcau_eservices.results.results import Results, Revocation
from songcau_eservices.results.verifying import Verification, Verifying
from songcau_eservices.servers.dossier_messages import dossier_message, timestamp
from songcau_eservices.servers.requests import CITIZEN_READ, LEADER, read_id, ticket_of

SERVICE = "songcau.eservices.v1.ResultService"
RULES = {
    f"{SERVICE}/GetResultFile": CITIZEN_READ,
    f"{SERVICE}/VerifyResult": Rule(anonymous=True, activity="document-verification"),
    f"{SERVICE}/RevokeResult": LEADER,
}


class ResultServer(ResultServiceServicer):
    """Serves ResultService."""

    def __init__(self, results: Results, verifying: Verifying) -> None:
        self._results = results
        self._verifying = verifying

    def GetResultFile(self, request: pb.GetResultFileRequest, _: object) -> pb.GetResultFileResponse:  # noqa: N802
        """Return the signed result."""
        pdf, code = self._results.get_file(current_call(), read_id(request.dossier_id))
        return pb.GetResultFileResponse(pdf=pdf, file_name=f"ket-qua-{code}.pdf")

    def VerifyResult(self, request: pb.VerifyResultRequest, _: object) -> pb.VerifyResultResponse:  # noqa: N802
        """Say whether a paper is genuine."""
        return _verification(self._verifying.verify(request.code, request.pdf))

    def RevokeResult(self, request: pb.RevokeResultRequest, _: object) -> pb.RevokeResultResponse:  # noqa: N802
        """Revoke a result."""
        revocation = Revocation(
            current_call(), ticket_of(request), request.code, int(request.expected_version), request.reason
        )
        return pb.RevokeResultResponse(dossier=dossier_message(self._results.revoke(revocation)))


def _verification(verification: Verification) -> pb.VerifyResultResponse:
    verdict, paper = f"RESULT_VERDICT_{verification.verdict}", verification.paper
    if paper is None:
        return pb.VerifyResultResponse(verdict=verdict, code=verification.code)
    return pb.VerifyResultResponse(
        verdict=verdict,
        code=verification.code,
        kind=f"PAPER_KIND_{paper.kind}",
        procedure_code=paper.procedure_code,
        procedure_name=paper.procedure_name,
        agency_code=paper.agency,
        agency_name=paper.agency_name,
        signed_at=timestamp(paper.signed_at),
        signer=paper.signer,
        revoked_at=timestamp(paper.revoked_at) if paper.revoked_at else None,
    )

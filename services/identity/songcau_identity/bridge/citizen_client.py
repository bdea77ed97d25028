"""Links who signed in, through CitizenService: where gRPC stops."""

from datetime import datetime
from uuid import UUID

from songcau.identity.v1 import citizen_service_pb2 as messages
from songcau.identity.v1 import citizen_service_pb2_grpc, paper_pb2
from songcau_kit.errors import DomainError, Status
from songcau_kit.logs import get_logger
from songcau_kit.rpc_client import RpcChannel

from songcau_identity.bridge.errors import Cause, UpstreamError
from songcau_identity.bridge.model import LinkedIdentity, VneidIdentity
from songcau_identity.bridge.service_tokens import ServiceTokens
from songcau_identity.errors import CITIZEN_BLOCKED, IDENTIFIER_CANCELLED, IDENTITY_FACTS_INVALID

METHOD = "VNEID"
REFUSALS = {
    CITIZEN_BLOCKED.code: Cause.CITIZEN_BLOCKED,
    IDENTIFIER_CANCELLED.code: Cause.IDENTIFIER_CANCELLED,
    IDENTITY_FACTS_INVALID.code: Cause.FACTS_REFUSED,
}

_log = get_logger(__name__)


class CitizenClient:
    """Calls LinkCitizen with the bridge's own token."""

    def __init__(self, channel: RpcChannel, tokens: ServiceTokens) -> None:
        self._stub = channel.stub(citizen_service_pb2_grpc.CitizenServiceStub)
        self._tokens = tokens

    def link(self, sign_in_id: UUID, identity: VneidIdentity, at: datetime) -> LinkedIdentity:
        """Return who it is on the platform; raises UpstreamError."""
        request = link_request(sign_in_id, identity, at)
        try:
            answer = self._stub.LinkCitizen(request)
        except DomainError as error:
            if error.reason.status is Status.UNAUTHENTICATED:
                self._tokens.forget()
            _log.warning("link_refused", reason=error.reason.code, sign_in_id=str(sign_in_id))
            raise UpstreamError(REFUSALS.get(error.reason.code, Cause.IDENTITY_UNAVAILABLE)) from None
        return LinkedIdentity(
            citizen_id=UUID(answer.citizen.citizen_id),
            account_kind=identity.account_kind,
            identity_level=identity.identity_level,
            authentication_level=identity.authentication_level,
            authenticated_at=at,
        )


def link_request(sign_in_id: UUID, identity: VneidIdentity, at: datetime) -> messages.LinkCitizenRequest:
    """Return the request; the sign-in's id makes a repeated one harmless."""
    request = messages.LinkCitizenRequest(
        request_id=str(sign_in_id),
        facts=messages.VerifiedFacts(
            account_kind=f"ACCOUNT_KIND_{identity.account_kind}",
            number=identity.number.reveal(),
            full_name=identity.full_name.reveal(),
            birth_date=identity.birth_date.reveal(),
            identity_level=f"IDENTITY_LEVEL_{int(identity.identity_level)}",
            nationality=identity.nationality,
            papers=[
                paper_pb2.PaperNumber(kind=f"PAPER_KIND_{one.kind}", number=one.number.reveal(), issuer=one.issuer)
                for one in identity.papers
            ],
        ),
        evidence=messages.VerificationEvidence(
            method=METHOD,
            transaction_id=str(sign_in_id),
            authentication_level=int(identity.authentication_level),
        ),
    )
    request.evidence.verified_at.FromDatetime(at)
    return request

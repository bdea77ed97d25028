"""The identity service as seen from here: the caller's own profile, asked once when a draft is made."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from songcau.identity.v1 import citizen_pb2, citizen_service_pb2, citizen_service_pb2_grpc
from songcau_kit.errors import REASONS as KIT
from songcau_kit.errors import DomainError, Status
from songcau_kit.personal import Personal
from songcau_kit.rpc_client import RpcChannel

from songcau_eservices.dossiers.dossier import Applicant
from songcau_eservices.dossiers.repository_citizens import LEVEL_UNKNOWN, ORGANISATION, Citizen, CitizenStatus
from songcau_eservices.errors import CITIZEN_NOT_LINKED

_STATUSES = {
    citizen_pb2.CITIZEN_STATUS_ACTIVE: CitizenStatus.ACTIVE,
    citizen_pb2.CITIZEN_STATUS_BLOCKED: CitizenStatus.BLOCKED,
    citizen_pb2.CITIZEN_STATUS_DECEASED: CitizenStatus.DECEASED,
}
_ORGANISATION = citizen_pb2.ACCOUNT_KIND_ORGANISATION
_LEVELS: Mapping[int, int] = {
    citizen_pb2.IDENTITY_LEVEL_0: 0,
    citizen_pb2.IDENTITY_LEVEL_1: 1,
    citizen_pb2.IDENTITY_LEVEL_2: 2,
}


@dataclass(frozen=True)
class Profile:
    """The state of the calling citizen and how the papers name them."""

    citizen: Citizen
    applicant: Applicant


class IdentityClient:
    """Asks identity on behalf of the running call's caller."""

    def __init__(self, channel: RpcChannel) -> None:
        self._stub = channel.stub(citizen_service_pb2_grpc.CitizenServiceStub)

    def get_own_profile(self) -> Profile:
        """Return the caller's profile; raise CITIZEN_NOT_LINKED where identity knows or admits no such citizen."""
        try:
            answer = self._stub.GetOwnProfile(citizen_service_pb2.GetOwnProfileRequest())
        except DomainError as error:
            is_about_citizen = error.reason.domain != KIT.domain  # else about the call: an assisted act that is over
            if is_about_citizen and error.reason.status in (Status.NOT_FOUND, Status.FAILED_PRECONDITION):
                raise DomainError(CITIZEN_NOT_LINKED) from None
            raise
        return Profile(_citizen(answer.citizen), _applicant(answer))


def read_level(level: int) -> int:
    """Return the level identity states; what it does not state or this release does not know is below every other."""
    return _LEVELS.get(level, LEVEL_UNKNOWN)


def _citizen(citizen: citizen_pb2.Citizen) -> Citizen:
    return Citizen(
        UUID(citizen.citizen_id),
        _STATUSES.get(citizen.status, CitizenStatus.UNLINKED),
        ORGANISATION if citizen.account_kind == _ORGANISATION else "CITIZEN",
        read_level(citizen.identity_level),
        citizen.version,
    )


def _applicant(answer: citizen_service_pb2.GetOwnProfileResponse) -> Applicant:
    return Applicant(
        full_name=Personal(answer.full_name),
        identifier_masked=Personal(answer.masked_number),
        birth_date=Personal(answer.birth_date),
        phone=Personal(answer.phone_number),
        legal_representative=Personal(answer.legal_representative_name),
    )

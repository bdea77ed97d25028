"""The gRPC door of CitizenService."""

from uuid import UUID

import grpc
from songcau.identity.v1 import citizen_pb2, citizen_service_pb2, citizen_service_pb2_grpc
from songcau_kit.personal import Personal

from songcau_identity.auditing import Access, Asker, Operation, require_agency, require_purpose
from songcau_identity.linking import Linking
from songcau_identity.look_ups import LookUps, Search
from songcau_identity.model import Citizen, CitizenAct
from songcau_identity.profiles import OpenedCitizen, Profiles
from songcau_identity.servers.admission import Admission, read_request_id
from songcau_identity.servers.link_requests import read_link_request
from songcau_identity.servers.orders import read_paper_number
from songcau_identity.standing import MoveRequest, Standing


class CitizenServer(citizen_service_pb2_grpc.CitizenServiceServicer):
    """Translates between messages and use cases; no rule lives here."""

    def __init__(
        self, *, admission: Admission, linking: Linking, profiles: Profiles, look_ups: LookUps, standing: Standing
    ) -> None:
        self._admission = admission
        self._linking = linking
        self._profiles = profiles
        self._look_ups = look_ups
        self._standing = standing

    def LinkCitizen(  # noqa: N802
        self, request: citizen_service_pb2.LinkCitizenRequest, _: grpc.ServicerContext
    ) -> citizen_service_pb2.LinkCitizenResponse:
        """Link a verified identity."""
        with self._admission.admitted(Operation.LINK_CITIZEN) as (asker, access):
            outcome = self._linking.link(asker, read_link_request(request), access)
        return citizen_service_pb2.LinkCitizenResponse(
            citizen=write_citizen(outcome.citizen), created=outcome.is_created, warnings=list(outcome.doubts)
        )

    def GetOwnProfile(  # noqa: N802
        self, _request: citizen_service_pb2.GetOwnProfileRequest, _: grpc.ServicerContext
    ) -> citizen_service_pb2.GetOwnProfileResponse:
        """Return the caller's profile."""
        with self._admission.admitted(Operation.GET_OWN_PROFILE) as (asker, access):
            opened = self._profiles.get_own(asker, access)
        response = citizen_service_pb2.GetOwnProfileResponse(
            citizen=write_citizen(opened.citizen),
            full_name=opened.profile.full_name.reveal(),
            masked_number=opened.masked_number.reveal(),
            birth_date=opened.profile.birth_date.reveal(),
            phone_number=opened.profile.phone_number.reveal(),
            legal_representative_name=opened.legal_representative.reveal(),
        )
        response.linked_at.FromDatetime(opened.citizen.linked_at)
        response.last_verified_at.FromDatetime(opened.citizen.last_verified_at)
        return response

    def LookUpCitizen(  # noqa: N802
        self, request: citizen_service_pb2.LookUpCitizenRequest, _: grpc.ServicerContext
    ) -> citizen_service_pb2.LookUpCitizenResponse:
        """Find citizens for an officer."""
        search = Search(
            Personal(request.number),
            Personal(request.full_name),
            Personal(request.birth_date),
            Personal(request.phone_number),
            read_paper_number(request.paper) if request.HasField("paper") else None,
        )
        with self._admission.admitted(Operation.LOOK_UP_CITIZEN) as (asker, access):
            found = self._look_ups.look_up(asker, search, access)
        return citizen_service_pb2.LookUpCitizenResponse(
            citizens=[write_found(hit) for hit in found.citizens], more_exist=found.more_exist
        )

    def UnlinkCitizen(  # noqa: N802
        self, request: citizen_service_pb2.UnlinkCitizenRequest, _: grpc.ServicerContext
    ) -> citizen_service_pb2.UnlinkCitizenResponse:
        """End the caller's link."""
        with self._admission.admitted(Operation.UNLINK_CITIZEN) as (asker, access):
            move = MoveRequest(read_request_id(request.request_id), asker.own_citizen_id, request.expected_version)
            citizen = self._move(asker, CitizenAct.UNLINK, move, access)
        return citizen_service_pb2.UnlinkCitizenResponse(citizen=citizen)

    def BlockCitizen(  # noqa: N802
        self, request: citizen_service_pb2.BlockCitizenRequest, _: grpc.ServicerContext
    ) -> citizen_service_pb2.BlockCitizenResponse:
        """Block a citizen."""
        with self._admission.admitted(Operation.BLOCK_CITIZEN) as (asker, access):
            citizen = self._move_for_officer(asker, CitizenAct.BLOCK, request, access)
        return citizen_service_pb2.BlockCitizenResponse(citizen=citizen)

    def UnblockCitizen(  # noqa: N802
        self, request: citizen_service_pb2.UnblockCitizenRequest, _: grpc.ServicerContext
    ) -> citizen_service_pb2.UnblockCitizenResponse:
        """Lift a block."""
        with self._admission.admitted(Operation.UNBLOCK_CITIZEN) as (asker, access):
            citizen = self._move_for_officer(asker, CitizenAct.UNBLOCK, request, access)
        return citizen_service_pb2.UnblockCitizenResponse(citizen=citizen)

    def _move_for_officer(
        self,
        asker: Asker,
        act: CitizenAct,
        request: citizen_service_pb2.BlockCitizenRequest | citizen_service_pb2.UnblockCitizenRequest,
        access: Access,
    ) -> citizen_pb2.Citizen:
        require_agency(asker)
        require_purpose(asker)
        citizen_id = find_uuid(request.citizen_id)
        move = MoveRequest(read_request_id(request.request_id), citizen_id, request.expected_version)
        return self._move(asker, act, move, access)

    def _move(self, asker: Asker, act: CitizenAct, move: MoveRequest, access: Access) -> citizen_pb2.Citizen:
        return write_citizen(self._standing.move(asker, act, move, access).citizen)


def write_citizen(citizen: Citizen) -> citizen_pb2.Citizen:
    """Return a citizen's state as a message."""
    return citizen_pb2.Citizen(
        citizen_id=str(citizen.citizen_id),
        status=f"CITIZEN_STATUS_{citizen.status}",
        account_kind=f"ACCOUNT_KIND_{citizen.account_kind}",
        identity_level=f"IDENTITY_LEVEL_{int(citizen.identity_level)}",
        version=citizen.version,
        merged_into_citizen_id=str(citizen.merged_into or ""),
    )


def write_found(hit: OpenedCitizen) -> citizen_service_pb2.FoundCitizen:
    """Return a hit as an officer sees it."""
    return citizen_service_pb2.FoundCitizen(
        citizen=write_citizen(hit.citizen),
        full_name=hit.profile.full_name.reveal(),
        masked_number=hit.masked_number.reveal(),
        birth_year=int(hit.profile.birth_date.reveal()[:4] or 0),
    )


def find_uuid(text: str) -> UUID | None:
    """Return the id a text is; what is no id is nobody's."""
    try:
        return UUID(text)
    except ValueError:
        return None

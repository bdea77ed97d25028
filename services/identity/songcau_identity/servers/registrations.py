"""The gRPC door of CitizenRegistrationService."""

import grpc
from songcau.identity.v1 import citizen_registration_service_pb2 as pb
from songcau.identity.v1 import citizen_registration_service_pb2_grpc
from songcau_kit.errors import DomainError, Violation
from songcau_kit.personal import Personal

from songcau_identity.auditing import Operation
from songcau_identity.errors import NEWBORN_INVALID
from songcau_identity.foreigners import Foreigner, Foreigners
from songcau_identity.model import Citizen
from songcau_identity.newborn_states import VoidReason
from songcau_identity.newborns import Birth, Newborns
from songcau_identity.officers import Seen
from songcau_identity.profiles import OpenedNewborn, Profiles
from songcau_identity.record_act import RecordAct
from songcau_identity.repositories.newborns import Newborn
from songcau_identity.servers.admission import Admission
from songcau_identity.servers.citizens import find_uuid, write_citizen
from songcau_identity.servers.orders import SEXES, ordered

VOID_REASONS: dict[int, VoidReason] = {getattr(pb, f"VOID_REASON_{reason}"): reason for reason in VoidReason}


class CitizenRegistrationServer(citizen_registration_service_pb2_grpc.CitizenRegistrationServiceServicer):
    """Translates between messages and use cases; no rule lives here."""

    def __init__(self, *, admission: Admission, newborns: Newborns, foreigners: Foreigners, profiles: Profiles) -> None:
        self._admission = admission
        self._newborns = newborns
        self._foreigners = foreigners
        self._profiles = profiles

    def RegisterNewborn(  # noqa: N802
        self, request: pb.RegisterNewbornRequest, _: grpc.ServicerContext
    ) -> pb.RegisterNewbornResponse:
        """Enter a child."""
        with ordered(self._admission, request, RecordAct.REGISTER_NEWBORN, Operation.REGISTER_NEWBORN) as order:
            mother = Seen(find_uuid(request.mother_citizen_id), request.expected_mother_version)
            birth = Birth(
                full_name=Personal(request.full_name),
                birth_date=Personal(request.birth_date),
                sex=SEXES.get(request.sex),
                birth_order=request.birth_order,
            )
            answer = self._newborns.register(order, mother, birth)
        return pb.RegisterNewbornResponse(newborn=write_newborn(answer.newborn, answer.citizen))

    def IssuePersonalNumber(  # noqa: N802
        self, request: pb.IssuePersonalNumberRequest, _: grpc.ServicerContext
    ) -> pb.IssuePersonalNumberResponse:
        """Enter the number of a child."""
        operation = Operation.ISSUE_PERSONAL_NUMBER
        with ordered(self._admission, request, RecordAct.ISSUE_PERSONAL_NUMBER, operation) as order:
            child = Seen(find_uuid(request.citizen_id), request.expected_version)
            answer = self._newborns.issue_number(order, child, Personal(request.number))
        return pb.IssuePersonalNumberResponse(
            newborn=write_newborn(answer.newborn, answer.citizen), warnings=list(answer.doubts)
        )

    def VoidNewborn(self, request: pb.VoidNewbornRequest, _: grpc.ServicerContext) -> pb.VoidNewbornResponse:  # noqa: N802
        """Let the entry of a child count no more."""
        with ordered(self._admission, request, RecordAct.VOID_NEWBORN, Operation.VOID_NEWBORN) as order:
            child = Seen(find_uuid(request.citizen_id), request.expected_version)
            answer = self._newborns.void(order, child, read_void_reason(request.reason))
        return pb.VoidNewbornResponse(newborn=write_newborn(answer.newborn, answer.citizen))

    def ListOwnNewborns(  # noqa: N802
        self, _request: pb.ListOwnNewbornsRequest, _: grpc.ServicerContext
    ) -> pb.ListOwnNewbornsResponse:
        """List the caller's children."""
        with self._admission.admitted(Operation.LIST_OWN_NEWBORNS) as (asker, access):
            shown = self._profiles.list_own_newborns(asker, access)
        return pb.ListOwnNewbornsResponse(newborns=[write_own_newborn(one) for one in shown])

    def RegisterForeigner(  # noqa: N802
        self, request: pb.RegisterForeignerRequest, _: grpc.ServicerContext
    ) -> pb.RegisterForeignerResponse:
        """Enter a foreigner."""
        with ordered(self._admission, request, RecordAct.REGISTER_FOREIGNER, Operation.REGISTER_FOREIGNER) as order:
            foreigner = Foreigner(
                full_name=Personal(request.full_name),
                birth_date=Personal(request.birth_date),
                sex=SEXES.get(request.sex),
                nationality=request.nationality,
                passport_number=Personal(request.passport_number),
                issuing_state=request.issuing_state,
            )
            answer = self._foreigners.register(order, foreigner)
        return pb.RegisterForeignerResponse(citizen=write_citizen(answer.citizen), paper_id=str(answer.paper_id))


def read_void_reason(reason: int) -> VoidReason:
    """Return why an entry counts no more; raises NEWBORN_INVALID."""
    found = VOID_REASONS.get(reason)
    if found is None:
        raise DomainError(NEWBORN_INVALID, violations=[Violation("/reason", "REQUIRED")])
    return found


def write_newborn(newborn: Newborn, citizen: Citizen) -> pb.Newborn:
    """Return a child as it was entered."""
    message = pb.Newborn(
        citizen=write_citizen(citizen),
        mother_citizen_id=str(newborn.mother_id),
        birth_order=newborn.birth_order,
        temporary_key=newborn.temporary_key,
        state=f"NEWBORN_STATE_{newborn.state}",
    )
    message.registered_at.FromDatetime(newborn.registered_at)
    return message


def write_own_newborn(shown: OpenedNewborn) -> pb.OwnNewborn:
    """Return a child as its mother sees it."""
    return pb.OwnNewborn(
        newborn=write_newborn(shown.newborn, shown.citizen.citizen),
        full_name=shown.citizen.profile.full_name.reveal(),
        birth_date=shown.citizen.profile.birth_date.reveal(),
        masked_number=shown.citizen.masked_number.reveal(),
    )

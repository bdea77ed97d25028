"""The gRPC door of CitizenRecordService."""

import grpc
from songcau.identity.v1 import citizen_record_service_pb2 as pb
from songcau.identity.v1 import citizen_record_service_pb2_grpc
from songcau_kit.personal import Personal

from songcau_identity.auditing import Operation
from songcau_identity.corrections import Correction, Corrections
from songcau_identity.deaths import Deaths
from songcau_identity.doubts import RecordDoubts
from songcau_identity.merging import Merging
from songcau_identity.model import IdentifierStatus
from songcau_identity.officers import Seen
from songcau_identity.record_act import RecordAct
from songcau_identity.renumbering import Renumbering, ShownIdentifier
from songcau_identity.repositories.records import RecordDoubt
from songcau_identity.servers.admission import Admission
from songcau_identity.servers.citizens import find_uuid, write_citizen
from songcau_identity.servers.orders import SEXES, ordered


class CitizenRecordServer(citizen_record_service_pb2_grpc.CitizenRecordServiceServicer):
    """Translates between messages and use cases; no rule lives here."""

    def __init__(
        self,
        *,
        admission: Admission,
        merging: Merging,
        renumbering: Renumbering,
        corrections: Corrections,
        deaths: Deaths,
        doubts: RecordDoubts,
    ) -> None:
        self._admission = admission
        self._merging = merging
        self._renumbering = renumbering
        self._corrections = corrections
        self._deaths = deaths
        self._doubts = doubts

    def MergeCitizens(  # noqa: N802
        self, request: pb.MergeCitizensRequest, _: grpc.ServicerContext
    ) -> pb.MergeCitizensResponse:
        """Merge two records."""
        with ordered(self._admission, request, RecordAct.MERGE, Operation.MERGE_CITIZENS) as order:
            answer = self._merging.merge(
                order,
                Seen(find_uuid(request.surviving_citizen_id), request.expected_surviving_version),
                Seen(find_uuid(request.merged_citizen_id), request.expected_merged_version),
            )
        return pb.MergeCitizensResponse(survivor=write_citizen(answer.survivor), merged=write_citizen(answer.other))

    def UnmergeCitizens(  # noqa: N802
        self, request: pb.UnmergeCitizensRequest, _: grpc.ServicerContext
    ) -> pb.UnmergeCitizensResponse:
        """Undo a merge."""
        with ordered(self._admission, request, RecordAct.UNMERGE, Operation.UNMERGE_CITIZENS) as order:
            merged = Seen(find_uuid(request.merged_citizen_id), request.expected_version)
            answer = self._merging.unmerge(order, merged)
        return pb.UnmergeCitizensResponse(survivor=write_citizen(answer.survivor), unmerged=write_citizen(answer.other))

    def ReplaceIdentifier(  # noqa: N802
        self, request: pb.ReplaceIdentifierRequest, _: grpc.ServicerContext
    ) -> pb.ReplaceIdentifierResponse:
        """Enter another number."""
        with ordered(self._admission, request, RecordAct.REPLACE_IDENTIFIER, Operation.REPLACE_IDENTIFIER) as order:
            seen = Seen(find_uuid(request.citizen_id), request.expected_version)
            answer = self._renumbering.replace(order, seen, Personal(request.number))
        return pb.ReplaceIdentifierResponse(citizen=write_citizen(answer.citizen), warnings=list(answer.doubts))

    def CorrectCitizen(  # noqa: N802
        self, request: pb.CorrectCitizenRequest, _: grpc.ServicerContext
    ) -> pb.CorrectCitizenResponse:
        """Correct facts."""
        correction = Correction(Personal(request.full_name), Personal(request.birth_date), SEXES.get(request.sex))
        with ordered(self._admission, request, RecordAct.CORRECT, Operation.CORRECT_CITIZEN) as order:
            seen = Seen(find_uuid(request.citizen_id), request.expected_version)
            answer = self._corrections.correct(order, seen, correction)
        return pb.CorrectCitizenResponse(
            citizen=write_citizen(answer.citizen), warnings=list(answer.doubts), act_id=str(answer.act_id or "")
        )

    def RecordDeath(  # noqa: N802
        self, request: pb.RecordDeathRequest, _: grpc.ServicerContext
    ) -> pb.RecordDeathResponse:
        """Enter a death."""
        with ordered(self._admission, request, RecordAct.RECORD_DEATH, Operation.RECORD_DEATH) as order:
            outcome = self._deaths.record(order, Seen(find_uuid(request.citizen_id), request.expected_version))
        return pb.RecordDeathResponse(citizen=write_citizen(outcome.citizen))

    def AnnulDeath(  # noqa: N802
        self, request: pb.AnnulDeathRequest, _: grpc.ServicerContext
    ) -> pb.AnnulDeathResponse:
        """Take a death back."""
        with ordered(self._admission, request, RecordAct.ANNUL_DEATH, Operation.ANNUL_DEATH) as order:
            outcome = self._deaths.annul(order, Seen(find_uuid(request.citizen_id), request.expected_version))
        return pb.AnnulDeathResponse(citizen=write_citizen(outcome.citizen))

    def ListIdentifiers(  # noqa: N802
        self, request: pb.ListIdentifiersRequest, _: grpc.ServicerContext
    ) -> pb.ListIdentifiersResponse:
        """List a citizen's numbers."""
        with self._admission.admitted(Operation.LIST_IDENTIFIERS) as (asker, access):
            shown = self._renumbering.list_identifiers(asker, find_uuid(request.citizen_id), access)
        return pb.ListIdentifiersResponse(identifiers=[write_identifier(one) for one in shown])

    def ListRecordDoubts(  # noqa: N802
        self, request: pb.ListRecordDoubtsRequest, _: grpc.ServicerContext
    ) -> pb.ListRecordDoubtsResponse:
        """List what waits for an officer."""
        with self._admission.admitted(Operation.LIST_RECORD_DOUBTS) as (asker, access):
            page = self._doubts.list_open(asker, access, page_size=request.page_size, cursor=request.page_token)
        return pb.ListRecordDoubtsResponse(
            doubts=[write_doubt(doubt) for doubt in page.doubts], next_page_token=page.next_cursor
        )

    def SettleRecordDoubt(  # noqa: N802
        self, request: pb.SettleRecordDoubtRequest, _: grpc.ServicerContext
    ) -> pb.SettleRecordDoubtResponse:
        """End a doubt."""
        with ordered(self._admission, request, RecordAct.SETTLE_DOUBT, Operation.SETTLE_RECORD_DOUBT) as order:
            answer = self._doubts.confirm(order, find_uuid(request.doubt_id), request.expected_citizen_version)
        return pb.SettleRecordDoubtResponse(doubt=write_doubt(answer.doubt))


def write_identifier(shown: ShownIdentifier) -> pb.HeldIdentifier:
    """Return a number as an officer sees it."""
    held = shown.held
    message = pb.HeldIdentifier(
        kind=f"IDENTIFIER_KIND_{held.kind}",
        masked_value=shown.masked.reveal(),
        active=held.status is IdentifierStatus.ACTIVE,
        citizen_id=str(held.citizen_id),
    )
    message.active_from.FromDatetime(held.active_from)
    if held.cancelled_at is not None:
        message.cancelled_at.FromDatetime(held.cancelled_at)
    return message


def write_doubt(doubt: RecordDoubt) -> pb.RecordDoubt:
    """Return a doubt as an officer sees it."""
    message = pb.RecordDoubt(
        doubt_id=str(doubt.doubt_id),
        citizen_id=str(doubt.citizen_id),
        doubt=doubt.doubt,
        citizen_version=doubt.citizen_version,
    )
    message.raised_at.FromDatetime(doubt.raised_at)
    return message

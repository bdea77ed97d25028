"""The gRPC door of AssistanceService."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import grpc
from songcau.identity.v1 import assistance_pb2, assistance_service_pb2_grpc
from songcau.identity.v1 import assistance_service_pb2 as pb
from songcau_kit.personal import Personal

from songcau_identity.assistance.details import Detail
from songcau_identity.assistance.listing import AssistedSessionList, ShownSession
from songcau_identity.assistance.model import AssistancePurpose, AssistedOperation, AssistedSession, helper_of
from songcau_identity.assistance.sessions import ActAnswer, AssistedSessions, Proposal
from songcau_identity.assistance.words import Words
from songcau_identity.auditing import Access, Asker, Operation
from songcau_identity.model import Purpose
from songcau_identity.servers.admission import Admission, read_request_id
from songcau_identity.servers.citizens import find_uuid
from songcau_identity.servers.representations import find_value


@dataclass(frozen=True)
class AssistanceUseCases:
    """What stands behind the door."""

    sessions: AssistedSessions
    listing: AssistedSessionList


class AssistanceServer(assistance_service_pb2_grpc.AssistanceServiceServicer):
    """Translates between messages and use cases; no rule lives here."""

    def __init__(self, *, admission: Admission, cases: AssistanceUseCases) -> None:
        self._admission = admission
        self._cases = cases

    def StartAssistedSession(  # noqa: N802
        self, request: pb.StartAssistedSessionRequest, _: grpc.ServicerContext
    ) -> pb.StartAssistedSessionResponse:
        """Ask a citizen."""
        purpose = find_value(assistance_pb2.AssistancePurpose, request.purpose, AssistancePurpose)
        with self._helping(Operation.START_ASSISTED_SESSION) as (asker, access):
            number, request_id = Personal(request.personal_number), read_request_id(request.request_id)
            answer = self._cases.sessions.start(asker, request_id, number, purpose, access)
        return pb.StartAssistedSessionResponse(session=session_message(answer.session))

    def ApproveAssistedSession(  # noqa: N802
        self, request: pb.ApproveAssistedSessionRequest, _: grpc.ServicerContext
    ) -> pb.ApproveAssistedSessionResponse:
        """Take the citizen's yes."""
        with self._admission.admitted(Operation.APPROVE_ASSISTED_SESSION) as (asker, access):
            request_id, session_id = read_request_id(request.request_id), find_uuid(request.session_id)
            answer = self._cases.sessions.approve(asker, request_id, session_id, access)
        return pb.ApproveAssistedSessionResponse(session=session_message(answer.session))

    def ProposeAssistedAct(  # noqa: N802
        self, request: pb.ProposeAssistedActRequest, _: grpc.ServicerContext
    ) -> pb.ProposeAssistedActResponse:
        """Put an act before the citizen."""
        proposal = Proposal(
            find_value(assistance_pb2.AssistedOperation, request.operation, AssistedOperation),
            request.digest,
            {fact.code: fact.value for fact in request.facts},
            [Detail(Words(one.label_vi, one.label_en), Personal(one.value)) for one in request.details],
        )
        with self._helping(Operation.PROPOSE_ASSISTED_ACT) as (asker, access):
            request_id, session_id = read_request_id(request.request_id), find_uuid(request.session_id)
            answer = self._cases.sessions.propose(asker, request_id, session_id, proposal, access)
        return pb.ProposeAssistedActResponse(act=act_message(answer))

    def GetAssistedSession(  # noqa: N802
        self, request: pb.GetAssistedSessionRequest, _: grpc.ServicerContext
    ) -> pb.GetAssistedSessionResponse:
        """Show a session."""
        with self._helping(Operation.GET_ASSISTED_SESSION) as (asker, access):
            shown = self._cases.listing.get(asker, find_uuid(request.session_id), access)
        return pb.GetAssistedSessionResponse(session=shown_message(shown))

    def ListAssistedSessions(  # noqa: N802
        self, request: pb.ListAssistedSessionsRequest, _: grpc.ServicerContext
    ) -> pb.ListAssistedSessionsResponse:
        """List the citizen's."""
        with self._admission.admitted(Operation.LIST_ASSISTED_SESSIONS) as (asker, access):
            page = self._cases.listing.list_own(asker, access, page_size=request.page_size, cursor=request.page_token)
        return pb.ListAssistedSessionsResponse(
            sessions=[shown_message(one) for one in page.sessions], next_page_token=page.next_cursor
        )

    def ConfirmAssistedAct(  # noqa: N802
        self, request: pb.ConfirmAssistedActRequest, _: grpc.ServicerContext
    ) -> pb.ConfirmAssistedActResponse:
        """Take the citizen's yes to an act."""
        with self._admission.admitted(Operation.CONFIRM_ASSISTED_ACT) as (asker, access):
            request_id = read_request_id(request.request_id)
            answer = self._cases.sessions.confirm(asker, request_id, read_act(request), access)
        return pb.ConfirmAssistedActResponse(act=act_message(answer))

    def DeclineAssistedAct(  # noqa: N802
        self, request: pb.DeclineAssistedActRequest, _: grpc.ServicerContext
    ) -> pb.DeclineAssistedActResponse:
        """Take the citizen's no to an act."""
        with self._admission.admitted(Operation.DECLINE_ASSISTED_ACT) as (asker, access):
            request_id = read_request_id(request.request_id)
            answer = self._cases.sessions.decline(asker, request_id, read_act(request), access)
        return pb.DeclineAssistedActResponse(act=act_message(answer))

    def EndAssistedSession(  # noqa: N802
        self, request: pb.EndAssistedSessionRequest, _: grpc.ServicerContext
    ) -> pb.EndAssistedSessionResponse:
        """End a session."""
        with self._helping(Operation.END_ASSISTED_SESSION) as (asker, access):
            request_id, session_id = read_request_id(request.request_id), find_uuid(request.session_id)
            answer = self._cases.sessions.end(asker, request_id, session_id, access)
        return pb.EndAssistedSessionResponse(session=session_message(answer.session))

    @contextmanager
    def _helping(self, operation: Operation) -> Iterator[tuple[Asker, Access]]:
        """Admit a call that helpers make; their purpose is the help itself."""
        with self._admission.admitted(operation) as (asker, access):
            if asker.kind == "CITIZEN":
                yield asker, access
            else:
                kind = helper_of(asker.caller).kind
                yield replace(asker, purpose=Purpose.COUNTER_ASSISTANCE, kind=kind), access


def read_act(request: Any) -> tuple[UUID | None, UUID | None]:
    """Return the session and the act a request names."""
    return find_uuid(request.session_id), find_uuid(request.act_id)


def session_message(session: AssistedSession) -> assistance_pb2.AssistedSession:
    """Return a session without its acts."""
    message = assistance_pb2.AssistedSession(
        session_id=str(session.session_id),
        purpose=f"ASSISTANCE_PURPOSE_{session.purpose}",
        status=f"ASSISTED_SESSION_STATUS_{session.status}",
        helper_kind=session.helper.kind,
        helper_organization=session.helper.organization,
    )
    message.started_at.FromDatetime(session.started_at)
    message.expires_at.FromDatetime(session.expires_at)
    if session.end is not None:
        message.MergeFrom(assistance_pb2.AssistedSession(end_cause=f"ASSISTED_SESSION_END_CAUSE_{session.end.cause}"))
        message.ended_at.FromDatetime(session.end.at)
    return message


def act_message(act: ActAnswer) -> assistance_pb2.AssistedAct:
    """Return an act after a write, without its summary."""
    message = assistance_pb2.AssistedAct(
        act_id=str(act.act_id),
        operation=f"ASSISTED_OPERATION_{act.operation}",
        status=f"ASSISTED_ACT_STATUS_{act.status}",
    )
    message.proposed_at.FromDatetime(act.proposed_at)
    return message


def shown_message(shown: ShownSession) -> assistance_pb2.AssistedSession:
    """Return a session with its acts and what the citizen is asked about each."""
    message = session_message(shown.session)
    for act, summary in shown.acts:
        one = message.acts.add(
            act_id=str(act.act_id),
            operation=f"ASSISTED_OPERATION_{act.operation}",
            status=f"ASSISTED_ACT_STATUS_{act.status}",
            summary_vi=summary.question.vi,
            summary_en=summary.question.en,
            details=[
                assistance_pb2.AssistedDetail(
                    label_vi=detail.label.vi, label_en=detail.label.en, value=detail.value.reveal()
                )
                for detail in summary.details
            ],
        )
        one.proposed_at.FromDatetime(act.proposed_at)
    return message

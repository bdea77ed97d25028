"""The gRPC door of AccountService."""

from uuid import UUID

import grpc
from songcau.identity.v1 import account_service_pb2 as pb
from songcau.identity.v1 import account_service_pb2_grpc
from songcau_kit.errors import INVALID_REQUEST, DomainError, Violation
from songcau_kit.rpc_server import mark_replayed

from songcau_identity.account_actions import OPERATIONS, AccountAct, AccountAction, AccountActions
from songcau_identity.auditing import Operation, require_purpose
from songcau_identity.servers.admission import Admission, read_request_id

LONGEST_OUTCOME = 4096
LONGEST_ID = 64
ACTIONS = {getattr(pb, f"ACCOUNT_ACTION_{action}"): action for action in AccountAction}


class AccountServer(account_service_pb2_grpc.AccountServiceServicer):
    """Translates between messages and the use cases."""

    def __init__(self, *, admission: Admission, actions: AccountActions) -> None:
        self._admission = admission
        self._actions = actions

    def BeginAccountAction(  # noqa: N802
        self, request: pb.BeginAccountActionRequest, _: grpc.ServicerContext
    ) -> pb.BeginAccountActionResponse:
        """Admit an act."""
        with self._admission.admitted(operation_of(request.act)) as (asker, access):
            request_id, act = read_request_id(request.request_id), read_act(request.act)
            outcome = self._actions.begin(asker, request_id, act, access)
        if outcome is not None:
            mark_replayed()
        return pb.BeginAccountActionResponse(outcome=outcome or "")

    def FinishAccountAction(  # noqa: N802
        self, request: pb.FinishAccountActionRequest, _: grpc.ServicerContext
    ) -> pb.FinishAccountActionResponse:
        """Keep an outcome; an act that failed is audited as such, one that was done stands in the list already."""
        with self._admission.admitted(operation_of(request.act)) as (asker, access):
            request_id, act = read_request_id(request.request_id), read_act(request.act)
            access.meet_account(act.account_id, act.citizen_id)
            if len(request.outcome) > LONGEST_OUTCOME:
                raise DomainError(INVALID_REQUEST, violations=[Violation("/outcome", "TOO_LONG")])
            self._actions.finish(asker, request_id, act, request.outcome)
            access.failure = request.failure
            access.is_recorded = not request.failure
        return pb.FinishAccountActionResponse()

    def RecordAccountView(  # noqa: N802
        self, request: pb.RecordAccountViewRequest, _: grpc.ServicerContext
    ) -> pb.RecordAccountViewResponse:
        """Enter a look at an account."""
        with self._admission.admitted(Operation.VIEW_ACCOUNT) as (asker, access):
            access.meet_account(read_account_id(request.account_id), read_citizen_id(request.citizen_id))
            require_purpose(asker)
        return pb.RecordAccountViewResponse()


def operation_of(act: pb.AccountAct) -> Operation:
    """Return what the access list calls an act; one without an action is refused after the caller was checked."""
    action = ACTIONS.get(act.action)
    return OPERATIONS[action] if action else Operation.ACT_ON_ACCOUNT


def read_act(act: pb.AccountAct) -> AccountAct:
    """Return the act; raises INVALID_REQUEST."""
    action = ACTIONS.get(act.action)
    if action is None:
        raise DomainError(INVALID_REQUEST, violations=[Violation("/act/action", "REQUIRED")])
    return AccountAct(action, read_account_id(act.account_id), read_citizen_id(act.citizen_id), act.agency_code)


def read_account_id(text: str) -> str:
    """Return the id of an account, which another system gave; raises INVALID_REQUEST."""
    if not 0 < len(text) <= LONGEST_ID or not text.isprintable():
        raise DomainError(INVALID_REQUEST, violations=[Violation("/act/account_id", "INVALID")])
    return text


def read_citizen_id(text: str) -> UUID | None:
    """Return whose account it is, None for staff; raises INVALID_REQUEST."""
    try:
        return UUID(text) if text else None
    except ValueError:
        raise DomainError(INVALID_REQUEST, violations=[Violation("/act/citizen_id", "INVALID")]) from None

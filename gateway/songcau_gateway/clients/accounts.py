"""Client of the identity service's account service: who may act on an account, and what was answered before."""

from dataclasses import dataclass

from songcau.identity.v1 import account_service_pb2 as pb
from songcau.identity.v1.account_service_pb2_grpc import AccountServiceStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.exchange import Exchange


@dataclass(frozen=True)
class AccountAct:
    """What is to be done to which account; no citizen for staff, an agency only where it is about one."""

    action: str
    account_id: str
    citizen_id: str = ""
    agency_code: str = ""

    def message(self) -> pb.AccountAct:
        """Return it as the contract has it."""
        return pb.AccountAct(
            action=f"ACCOUNT_ACTION_{self.action}",
            account_id=self.account_id,
            citizen_id=self.citizen_id,
            agency_code=self.agency_code,
        )


class AccountRecordClient:
    """Admission and record of acts on accounts."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._stub = AccountServiceStub(channel.channel)

    async def begin(self, exchange: Exchange, act: AccountAct) -> str:
        """Have an act admitted and entered; return its outcome where it was done before, else nothing."""
        request = pb.BeginAccountActionRequest(request_id=exchange.request_id, act=act.message())
        return str((await self._channel.call(exchange, self._stub.BeginAccountAction, request)).outcome)

    async def finish(self, exchange: Exchange, act: AccountAct, *, outcome: str = "", failure: str = "") -> None:
        """Tell how it ended."""
        request = pb.FinishAccountActionRequest(
            request_id=exchange.request_id, act=act.message(), outcome=outcome, failure=failure
        )
        await self._channel.call(exchange, self._stub.FinishAccountAction, request)

    async def viewed(self, exchange: Exchange, account_id: str, citizen_id: str) -> None:
        """Enter a look at an account."""
        request = pb.RecordAccountViewRequest(account_id=account_id, citizen_id=citizen_id)
        await self._channel.call(exchange, self._stub.RecordAccountView, request)

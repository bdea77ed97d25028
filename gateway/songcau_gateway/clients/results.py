"""Client of signed results."""

from uuid import UUID

from songcau.eservices.v1 import result_service_pb2 as pb
from songcau.eservices.v1.result_service_pb2_grpc import ResultServiceStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.codec import to_plain
from songcau_gateway.clients.dossiers import shape_dossier
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.dossier_answers import Dossier
from songcau_gateway.routes.dossier_schemas import Grounds
from songcau_gateway.routes.result_schemas import ResultVerdict


class ResultClient:
    """Fetches, verifies and revokes results."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._stub = ResultServiceStub(channel.channel)

    async def file(self, exchange: Exchange, dossier_id: UUID) -> tuple[bytes, str]:
        """Return the signed result and its file name."""
        request = pb.GetResultFileRequest(dossier_id=str(dossier_id))
        answer = await self._channel.call(exchange, self._stub.GetResultFile, request)
        return answer.pdf, answer.file_name

    async def verify(self, exchange: Exchange, code: str, pdf: bytes = b"") -> ResultVerdict:
        """Say whether a code, or the file at hand, is genuine."""
        request = pb.VerifyResultRequest(code=code, pdf=pdf)
        plain = to_plain(await self._channel.call(exchange, self._stub.VerifyResult, request))
        return ResultVerdict.model_validate(plain | {"verdict": plain["verdict"] or "UNKNOWN"})

    async def revoke(self, exchange: Exchange, code: str, grounds: Grounds) -> Dossier:
        """Revoke a result."""
        request = pb.RevokeResultRequest(
            request_id=exchange.request_id,
            code=code,
            expected_version=exchange.expected_version,
            reason=grounds.reason,
        )
        answer = await self._channel.call(exchange, self._stub.RevokeResult, request)
        return Dossier.model_validate(shape_dossier(to_plain(answer.dossier), exchange.language))

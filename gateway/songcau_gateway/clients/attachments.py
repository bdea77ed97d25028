"""Client of the files of dossiers; files go through piece by piece."""

from collections.abc import AsyncIterator
from uuid import UUID

from songcau.eservices.v1 import attachment_service_pb2 as pb
from songcau.eservices.v1.attachment_service_pb2_grpc import AttachmentServiceStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.codec import to_plain
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.attachment_schemas import Attached, Attachment

_CHUNK = 128 * 1024


class AttachmentClient:
    """Attaches, fetches and removes files."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._stub = AttachmentServiceStub(channel.channel)

    async def attach(
        self, exchange: Exchange, dossier_id: UUID, pieces: AsyncIterator[bytes], *, component: str, name: str
    ) -> Attached:
        """Attach the file that `pieces` yields."""
        header = pb.AttachFileHeader(
            request_id=exchange.request_id,
            dossier_id=str(dossier_id),
            expected_version=exchange.expected_version,
            component_key=component,
            file_name=name,
        )

        async def messages() -> AsyncIterator[pb.AttachFileRequest]:
            yield pb.AttachFileRequest(header=header)
            async for piece in pieces:
                for start in range(0, len(piece), _CHUNK):
                    yield pb.AttachFileRequest(chunk=piece[start : start + _CHUNK])

        answer = await self._channel.send(exchange, self._stub.AttachFile, messages())
        plain = to_plain(answer)
        return Attached.model_validate(plain | {"version": plain["dossier_version"]})

    async def get(
        self, exchange: Exchange, dossier_id: UUID, attachment_id: UUID
    ) -> tuple[Attachment, AsyncIterator[bytes]]:
        """Return what the file is, and the file piece by piece."""
        request = pb.GetAttachmentRequest(dossier_id=str(dossier_id), attachment_id=str(attachment_id))
        answers = self._channel.stream(exchange, self._stub.GetAttachment, request)
        first = await anext(answers)

        async def pieces() -> AsyncIterator[bytes]:
            async for answer in answers:
                yield answer.chunk

        return Attachment.model_validate(to_plain(first.attachment)), pieces()

    async def remove(self, exchange: Exchange, dossier_id: UUID, attachment_id: UUID) -> int:
        """Take a file off and return the dossier's new version."""
        request = pb.RemoveAttachmentRequest(
            request_id=exchange.request_id,
            dossier_id=str(dossier_id),
            attachment_id=str(attachment_id),
            expected_version=exchange.expected_version,
        )
        answer = await self._channel.call(exchange, self._stub.RemoveAttachment, request)
        return int(answer.dossier_version)

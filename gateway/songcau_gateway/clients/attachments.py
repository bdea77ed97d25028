"""Client of the files of dossiers; files go through piece by piece."""

from collections.abc import AsyncIterator
from uuid import UUID

from songcau.eservices.v1 import attachment_service_pb2 as pb
from songcau.eservices.v1.attachment_service_pb2_grpc import AttachmentServiceStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.codec import to_plain
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.attachment_schemas import Attached, Attachment, PaperWish, ReusablePapers

_CHUNK = 128 * 1024


class AttachmentClient:
    """Attaches, fetches and removes files."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._stub = AttachmentServiceStub(channel.channel)

    async def attach(self, exchange: Exchange, dossier_id: UUID, pieces: AsyncIterator[bytes], **part: str) -> Attached:
        """Attach the file that `pieces` yields; `part` is component, name and valid_until."""
        header = pb.AttachFileHeader(
            request_id=exchange.request_id,
            dossier_id=str(dossier_id),
            expected_version=exchange.expected_version,
            component_key=part["component"],
            file_name=part["name"],
            valid_until=part["valid_until"],
        )

        async def messages() -> AsyncIterator[pb.AttachFileRequest]:
            yield pb.AttachFileRequest(header=header)
            async for piece in pieces:
                for start in range(0, len(piece), _CHUNK):
                    yield pb.AttachFileRequest(chunk=piece[start : start + _CHUNK])

        return _attached(await self._channel.send(exchange, self._stub.AttachFile, messages()))

    async def reusable(self, exchange: Exchange, dossier_id: UUID) -> ReusablePapers:
        """Return which papers of earlier dossiers could stand for what this one lacks."""
        request = pb.ListReusablePapersRequest(dossier_id=str(dossier_id))
        answer = await self._channel.call(exchange, self._stub.ListReusablePapers, request)
        return ReusablePapers.model_validate({"items": to_plain(answer)["papers"]})

    async def reuse(self, exchange: Exchange, dossier_id: UUID, wish: PaperWish) -> Attached:
        """Take a paper of an earlier dossier over."""
        request = pb.ReusePaperRequest(
            request_id=exchange.request_id,
            dossier_id=str(dossier_id),
            expected_version=exchange.expected_version,
            component_key=wish.component_key,
            source_attachment_id=str(wish.attachment_id),
        )
        return _attached(await self._channel.call(exchange, self._stub.ReusePaper, request))

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


def _attached(answer: pb.AttachFileResponse | pb.ReusePaperResponse) -> Attached:
    plain = to_plain(answer)
    return Attached.model_validate(plain | {"version": plain["dossier_version"]})

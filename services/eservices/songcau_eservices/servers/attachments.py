"""The door to a dossier's files: streams in and out, one use case between."""

from collections.abc import Iterator

from songcau.eservices.v1 import attachment_service_pb2 as pb
from songcau.eservices.v1.attachment_service_pb2_grpc import AttachmentServiceServicer
from songcau_kit.errors import DomainError
from songcau_kit.protection_errors import OBJECT_TOO_LARGE
from songcau_kit.rpc_server import current_call

from songcau_eservices.attachments.attaching import Attaching, NewFile
from songcau_eservices.attachments.reuse import PaperReuse, PaperWish, ReusablePaper
from songcau_eservices.dossiers.changes import Change
from songcau_eservices.dossiers.model import Action
from songcau_eservices.errors import ATTACHMENT_NOT_FOUND
from songcau_eservices.pages import invalid
from songcau_eservices.servers.dossier_messages import attachment_message
from songcau_eservices.servers.requests import (
    CITIZEN_READ,
    CITIZEN_WRITE,
    REUSE_READ,
    REUSE_WRITE,
    change_of,
    find_id,
    read_id,
    ticket_of,
)

SERVICE = "songcau.eservices.v1.AttachmentService"
RULES = {
    f"{SERVICE}/AttachFile": CITIZEN_WRITE,
    f"{SERVICE}/GetAttachment": CITIZEN_READ,
    f"{SERVICE}/ListReusablePapers": REUSE_READ,
    f"{SERVICE}/ReusePaper": REUSE_WRITE,
    f"{SERVICE}/RemoveAttachment": CITIZEN_WRITE,
}
CHUNK = 256 * 1024


class AttachmentServer(AttachmentServiceServicer):
    """Serves AttachmentService; keeps no more of a file in memory than it may be large."""

    def __init__(self, attaching: Attaching, reuse: PaperReuse, *, largest: int) -> None:
        self._attaching = attaching
        self._reuse = reuse
        self._largest = largest

    def AttachFile(  # noqa: N802
        self, requests: Iterator[pb.AttachFileRequest], _: object
    ) -> pb.AttachFileResponse:
        """Attach one file."""
        header = _header(requests)
        content = self._content(requests)
        change = Change(
            current_call(),
            ticket_of(header, content),
            read_id(header.dossier_id),
            Action.ATTACH,
            int(header.expected_version) or None,
        )
        attached = self._attaching.attach(
            change, NewFile(header.component_key, header.file_name, content, header.valid_until)
        )
        return pb.AttachFileResponse(
            attachment=attachment_message(attached.attachment), dossier_version=attached.dossier_version
        )

    def GetAttachment(  # noqa: N802
        self, request: pb.GetAttachmentRequest, _: object
    ) -> Iterator[pb.GetAttachmentResponse]:
        """Return one file in chunks."""
        attachment_id = read_id(request.attachment_id, ATTACHMENT_NOT_FOUND)
        view, content = self._attaching.get(current_call(), read_id(request.dossier_id), attachment_id)
        yield pb.GetAttachmentResponse(attachment=attachment_message(view))
        for at in range(0, len(content), CHUNK):
            yield pb.GetAttachmentResponse(chunk=content[at : at + CHUNK])

    def ListReusablePapers(  # noqa: N802
        self, request: pb.ListReusablePapersRequest, _: object
    ) -> pb.ListReusablePapersResponse:
        """Offer papers of earlier dossiers."""
        papers = self._reuse.offer(current_call(), read_id(request.dossier_id))
        return pb.ListReusablePapersResponse(papers=map(_reusable_paper, papers))

    def ReusePaper(self, request: pb.ReusePaperRequest, _: object) -> pb.ReusePaperResponse:  # noqa: N802
        """Take a paper of an earlier dossier."""
        change = Change(
            current_call(),
            ticket_of(request),
            read_id(request.dossier_id),
            Action.REUSE_PAPER,
            int(request.expected_version) or None,
        )
        wish = PaperWish(request.component_key, find_id(request.source_attachment_id))
        attached = self._reuse.reuse(change, wish)
        return pb.ReusePaperResponse(
            attachment=attachment_message(attached.attachment), dossier_version=attached.dossier_version
        )

    def RemoveAttachment(  # noqa: N802
        self, request: pb.RemoveAttachmentRequest, _: object
    ) -> pb.RemoveAttachmentResponse:
        """Take a file off."""
        attachment_id = read_id(request.attachment_id, ATTACHMENT_NOT_FOUND)
        version = self._attaching.remove(change_of(request, Action.ATTACH), attachment_id)
        return pb.RemoveAttachmentResponse(dossier_version=version)

    def _content(self, requests: Iterator[pb.AttachFileRequest]) -> bytes:
        content = bytearray()
        for request in requests:
            if request.WhichOneof("part") != "chunk":
                raise invalid("/part", "HEADER_ONLY_FIRST")
            content += request.chunk
            if len(content) > self._largest:
                raise DomainError(OBJECT_TOO_LARGE, details={"max_bytes": str(self._largest)})
        return bytes(content)


def _reusable_paper(paper: ReusablePaper) -> pb.ReusablePaper:
    source = paper.source
    return pb.ReusablePaper(
        component_key=paper.component_key,
        attachment=attachment_message(paper.attachment),
        dossier_id=str(source.attachment.dossier_id),
        dossier_code=source.dossier_code,
        procedure_name=source.procedure_name,
    )


def _header(requests: Iterator[pb.AttachFileRequest]) -> pb.AttachFileHeader:
    first = next(requests, None)
    if first is None or first.WhichOneof("part") != "header":
        raise invalid("/part", "HEADER_FIRST")
    return first.header

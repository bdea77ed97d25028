"""Hands a copy to the person it is about, and to nobody else."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from songcau_kit.errors import DomainError

from songcau_identity.auditing import Access, Asker
from songcau_identity.errors import DATA_COPY_EXPIRED, DATA_COPY_NOT_READY, SUBJECT_REQUEST_NOT_FOUND
from songcau_identity.officers import Desk
from songcau_identity.rights import repository
from songcau_identity.rights import repository_copies as copies
from songcau_identity.rights.model import RequestKind
from songcau_identity.rights.own_requests import own_family


class CopyForm(StrEnum):
    """In which form a copy is fetched."""

    JSON = "JSON"
    PDF = "PDF"


MEDIA_TYPES = {CopyForm.JSON: "application/json", CopyForm.PDF: "application/pdf"}


@dataclass(frozen=True)
class FetchedCopy:
    """One form of a copy."""

    content: bytes = field(repr=False)
    media_type: str
    file_name: str
    expires_at: datetime


class CopyFetching:
    """The use case GetDataCopy."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def fetch(self, asker: Asker, subject_request_id: UUID | None, form: CopyForm, access: Access) -> FetchedCopy:
        """Return one form of the copy a request of the asker led to.

        Raises CITIZEN_NOT_FOUND, SUBJECT_REQUEST_NOT_FOUND, DATA_COPY_NOT_READY and DATA_COPY_EXPIRED.
        """
        with self._desk.database.transaction() as conn:
            family = own_family(conn, asker)
            access.subjects.append(family[0])
            request = repository.find_request(conn, subject_request_id) if subject_request_id else None
            if request is None or request.citizen_id not in family or request.kind is not RequestKind.COPY:
                raise DomainError(SUBJECT_REQUEST_NOT_FOUND)
            copy = copies.find_copy(conn, request.subject_request_id)
            if copy is None:
                raise DomainError(DATA_COPY_NOT_READY)
            column = f"{form.lower()}_enc"
            blob = copy.json_enc if form is CopyForm.JSON else copy.pdf_enc
            if blob is None or copy.expires_at <= self._desk.clock.now():
                raise DomainError(DATA_COPY_EXPIRED)
            data_key = self._desk.data_keys.get(conn, copy.citizen_id)
            content = copies.unseal(data_key, copy.subject_request_id, column, blob)
        name = f"ban-sao-du-lieu-{copy.subject_request_id}.{form.lower()}"
        return FetchedCopy(content, MEDIA_TYPES[form], name, copy.expires_at)

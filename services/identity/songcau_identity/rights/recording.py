"""Enters a request a person made on paper: at a counter or by post, on the document that shows it."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from songcau_kit.clock import VIETNAM, local_date
from songcau_kit.data_keys import DataKey
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.field_cipher import Place, decrypt_text, encrypt

from songcau_identity.auditing import Access, Asker, Operation, require_agency, require_purpose
from songcau_identity.documents import DocumentEvidence, verify_document
from songcau_identity.errors import CITIZEN_NOT_FOUND
from songcau_identity.officers import Desk, refuse_own_record
from songcau_identity.repeatable import Request
from songcau_identity.repositories import citizens
from songcau_identity.rights import repository_records, words
from songcau_identity.rights.asking import Told
from songcau_identity.rights.model import (
    ON_PAPER,
    ActorKind,
    RequestAct,
    RequestChannel,
    RequestKind,
    RequestStep,
    SubjectRequest,
)
from songcau_identity.rights.receiving import Receipt, Receiving, read_wish
from songcau_identity.rights.repository_records import PaperRecord
from songcau_identity.rights.steps import REQUEST_OUTCOME, RequestOutcome

OLDEST = timedelta(days=365)


@dataclass(frozen=True)
class PaperRequest:
    """What an officer enters: whose request, what for, how and when it came, on which document.

    None is an id, a kind or a channel that is none; `received_on` is YYYY-MM-DD as it was written.
    """

    request_id: str
    citizen_id: UUID | None
    kind: RequestKind | None
    activity: str
    details: str
    channel: RequestChannel | None
    received_on: str
    evidence: DocumentEvidence


class RequestRecording:
    """The use case RecordSubjectRequest."""

    def __init__(self, desk: Desk, receiving: Receiving) -> None:
        self._desk = desk
        self._receiving = receiving

    def record(self, asker: Asker, paper: PaperRequest, access: Access) -> SubjectRequest:
        """Enter a request; its clocks run from the day it came.

        Raises OFFICER_WITHOUT_AGENCY, PURPOSE_REQUIRED, PURPOSE_UNKNOWN, SUBJECT_REQUEST_INVALID, EVIDENCE_INVALID,
        PROCESSING_BOUND_BY_LAW, CITIZEN_NOT_FOUND, OWN_RECORD and SUBJECT_REQUEST_OPEN.
        """
        require_agency(asker)
        require_purpose(asker)
        wish = read_wish(paper.kind, paper.activity, paper.details)
        receipt = self._read_receipt(asker, paper)
        verify_document(paper.evidence, today=local_date(self._desk.clock.now()))

        def act(conn: Connection) -> RequestOutcome:
            citizen_id = self._meant(conn, asker, paper.citizen_id, access)
            request = self._receiving.begin(citizen_id, wish, receipt)
            now = self._desk.clock.now()
            step = RequestStep(RequestAct.RECORD, request.state, ActorKind.OFFICER, now)
            self._receiving.enter(conn, request, wish.details, step)
            repository_records.insert(conn, self._seal(conn, asker, request, paper.evidence), now)
            self._receiving.start(conn, request, Told(asker.actor, asker.correlation_id))
            return RequestOutcome(request)

        document = "\x00".join(paper.evidence.words().values())
        asked = f"{paper.citizen_id} {paper.channel} {paper.received_on} {document} ".encode() + wish.fingerprint()
        wanted = Request("RecordSubjectRequest", paper.request_id, asked)
        operation = Operation.RECORD_SUBJECT_REQUEST
        return self._desk.writes.run(asker, operation, wanted, access, act=act, form=REQUEST_OUTCOME).request

    def _read_receipt(self, asker: Asker, paper: PaperRequest) -> Receipt:
        if paper.channel not in ON_PAPER or paper.channel is None:
            raise words.invalid("channel")
        now = self._desk.clock.now()
        day, today = read_day(paper.received_on), local_date(now)
        if not today - OLDEST <= day <= today:
            raise words.invalid("received_on", "OUT_OF_RANGE")
        began = datetime.combine(day, time(), VIETNAM)
        return Receipt(now if day == today else began, paper.channel, asker.organization)

    def _meant(self, conn: Connection, asker: Asker, citizen_id: UUID | None, access: Access) -> UUID:
        family = citizens.find_family(conn, citizen_id) if citizen_id else ()
        if not family:
            raise DomainError(CITIZEN_NOT_FOUND)
        access.subjects.append(family[0])
        refuse_own_record(conn, asker, family[0])
        return family[0]

    def _seal(self, conn: Connection, asker: Asker, request: SubjectRequest, evidence: DocumentEvidence) -> PaperRecord:
        data_key = self._desk.data_keys.get(conn, request.citizen_id)
        place = evidence_place(request.subject_request_id)
        sealed = encrypt(data_key, place, json.dumps(dict(evidence.words()), ensure_ascii=False))
        return PaperRecord(
            request.subject_request_id, request.channel, asker.caller.subject, asker.organization, sealed
        )


def evidence_place(subject_request_id: UUID) -> Place:
    """Return where the document of a request on paper stands."""
    return Place("subject_request_records", "evidence_enc", str(subject_request_id))


def open_evidence(data_key: DataKey, subject_request_id: UUID, evidence_enc: bytes) -> dict[str, str]:
    """Return the words of the document of a request on paper."""
    words_of_document: dict[str, str] = json.loads(
        decrypt_text(data_key, evidence_place(subject_request_id), evidence_enc)
    )
    return words_of_document


def read_day(text: str) -> date:
    """Return a day; raises SUBJECT_REQUEST_INVALID."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise words.invalid("received_on", "NOT_A_DATE") from None

"""What every use case on complaints has in common: the answer of a write, the words, what is refused."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from pydantic import TypeAdapter
from songcau_kit.data_keys import DataKey
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.personal import Personal

from songcau_identity.complaints import repository
from songcau_identity.complaints.model import Complaint, ComplaintAct, find_transition
from songcau_identity.errors import ACCESS_COMPLAINT_INVALID, ACCESS_COMPLAINT_STATE_INVALID
from songcau_identity.officers import Desk
from songcau_identity.rights import words

TABLE = "access_complaints"


@dataclass(frozen=True)
class ComplaintOutcome:
    """A complaint after a write."""

    complaint: Complaint

    @property
    def subjects(self) -> Sequence[UUID]:
        """Return whose data the write met."""
        return [self.complaint.citizen_id]


COMPLAINT_OUTCOME = TypeAdapter(ComplaintOutcome)


@dataclass(frozen=True)
class ComplaintPage:
    """One page of complaints; the cursor of the next is empty on the last."""

    complaints: tuple[Complaint, ...]
    next_cursor: str


@dataclass(frozen=True)
class OpenedComplaint:
    """A complaint with what was written in it and, for data officers, the anomalies its entry is part of."""

    complaint: Complaint
    details: Personal
    answer: Personal
    anomaly_ids: Sequence[UUID] = ()


def read_words(text: str, field: str) -> Personal:
    """Return a text that may be kept; raises ACCESS_COMPLAINT_INVALID."""
    return words.read_text(text, field, needed=True, reason=ACCESS_COMPLAINT_INVALID)


def seal(data_key: DataKey, complaint_id: UUID, column: str, text: Personal) -> bytes | None:
    """Close a text of a complaint."""
    return words.seal(data_key, complaint_id, column, text, table=TABLE)


def open_complaint(desk: Desk, conn: Connection, complaint: Complaint) -> OpenedComplaint:
    """Return a complaint with its words, which are gone once the citizen was erased."""
    sealed = repository.get_words(conn, complaint.complaint_id)
    if not sealed.details:
        return OpenedComplaint(complaint, Personal(""), Personal(""))
    data_key = desk.data_keys.get(conn, complaint.citizen_id)

    def unseal(column: str, blob: bytes | None) -> Personal:
        return words.unseal(data_key, complaint.complaint_id, column, blob, table=TABLE)

    return OpenedComplaint(complaint, unseal("details_enc", sealed.details), unseal("answer_enc", sealed.answer))


def take(complaint: Complaint, act: ComplaintAct) -> Complaint:
    """Return the complaint one step on; raises ACCESS_COMPLAINT_STATE_INVALID where there is none from here."""
    step = find_transition(complaint.state, act)
    if step is None:
        raise DomainError(ACCESS_COMPLAINT_STATE_INVALID, details={"state": complaint.state, "act": act})
    return replace(complaint, state=step.after, version=complaint.version + 1)

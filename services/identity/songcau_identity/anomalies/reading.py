"""Shows anomalies: to data officers what is not about themselves, to an officer what they were asked."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from uuid import UUID

from songcau_kit.audit import NOBODY
from songcau_kit.cursors import CursorSigner
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError

from songcau_identity.anomalies import repository, texts
from songcau_identity.anomalies.model import Anomaly, AnomalyFilter
from songcau_identity.anomalies.repository import Wanted
from songcau_identity.anomalies.texts import AnomalyTexts
from songcau_identity.auditing import Access, Asker, require_agency, require_purpose
from songcau_identity.errors import ANOMALY_NOT_FOUND, OWN_ACT
from songcau_identity.officers import Desk, refuse_own_record
from songcau_identity.positions import Position, page_size_of, read_position, write_position
from songcau_identity.repositories.accesses import AccessRecord

MOST_ENTRIES = 200


@dataclass(frozen=True)
class AnomalyPage:
    """One page of anomalies; the cursor of the next is empty on the last."""

    anomalies: tuple[Anomaly, ...]
    next_cursor: str


@dataclass(frozen=True)
class OpenedAnomaly:
    """An anomaly with its entries, what was written, and complaints about the entries."""

    anomaly: Anomaly
    entries: Sequence[AccessRecord]
    more_entries: bool
    texts: AnomalyTexts
    complaint_ids: Sequence[UUID] = ()


class AnomalyReading:
    """The use cases ListAnomalies, GetAnomaly, ListOwnAnomalies and GetOwnAnomaly."""

    def __init__(self, desk: Desk, cursors: CursorSigner) -> None:
        self._desk = desk
        self._cursors = cursors

    def list_all(
        self, asker: Asker, access: Access, wanted: AnomalyFilter, *, page_size: int, cursor: str
    ) -> AnomalyPage:
        """Return one page of what is not about the asker, the newest day first; raises CURSOR_INVALID."""
        require_agency(asker)
        require_purpose(asker)
        return self._page(access, Wanted(wanted, not_of=asker.caller.subject), page_size, cursor)

    def list_own(self, asker: Asker, access: Access, *, page_size: int, cursor: str) -> AnomalyPage:
        """Return one page of what the asker was asked about, the newest day first; raises CURSOR_INVALID."""
        wanted = AnomalyFilter(officer_id=asker.caller.subject)
        return self._page(access, Wanted(wanted, asked_only=True), page_size, cursor)

    def get(self, asker: Asker, anomaly_id: UUID | None, access: Access) -> OpenedAnomaly:
        """Return one anomaly; raises ANOMALY_NOT_FOUND, OWN_ACT and OWN_RECORD."""
        require_agency(asker)
        require_purpose(asker)
        with self._desk.database.transaction() as conn:
            found = repository.find_anomaly(conn, anomaly_id) if anomaly_id else None
            opened = self._open(conn, admit(conn, asker, found, access), access)
            return replace(opened, complaint_ids=repository.list_complaints(conn, opened.anomaly.anomaly_id))

    def get_own(self, asker: Asker, anomaly_id: UUID | None, access: Access) -> OpenedAnomaly:
        """Return what the asker was asked about, without the note of who decides; raises ANOMALY_NOT_FOUND."""
        with self._desk.database.transaction() as conn:
            found = repository.find_anomaly(conn, anomaly_id) if anomaly_id else None
            opened = self._open(conn, admit_own(asker, found), access)
        return replace(opened, texts=replace(opened.texts, note=type(opened.texts.note)("")))

    def _open(self, conn: Connection, anomaly: Anomaly, access: Access) -> OpenedAnomaly:
        entries = repository.list_entries(conn, anomaly.anomaly_id, limit=MOST_ENTRIES + 1)
        shown = entries[:MOST_ENTRIES]
        met = [anomaly.citizen_id] if anomaly.citizen_id else []
        met += [entry.subject_id for entry in shown if entry.subject_id != NOBODY]
        access.subjects[:] = dict.fromkeys(met)
        written = texts.unseal(self._desk, conn, anomaly.anomaly_id)
        return OpenedAnomaly(anomaly, shown, len(entries) > MOST_ENTRIES, written)

    def _page(self, access: Access, wanted: Wanted, page_size: int, cursor: str) -> AnomalyPage:
        size, place = page_size_of(page_size), list_name(wanted)
        at = read_position(self._cursors, cursor, of=place)
        with self._desk.database.read() as conn:
            before = (at.at.date(), at.id) if at else None
            found = repository.list_anomalies(conn, wanted, before=before, limit=size + 1)
        page = tuple(found[:size])
        access.subjects.extend(dict.fromkeys(one.citizen_id for one in page if one.citizen_id))
        if len(found) <= size:
            return AnomalyPage(page, "")
        last = Position(datetime.combine(page[-1].day, time(), UTC), page[-1].anomaly_id)
        return AnomalyPage(page, write_position(self._cursors, last, of=place))


def list_name(wanted: Wanted) -> str:
    """Return what cursors of one list carry, so that none goes on in another with other filters."""
    return f"anomalies {hashlib.sha256(repr(wanted).encode()).hexdigest()}"


def admit(conn: Connection, asker: Asker, anomaly: Anomaly | None, access: Access) -> Anomaly:
    """Return an anomaly a data officer may work on; raises ANOMALY_NOT_FOUND, OWN_ACT and OWN_RECORD."""
    if anomaly is None:
        raise DomainError(ANOMALY_NOT_FOUND)
    if anomaly.citizen_id is not None:
        access.subjects.append(anomaly.citizen_id)
    if anomaly.officer_id == asker.caller.subject:
        raise DomainError(OWN_ACT)
    if anomaly.citizen_id is not None:
        refuse_own_record(conn, asker, anomaly.citizen_id)
    return anomaly


def admit_own(asker: Asker, anomaly: Anomaly | None) -> Anomaly:
    """Return an anomaly the officer was asked about; ANOMALY_NOT_FOUND is what is another's and what was not asked."""
    if anomaly is None or anomaly.officer_id != asker.caller.subject or anomaly.asked_at is None:
        raise DomainError(ANOMALY_NOT_FOUND)
    return anomaly

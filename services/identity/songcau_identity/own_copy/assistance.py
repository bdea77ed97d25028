"""The section of a copy about who helped a person with what, and each act they were asked about."""

from collections.abc import Sequence
from uuid import UUID

from songcau_kit.data_copy import CopyRecord, field, record
from songcau_kit.database import Connection

from songcau_identity.assistance import repository
from songcau_identity.assistance.model import AssistedSession, ProposedAct
from songcau_identity.assistance.sealing import open_summary
from songcau_identity.officers import Desk


def list_sessions(desk: Desk, conn: Connection, citizen_ids: Sequence[UUID]) -> list[CopyRecord]:
    """Return every session, newest first, each followed by its acts."""
    sessions = repository.list_of(conn, citizen_ids, before=None, limit=None)
    acts = repository.list_acts(conn, [one.session_id for one in sessions])
    records = []
    for session in sessions:
        records.append(_session(session))
        own = [(act, sealed) for act, sealed in acts if act.session_id == session.session_id]
        records += [_act(desk, conn, session, act, sealed) for act, sealed in own]
    return records


def _session(session: AssistedSession) -> CopyRecord:
    fields = [
        field("purpose", "Mục đích", session.purpose),
        field("helper_kind", "Người hỗ trợ là", session.helper.kind),
        field("helper_organization", "Cơ quan của người hỗ trợ", session.helper.organization),
        field("status", "Trạng thái", session.status),
        field("started_at", "Bắt đầu", session.started_at),
        field("ended_at", "Kết thúc", session.end.at if session.end else None),
    ]
    return record(str(session.session_id), f"{session.purpose}: {session.status}", fields)


def _act(desk: Desk, conn: Connection, session: AssistedSession, act: ProposedAct, sealed: bytes) -> CopyRecord:
    fields = [
        field("operation", "Việc", act.operation),
        field("status", "Trạng thái", act.status),
        field("proposed_at", "Lúc", act.proposed_at),
    ]
    if session.citizen_id is not None and sealed:
        summary = open_summary(desk.vault, desk.data_keys.get(conn, session.citizen_id), act.act_id, sealed)
        typed = "\n".join(f"{one.label.vi}: {one.value.reveal()}" for one in summary.details)
        fields += [field("summary", "Nội dung", summary.question.vi), field("details", "Nội dung đã nhập", typed)]
    return record(str(act.act_id), f"{act.operation}: {act.status}", fields)

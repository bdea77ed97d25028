"""SQL of requests, their extensions and steps; every text arrives here closed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.positions import Position
from songcau_identity.rights.model import (
    ActorKind,
    Refusal,
    RequestAct,
    RequestChannel,
    RequestKind,
    RequestState,
    RequestStep,
    SubjectRequest,
)

_OPEN = "state in ('RECEIVED', 'ACKNOWLEDGED', 'EXECUTING')"
_REQUEST = """select r.subject_request_id, r.citizen_id, r.kind, r.state, r.version, r.activity, r.received_at,
    r.acknowledge_by, r.due_on, r.third_party,
    exists (select from subject_request_extensions e where e.subject_request_id = r.subject_request_id),
    r.acknowledged_at, r.ended_at, r.refusal, coalesce(p.channel, 'APP'), coalesce(p.recorded_for, '')
    from subject_requests r left join subject_request_records p using (subject_request_id)"""
_INSERT = f"""insert into subject_requests (subject_request_id, citizen_id, kind, state, version, activity, received_at,
    acknowledge_by, due_on, next_due_on, third_party, details_enc)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, false, %s)
    on conflict (citizen_id, kind, activity) where {_OPEN} do nothing returning true"""  # noqa: S608


@dataclass(frozen=True)
class SealedWords:
    """What anybody wrote in a request, closed."""

    details: bytes | None
    legal_reference: bytes | None
    answer: bytes | None


def insert_request(conn: Connection, request: SubjectRequest, details_enc: bytes | None) -> bool:
    """Add a request; return False where one of its kind and activity is open."""
    row = conn.execute(
        _INSERT,
        (
            request.subject_request_id,
            request.citizen_id,
            request.kind,
            request.state,
            request.version,
            request.activity,
            request.received_at,
            request.acknowledge_by,
            request.due_on,
            request.next_due_on,
            details_enc,
        ),
    ).fetchone()
    return row is not None


def find_open(conn: Connection, citizen_id: UUID, kind: RequestKind, activity: str) -> UUID | None:
    """Return the open request of a kind about an activity."""
    row = conn.execute(
        f"""select subject_request_id from subject_requests
        where citizen_id = %s and kind = %s and activity = %s and {_OPEN}""",  # noqa: S608
        (citizen_id, kind, activity),
    ).fetchone()
    return row[0] if row else None


def find_request(conn: Connection, subject_request_id: UUID) -> SubjectRequest | None:
    """Return a request."""
    row = conn.execute(f"{_REQUEST} where r.subject_request_id = %s", (subject_request_id,)).fetchone()
    return _request(row) if row else None


def hold_request(conn: Connection, subject_request_id: UUID) -> SubjectRequest | None:
    """Return a request and hold its row until the transaction ends."""
    row = conn.execute(f"{_REQUEST} where r.subject_request_id = %s for update of r", (subject_request_id,)).fetchone()
    return _request(row) if row else None


def update_request(conn: Connection, request: SubjectRequest) -> None:
    """Write where a request stands; the caller holds the row."""
    conn.execute(
        """update subject_requests set state = %s, version = %s, due_on = %s, next_due_on = %s, third_party = %s,
            acknowledged_at = %s, ended_at = %s, refusal = %s where subject_request_id = %s""",
        (
            request.state,
            request.version,
            request.due_on,
            request.next_due_on,
            request.third_party,
            request.acknowledged_at,
            request.ended_at,
            request.refusal,
            request.subject_request_id,
        ),
    )


def insert_step(conn: Connection, request: SubjectRequest, step: RequestStep) -> None:
    """Add the step that made this version."""
    conn.execute(
        """insert into subject_request_steps (subject_request_id, version, act, state, actor_kind, taken_at)
        values (%s, %s, %s, %s, %s, %s)""",
        (request.subject_request_id, request.version, step.act, step.state, step.actor_kind, step.taken_at),
    )


def list_steps(conn: Connection, subject_request_id: UUID) -> list[RequestStep]:
    """Return the steps, oldest first."""
    rows = conn.execute(
        """select act, state, actor_kind, taken_at from subject_request_steps where subject_request_id = %s
        order by version""",
        (subject_request_id,),
    ).fetchall()
    return [RequestStep(RequestAct(act), RequestState(state), ActorKind(kind), at) for act, state, kind, at in rows]


def insert_extension(conn: Connection, subject_request_id: UUID, until: date, at: datetime) -> bool:
    """Extend a request; return False where it was extended before."""
    row = conn.execute(
        """insert into subject_request_extensions (subject_request_id, until, extended_at) values (%s, %s, %s)
        on conflict (subject_request_id) do nothing returning true""",
        (subject_request_id, until, at),
    ).fetchone()
    return row is not None


def write_answer(conn: Connection, subject_request_id: UUID, *, answer: bytes | None, reference: bytes | None) -> None:
    """Keep what the citizen is answered; what is not given stays as it was."""
    conn.execute(
        """update subject_requests set answer_enc = coalesce(%s, answer_enc),
            legal_reference_enc = coalesce(%s, legal_reference_enc) where subject_request_id = %s""",
        (answer, reference, subject_request_id),
    )


def get_words(conn: Connection, subject_request_id: UUID) -> SealedWords:
    """Return what anybody wrote in a request."""
    row = conn.execute(
        """select details_enc, legal_reference_enc, answer_enc from subject_requests
        where subject_request_id = %s""",
        (subject_request_id,),
    ).fetchone()
    return SealedWords(*row) if row else SealedWords(None, None, None)


def list_of_citizens(
    conn: Connection, citizen_ids: Collection[UUID], *, before: Position | None, limit: int | None
) -> list[SubjectRequest]:
    """Return requests of one citizen's records, newest first, older than a position; all of them without a limit."""
    rows = conn.execute(
        f"""{_REQUEST} where r.citizen_id = any(%(citizens)s)
            and (%(at)s::timestamptz is null or (r.received_at, r.subject_request_id) < (%(at)s, %(id)s))
        order by r.received_at desc, r.subject_request_id desc limit %(limit)s""",
        {"citizens": list(citizen_ids), "limit": limit, **_place(before)},
    ).fetchall()
    return [_request(row) for row in rows]


def list_open(conn: Connection, *, after: Position | None, limit: int) -> list[SubjectRequest]:
    """Return open requests, those due first at the top, after a position."""
    rows = conn.execute(
        f"""{_REQUEST} where {_OPEN}
            and (%(at)s::timestamptz is null or (r.next_due_on, r.subject_request_id) > (%(at)s::date, %(id)s))
        order by r.next_due_on, r.subject_request_id limit %(limit)s""",
        {"limit": limit, **_place(after)},
    ).fetchall()
    return [_request(row) for row in rows]


def list_ended(conn: Connection, *, before: Position | None, limit: int) -> list[SubjectRequest]:
    """Return requests that ended, newest first, older than a position."""
    rows = conn.execute(
        f"""{_REQUEST} where r.ended_at is not null
            and (%(at)s::timestamptz is null or (r.ended_at, r.subject_request_id) < (%(at)s, %(id)s))
        order by r.ended_at desc, r.subject_request_id desc limit %(limit)s""",
        {"limit": limit, **_place(before)},
    ).fetchall()
    return [_request(row) for row in rows]


def count_open(conn: Connection, today: date) -> Mapping[RequestKind, tuple[int, int]]:
    """Return how many requests of each kind are open and how many of them are overdue."""
    rows = conn.execute(
        f"""select kind, count(*), count(*) filter (where next_due_on < %s) from subject_requests
        where {_OPEN} group by kind""",  # noqa: S608
        (today,),
    ).fetchall()
    return {RequestKind(kind): (waiting, overdue) for kind, waiting, overdue in rows}


def _place(position: Position | None) -> Mapping[str, object]:
    return {"at": position.at if position else None, "id": position.id if position else None}


def _request(row: tuple[Any, ...]) -> SubjectRequest:
    return SubjectRequest(
        subject_request_id=row[0],
        citizen_id=row[1],
        kind=RequestKind(row[2]),
        state=RequestState(row[3]),
        version=row[4],
        activity=row[5],
        received_at=row[6],
        acknowledge_by=row[7],
        due_on=row[8],
        third_party=row[9],
        extended=row[10],
        acknowledged_at=row[11],
        ended_at=row[12],
        refusal=Refusal(row[13]) if row[13] else None,
        channel=RequestChannel(row[14]),
        recorded_for=row[15],
    )

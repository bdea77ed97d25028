"""SQL of assisted sessions and what is proposed in them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from songcau_kit.audit import NOBODY
from songcau_kit.caller import Assistant
from songcau_kit.database import Connection

from songcau_identity.assistance.model import (
    ActStatus,
    AssistancePurpose,
    AssistedOperation,
    AssistedSession,
    End,
    EndCause,
    ProposedAct,
    SessionStatus,
)

_SESSION = """select session_id, citizen_id, helper_id, helper_kind, helper_organization, purpose, status, started_at,
    expires_at, version, end_cause, ended_at from assisted_sessions"""
_ACT = "select act_id, session_id, operation, digest, status, proposed_at from proposed_acts"


def hold_helper(conn: Connection, helper_id: str) -> None:
    """Let the starts of one helper come one after another, whomever they name: what waits tells of no citizen."""
    conn.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"assisted-sessions {helper_id}",))


def insert(conn: Connection, made: AssistedSession) -> None:
    """Add a session that waits for its approval; one of nobody is the same statement with values of the same types."""
    helper = made.helper
    conn.execute(
        """insert into assisted_sessions (session_id, citizen_id, helper_id, helper_kind, helper_organization, purpose,
            status, started_at, expires_at, version) values (%s, nullif(%s, %s), %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            made.session_id,
            made.citizen_id or NOBODY,
            NOBODY,
            helper.subject,
            helper.kind,
            helper.organization,
            made.purpose,
            made.status,
            made.started_at,
            made.expires_at,
            made.version,
        ),
    )


def find(conn: Connection, session_id: UUID) -> AssistedSession | None:
    """Return a session."""
    row = conn.execute(f"{_SESSION} where session_id = %s", (session_id,)).fetchone()
    return _session(row) if row else None


def hold(conn: Connection, session_id: UUID) -> AssistedSession | None:
    """Return a session and hold its row: every step of it and of its acts waits for the others."""
    row = conn.execute(f"{_SESSION} where session_id = %s for update", (session_id,)).fetchone()
    return _session(row) if row else None


def hold_run_out(conn: Connection, now: datetime, limit: int) -> list[AssistedSession]:
    """Return sessions whose time is up and hold them; what another process holds is left."""
    rows = conn.execute(
        f"{_SESSION} where status <> 'ENDED' and expires_at <= %s order by expires_at limit %s for update skip locked",
        (now, limit),
    ).fetchall()
    return [_session(row) for row in rows]


def hold_of_citizens(conn: Connection, citizen_ids: Collection[UUID]) -> list[AssistedSession]:
    """Return what is not over of these citizens and hold the rows, in one order for all callers."""
    rows = conn.execute(
        f"{_SESSION} where status <> 'ENDED' and citizen_id = any(%s) order by session_id for update",
        (list(citizen_ids),),
    ).fetchall()
    return [_session(row) for row in rows]


def list_of(
    conn: Connection, citizen_ids: Collection[UUID], *, before: UUID | None, limit: int | None
) -> list[AssistedSession]:
    """Return sessions of these records of one citizen, newest first, older than `before`."""
    rows = conn.execute(
        f"""{_SESSION} where citizen_id = any(%(ids)s) and (%(before)s::uuid is null or session_id < %(before)s)
        order by session_id desc limit %(limit)s""",
        {"ids": list(citizen_ids), "before": before, "limit": limit},
    ).fetchall()
    return [_session(row) for row in rows]


def save(conn: Connection, after: AssistedSession) -> None:
    """Write a session after a step; a second open one of a citizen violates the unique index."""
    end = after.end
    conn.execute(
        "update assisted_sessions set status = %s, version = %s, end_cause = %s, ended_at = %s where session_id = %s",
        (after.status, after.version, end.cause if end else None, end.at if end else None, after.session_id),
    )


def insert_act(conn: Connection, act: ProposedAct, summary_enc: bytes) -> None:
    """Add an act; a second one that waits in the session violates the unique index."""
    conn.execute(
        """insert into proposed_acts (act_id, session_id, operation, digest, summary_enc, status, proposed_at)
        values (%s, %s, %s, %s, %s, %s, %s)""",
        (act.act_id, act.session_id, act.operation, act.digest, summary_enc, act.status, act.proposed_at),
    )


def find_act(conn: Connection, act_id: UUID) -> ProposedAct | None:
    """Return an act; its step is safe while its session is held."""
    row = conn.execute(f"{_ACT} where act_id = %s", (act_id,)).fetchone()
    return _act(row) if row else None


def list_acts(conn: Connection, session_ids: Collection[UUID]) -> list[tuple[ProposedAct, bytes]]:
    """Return the acts of sessions with their sealed summaries, oldest first."""
    rows = conn.execute(
        f"{_ACT.replace(' from', ', summary_enc from')} where session_id = any(%s) order by session_id, act_id",
        (list(session_ids),),
    ).fetchall()
    return [(_act(row[:6]), bytes(row[6])) for row in rows]


def answer_act(conn: Connection, act_id: UUID, status: ActStatus, at: datetime) -> bool:
    """Write the answer to an act; False where it was answered before."""
    return (
        conn.execute(
            """update proposed_acts set status = %s, answered_at = %s
            where act_id = %s and status = 'AWAITING_CONFIRMATION'""",
            (status, at, act_id),
        ).rowcount
        == 1
    )


def count_declined(conn: Connection, session_id: UUID) -> int:
    """Return how many acts of a session the citizen declined."""
    (found,) = conn.execute(
        "select count(*) from proposed_acts where session_id = %s and status = 'DECLINED'", (session_id,)
    ).fetchone() or (0,)
    return int(found)


def lapse_acts(conn: Connection, session_id: UUID, at: datetime) -> None:
    """Let what waits in a session lapse."""
    conn.execute(
        """update proposed_acts set status = 'LAPSED', answered_at = %s
        where session_id = %s and status = 'AWAITING_CONFIRMATION'""",
        (at, session_id),
    )


def _session(row: tuple[Any, ...]) -> AssistedSession:
    identity, citizen_id, helper_id, kind, organization, purpose, status, started, expires, version = row[:10]
    cause, ended_at = row[10:]
    return AssistedSession(
        session_id=identity,
        citizen_id=citizen_id,
        helper=Assistant(helper_id, kind, organization),
        purpose=AssistancePurpose(purpose),
        status=SessionStatus(status),
        started_at=started,
        expires_at=expires,
        version=version,
        end=End(EndCause(cause), ended_at) if cause else None,
    )


def _act(row: tuple[Any, ...]) -> ProposedAct:
    act_id, session_id, operation, digest, status, proposed_at = row
    return ProposedAct(act_id, session_id, AssistedOperation(operation), bytes(digest), ActStatus(status), proposed_at)

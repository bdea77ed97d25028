"""SQL of the questions that wait for the citizen's app."""

from datetime import datetime
from uuid import UUID

from songcau_kit.audit import NOBODY
from songcau_kit.database import Connection

from songcau_identity.assistance.model import AssistedSession
from songcau_identity.assistance.pushing import Push


def ask(conn: Connection, push: Push, at: datetime) -> None:
    """Let a question be put."""
    conn.execute(
        "insert into citizen_pushes (push_id, session_id, act_id, ask_at) values (%s, %s, %s, %s)",
        (push.push_id, push.session_id, push.act_id, at),
    )


def ask_of_start(conn: Connection, push: Push, session: AssistedSession, *, since: datetime, most: int) -> None:
    """Let a citizen be asked for a new session, the `most`th of its helper after `since` at the latest.

    A question too many, and one to nobody, is written too, and closed: the same statement and the same row.
    """
    conn.execute(
        """insert into citizen_pushes (push_id, session_id, ask_at, closed_at)
        select %(push)s, %(session)s, %(now)s, case when count(*) between 1 and %(most)s then null else %(now)s end
        from assisted_sessions where citizen_id = %(citizen)s and helper_id = %(helper)s and started_at > %(since)s""",
        {
            "push": push.push_id,
            "session": push.session_id,
            "now": session.started_at,
            "citizen": session.citizen_id or NOBODY,
            "helper": session.helper.subject,
            "since": since,
            "most": most,
        },
    )


def hold_due(conn: Connection, now: datetime) -> Push | None:
    """Return one question that is to be put or looked after and hold it; what another process holds is left."""
    row = conn.execute(
        """select push_id, session_id, act_id, is_sent from citizen_pushes where closed_at is null and ask_at <= %s
        order by ask_at limit 1 for update skip locked""",
        (now,),
    ).fetchone()
    return Push(*row) if row else None


def put_off(conn: Connection, push: Push, until: datetime, *, is_sent: bool) -> None:
    """Look after a question again later."""
    conn.execute(
        "update citizen_pushes set ask_at = %s, is_sent = %s where push_id = %s", (until, is_sent, push.push_id)
    )


def close(conn: Connection, push_id: UUID, at: datetime) -> None:
    """Let a question rest: it was answered, here or there.

    Only who holds it does so: whoever answers elsewhere holds the session, which comes after the question.
    """
    conn.execute("update citizen_pushes set closed_at = %s where push_id = %s and closed_at is null", (at, push_id))

"""SQL that removes anomalies, officers' days and places on the watched list that are kept no longer."""

from datetime import date, datetime
from uuid import UUID

from songcau_kit.database import Connection


def remove_anomalies(conn: Connection, before: datetime, *, at_most: int) -> list[UUID]:
    """Remove anomalies that were decided before a moment, the oldest first, and return which; skips held ones."""
    rows = conn.execute(
        """select anomaly_id from anomalies where decided_at < %s
        order by decided_at limit %s for update skip locked""",
        (before, at_most),
    ).fetchall()
    gone = [row[0] for row in rows]
    conn.execute("delete from anomaly_entries where anomaly_id = any(%s)", (gone,))
    conn.execute("delete from anomalies where anomaly_id = any(%s)", (gone,))
    return gone


def remove_officer_days(conn: Connection, before: date, *, at_most: int) -> int:
    """Remove numbers of officers' days that are judged and lie before a day; return how many."""
    return conn.execute(
        """delete from officer_days where (day, officer_id) in (
            select day, officer_id from officer_days where day < %s and judged_at is not null
            order by day, officer_id limit %s for update skip locked)""",
        (before, at_most),
    ).rowcount


def remove_ended_watches(conn: Connection, before: datetime, *, at_most: int) -> int:
    """Remove places on the watched list that ended before a moment; return how many."""
    return conn.execute(
        """delete from watched_citizens where watch_id in (
            select watch_id from watched_citizens where ended_at < %s
            order by ended_at limit %s for update skip locked)""",
        (before, at_most),
    ).rowcount

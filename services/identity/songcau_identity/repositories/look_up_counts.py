"""SQL of the look-ups and namings counted per person."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from songcau_kit.database import Connection

MINUTE, DAY = "MINUTE", "DAY"
_KEPT = timedelta(days=2)


@dataclass(frozen=True)
class Window:
    """A span of time, when the running one began, and how many look-ups it allows."""

    span: str
    starts_at: datetime
    limit: int


def count_look_up(conn: Connection, actor_id: str, minute: Window, day: Window) -> frozenset[str]:
    """Count one of the actor in both windows; return the spans in which there was room.

    Who counts at the same time waits for the row; the caller rolls back where a span is missing.
    """
    rows = conn.execute(
        """with past as (delete from look_up_counts where actor_id = %(actor)s and starts_at < %(past)s)
        insert into look_up_counts as c (actor_id, span, starts_at, taken)
        values (%(actor)s, 'MINUTE', %(minute)s, 1), (%(actor)s, 'DAY', %(day)s, 1)
        on conflict (actor_id, span, starts_at) do update set taken = c.taken + 1
            where c.taken < case c.span when 'MINUTE' then %(per_minute)s else %(per_day)s end
        returning span""",
        {
            "actor": actor_id,
            "past": day.starts_at - _KEPT,
            "minute": minute.starts_at,
            "day": day.starts_at,
            "per_minute": minute.limit,
            "per_day": day.limit,
        },
    ).fetchall()
    return frozenset(row[0] for row in rows)

"""SQL of the days that are judged and of what officers looked up on them, in numbers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from songcau_kit.database import Connection

from songcau_identity.anomalies.rules import Volume


@dataclass(frozen=True)
class OfficerDayRow:
    """One officer's day, as a process takes it to judge it; agencies are separated by commas."""

    day: date
    officer_id: str
    organization: str


def find_last_day(conn: Connection) -> date | None:
    """Return the last day that was opened."""
    row = conn.execute("select max(day) from anomaly_days").fetchone()
    return row[0] if row else None


def find_last_finished(conn: Connection) -> date | None:
    """Return the last day before which, and with which, every opened day is finished."""
    row = conn.execute(
        """select max(day) from anomaly_days
        where day < coalesce((select min(day) from anomaly_days where finished_at is null), 'infinity'::date)"""
    ).fetchone()
    return row[0] if row else None


def open_day(conn: Connection, day: date, at: datetime) -> bool:
    """Add a day; False where another process did, for whose commit this waits."""
    row = conn.execute(
        "insert into anomaly_days (day, opened_at) values (%s, %s) on conflict (day) do nothing returning true",
        (day, at),
    ).fetchone()
    return row is not None


def insert_officer_days(conn: Connection, rows: Mapping[OfficerDayRow, Volume]) -> None:
    """Add what officers looked up on a day."""
    with conn.cursor() as cursor:
        cursor.executemany(
            """insert into officer_days (day, officer_id, organization, look_ups, busiest_hour)
            values (%s, %s, %s, %s, %s)""",
            [
                (row.day, row.officer_id, row.organization, volume.look_ups, volume.busiest_hour)
                for row, volume in rows.items()
            ],
        )


def hold_unjudged(conn: Connection, without: Collection[OfficerDayRow], *, limit: int) -> list[OfficerDayRow]:
    """Return officers' days nobody judged yet, the oldest first, held until the transaction ends; skips held ones."""
    rows = conn.execute(
        """select day, officer_id, organization from officer_days o where judged_at is null and not exists (
            select from unnest(%(days)s::date[], %(officers)s::text[]) as w(day, officer_id)
            where w.day = o.day and w.officer_id = o.officer_id)
        order by day, officer_id limit %(limit)s for update skip locked""",
        {"days": [row.day for row in without], "officers": [row.officer_id for row in without], "limit": limit},
    ).fetchall()
    return [OfficerDayRow(*row) for row in rows]


def note_judged(conn: Connection, row: OfficerDayRow, at: datetime) -> None:
    """Write that an officer's day is judged; the caller holds the row."""
    conn.execute(
        "update officer_days set judged_at = %s where day = %s and officer_id = %s", (at, row.day, row.officer_id)
    )


def finish_days(conn: Connection, at: datetime) -> None:
    """Finish every day of which no officer's day is left."""
    conn.execute(
        """update anomaly_days d set finished_at = %s where d.finished_at is null
            and not exists (select from officer_days o where o.day = d.day and o.judged_at is null)""",
        (at,),
    )


def list_volumes(conn: Connection, row: OfficerDayRow, *, since: date, by_colleagues: bool) -> list[Volume]:
    """Return volumes of days before this one: the officer's own, or those of others who acted for the same agencies."""
    which = (
        "organization = %(organization)s and officer_id <> %(officer)s" if by_colleagues else "officer_id = %(officer)s"
    )
    rows = conn.execute(
        f"select look_ups, busiest_hour from officer_days where {which} and day >= %(since)s and day < %(day)s",  # noqa: S608
        {"officer": row.officer_id, "organization": row.organization, "since": since, "day": row.day},
    ).fetchall()
    return [Volume(*found) for found in rows]

"""SQL of the list of watched citizens; reasons arrive here closed."""

from collections.abc import Collection
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.anomalies.model import WatchedCitizen
from songcau_identity.positions import Position

_ROW = "select watch_id, version, citizen_id, watched_by, watched_at, ended_at from watched_citizens"
_WATCHED = f"{_ROW} where ended_at is null"


def insert_watched(conn: Connection, watched: WatchedCitizen, reason_enc: bytes | None) -> bool:
    """Add a citizen to the list; False where they are on it."""
    row = conn.execute(
        """insert into watched_citizens (watch_id, citizen_id, version, reason_enc, watched_by, watched_at)
        values (%s, %s, %s, %s, %s, %s) on conflict (citizen_id) where ended_at is null do nothing returning true""",
        (
            watched.watch_id,
            watched.citizen_id,
            watched.version,
            reason_enc,
            watched.watched_by,
            watched.watched_at,
        ),
    ).fetchone()
    return row is not None


def find_watch_of(conn: Connection, citizen_id: UUID) -> UUID | None:
    """Return the place of a citizen on the list."""
    row = conn.execute(
        "select watch_id from watched_citizens where citizen_id = %s and ended_at is null", (citizen_id,)
    ).fetchone()
    return row[0] if row else None


def hold_watched(conn: Connection, watch_id: UUID) -> WatchedCitizen | None:
    """Return a place on the list, held until the transaction ends."""
    row = conn.execute(f"{_WATCHED} and watch_id = %s for update", (watch_id,)).fetchone()
    return WatchedCitizen(*row) if row else None


def list_watched(conn: Connection, *, before: Position | None, limit: int) -> list[WatchedCitizen]:
    """Return who is on the list, those put there last first, before a place."""
    rows = conn.execute(
        f"""{_WATCHED} and (%(at)s::timestamptz is null or (watched_at, watch_id) < (%(at)s, %(id)s))
        order by watched_at desc, watch_id desc limit %(limit)s""",
        {"at": before.at if before else None, "id": before.id if before else None, "limit": limit},
    ).fetchall()
    return [WatchedCitizen(*row) for row in rows]


def list_of_citizens(conn: Connection, citizen_ids: Collection[UUID]) -> list[WatchedCitizen]:
    """Return every place citizens have or had on the list, the newest first."""
    rows = conn.execute(
        f"{_ROW} where citizen_id = any(%s) order by watched_at desc, watch_id desc", (list(citizen_ids),)
    ).fetchall()
    return [WatchedCitizen(*row) for row in rows]


def get_reason(conn: Connection, watch_id: UUID) -> bytes | None:
    """Return the closed reason of a place that exists."""
    row = conn.execute("select reason_enc from watched_citizens where watch_id = %s", (watch_id,)).fetchone()
    return bytes(row[0]) if row else None


def end_watch(conn: Connection, watched: WatchedCitizen, *, by: str) -> None:
    """Take a citizen off the list; the caller holds the row."""
    conn.execute(
        "update watched_citizens set version = %s, ended_at = %s, ended_by = %s where watch_id = %s",
        (watched.version, watched.ended_at, by, watched.watch_id),
    )

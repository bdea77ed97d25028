"""All SQL about citizens: which id means whom, and how many entries there are about each."""

from uuid import UUID

from songcau_kit.database import Connection

_COUNT = """insert into entry_counts (subject_bix, entries) values (%s, 1)
    on conflict (subject_bix) do update set entries = entry_counts.entries + 1 returning entries"""
_FAMILY = """with meant as (
        select coalesce((select surviving_id from citizen_aliases where citizen_id = %(id)s), %(id)s) as id)
    select id from meant
    union all select a.citizen_id from citizen_aliases a join meant on a.surviving_id = meant.id"""


def next_number(conn: Connection, subject_bix: bytes) -> int:
    """Return the number of the next entry about a citizen, from 1."""
    row = conn.execute(_COUNT, (subject_bix,)).fetchone()
    if row is None:
        raise LookupError("a count was neither made nor found")
    return int(row[0])


def forget_count(conn: Connection, subject_bix: bytes) -> None:
    """Forget that there were entries about an erased citizen."""
    conn.execute("delete from entry_counts where subject_bix = %s", (subject_bix,))


def save_alias(conn: Connection, citizen_id: UUID, surviving_id: UUID | None, version: int) -> None:
    """Let an id mean another citizen, or itself again; an older fact changes nothing."""
    conn.execute(
        """insert into citizen_aliases (citizen_id, surviving_id, version) values (%s, %s, %s)
        on conflict (citizen_id) do update set surviving_id = excluded.surviving_id, version = excluded.version
        where citizen_aliases.version < excluded.version""",
        (citizen_id, surviving_id, version),
    )


def family_of(conn: Connection, citizen_id: UUID) -> list[UUID]:
    """Return every id that means the same citizen, the surviving one first."""
    return [found for (found,) in conn.execute(_FAMILY, {"id": citizen_id}).fetchall()]

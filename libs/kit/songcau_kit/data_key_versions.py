"""The versions of one person's data key while it is replaced: announced, switched, the former destroyed.

Every step is one transaction that holds the person's row, and taken twice it is as taken once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from songcau_kit.data_keys import binding_of, has_others
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.keyring import KeyringError, new_key
from songcau_kit.protection_errors import DATA_KEY_DESTROYED, DATA_KEY_NOT_FOUND
from songcau_kit.wrapping_keys import WrappingKeys

ANNOUNCED, SWITCHED, KEPT = "ANNOUNCED", "SWITCHED", "KEPT"
_HOLD = "select version, replacement, destroyed_at is not null from data_keys where subject_id = %s for update"
_WITH_KEYS = "select subject_id from data_keys where subject_id = any(%s) order by subject_id"
_NEWEST = """select greatest(version, (select max(version) from other_data_keys where subject_id = %(subject)s))
    from data_keys where subject_id = %(subject)s"""
_ANNOUNCE = """with next as (insert into other_data_keys (subject_id, version, wrapped_key, wrapping_version)
        values (%(subject)s, %(version)s, %(blob)s, %(wrapping)s))
    update data_keys set replacement = 'ANNOUNCED' where subject_id = %(subject)s"""
# Both read the rows as they were before the statement, so that the two change places.
_SWITCH = """with next as (delete from other_data_keys o where o.subject_id = %(subject)s and o.version = %(version)s
            returning version, wrapped_key, wrapping_version),
    former as (insert into other_data_keys (subject_id, version, wrapped_key, wrapping_version)
        select subject_id, version, wrapped_key, wrapping_version from data_keys
        where subject_id = %(subject)s and exists (select from next))
    update data_keys set version = next.version, wrapped_key = next.wrapped_key,
        wrapping_version = next.wrapping_version, replacement = 'SWITCHED'
    from next where subject_id = %(subject)s"""
_END = """with gone as (delete from other_data_keys where subject_id = %(subject)s and not %(keep)s)
    update data_keys set replacement = case when %(keep)s then 'KEPT' end where subject_id = %(subject)s"""


@dataclass(frozen=True)
class HeldVersion:
    """A version of somebody's key, and how far its replacement is."""

    version: int
    replacement: str | None


def list_with_keys(conn: Connection, subject_ids: Collection[UUID]) -> list[UUID]:
    """Return of which of these ids a key was ever made, erased ones included."""
    return [found for (found,) in conn.execute(_WITH_KEYS, (list(subject_ids),)).fetchall()]


def hold_version(conn: Connection, subject_id: UUID) -> HeldVersion:
    """Return a person's version, held until the transaction ends.

    Raises DATA_KEY_NOT_FOUND, DATA_KEY_DESTROYED for somebody erased, KeyringError for the schema of before.
    """
    if not has_others(conn):
        raise KeyringError("the schema is of the release before: run migrate first")
    row = conn.execute(_HOLD, (subject_id,)).fetchone()
    if row is None:
        raise DomainError(DATA_KEY_NOT_FOUND)
    if row[2]:
        raise DomainError(DATA_KEY_DESTROYED)
    return HeldVersion(row[0], row[1])


def announce(conn: Connection, wrapping_keys: WrappingKeys, subject_id: UUID) -> HeldVersion:
    """Make the next version where none is under way, and return it; an announced one opens, and seals nothing yet."""
    held = hold_version(conn, subject_id)
    if held.replacement == SWITCHED:
        return held
    ((newest,),) = conn.execute(_NEWEST, {"subject": subject_id}).fetchall()
    if held.replacement == ANNOUNCED:
        return HeldVersion(newest, ANNOUNCED)
    wrapped = wrapping_keys.wrap(new_key(), bound_to=binding_of(subject_id, newest + 1))
    values = {"subject": subject_id, "version": newest + 1, "blob": wrapped.blob, "wrapping": wrapped.version}
    conn.execute(_ANNOUNCE, values)
    return HeldVersion(newest + 1, ANNOUNCED)


def switch(conn: Connection, subject_id: UUID, version: int) -> None:
    """Let an announced version seal from now on; the one before still opens."""
    if hold_version(conn, subject_id).replacement == ANNOUNCED:
        conn.execute(_SWITCH, {"subject": subject_id, "version": version})


def end(conn: Connection, subject_id: UUID, *, keep: bool) -> None:
    """Destroy every version but the one that seals, or keep them for what can never be sealed anew."""
    conn.execute(_END, {"subject": subject_id, "keep": keep})

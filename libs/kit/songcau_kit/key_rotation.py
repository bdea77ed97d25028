"""Moves data keys to the current wrapping key, counts what each version wraps, and retires a version that wraps none.

The order and its proof: docs/operations/rotate.md.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from uuid import UUID

from songcau_kit.data_keys import binding_of, has_others
from songcau_kit.database import Connection, Database, has_table
from songcau_kit.keyring import KeyringError, Wrapped
from songcau_kit.wrapping_keys import WrappingKeys

# A token is asked twice for each key while the rows are locked.
BATCH = 100
MOST_PASSES = 50
PASS_PAUSE_S = 0.2

FIRST = UUID(int=0)  # before everybody

KEYS, OTHER_KEYS = "data_keys", "other_data_keys"  # what seals, and what only opens while a key is replaced
_IS_THERE = {KEYS: "destroyed_at is null", OTHER_KEYS: "true"}
_CENSUS = """select wrapping_version, count(*) from {table} where {is_there} group by wrapping_version"""
_RETIRED = "select version from retired_wrapping_keys"
# No writer is under way once this lock is held, and none begins before it is given back.
_QUIET = "set local lock_timeout = '3s'; lock table {tables} in share row exclusive mode"
_RETIRE = "insert into retired_wrapping_keys (version) values (%s) on conflict do nothing returning version"
# In the schema of the release before every key has the first version.
_OUTDATED = """select subject_id, coalesce((to_jsonb({table}) ->> 'version')::integer, 1), wrapped_key, wrapping_version
    from {table} where subject_id > %s and wrapping_version <> %s and {is_there}
    order by subject_id limit %s for update skip locked"""
_REWRAP = {
    KEYS: "update data_keys set wrapped_key = %(blob)s, wrapping_version = %(wrapping)s where subject_id = %(subject)s",
    OTHER_KEYS: """update other_data_keys set wrapped_key = %(blob)s, wrapping_version = %(wrapping)s
        where subject_id = %(subject)s and version = %(version)s""",
}

Tell = Callable[[int, int], None]


def census(conn: Connection) -> dict[int, int]:
    """Return how many data keys each wrapping version wraps; destroyed ones do not count."""
    counts: Counter[int] = Counter()
    for table in _tables(conn):
        counts.update(dict(conn.execute(_CENSUS.format(table=table, is_there=_IS_THERE[table])).fetchall()))
    return dict(sorted(counts.items()))


def retired_versions(conn: Connection) -> frozenset[int]:
    """Return the versions that were retired."""
    if not has_table(conn, "retired_wrapping_keys"):
        return frozenset()
    return frozenset(version for (version,) in conn.execute(_RETIRED).fetchall())


def rewrap_data_keys(database: Database, wrapping_keys: WrappingKeys, tell: Tell) -> int:
    """Wrap every key that another version wraps, in short transactions; return how many there were.

    Safe beside running processes and to repeat; a stop half-way loses nothing. `tell` hears after each transaction how
    many are done and how many were left at the last count. Raises KeyringError where keys are still left in the end,
    and as `WrappingKeys` does.
    """
    done = 0
    for _ in range(MOST_PASSES):
        left = _outdated(database, wrapping_keys)
        if not left:
            return done
        for moved in _pass(database, wrapping_keys):
            done, left = done + moved, max(0, left - moved)
            tell(done, left)
        time.sleep(PASS_PAUSE_S)  # for rows that others had locked
    left = _outdated(database, wrapping_keys)
    raise KeyringError(
        f"{left} data keys are still under another version: processes still wrap under it, or hold these rows"
    )


def retire(database: Database, wrapping_keys: WrappingKeys, version: int) -> bool:
    """Bar a version from ever wrapping again; return False where it was retired before.

    Raises KeyringError while any data key names the version, for the current one and for one nobody has.
    """
    if version == wrapping_keys.current:
        raise KeyringError(f"wrapping key {version} is the current one: make another first")
    if version not in wrapping_keys.versions:
        raise KeyringError(f"wrapping key {version} is not among the given ones: {_list(wrapping_keys.versions)}")
    with database.transaction() as conn:
        conn.execute(_QUIET.format(tables=", ".join(_tables(conn))))
        if count := census(conn).get(version):
            raise KeyringError(f"wrapping key {version} still wraps {count} data keys: run rewrap-keys")
        return conn.execute(_RETIRE, (version,)).fetchone() is not None


def unknown_versions(counts: dict[int, int], wrapping_keys: WrappingKeys) -> dict[int, int]:
    """Return the versions that wrap data keys here and are not at hand, and how many each wraps."""
    known = wrapping_keys.versions
    return {version: count for version, count in counts.items() if version not in known}


def _outdated(database: Database, wrapping_keys: WrappingKeys) -> int:
    with database.read() as conn:
        counts = census(conn)
    return sum(count for version, count in counts.items() if version != wrapping_keys.current)


def _pass(database: Database, wrapping_keys: WrappingKeys) -> Iterator[int]:
    """Go through all people once, passing over rows that others hold; yield how many keys each transaction moved."""
    with database.read() as conn:
        tables = _tables(conn)
    for table in tables:
        after = FIRST
        while True:
            with database.transaction() as conn:
                people = rewrap(conn, wrapping_keys, BATCH, after=after, table=table)
            if not people:
                break
            after = people[-1]
            yield len(people)


def rewrap(
    conn: Connection, wrapping_keys: WrappingKeys, batch: int, *, after: UUID = FIRST, table: str = KEYS
) -> list[UUID]:
    """Wrap up to `batch` keys of people after one again under the current wrapping key; return whose they are."""
    rows = conn.execute(
        _OUTDATED.format(table=table, is_there=_IS_THERE[table]), (after, wrapping_keys.current, batch)
    ).fetchall()
    updates = []
    for subject_id, version, blob, wrapping_version in rows:
        binding = binding_of(subject_id, version)
        key = wrapping_keys.unwrap(Wrapped(wrapping_version, blob), bound_to=binding)
        again = wrapping_keys.wrap(key, bound_to=binding)
        updates.append({"blob": again.blob, "wrapping": again.version, "subject": subject_id, "version": version})
    if updates:
        conn.cursor().executemany(_REWRAP[table], updates)
    return [subject_id for subject_id, *_ in rows]


def _tables(conn: Connection) -> tuple[str, ...]:
    return (KEYS, OTHER_KEYS) if has_others(conn) else (KEYS,)


def _list(versions: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(versions))) or "none"

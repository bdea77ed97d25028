"""All SQL of whom a call means: the caller's own ids, or those of whom the caller stands for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from songcau_kit.database import Connection

_MEANT = "coalesce((select surviving_id from citizen_aliases where citizen_id = %({name})s), %({name})s)"


def _family(name: str) -> str:
    """Return the query for every id that means the citizen whose id is the named parameter."""
    return f"""select {_MEANT.format(name=name)} as id union all select citizen_id from citizen_aliases
        where surviving_id = {_MEANT.format(name=name)}"""  # noqa: S608 -- names of this module


_IN_FORCE = "valid_from <= %(today)s and (valid_until is null or valid_until >= %(today)s)"
_OWN = _family("own")
_REPRESENTED = f"""with meant as (
        select coalesce(alias.surviving_id, held.represented_id) as id from representations as held
        left join citizen_aliases as alias on alias.citizen_id = held.represented_id
        where representative_id in ({_OWN}) and cardinality(scopes) > 0 and {_IN_FORCE})
    select id from meant
    union select citizen_id from citizen_aliases where surviving_id in (select id from meant)"""  # noqa: S608
_HELD = f"""select representation_id, kind from representations where representative_id in ({_OWN})
    and represented_id in ({_family("represented")}) and %(scope)s = any(scopes) and {_IN_FORCE}"""  # noqa: S608
_CLOSED = f"select from citizens where id = {_MEANT.format(name='own')} and status in ('BLOCKED', 'DECEASED')"
_UNLESS_CLOSED = f" and not exists ({_CLOSED})"
_COVERED = f"""with held as materialized ({_HELD}{{lock}})
    select id, exists (select from held where kind = 'HEIR') from ({_family("represented")}) as theirs
    where exists (select from held)"""  # noqa: S608


@dataclass(frozen=True)
class RepresentationCopy:
    """What identity said last of one representation."""

    representation_id: UUID
    represented_id: UUID
    representative_id: UUID
    kind: str
    scopes: Sequence[str]
    valid_from: date
    valid_until: date | None
    version: int


def save(conn: Connection, copy: RepresentationCopy) -> None:
    """Write what is newer than the copy; an older fact changes nothing."""
    conn.execute(
        """insert into representations (representation_id, represented_id, representative_id, kind, scopes, valid_from,
            valid_until, version) values (%s, %s, %s, %s, %s, %s, %s, %s)
        on conflict (representation_id) do update set kind = excluded.kind, scopes = excluded.scopes,
            valid_from = excluded.valid_from, valid_until = excluded.valid_until, version = excluded.version
        where representations.version < excluded.version""",
        (
            copy.representation_id,
            copy.represented_id,
            copy.representative_id,
            copy.kind,
            list(copy.scopes),
            copy.valid_from,
            copy.valid_until,
            copy.version,
        ),
    )


@dataclass(frozen=True)
class Covered:
    """Every id of the represented, none where nothing covers; whether the caller is their heir."""

    ids: frozenset[UUID] = frozenset()
    is_heir: bool = False


def ask_represented(conn: Connection, own_id: UUID, today: date) -> Callable[[], frozenset[UUID]]:
    """Send the question for every id of those somebody stands for today and return how to take the answer."""
    cursor = conn.execute(_REPRESENTED, {"own": own_id, "today": today})
    return lambda: frozenset(row[0] for row in cursor.fetchall())


def ask_covered(
    conn: Connection, own_id: UUID | None, represented_id: UUID, what: tuple[str, date], *, lock: bool
) -> Callable[[], Covered]:
    """Send the question for every id of the represented and return how to take its answer: none where the caller has
    no representation in force today that covers the scope.

    With `lock` the representation stays as it is until the transaction ends, so that whoever ends it waits; a change
    says itself that its caller is blocked. Without, who is blocked or dead covers nobody.
    """
    if own_id is None:
        return Covered
    scope, today = what
    values = {"own": own_id, "represented": represented_id, "scope": scope, "today": today}
    cursor = conn.execute(_COVERED.format(lock=" for share" if lock else _UNLESS_CLOSED), values)

    def answer() -> Covered:
        rows = cursor.fetchall()
        return Covered(frozenset(row[0] for row in rows), any(row[1] for row in rows))

    return answer

"""All SQL of the service's own copy of citizens: states only, kept by events of identity."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection

ORGANISATION = "ORGANISATION"
LEVEL_UNKNOWN = -1  # below the minimum of every procedure, also of those open to people without electronic identity


class CitizenStatus(StrEnum):
    """What services may do for the citizen now."""

    ACTIVE = "ACTIVE"
    UNLINKED = "UNLINKED"
    BLOCKED = "BLOCKED"
    DECEASED = "DECEASED"


@dataclass(frozen=True)
class Citizen:
    """The state of one citizen; `version` is identity's.

    `identity_level` is 0 without electronic identity, 1 or 2 with one, LEVEL_UNKNOWN where nobody said.
    """

    id: UUID
    status: CitizenStatus
    account_kind: str
    identity_level: int
    version: int


_MEANT = (
    "coalesce((select surviving_id from citizen_aliases where citizen_id = %(citizen_id)s::uuid), %(citizen_id)s::uuid)"
)
# A value of any statement with the parameter `citizen_id`: every id that means the same citizen, none for nobody.
FAMILY = (
    f"array(with meant as (select {_MEANT} as id) select id from meant where id is not null "  # noqa: S608
    "union all select a.citizen_id from citizen_aliases a join meant on a.surviving_id = meant.id)"
)
_COLUMNS = "citizens.id, status, account_kind, identity_level, version"


@dataclass(frozen=True)
class Standing:
    """Every id a caller has as a citizen, and the citizen they mean; both empty for a caller who is none."""

    own_ids: frozenset[UUID] = frozenset()
    citizen: Citizen | None = None


def ask(conn: Connection, citizen_id: UUID) -> Callable[[], Citizen | None]:
    """Send the question for the citizen an id means and return how to take its answer."""
    cursor = conn.execute(
        f"select {_COLUMNS} from citizens where id = {_MEANT}",  # noqa: S608 -- names of this module
        {"citizen_id": citizen_id},
    )
    return lambda: _citizen_of(cursor.fetchone())


def is_organisation(conn: Connection, citizen_id: UUID) -> bool:
    """Say whether an applicant is no person."""
    found = ask(conn, citizen_id)()
    return found is not None and found.account_kind == ORGANISATION


def ask_family(conn: Connection, citizen_id: UUID | None) -> Callable[[], frozenset[UUID]]:
    """Send the question for every id that means the same citizen and return how to take its answer.

    A caller whose token names no citizen is nobody, which costs no question.
    """
    if citizen_id is None:
        return frozenset
    cursor = conn.execute(f"select {FAMILY}", {"citizen_id": citizen_id})
    return lambda: frozenset(*(cursor.fetchone() or ((),)))


def ask_standing(conn: Connection, citizen_id: UUID | None) -> Callable[[], Standing]:
    """Send the question for the family and the citizen at once and return how to take its answer."""
    if citizen_id is None:
        return Standing
    cursor = conn.execute(
        f"""select {FAMILY}, {_COLUMNS} from (select {_MEANT} as id) as meant
        left join citizens on citizens.id = meant.id""",  # noqa: S608 -- names of this module
        {"citizen_id": citizen_id},
    )

    def answer() -> Standing:
        family, *row = cursor.fetchone() or ((), None)
        return Standing(frozenset(family), _citizen_of(row if row[0] else None))

    return answer


def _citizen_of(row: Sequence[Any] | None) -> Citizen | None:
    return Citizen(row[0], CitizenStatus(row[1]), *row[2:]) if row else None


def save_alias(conn: Connection, citizen_id: UUID, surviving_id: UUID | None, version: int) -> None:
    """Let an id mean another citizen, or itself again; an older fact changes nothing."""
    conn.execute(
        """insert into citizen_aliases (citizen_id, surviving_id, version) values (%s, %s, %s)
        on conflict (citizen_id) do update set surviving_id = excluded.surviving_id, version = excluded.version
        where citizen_aliases.version < excluded.version""",
        (citizen_id, surviving_id, version),
    )


def save(conn: Connection, citizen: Citizen) -> None:
    """Write what is newer than the copy; an older fact changes nothing."""
    conn.execute(
        """insert into citizens (id, status, account_kind, identity_level, version) values (%s, %s, %s, %s, %s)
        on conflict (id) do update set status = excluded.status, account_kind = excluded.account_kind,
            identity_level = excluded.identity_level, version = excluded.version
        where citizens.version < excluded.version""",
        (citizen.id, citizen.status, citizen.account_kind, citizen.identity_level, citizen.version),
    )


def move(
    conn: Connection, citizen_id: UUID, version: int, *, status: CitizenStatus | None, identity_level: int | None
) -> None:
    """Change what a newer fact tells of; one about an unknown citizen is kept with the least rights."""
    conn.execute(
        """insert into citizens (id, status, account_kind, identity_level, version)
        values (%(id)s, coalesce(%(status)s, 'UNLINKED'), 'CITIZEN', coalesce(%(level)s, %(unknown)s), %(version)s)
        on conflict (id) do update set status = coalesce(%(status)s, citizens.status),
            identity_level = coalesce(%(level)s, citizens.identity_level), version = excluded.version
        where citizens.version < excluded.version""",
        {"id": citizen_id, "status": status, "level": identity_level, "version": version, "unknown": LEVEL_UNKNOWN},
    )


def move_organisations(conn: Connection, ids: Collection[UUID], status: CitizenStatus) -> None:
    """Change what may be done for those of these applicants that are organisations: they are one with their owner."""
    conn.execute(
        "update citizens set status = %s where id = any(%s) and account_kind = %s", (status, list(ids), ORGANISATION)
    )


def close(conn: Connection, citizen_id: UUID) -> None:
    """Let nobody act for a citizen any more."""
    conn.execute("update citizens set status = 'BLOCKED' where id = %s", (citizen_id,))

"""SQL of representations."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.representations.model import (
    End,
    EndCause,
    Kind,
    Period,
    Representation,
    Represented,
    RepresentedKind,
    Scope,
    Status,
)

_COLUMNS = """representation_id, kind, represented_kind, represented_id, representative_id, granted_scopes, status,
    valid_from, valid_until, version, end_cause, ended_at, is_child_heard"""
_SELECT = f"select {_COLUMNS} from representations"  # noqa: S608 -- names of this module
_OPEN = "status not in ('REVOKED', 'ENDED')"


@dataclass(frozen=True)
class Proof:
    """What a grant rests on: an officer's act with its document, or the represented's own sign-in."""

    act_id: UUID | None = None
    acr: str | None = None
    signed_in_at: datetime | None = None


def insert(conn: Connection, made: Representation, proof: Proof, at: datetime) -> None:
    """Add a representation; one like it that is in force violates the unique index."""
    conn.execute(
        """insert into representations (representation_id, kind, represented_kind, represented_id, representative_id,
            granted_scopes, status, valid_from, valid_until, version, granted_act_id, proof_acr, proof_signed_in_at,
            created_at, updated_at)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            made.representation_id,
            made.kind,
            made.represented.kind,
            made.represented.id,
            made.representative_id,
            list(made.granted),
            made.status,
            made.period.first,
            made.period.last,
            made.version,
            proof.act_id,
            proof.acr,
            proof.signed_in_at,
            at,
            at,
        ),
    )


def find_in_force(conn: Connection, like: Representation) -> UUID | None:
    """Return the id of the representation that stands in the way of one like it."""
    row = conn.execute(
        f"""select representation_id from representations where represented_id = %s and representative_id = %s
            and kind = %s and granted_scopes = %s and {_OPEN}""",  # noqa: S608
        (like.represented.id, like.representative_id, like.kind, list(like.granted)),
    ).fetchone()
    return row[0] if row else None


def hold(conn: Connection, representation_id: UUID) -> Representation | None:
    """Return a representation and hold its row until the transaction ends."""
    row = conn.execute(f"{_SELECT} where representation_id = %s for update", (representation_id,)).fetchone()
    return _representation(row) if row else None


def save(conn: Connection, after: Representation, at: datetime) -> None:
    """Write the status and version after a step; the caller holds the row."""
    conn.execute(
        """update representations set status = %s, version = %s, end_cause = %s, ended_at = %s, updated_at = %s,
            is_child_heard = %s where representation_id = %s""",
        (
            after.status,
            after.version,
            after.end.cause if after.end else None,
            after.end.at if after.end else None,
            at,
            after.is_child_heard,
            after.representation_id,
        ),
    )


def list_of(
    conn: Connection, citizen_ids: Collection[UUID], *, before: UUID | None, limit: int | None
) -> list[Representation]:
    """Return representations in which one of these is either party, newest first, older than `before`.

    Without a limit all of them.
    """
    rows = conn.execute(
        f"""{_SELECT} where (represented_id = any(%(ids)s) or representative_id = any(%(ids)s))
            and (%(before)s::uuid is null or representation_id < %(before)s)
        order by representation_id desc limit %(limit)s""",
        {"ids": list(citizen_ids), "before": before, "limit": limit},
    ).fetchall()
    return [_representation(row) for row in rows]


def list_between(
    conn: Connection,
    representative_ids: Collection[UUID],
    represented_ids: Collection[UUID],
    today: date,
    *,
    lock: bool = False,
) -> list[Representation]:
    """Return what is in force today between anybody of the first and anybody of the second.

    With `lock` it stays as it is until the transaction ends, so that whoever ends it waits.
    """
    rows = conn.execute(
        f"""{_SELECT} where representative_id = any(%s) and represented_id = any(%s) and {_OPEN}
            and valid_from <= %s and (valid_until is null or valid_until >= %s)
        order by representation_id{" for share" if lock else ""}""",
        (list(representative_ids), list(represented_ids), today, today),
    ).fetchall()
    return [_representation(row) for row in rows]


def hold_open_of(conn: Connection, citizen_ids: Collection[UUID]) -> list[Representation]:
    """Return what is not over and has one of these as either party, and hold the rows, in one order for all callers."""
    rows = conn.execute(
        f"""{_SELECT} where {_OPEN} and (represented_id = any(%(ids)s) or representative_id = any(%(ids)s))
        order by representation_id for update""",
        {"ids": list(citizen_ids)},
    ).fetchall()
    return [_representation(row) for row in rows]


def hold_not_looked_at(conn: Connection, today: date, apart: Collection[UUID], limit: int) -> list[Representation]:
    """Return a portion of those in force nobody looked at today, `apart` from these, and hold them.

    What another process holds is left.
    """
    rows = conn.execute(
        f"""{_SELECT} where {_OPEN} and (looked_on is null or looked_on < %s) and representation_id <> all(%s)
        order by looked_on nulls first, representation_id limit %s for update skip locked""",
        (today, list(apart), limit),
    ).fetchall()
    return [_representation(row) for row in rows]


def note_look(conn: Connection, representation_ids: Collection[UUID], today: date) -> None:
    """Remember that these were looked at today."""
    conn.execute(
        "update representations set looked_on = %s where representation_id = any(%s)",
        (today, list(representation_ids)),
    )


def _representation(row: tuple[Any, ...]) -> Representation:
    identity, kind, what, represented_id, representative_id, scopes, status, first, last, version = row[:10]
    cause, ended_at, is_child_heard = row[10:]
    return Representation(
        representation_id=identity,
        kind=Kind(kind),
        represented=Represented(RepresentedKind(what), represented_id),
        representative_id=representative_id,
        granted=tuple(Scope(scope) for scope in scopes),
        status=Status(status),
        period=Period(first, last),
        version=version,
        end=End(EndCause(cause), ended_at) if cause else None,
        is_child_heard=is_child_heard,
    )

"""What each service was asked and answered: values and SQL of the parts of a request, and the key of an exchange."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from psycopg.types.json import Jsonb
from songcau_kit.clock import iso_day
from songcau_kit.database import Connection
from songcau_kit.subject_answers import RetentionGround

from songcau_identity.rights.model import RequestKind


class PartState(StrEnum):
    """Where one service's answer stands."""

    ASKED = "ASKED"
    PROVIDED = "PROVIDED"
    FAILED = "FAILED"
    CLEARED = "CLEARED"
    HELD = "HELD"


@dataclass(frozen=True)
class Part:
    """What one service answered; `address` is where its part of a copy lies in the exchange store."""

    holder: str
    state: PartState
    attempts: int
    asked_at: datetime
    answered_at: datetime | None
    address: str = ""
    failure: str = ""
    grounds: tuple[RetentionGround, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What came from a service."""

    subject_request_id: UUID
    holder: str
    state: PartState
    address: str = ""
    failure: str = ""
    grounds: Sequence[RetentionGround] = ()


_ASK = """insert into subject_request_parts (subject_request_id, holder, state, attempts, asked_at)
    select %s, unnest(%s::text[]), 'ASKED', 1, %s
    on conflict (subject_request_id, holder) do update set state = 'ASKED', asked_at = excluded.asked_at,
        attempts = subject_request_parts.attempts + 1, failure = ''"""
# An answer that comes late, or again, finds its part answered and changes nothing.
_ANSWER = """update subject_request_parts p set state = %(state)s, answered_at = %(at)s, address = %(address)s,
    failure = %(failure)s, grounds = %(grounds)s
    from subject_requests r where r.subject_request_id = p.subject_request_id and r.ended_at is null
    and p.subject_request_id = %(request)s and p.holder = %(holder)s and p.state in ('ASKED', 'FAILED')"""
_LATE = """select distinct p.subject_request_id from subject_request_parts p join subject_requests r
    using (subject_request_id) where r.ended_at is null and p.state in ('ASKED', 'FAILED') and p.asked_at < %s
    and p.attempts < %s limit %s"""


def ask(conn: Connection, subject_request_id: UUID, holders: Sequence[str], at: datetime) -> None:
    """Note that services are asked, once more where they were before."""
    conn.execute(_ASK, (subject_request_id, list(holders), at))


def answer(conn: Connection, given: Answer, at: datetime) -> None:
    """Note what a service answered."""
    grounds = [asdict(ground) | {"kept_until": iso_day(ground.kept_until)} for ground in given.grounds]
    values = {
        "request": given.subject_request_id,
        "holder": given.holder,
        "state": given.state,
        "at": at,
        "address": given.address,
        "failure": given.failure,
        "grounds": Jsonb(grounds),
    }
    conn.execute(_ANSWER, values)


def list_parts(conn: Connection, subject_request_id: UUID) -> list[Part]:
    """Return the parts of a request by name of the service."""
    rows = conn.execute(
        """select holder, state, attempts, asked_at, answered_at, address, failure, grounds
        from subject_request_parts where subject_request_id = %s order by holder""",
        (subject_request_id,),
    ).fetchall()
    return [
        Part(holder, PartState(state), attempts, asked_at, answered_at, address, failure, tuple(map(_ground, grounds)))
        for holder, state, attempts, asked_at, answered_at, address, failure, grounds in rows
    ]


def list_late(conn: Connection, *, asked_before: datetime, attempts: int, limit: int) -> list[UUID]:
    """Return open requests some service has not answered, or could not, since before an instant."""
    return [row[0] for row in conn.execute(_LATE, (asked_before, attempts, limit)).fetchall()]


def count_waiting(conn: Connection) -> dict[str, int]:
    """Return how many open requests wait for each service."""
    rows = conn.execute(
        """select p.holder, count(*) from subject_request_parts p join subject_requests r using (subject_request_id)
        where r.ended_at is null and p.state in ('ASKED', 'FAILED') group by p.holder"""
    ).fetchall()
    return dict(rows)


def list_executing(conn: Connection, *, limit: int) -> list[UUID]:
    """Return erasures that every service has answered, and those that were decided."""
    rows = conn.execute(
        """select r.subject_request_id from subject_requests r where r.state = 'EXECUTING' and not exists (
            select from subject_request_parts p
            where p.subject_request_id = r.subject_request_id and p.state not in ('CLEARED', 'HELD'))
        order by r.subject_request_id limit %s""",
        (limit,),
    ).fetchall()
    return [row[0] for row in rows]


def list_ready_copies(conn: Connection, *, limit: int) -> list[UUID]:
    """Return copies that every service has answered, and those an officer ended with what came."""
    rows = conn.execute(
        """select r.subject_request_id from subject_requests r where r.kind = %s
            and not exists (select from data_copies d where d.subject_request_id = r.subject_request_id)
            and (r.state = 'COMPLETED' or (r.ended_at is null and not exists (
                select from subject_request_parts p
                where p.subject_request_id = r.subject_request_id and p.state <> 'PROVIDED')))
        order by r.subject_request_id limit %s""",
        (RequestKind.COPY, limit),
    ).fetchall()
    return [row[0] for row in rows]


def add_exchange(conn: Connection, subject_request_id: UUID, public_key: bytes, private_key_enc: bytes) -> None:
    """Keep the key of an exchange."""
    conn.execute(
        "insert into copy_exchanges (subject_request_id, public_key, private_key_enc) values (%s, %s, %s)",
        (subject_request_id, public_key, private_key_enc),
    )


def find_exchange(conn: Connection, subject_request_id: UUID) -> tuple[bytes, bytes] | None:
    """Return the public key of an exchange and the private one, closed."""
    row = conn.execute(
        "select public_key, private_key_enc from copy_exchanges where subject_request_id = %s", (subject_request_id,)
    ).fetchone()
    return (bytes(row[0]), bytes(row[1])) if row else None


def _ground(plain: dict[str, object]) -> RetentionGround:
    until = str(plain["kept_until"])
    return RetentionGround(
        str(plain["code"]),
        str(plain["legal_reference"]),
        date.fromisoformat(until) if until else None,
        int(str(plain["count"])),
    )

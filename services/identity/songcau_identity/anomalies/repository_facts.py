"""SQL of what the rules look at: look-ups of an officer, cases of citizens, own records, family, watched citizens."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.auditing import Operation

# What reads a citizen for an officer without naming a case. Reads of a dossier or a consultation name one.
LOOK_UPS = (
    Operation.LOOK_UP_CITIZEN,
    Operation.LIST_PAPERS,
    Operation.LIST_ADDRESSES,
    Operation.LIST_IDENTIFIERS,
    Operation.LIST_CITIZEN_REPRESENTATIONS,
)
# Acts on evidence and steps of cases in this service: whoever takes one for a citizen had a reason to look.
CASES = (
    Operation.RECORD_PAPER,
    Operation.WITHDRAW_PAPER,
    Operation.RECORD_ADDRESS,
    Operation.ACCEPT_ADDRESS_PROPOSAL,
    Operation.REFUSE_ADDRESS_PROPOSAL,
    Operation.RESOLVE_ADDRESS,
    Operation.REGISTER_NEWBORN,
    Operation.ISSUE_PERSONAL_NUMBER,
    Operation.VOID_NEWBORN,
    Operation.REGISTER_FOREIGNER,
    Operation.GRANT_REPRESENTATION,
    Operation.END_REPRESENTATION,
    Operation.RECORD_CONSENT,
    Operation.RECORD_CONSENT_WITHDRAWAL,
    Operation.BLOCK_CITIZEN,
    Operation.UNBLOCK_CITIZEN,
    Operation.MERGE_CITIZENS,
    Operation.UNMERGE_CITIZENS,
    Operation.REPLACE_IDENTIFIER,
    Operation.CORRECT_CITIZEN,
    Operation.RECORD_DEATH,
    Operation.ANNUL_DEATH,
    Operation.SETTLE_RECORD_DOUBT,
    Operation.RECORD_SUBJECT_REQUEST,
    Operation.ACKNOWLEDGE_SUBJECT_REQUEST,
    Operation.EXTEND_SUBJECT_REQUEST,
    Operation.REFUSE_SUBJECT_REQUEST,
    Operation.COMPLETE_SUBJECT_REQUEST,
    Operation.ACKNOWLEDGE_ACCESS_COMPLAINT,
    Operation.ANSWER_ACCESS_COMPLAINT,
)
# What somebody does as a citizen with their own record and nobody else's.
OWN_ACTS = (
    Operation.GET_OWN_PROFILE,
    Operation.LIST_OWN_ACCESSES,
    Operation.LIST_OWN_PAPERS,
    Operation.LIST_OWN_ADDRESSES,
    Operation.LIST_OWN_CONSENTS,
    Operation.LIST_OWN_SUBJECT_REQUESTS,
    Operation.UNLINK_CITIZEN,
)


@dataclass(frozen=True)
class Span:
    """A span of time; its end is not taken in."""

    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class LookUpEntry:
    """One entry of a look-up; several of one correlation id are one answer."""

    entry_id: UUID
    at: datetime
    citizen_id: UUID
    operation: str
    correlation_id: str


@dataclass(frozen=True)
class Case:
    """That somebody worked on a case of a citizen: who, for which agencies (separated by commas), and since when."""

    citizen_id: UUID
    actor_id: str
    organization: str
    began_at: datetime


def list_look_ups(conn: Connection, officer_id: str, span: Span) -> list[LookUpEntry]:
    """Return an officer's look-ups that were allowed, in the order of time."""
    rows = conn.execute(
        """select id, occurred_at, subject_id, operation, correlation_id from audit_entries
        where actor_id = %s and occurred_at >= %s and occurred_at < %s and actor_kind = 'OFFICER'
            and outcome = 'ALLOWED' and operation = any(%s) order by occurred_at, id""",
        (officer_id, span.begins, span.ends, list(LOOK_UPS)),
    ).fetchall()
    return [LookUpEntry(*row) for row in rows]


def list_officers(conn: Connection, span: Span) -> list[tuple[str, str]]:
    """Return who looked anybody up, with the agencies they acted for last."""
    rows = conn.execute(
        """select distinct on (actor_id) actor_id, coalesce(actor_organization, '') from audit_entries
        where occurred_at >= %s and occurred_at < %s and actor_kind = 'OFFICER' and outcome = 'ALLOWED'
            and operation = any(%s) order by actor_id, occurred_at desc""",
        (span.begins, span.ends, list(LOOK_UPS)),
    ).fetchall()
    return [(row[0], row[1]) for row in rows]


def find_first_look_up(conn: Connection) -> datetime | None:
    """Return when the first look-up there is was made."""
    row = conn.execute(
        "select min(occurred_at) from audit_entries where actor_kind = 'OFFICER' and operation = any(%s)",
        (list(LOOK_UPS),),
    ).fetchone()
    return row[0] if row else None


def list_cases(conn: Connection, citizen_ids: Collection[UUID], span: Span) -> list[Case]:
    """Return who worked on cases of citizens, or of records merged into theirs, in a span of time."""
    rows = conn.execute(
        """with family as (
            select citizen_id as id, coalesce(merged_into, citizen_id) as meant from citizens
            where citizen_id = any(%(citizens)s) or merged_into = any(%(citizens)s))
        select family.meant, found.actor_id, found.organization, min(found.occurred_at)
        from family cross join lateral (
            select actor_id, coalesce(actor_organization, '') as organization, occurred_at from audit_entries
            where subject_id = family.id and occurred_at >= %(begins)s and occurred_at < %(ends)s
                and outcome = 'ALLOWED' and operation = any(%(cases)s)
            union all
            select actor_id, actor_organization, occurred_at from access_entries
            where subject_id = family.id and occurred_at >= %(begins)s and occurred_at < %(ends)s
                and outcome = 'ALLOWED' and actor_kind not in ('CITIZEN', 'SYSTEM') and object_kind <> 'citizen'
        ) as found group by family.meant, found.actor_id, found.organization""",
        {"citizens": list(citizen_ids), "begins": span.begins, "ends": span.ends, "cases": list(CASES)},
    ).fetchall()
    return [Case(*row) for row in rows]


def survivors_of(conn: Connection, citizen_ids: Collection[UUID]) -> Mapping[UUID, UUID]:
    """Return the surviving record of each record that was merged."""
    rows = conn.execute(
        "select citizen_id, merged_into from citizens where citizen_id = any(%s) and merged_into is not null",
        (list(citizen_ids),),
    ).fetchall()
    return {row[0]: row[1] for row in rows}


def families_of(conn: Connection, citizen_ids: Collection[UUID]) -> list[UUID]:
    """Return citizens and the records merged into theirs."""
    rows = conn.execute(
        "select citizen_id from citizens where citizen_id = any(%(ids)s) or merged_into = any(%(ids)s)",
        {"ids": list(citizen_ids)},
    ).fetchall()
    return [row[0] for row in rows]


def list_own_records(conn: Connection, officer_id: str) -> list[UUID]:
    """Return whose record the account's own is: it acted on it as a citizen, or was linked with it."""
    rows = conn.execute(
        """select coalesce(c.merged_into, c.citizen_id) from citizens c where c.citizen_id in (
            select subject_id from audit_entries where actor_id = %(officer)s and actor_kind = 'CITIZEN'
                and on_behalf_of is null and outcome = 'ALLOWED' and operation = any(%(own)s)
            union
            select subject_id from audit_entries where operation = 'LINK_ACCOUNT' and object_kind = 'account'
                and object_id = %(officer)s and outcome = 'ALLOWED')""",
        {"officer": officer_id, "own": list(OWN_ACTS)},
    ).fetchall()
    return list(dict.fromkeys(row[0] for row in rows))


def list_relatives(conn: Connection, citizen_ids: Collection[UUID]) -> list[UUID]:
    """Return the family of citizens that is on record: whom they stand for or who stands for them as parent, guardian
    or by limited capacity, their children without a number, and the other parents of their children.
    """
    rows = conn.execute(
        """with tie as not materialized (
            select represented_citizen_id as child, representative_id as parent from representations
            where represented_citizen_id is not null and kind in ('PARENT', 'GUARDIAN', 'LIMITED_CAPACITY')
                and status <> 'REVOKED'
            union all select citizen_id, mother_id from newborns where state <> 'VOIDED'
        ), near as (
            select child as id, true as is_child from tie where parent = any(%(citizens)s)
            union select parent, false from tie where child = any(%(citizens)s)
        ), family as (
            select id from near
            union select tie.parent from near join tie on tie.child = near.id where near.is_child
            union select tie.child from near join tie on tie.parent = near.id where not near.is_child
        )
        select distinct coalesce(c.merged_into, c.citizen_id)
        from family join citizens c on c.citizen_id = family.id""",
        {"citizens": families_of(conn, citizen_ids)},
    ).fetchall()
    return [row[0] for row in rows]


def list_watched(conn: Connection, citizen_ids: Collection[UUID], span: Span) -> list[UUID]:
    """Return which of these citizens are watched, or were in a span of time and no longer are."""
    rows = conn.execute(
        """select distinct coalesce(c.merged_into, c.citizen_id) from watched_citizens w
            join citizens c on c.citizen_id = w.citizen_id
        where coalesce(c.merged_into, c.citizen_id) = any(%(citizens)s)
            and (w.ended_at is null or w.ended_at >= %(begins)s and w.watched_at < %(ends)s)""",
        {"citizens": list(citizen_ids), "begins": span.begins, "ends": span.ends},
    ).fetchall()
    return [row[0] for row in rows]

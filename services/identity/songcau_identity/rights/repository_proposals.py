"""SQL of erasures that were proposed and decided, and of what is forgotten of a citizen here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.model import CitizenStatus

# What is forgotten, in this order. Rows that only tell something of the person go; rows others point to, and those
# that prove what happened, stay without what is personal. A test compares this with the columns of the schema.
FORGOTTEN: Mapping[str, str] = {
    "citizen_profiles": "delete from citizen_profiles where citizen_id = any(%(citizens)s)",
    "newborns": "delete from newborns where citizen_id = any(%(citizens)s)",
    "consent_decisions": """update consent_decisions set evidence_enc = ''::bytea
        where evidence_enc is not null and consent_id in (
            select consent_id from consents where citizen_id = any(%(citizens)s))""",
    "consent_halves": """update consent_halves set evidence_enc = ''::bytea
        where evidence_enc is not null and citizen_id = any(%(citizens)s)""",
    "address_doubts": """delete from address_doubts where address_id in (
        select address_id from addresses where citizen_id = any(%(citizens)s))""",
    "addresses": "delete from addresses where citizen_id = any(%(citizens)s)",
    "papers": "delete from papers where citizen_id = any(%(citizens)s)",
    "identifiers": "delete from identifiers where citizen_id = any(%(citizens)s)",
    "verifications": "delete from verifications where citizen_id = any(%(citizens)s)",
    "record_acts": """update record_acts set evidence_enc = ''::bytea, before_enc = null
        where citizen_id = any(%(citizens)s)""",
    # An open complaint has nobody left to answer; an answered one stays without its words.
    "access_complaints": """with given_up as (
            delete from access_complaints where citizen_id = any(%(citizens)s) and state <> 'ANSWERED')
        update access_complaints set details_enc = ''::bytea, answer_enc = null
        where citizen_id = any(%(citizens)s) and state = 'ANSWERED'""",
    "watched_citizens": "delete from watched_citizens where citizen_id = any(%(citizens)s)",
    "proposed_acts": """update proposed_acts set summary_enc = ''::bytea where session_id in (
        select session_id from assisted_sessions where citizen_id = any(%(citizens)s))""",
    # An organisation that was known by its owner's number is over by now.
    "organisations": """update organisations set evidence_enc = null,
            name_enc = case when is_owner_s then null else name_enc end,
            identifier_enc = case when is_owner_s then null else identifier_enc end,
            identifier_bix = case when is_owner_s then null else identifier_bix end
        where founder_id = any(%(citizens)s)""",
    "organisation_proposals": """update organisation_proposals set evidence_enc = null
        where citizen_id = any(%(citizens)s)""",
    "sign_ins": "delete from sign_ins where citizen_id = any(%(citizens)s)",
    "copy_exchanges": """delete from copy_exchanges where subject_request_id in (
        select subject_request_id from subject_requests where citizen_id = any(%(citizens)s))""",
    "subject_request_records": """update subject_request_records set evidence_enc = ''::bytea
        where subject_request_id in (
            select subject_request_id from subject_requests where citizen_id = any(%(citizens)s))""",
    "data_copies": "update data_copies set json_enc = null, pdf_enc = null where citizen_id = any(%(citizens)s)",
    "subject_requests": """update subject_requests set details_enc = null, legal_reference_enc = null,
        answer_enc = null where citizen_id = any(%(citizens)s)""",
}
# The request that asked is done; what else was open has nothing left to be about.
_END = """with ended as (
        update subject_requests set version = version + 1, ended_at = %(at)s,
            state = case when subject_request_id = %(request)s then 'COMPLETED' else 'REFUSED' end,
            refusal = case when subject_request_id = %(request)s then null else 'NOTHING_HELD' end
        where citizen_id = any(%(citizens)s) and ended_at is null
        returning subject_request_id, version, state)
    insert into subject_request_steps (subject_request_id, version, act, state, actor_kind, taken_at)
    select subject_request_id, version, case state when 'COMPLETED' then 'COMPLETE' else 'REFUSE' end, state, 'SYSTEM',
        %(at)s from ended"""


@dataclass(frozen=True)
class Proposal:
    """An erasure that was proposed: for which records, and what the citizen was before."""

    subject_request_id: UUID
    erasure_id: UUID
    citizen_ids: tuple[UUID, ...]
    status_before: CitizenStatus
    decided_at: datetime | None = None


def propose(conn: Connection, proposal: Proposal, at: datetime) -> None:
    """Keep a proposal; one for other records takes the place of the one before."""
    conn.execute(
        """insert into erasure_proposals (subject_request_id, erasure_id, citizen_ids, status_before, proposed_at)
        values (%s, %s, %s, %s, %s)
        on conflict (subject_request_id) do update set citizen_ids = excluded.citizen_ids""",
        (
            proposal.subject_request_id,
            proposal.erasure_id,
            list(proposal.citizen_ids),
            proposal.status_before,
            at,
        ),
    )


def find(conn: Connection, subject_request_id: UUID) -> Proposal | None:
    """Return the proposal of a request."""
    row = conn.execute(
        """select subject_request_id, erasure_id, citizen_ids, status_before, decided_at from erasure_proposals
        where subject_request_id = %s""",
        (subject_request_id,),
    ).fetchone()
    return Proposal(row[0], row[1], tuple(row[2]), CitizenStatus(row[3]), row[4]) if row else None


def decide(conn: Connection, subject_request_id: UUID, at: datetime) -> None:
    """Write that the erasure goes on whatever happens; the first time stands."""
    conn.execute(
        "update erasure_proposals set decided_at = coalesce(decided_at, %s) where subject_request_id = %s",
        (at, subject_request_id),
    )


def forget(conn: Connection, citizen_ids: Sequence[UUID]) -> None:
    """Remove every personal value of citizens and every digest that finds them."""
    for statement in FORGOTTEN.values():
        conn.execute(statement, {"citizens": list(citizen_ids)})


def end_requests(conn: Connection, citizen_ids: Sequence[UUID], subject_request_id: UUID, at: datetime) -> None:
    """End what citizens asked for: the request of the erasure as done."""
    conn.execute(_END, {"citizens": list(citizen_ids), "request": subject_request_id, "at": at})

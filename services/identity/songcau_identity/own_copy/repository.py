"""SQL of what a copy holds beyond the lists people see in the application; what is personal leaves here closed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row
from songcau_kit.database import Connection

_VERIFICATIONS = """select verification_id, method, transaction_id, verified_at, identity_level, authentication_level
    from verifications where citizen_id = any(%s) order by verified_at desc, verification_id"""
_NEWBORNS = """select citizen_id, mother_id, certificate_enc, birth_order, temporary_key, state, void_reason,
    registered_at, ended_at from newborns where citizen_id = any(%(ids)s) or mother_id = any(%(ids)s)
    order by registered_at desc, citizen_id"""
_ACTS = """select act_id, citizen_id, act, agencies, evidence_enc, before_enc, recorded_at from record_acts
    where citizen_id = any(%s) order by recorded_at desc, act_id"""
_DOUBTS = """select doubt_id, doubt, raised_at, settled_at, settlement from record_doubts
    where citizen_id = any(%s) order by raised_at desc, doubt_id"""
_DECISIONS = """select c.citizen_id, d.consent_id, c.purpose, d.version, d.state, d.text_version, d.channel,
    d.decided_as, d.recorded_for, d.evidence_enc, d.decided_at
    from consents c join consent_decisions d using (consent_id) where c.citizen_id = any(%s)
    order by d.decided_at desc, d.version desc"""
_SIGN_INS = """select sign_in_id, client_id, started_at, authentication_level, authenticated_at, revoked_at
    from sign_ins where citizen_id = any(%s) order by started_at desc, sign_in_id"""
# Until the persons are told, a breach is under investigation.
_BREACHES = """select p.breach_id, b.categories, b.detected_at, b.persons_told_at, p.accesses, p.first_at, p.last_at
    from breach_persons p join breaches b using (breach_id)
    where p.citizen_id = any(%s) and b.persons_told_at is not null order by b.detected_at desc, p.breach_id"""
_ACCESSES = """select count(*), min(occurred_at), max(occurred_at) from (
    select occurred_at from audit_entries where subject_id = any(%(ids)s)
    union all select occurred_at from access_entries where subject_id = any(%(ids)s)) as found"""


@dataclass(frozen=True)
class CopiedVerification:
    """That facts were verified, and how."""

    verification_id: UUID
    method: str
    transaction_id: str
    verified_at: datetime
    identity_level: int
    authentication_level: int


@dataclass(frozen=True)
class CopiedNewborn:
    """A child without a number; the certificate is closed under the key of the child."""

    citizen_id: UUID
    mother_id: UUID
    certificate_enc: bytes
    birth_order: int
    temporary_key: str
    state: str
    void_reason: str | None
    registered_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class CopiedAct:
    """What an officer did to a record, on which document, and the facts before; both closed."""

    act_id: UUID
    citizen_id: UUID
    act: str
    agencies: str
    evidence_enc: bytes
    before_enc: bytes | None
    recorded_at: datetime


@dataclass(frozen=True)
class CopiedDoubt:
    """What did not fit together in a record."""

    doubt_id: UUID
    doubt: str
    raised_at: datetime
    settled_at: datetime | None
    settlement: str | None


@dataclass(frozen=True)
class CopiedDecision:
    """A decision on a purpose, with its evidence, closed."""

    citizen_id: UUID
    consent_id: UUID
    purpose: str
    version: int
    state: str
    text_version: str
    channel: str | None
    decided_as: str
    recorded_for: str
    evidence_enc: bytes | None
    decided_at: datetime


@dataclass(frozen=True)
class CopiedSignIn:
    """A sign-in through the bridge."""

    sign_in_id: UUID
    client_id: str
    started_at: datetime
    authentication_level: int | None
    authenticated_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class CopiedBreach:
    """A breach of personal data that touched the person."""

    breach_id: UUID
    categories: list[str]
    detected_at: datetime
    persons_told_at: datetime
    accesses: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class AccessPeriod:
    """How many accesses are on record, and from when to when."""

    count: int
    first_at: datetime | None
    last_at: datetime | None


def list_verifications(conn: Connection, citizen_ids: Collection[UUID]) -> list[CopiedVerification]:
    """Return how facts were verified, newest first."""
    return conn.cursor(row_factory=class_row(CopiedVerification)).execute(_VERIFICATIONS, _ids(citizen_ids)).fetchall()


def list_newborns(conn: Connection, citizen_ids: Collection[UUID]) -> list[CopiedNewborn]:
    """Return the entries of somebody as a newborn and as a mother, newest first."""
    cursor = conn.cursor(row_factory=class_row(CopiedNewborn))
    return cursor.execute(_NEWBORNS, {"ids": list(citizen_ids)}).fetchall()


def list_acts(conn: Connection, citizen_ids: Collection[UUID]) -> list[CopiedAct]:
    """Return what officers did to records, newest first."""
    return conn.cursor(row_factory=class_row(CopiedAct)).execute(_ACTS, _ids(citizen_ids)).fetchall()


def list_doubts(conn: Connection, citizen_ids: Collection[UUID]) -> list[CopiedDoubt]:
    """Return what did not fit together, settled or not, newest first."""
    return conn.cursor(row_factory=class_row(CopiedDoubt)).execute(_DOUBTS, _ids(citizen_ids)).fetchall()


def list_decisions(conn: Connection, citizen_ids: Collection[UUID]) -> list[CopiedDecision]:
    """Return every decision on a purpose, newest first."""
    return conn.cursor(row_factory=class_row(CopiedDecision)).execute(_DECISIONS, _ids(citizen_ids)).fetchall()


def list_sign_ins(conn: Connection, citizen_ids: Collection[UUID]) -> list[CopiedSignIn]:
    """Return the sign-ins that are still on record, newest first."""
    return conn.cursor(row_factory=class_row(CopiedSignIn)).execute(_SIGN_INS, _ids(citizen_ids)).fetchall()


def list_breaches(conn: Connection, citizen_ids: Collection[UUID]) -> list[CopiedBreach]:
    """Return the breaches that touched a person and of which persons were told, newest first."""
    return conn.cursor(row_factory=class_row(CopiedBreach)).execute(_BREACHES, _ids(citizen_ids)).fetchall()


def measure_accesses(conn: Connection, citizen_ids: Collection[UUID]) -> AccessPeriod:
    """Return how long the whole access list is, and which time it spans."""
    row = conn.execute(_ACCESSES, {"ids": list(citizen_ids)}).fetchone()
    return AccessPeriod(*row) if row else AccessPeriod(0, None, None)


def _ids(citizen_ids: Collection[UUID]) -> tuple[list[UUID]]:
    return (list(citizen_ids),)

"""What citizens confirmed in assisted sessions: this service's copy, and the taking of an act with its effect.

A helper calls the ordinary method with the id of the act. The call counts as the citizen's where the request is, to the
byte, the one that was confirmed; the act is taken in the transaction of the effect, once, and not after the session.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from songcau_kit import errors
from songcau_kit.audit import AuditEntry, AuditJournal
from songcau_kit.caller import Assistant, Caller
from songcau_kit.clock import Clock
from songcau_kit.database import Connection, Database, has_table
from songcau_kit.errors import DomainError
from songcau_kit.idempotency import IdempotencyKey
from songcau_kit.rpc_call import Call

CARRY_OUT_ASSISTED_ACT = "CARRY_OUT_ASSISTED_ACT"
TOPIC = "identity.assistance.v1"
HELPER_ROLES = frozenset({"officer", "station-officer", "digital-team"})
ASSISTANCE_SCOPE = "assistance:act"
KEPT_AFTER_END = timedelta(days=1)

_KEEP = """insert into assisted_acts (act_id, session_id, citizen_id, helper_id, helper_kind, helper_organization,
    method, digest, expires_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (act_id) do nothing"""
_FIND = """select act_id, citizen_id, helper_id, helper_kind, helper_organization, method, digest
    from assisted_acts where act_id = %s"""
_END = "update assisted_acts set is_over = true where session_id = %s"
_REMEMBER = """insert into assisted_session_ends (session_id, expires_at) values (%s, %s)
    on conflict (session_id) do nothing"""
_IS_ENDED = """select exists (select from assisted_session_ends
    where session_id = (select session_id from assisted_acts where act_id = %s))"""
_HOLD = "select is_over or expires_at <= %s from assisted_acts where act_id = %s for share"
_TAKE = """insert into assisted_act_uses (act_id, request_digest) values (%s, %s)
    on conflict (act_id) do update set request_digest = assisted_act_uses.request_digest returning request_digest"""
_PRUNE = """delete from assisted_acts where act_id in (
    select act_id from assisted_acts where expires_at < %s limit %s for update skip locked)"""
_PRUNE_ENDS = """delete from assisted_session_ends where session_id in (
    select session_id from assisted_session_ends where expires_at < %s limit %s for update skip locked)"""


@dataclass(frozen=True)
class ConfirmedAct:
    """One act a citizen confirmed."""

    act_id: UUID
    citizen_id: UUID
    assistant: Assistant
    method: str
    digest: bytes


def digest_of(method: str, request: Message) -> bytes:
    """Return what a citizen confirms: SHA-256 over the method and the request's bytes without its idempotency key."""
    asked = type(request)()
    asked.CopyFrom(request)
    asked.ClearField("request_id")
    return hashlib.sha256(method.lstrip("/").encode() + b"\x00" + asked.SerializeToString(deterministic=True)).digest()


def keep_act(conn: Connection, session_id: UUID, act: ConfirmedAct, expires_at: datetime) -> None:
    """Keep an act a citizen confirmed in a session; telling it again changes nothing."""
    helper = act.assistant
    who = (act.citizen_id, helper.subject, helper.kind, helper.organization)
    conn.execute(_KEEP, (act.act_id, session_id, *who, act.method, act.digest, expires_at))


def end_session(conn: Connection, session_id: UUID, expires_at: datetime) -> None:
    """Let no act of a session be taken any more, those included of which word comes after the end, or again.

    The end is remembered until `expires_at`, when the session would have been over by itself, and a day longer.
    """
    if _remembers_ends(conn):
        conn.execute(_REMEMBER, (session_id, expires_at))
    conn.execute(_END, (session_id,))


def citizens_call(call: Call, act: ConfirmedAct, scopes: frozenset[str]) -> Call:
    """Return a helper's call as that of the citizen; the helper's token goes along to other services."""
    helper = call.known_caller
    citizen = Caller(
        subject=str(act.citizen_id),
        client_id=helper.client_id,
        roles=frozenset({"citizen"}),
        scopes=scopes,
        attributes={"citizen_id": (str(act.citizen_id),)},
        token=helper.token,
    )
    return replace(call, caller=citizen, assistant=act.assistant, purpose=None)


class AssistedActs:
    """Turns helpers' calls into those of citizens who confirmed them; refusals stand on the citizen's access list."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._journal = AuditJournal(database, clock=clock)

    def resolve(self, call: Call, method: str, request: Any, scopes: frozenset[str]) -> Call:
        """Return the citizen's call; raises ASSISTED_ACT_NOT_CONFIRMED and ASSISTED_ACT_DIFFERS."""
        with self._database.read() as conn:
            row = conn.execute(_FIND, (call.assisted_act,)).fetchone()
        act = _act(row) if row else None
        # Somebody else's act is as unknown as none.
        if act is None or act.assistant.subject != call.known_caller.subject:
            raise DomainError(errors.ASSISTED_ACT_NOT_CONFIRMED)
        if (act.method, act.digest) != (method.lstrip("/"), digest_of(method, request)):
            self._journal.write(_refused(call, act))
            raise DomainError(errors.ASSISTED_ACT_DIFFERS)
        return citizens_call(call, act, scopes)


def take(conn: Connection, call: Call, key: IdempotencyKey, now: datetime) -> None:
    """Take the act of an assisted call in the transaction of its effect; any other call has nothing to take.

    The same request may come again while the session lasts; whoever ends the session waits for the transaction. Raises
    ASSISTED_ACT_OVER and ASSISTED_ACT_USED.
    """
    if call.assisted_act is None:
        return
    row = conn.execute(_HOLD, (now, call.assisted_act)).fetchone()
    if row is None or row[0] or _is_ended(conn, call.assisted_act):
        raise DomainError(errors.ASSISTED_ACT_OVER)
    if conn.execute(_TAKE, (call.assisted_act, key.digest)).fetchone() != (key.digest,):
        raise DomainError(errors.ASSISTED_ACT_USED)


def prune(conn: Connection, now: datetime, *, at_most: int) -> int:
    """Remove acts and ends a day after their time, with what used the acts, and return how many went."""
    bounds = (now - KEPT_AFTER_END, at_most)
    removed = conn.execute(_PRUNE, bounds).rowcount
    return removed + conn.execute(_PRUNE_ENDS, bounds).rowcount if _remembers_ends(conn) else removed


def _remembers_ends(conn: Connection) -> bool:
    return has_table(conn, "assisted_session_ends")


def _is_ended(conn: Connection, act_id: UUID) -> bool:
    return _remembers_ends(conn) and conn.execute(_IS_ENDED, (act_id,)).fetchone() == (True,)


def _act(row: Sequence[Any]) -> ConfirmedAct:
    act_id, citizen_id, helper_id, kind, organization, method, digest = row
    return ConfirmedAct(act_id, citizen_id, Assistant(helper_id, kind, organization), method, bytes(digest))


def _refused(call: Call, act: ConfirmedAct) -> AuditEntry:
    return AuditEntry(
        subject_id=act.citizen_id,
        actor_id=act.assistant.subject,
        actor_kind=act.assistant.kind,
        actor_organization=act.assistant.organization or None,
        on_behalf_of=None,
        client_id=call.known_caller.client_id,
        operation=CARRY_OUT_ASSISTED_ACT,
        object_kind="assisted-act",
        object_id=str(act.act_id),
        purpose="COUNTER_ASSISTANCE",
        outcome="DENIED",
        reason=errors.ASSISTED_ACT_DIFFERS.code,
        correlation_id=call.correlation_id,
    )

"""SQL of sign-ins through the bridge; secrets arrive here as digests."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from songcau_kit.database import Connection

from songcau_identity.bridge.model import AuthorizationRequest, Grant, LinkedIdentity, SignIn
from songcau_identity.model import AccountKind, AuthenticationLevel, IdentityLevel

_REQUEST = "sign_in_id, client_id, redirect_uri, client_state, nonce, code_challenge"
_IDENTITY = "citizen_id, account_kind, identity_level, authentication_level, authenticated_at"
PRUNED_AT_ONCE = 100


@dataclass(frozen=True)
class Marks:
    """What binds VNeID's answer to the sign-in and to the browser that began it, as digests."""

    state_digest: bytes
    browser_digest: bytes


def insert_sign_in(conn: Connection, sign_in: SignIn, marks: Marks, *, at: datetime, until: datetime) -> None:
    """Add a sign-in that goes to VNeID now."""
    request = sign_in.request
    conn.execute(
        """insert into sign_ins (sign_in_id, client_id, redirect_uri, client_state, nonce, code_challenge,
            state_digest, browser_digest, started_at, expires_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            sign_in.sign_in_id,
            request.client_id,
            request.redirect_uri,
            request.state,
            request.nonce,
            request.code_challenge,
            marks.state_digest,
            marks.browser_digest,
            at,
            until,
        ),
    )


def claim_sign_in(conn: Connection, marks: Marks, at: datetime) -> SignIn | None:
    """Take the sign-in an answer belongs to; a second answer, another browser or a late one finds nothing."""
    row = conn.execute(
        f"""update sign_ins set answered_at = %s where state_digest = %s and browser_digest = %s
            and answered_at is null and expires_at > %s returning {_REQUEST}""",  # noqa: S608
        (at, marks.state_digest, marks.browser_digest, at),
    ).fetchone()
    return SignIn(row[0], AuthorizationRequest(*row[1:])) if row else None


def put_code(conn: Connection, sign_in_id: UUID, identity: LinkedIdentity, digest: bytes, until: datetime) -> None:
    """Write who signed in and the code that will tell it."""
    conn.execute(
        """update sign_ins set citizen_id = %s, account_kind = %s, identity_level = %s, authentication_level = %s,
            authenticated_at = %s, code_digest = %s, code_expires_at = %s where sign_in_id = %s""",
        (
            identity.citizen_id,
            identity.account_kind,
            int(identity.identity_level),
            int(identity.authentication_level),
            identity.authenticated_at,
            digest,
            until,
            sign_in_id,
        ),
    )


def find_grant_for_update(conn: Connection, code_digest: bytes) -> Grant | None:
    """Return what a code stands for and hold it until the transaction ends."""
    row = conn.execute(
        f"""select {_REQUEST}, {_IDENTITY}, code_expires_at, redeemed_at is not null
            from sign_ins where code_digest = %s for update""",  # noqa: S608
        (code_digest,),
    ).fetchone()
    return Grant(row[0], AuthorizationRequest(*row[1:6]), _identity(row[6:11]), row[11], row[12]) if row else None


def redeem(conn: Connection, sign_in_id: UUID, *, at: datetime, token_digest: bytes | None, until: datetime) -> None:
    """Mark a code as used; without a token it is burnt for nothing."""
    conn.execute(
        "update sign_ins set redeemed_at = %s, token_digest = %s, token_expires_at = %s where sign_in_id = %s",
        (at, token_digest, until, sign_in_id),
    )


def revoke(conn: Connection, sign_in_id: UUID, at: datetime) -> None:
    """End the access token of a sign-in, as its code came a second time."""
    conn.execute("update sign_ins set revoked_at = %s where sign_in_id = %s", (at, sign_in_id))


def find_identity(conn: Connection, token_digest: bytes, at: datetime) -> LinkedIdentity | None:
    """Return whom a living access token stands for."""
    row = conn.execute(
        f"select {_IDENTITY} from sign_ins where token_digest = %s and token_expires_at > %s and revoked_at is null",  # noqa: S608
        (token_digest, at),
    ).fetchone()
    return _identity(row) if row else None


def use_assertion(conn: Connection, digest: bytes, until: datetime) -> bool:
    """Remember a client assertion until it expires; return False where it was used before."""
    used = conn.execute(
        "insert into used_assertions values (%s, %s) on conflict do nothing returning true", (digest, until)
    )
    return used.fetchone() is not None


def prune(conn: Connection, before: datetime) -> None:
    """Forget a few sign-ins and assertions that ended long ago."""
    conn.execute(
        """delete from sign_ins where sign_in_id in
            (select sign_in_id from sign_ins where expires_at < %s limit %s for update skip locked)""",
        (before, PRUNED_AT_ONCE),
    )
    conn.execute(
        """delete from used_assertions where assertion_digest in
            (select assertion_digest from used_assertions where expires_at < %s limit %s for update skip locked)""",
        (before, PRUNED_AT_ONCE),
    )


def _identity(row: tuple[Any, ...]) -> LinkedIdentity:
    citizen_id, kind, level, authentication_level, authenticated_at = row
    return LinkedIdentity(
        citizen_id, AccountKind(kind), IdentityLevel(level), AuthenticationLevel(authentication_level), authenticated_at
    )

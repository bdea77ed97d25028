"""What the doors of dossiers read of every request alike: ids, and what makes a repeated request the same."""

import hashlib
from dataclasses import replace
from typing import Any, Protocol
from uuid import UUID

from google.protobuf.message import Message
from songcau_kit.assisted_acts import ASSISTANCE_SCOPE, HELPER_ROLES
from songcau_kit.errors import DomainError, Reason
from songcau_kit.rpc_server import AssistedRule, Rule, current_call

from songcau_eservices.dossiers.changes import Change, Ticket
from songcau_eservices.dossiers.model import Action
from songcau_eservices.errors import DOSSIER_NOT_FOUND


def _dossier_rule(scope: str, *roles: str, activity: str = "dossier-processing") -> Rule:
    is_for_citizens = "citizen" in roles
    return Rule(
        roles=frozenset(roles),
        scopes=frozenset({scope}),
        activity=activity,
        on_behalf=is_for_citizens,
    )


CITIZEN_READ = _dossier_rule("dossier:read", "citizen", "officer", "leader")
CITIZEN_WRITE = _dossier_rule("dossier:write", "citizen")
REUSE_READ = _dossier_rule("dossier:read", "citizen", activity="paper-reuse")
REUSE_WRITE = _dossier_rule("dossier:write", "citizen", activity="paper-reuse")
# What a helper sees after carrying out what the citizen confirmed: nothing of the person, the answers or the papers.
ASSISTED_WRITE = replace(
    CITIZEN_WRITE,
    assisted=AssistedRule(
        helper=Rule(roles=HELPER_ROLES, scopes=frozenset({ASSISTANCE_SCOPE})),
        scopes=frozenset({"dossier:write"}),
        shown=("dossier.id", "dossier.code", "dossier.reference", "dossier.version", "dossier.status.state"),
    ),
)
OFFICE = _dossier_rule("dossier:process", "officer", "leader")
LEADER = _dossier_rule("dossier:process", "leader")


class Moving(Protocol):
    """The fields that every request of a move carries."""

    request_id: str
    dossier_id: str
    expected_version: int


def read_id(text: str, not_found: Reason = DOSSIER_NOT_FOUND) -> UUID:
    """Return an id; one that is no UUID belongs to nothing."""
    found = find_id(text)
    if found is None:
        raise DomainError(not_found)
    return found


def find_id(text: str) -> UUID | None:
    """Return an id, None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def ticket_of(request: Message, *more: bytes) -> Ticket:
    """Return what makes a repetition of the request the same: for whom, and everything in it but its own key."""
    copy = type(request)()
    copy.CopyFrom(request)
    copy.ClearField("request_id")
    digest = hashlib.sha256(copy.SerializeToString(deterministic=True))
    if (represented_id := current_call().on_behalf_of) is not None:
        digest.update(represented_id.bytes)
    for part in more:
        digest.update(part)
    values: Any = request
    return Ticket(request.DESCRIPTOR.name.removesuffix("Request"), values.request_id, digest.digest())


def change_of(request: Any, action: Action) -> Change:
    """Return the change a request of a move asks for."""
    return Change(
        current_call(), ticket_of(request), read_id(request.dossier_id), action, int(request.expected_version)
    )

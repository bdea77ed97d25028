"""Who may call which RPC. Roles are checked inside the audited access, so that a refusal is on the list, too."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from songcau_kit.errors import INVALID_REQUEST, DomainError, Violation
from songcau_kit.rpc_server import Rule, current_call

from songcau_identity.auditing import OFFICERS, Access, Asker, Auditor, Operation, kind_of

REQUEST_ID_FORM = re.compile(r"[!-~]{1,255}")


def _rule(roles: tuple[str, ...], scope: str) -> Rule:
    return Rule(roles=frozenset(roles), scopes=frozenset({scope}))


RULES: Mapping[Operation, Rule] = {
    Operation.LINK_CITIZEN: _rule(("identity-linker",), "identity:link"),
    Operation.GET_OWN_PROFILE: _rule(("citizen",), "identity:read"),
    Operation.LOOK_UP_CITIZEN: _rule(OFFICERS, "identity:lookup"),
    Operation.UNLINK_CITIZEN: _rule(("citizen",), "identity:link"),
    Operation.BLOCK_CITIZEN: _rule(("data-officer",), "identity:lookup"),
    Operation.UNBLOCK_CITIZEN: _rule(("data-officer",), "identity:lookup"),
    Operation.LIST_OWN_ACCESSES: _rule(("citizen",), "access:read"),
}

METHODS: Mapping[str, Operation] = {
    "songcau.identity.v1.CitizenService/LinkCitizen": Operation.LINK_CITIZEN,
    "songcau.identity.v1.CitizenService/GetOwnProfile": Operation.GET_OWN_PROFILE,
    "songcau.identity.v1.CitizenService/LookUpCitizen": Operation.LOOK_UP_CITIZEN,
    "songcau.identity.v1.CitizenService/UnlinkCitizen": Operation.UNLINK_CITIZEN,
    "songcau.identity.v1.CitizenService/BlockCitizen": Operation.BLOCK_CITIZEN,
    "songcau.identity.v1.CitizenService/UnblockCitizen": Operation.UNBLOCK_CITIZEN,
    "songcau.identity.v1.AccessListService/ListOwnAccesses": Operation.LIST_OWN_ACCESSES,
}

# What the kit's server asks at the door: a valid token for every method, nobody anonymous.
DOOR_RULES: Mapping[str, Rule] = {method: Rule() for method in METHODS}


@contextmanager
def admitted(auditor: Auditor, operation: Operation) -> Iterator[tuple[Asker, Access]]:
    """Admit the current call to an operation and audit how it ends; raises PERMISSION_DENIED."""
    call = current_call()
    caller = call.known_caller
    asker = Asker(caller, call.correlation_id, call.purpose or "", kind_of(caller, operation))
    with auditor.access(asker, operation) as access:
        try:
            RULES[operation].check(caller)
        except DomainError:
            if operation.is_own and asker.own_citizen_id:
                access.subjects.append(asker.own_citizen_id)
            raise
        yield asker, access


def read_request_id(request_id: str) -> str:
    """Return a usable idempotency key; raises INVALID_REQUEST."""
    if not REQUEST_ID_FORM.fullmatch(request_id):
        raise DomainError(INVALID_REQUEST, violations=[Violation("/request_id", "INVALID")])
    return request_id

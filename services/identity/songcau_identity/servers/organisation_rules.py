"""Who may call which RPC of OrganisationService."""

from collections.abc import Mapping

from songcau_kit.rpc_server import Rule

from songcau_identity.auditing import Operation

ACTIVITY = "organisations"
_SERVICE = "songcau.identity.v1.OrganisationService"


def _rule(roles: tuple[str, ...], scope: str) -> Rule:
    return Rule(roles=frozenset(roles), scopes=frozenset({scope}), activity=ACTIVITY)


_READ, _WRITE = _rule(("citizen",), "identity:read"), _rule(("citizen",), "identity:link")
_OFFICER = _rule(("officer", "leader", "data-officer"), "identity:lookup")

RULES: Mapping[Operation, Rule] = {
    Operation.CREATE_ORGANISATION: _WRITE,
    Operation.DECIDE_ORGANISATION: _OFFICER,
    Operation.GET_ORGANISATION: _READ,
    Operation.LIST_OWN_ORGANISATIONS: _READ,
    Operation.LIST_ORGANISATION_MEMBERS: _READ,
    Operation.INVITE_ORGANISATION_MEMBER: _WRITE,
    Operation.ANSWER_ORGANISATION_INVITATION: _WRITE,
    Operation.CHANGE_ORGANISATION_MEMBER_ROLE: _WRITE,
    Operation.REMOVE_ORGANISATION_MEMBER: _WRITE,
    Operation.LEAVE_ORGANISATION: _WRITE,
    Operation.PROPOSE_ORGANISATION_REPRESENTATIVE: _WRITE,
    Operation.DECIDE_ORGANISATION_REPRESENTATIVE: _OFFICER,
    Operation.LIST_ORGANISATION_CASES: _OFFICER,
}

METHODS: Mapping[str, Operation] = {
    f"{_SERVICE}/{''.join(word.capitalize() for word in operation.split('_'))}": operation for operation in RULES
}

# Who makes, fills or leaves an organisation signs in anew; officers with a second factor, too.
STEP_UP_LEVELS: Mapping[Operation, int] = {
    operation: 2 if rule is _OFFICER else 1
    for operation, rule in RULES.items()
    if rule is not _READ and operation is not Operation.LIST_ORGANISATION_CASES
}

"""The gate before every consultation: roles and scopes are checked where a refusal still reaches the access list."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from songcau_kit.errors import DomainError
from songcau_kit.rpc_server import Call, Rule, current_call

from songcau_telehealth.consultations.refusals import OPERATIONS, Refusals
from songcau_telehealth.servers.admission import RULES
from songcau_telehealth.servers.reading import read_target

# What the kit's server asks at the door where the gate asks the rest.
DOOR_RULES: Mapping[str, Rule] = {
    method: rule
    if rule.anonymous or "ConsultationService" not in method
    else Rule(activity=rule.activity, on_behalf=rule.on_behalf, assisted=rule.assisted)
    for method, rule in RULES.items()
}


class Gate:
    """Lets callers with the right role and scope through."""

    def __init__(self, refusals: Refusals) -> None:
        self._refusals = refusals

    def admit(self, request: Any) -> Call:
        """Return the current call; raise PERMISSION_DENIED, which stands in the access list of whom it was about."""
        call = current_call()
        name = type(request).__name__.removesuffix("Request")
        try:
            RULES[f"songcau.telehealth.v1.ConsultationService/{name}"].check(call.known_caller)
        except DomainError as error:
            self._refusals.note(call, OPERATIONS[name], _subject_of(request), error.reason.code)
            raise
        return call


def _subject_of(request: Any) -> UUID | None:
    return read_target(getattr(request, "consultation_id", ""))

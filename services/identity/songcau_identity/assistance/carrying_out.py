"""Lets a service that carries out a confirmed act read of the citizen what a draft says of the applicant."""

from typing import Any

from songcau_kit.assisted_acts import ConfirmedAct, citizens_call
from songcau_kit.clock import Clock
from songcau_kit.database import Database
from songcau_kit.errors import ASSISTED_ACT_NOT_CONFIRMED, ASSISTED_ACT_OVER, DomainError
from songcau_kit.rpc_call import Call

from songcau_identity.assistance import repository
from songcau_identity.assistance.model import METHODS, ActStatus, AssistedOperation

# Whoever makes a draft asks once how the papers name the applicant; nothing else is read for a helper.
READING = frozenset({AssistedOperation.CREATE_DOSSIER})
READERS = frozenset({"eservices", None})  # None: a server in the clear knows nobody by a certificate


class ConfirmedActs:
    """Turns the call of a service with a helper's token into that of the citizen who confirmed the act."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def resolve(self, call: Call, method: str, request: Any, scopes: frozenset[str]) -> Call:  # noqa: ARG002
        """Return the citizen's call; raises ASSISTED_ACT_NOT_CONFIRMED and ASSISTED_ACT_OVER."""
        with self._database.read() as conn:
            act = repository.find_act(conn, call.assisted_act) if call.assisted_act else None
            session = repository.find(conn, act.session_id) if act else None
        if act is None or session is None or session.citizen_id is None or call.workload not in READERS:
            raise DomainError(ASSISTED_ACT_NOT_CONFIRMED)
        is_helpers = session.helper.subject == call.known_caller.subject
        if not is_helpers or act.status is not ActStatus.CONFIRMED or act.operation not in READING:
            raise DomainError(ASSISTED_ACT_NOT_CONFIRMED)
        if not session.is_open(self._clock.now()):
            raise DomainError(ASSISTED_ACT_OVER)
        confirmed = ConfirmedAct(act.act_id, session.citizen_id, session.helper, METHODS[act.operation], act.digest)
        return citizens_call(call, confirmed, scopes)

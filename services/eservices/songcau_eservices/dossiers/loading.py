"""A dossier with everything that hangs on it, in one round trip; and the checks every access passes."""

from collections.abc import Callable
from uuid import UUID

from songcau_kit.database import Connection
from songcau_kit.errors import VERSION_CONFLICT, VERSION_REQUIRED, DomainError

from songcau_eservices.dossiers import repository_whole
from songcau_eservices.dossiers.access import Capacity
from songcau_eservices.dossiers.dossier import Dossier
from songcau_eservices.dossiers.model import (
    AUTHORITY_EDITS,
    EDITS,
    NATIONAL_CODES,
    PAYABLE,
    Action,
    ActorKind,
    Desk,
    find_transition,
    may_from,
)
from songcau_eservices.dossiers.repository_citizens import Citizen, CitizenStatus
from songcau_eservices.dossiers.views import Whole, next_actions
from songcau_eservices.errors import (
    ACTION_NOT_YOURS,
    CITIZEN_BLOCKED,
    CITIZEN_DECEASED,
    CITIZEN_NOT_LINKED,
    DOSSIER_STATE_CONFLICT,
    FEE_NOT_DUE,
)


def find_whole(conn: Connection, dossier_id: UUID, *, reader_id: UUID | None) -> tuple[Whole | None, frozenset[UUID]]:
    """Return a dossier with everything that hangs on it, and every id its reader has as a citizen."""
    found = repository_whole.find(conn, dossier_id, reader_id=reader_id)
    return (Whole(*found[0]), found[1]) if found else (None, frozenset())


def ask_whole(conn: Connection, dossier_id: UUID) -> Callable[[], Whole | None]:
    """Send the question for a dossier that is to be changed and return how to take the answer."""
    take = repository_whole.ask_locked(conn, dossier_id)

    def answer() -> Whole | None:
        found = take()
        return Whole(*found) if found else None

    return answer


def check_standing(citizen: Citizen | None) -> None:
    """Raise CITIZEN_BLOCKED, CITIZEN_DECEASED or CITIZEN_NOT_LINKED where the own copy lets the citizen not act."""
    if citizen is not None and citizen.status is CitizenStatus.BLOCKED:
        raise DomainError(CITIZEN_BLOCKED)
    if citizen is not None and citizen.status is CitizenStatus.DECEASED:
        raise DomainError(CITIZEN_DECEASED)
    if citizen is None or citizen.status is not CitizenStatus.ACTIVE:
        raise DomainError(CITIZEN_NOT_LINKED)


def check_version(dossier: Dossier, expected: int | None) -> None:
    """Raise VERSION_REQUIRED for 0 and VERSION_CONFLICT for a stale version; None asks for none."""
    if expected == 0:
        raise DomainError(VERSION_REQUIRED)
    if expected is not None and expected != dossier.version:
        raise DomainError(VERSION_CONFLICT, details={"current_version": str(dossier.version)})


def check_step(whole: Whole, action: Action, capacity: Capacity) -> None:
    """Raise DOSSIER_STATE_CONFLICT where the state does not allow a step, ACTION_NOT_YOURS where it is another's,
    FEE_NOT_DUE to a citizen who has nothing to pay."""
    dossier = whole.dossier
    allowed = next_actions(whole, capacity)
    if action in allowed:
        return
    if action is Action.PAY and capacity.kind is ActorKind.CITIZEN:
        raise DomainError(FEE_NOT_DUE, details=state_details(whole, allowed))
    if action in EDITS:
        states, who = EDITS[action]
        is_elsewhere = action in AUTHORITY_EDITS and Desk.AUTHORITY not in capacity.desks
        is_possible = dossier.state in states and (capacity.kind not in who or is_elsewhere)
    elif action is Action.PAY:
        is_possible = dossier.axes.finance in PAYABLE
    else:
        row = find_transition(dossier.state, action, is_numbered=dossier.is_numbered)
        is_possible = row is not None and (capacity.kind not in row.who or not may_from(row.desk, capacity.desks))
    raise DomainError(
        ACTION_NOT_YOURS if is_possible else DOSSIER_STATE_CONFLICT, details=state_details(whole, allowed)
    )


def state_details(whole: Whole, allowed: tuple[Action, ...]) -> dict[str, str]:
    """Return what a refusal tells: the present state and what the caller may do instead."""
    dossier = whole.dossier
    return {
        "state": str(dossier.state),
        "national_code": str(NATIONAL_CODES[dossier.state]),
        "finance": str(dossier.axes.finance),
        "allowed_actions": " ".join(allowed),
        "current_version": str(dossier.version),
    }

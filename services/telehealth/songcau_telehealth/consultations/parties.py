"""For whom a call is made: the caller, or a person the caller stands for and names."""

from datetime import date
from uuid import UUID

from songcau_kit.audit import NOBODY
from songcau_kit.database import Connection
from songcau_kit.errors import DomainError
from songcau_kit.rpc_call import Call

from songcau_telehealth.citizens import repository_representations as representations
from songcau_telehealth.citizens.citizens import hold_active_citizen, own_ids
from songcau_telehealth.citizens.model import Citizen
from songcau_telehealth.citizens.repository import is_closed, is_known
from songcau_telehealth.citizens.representations import READ, Claim
from songcau_telehealth.consultations import access
from songcau_telehealth.consultations.access import Party
from songcau_telehealth.errors import NOT_REPRESENTED


def find_party(connection: Connection, call: Call, scope: str, today: date, *, lock: bool = False) -> Party:
    """Return for whom a call is made; nobody's ids where the caller names somebody they do not stand for.

    Who is blocked or dead reads for nobody; a change says itself that its caller is blocked.
    """
    caller = call.known_caller
    own_id = access.find_account_holder(caller)
    own = own_ids(connection, own_id)
    if call.on_behalf_of is not None:
        represented = own_ids(connection, call.on_behalf_of)
        is_covered = representations.holds(connection, Claim(own, represented, scope, today), lock=lock)
        if scope == READ and own_id is not None and is_closed(connection, own_id):
            is_covered = False
        return Party(represented if is_covered else frozenset(), is_represented=True)
    if caller.has_role(*access.STAFF) and own:
        return Party(own, representations.list_represented(connection, own, today))
    return Party(own)


def require_covered(party: Party) -> None:
    """Raise NOT_REPRESENTED where the caller names somebody they do not stand for."""
    if party.is_represented and not party.ids:
        raise DomainError(NOT_REPRESENTED)


def subject_of_refusal(connection: Connection, call: Call, citizen_id: UUID) -> UUID:
    """Return whose list a refused call stands on: whoever makes ids up for others fills no list."""
    is_own = citizen_id == access.find_account_holder(call.known_caller)
    return citizen_id if is_own or is_known(connection, citizen_id) else NOBODY


def hold_open_parties(connection: Connection, call: Call, citizen_id: UUID) -> Citizen:
    """Return the patient and keep unlinking or blocking out, of whoever acts for them too; raises as for one citizen.

    The rows are locked in one order for all callers.
    """
    own_id = access.find_account_holder(call.known_caller) if call.on_behalf_of else None
    held = {each: hold_active_citizen(connection, each) for each in sorted({citizen_id, own_id or citizen_id})}
    return held[citizen_id]

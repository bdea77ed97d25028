"""For whom a call is made: the caller, or a person or organisation the caller stands for and names."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from songcau_kit.database import Connection
from songcau_kit.errors import Reason
from songcau_kit.rpc_call import Call

from songcau_eservices.dossiers import access, repository_citizens, repository_parties
from songcau_eservices.dossiers.access import Party
from songcau_eservices.dossiers.repository_citizens import Citizen, CitizenStatus
from songcau_eservices.errors import DOSSIER_NOT_FOUND, NOT_REPRESENTED

READ, WRITE = "DOSSIER_READ", "DOSSIER_WRITE"


@dataclass(frozen=True)
class Asked:
    """In which matter, on which day, and whether the answer must hold until the transaction ends."""

    scope: str
    today: date
    lock: bool = False


def ask(conn: Connection, call: Call, asked: Asked) -> Callable[[frozenset[UUID]], Party]:
    """Send what has to be asked beside the caller's own ids and return how to make the party of both.

    Nothing has to be where citizens come for themselves.
    """
    own_id = access.find_citizen_id(call.known_caller)
    if call.on_behalf_of is not None:
        what = (asked.scope, asked.today)
        covered = repository_parties.ask_covered(conn, own_id, call.on_behalf_of, what, lock=asked.lock)

        def represented_party(_: frozenset[UUID]) -> Party:
            theirs = covered()
            return Party(theirs.ids, is_represented=True, is_heir=theirs.is_heir)

        return represented_party
    if access.is_officer(call.known_caller) and own_id is not None:
        represented = repository_parties.ask_represented(conn, own_id, asked.today)
        return lambda own_ids: Party(own_ids, represented())
    return Party


def find(conn: Connection, call: Call, asked: Asked) -> Party:
    """Return for whom a call is made."""
    take = ask(conn, call, asked)
    own_ids = repository_citizens.ask_family(conn, access.find_citizen_id(call.known_caller))
    return take(own_ids())


def refusal_of(party: Party) -> Reason:
    """Return what a stranger is told: whoever names somebody learns that they do not stand for them, and no more."""
    return NOT_REPRESENTED if party.is_represented and not party.ids else DOSSIER_NOT_FOUND


def ask_acting(conn: Connection, call: Call) -> Callable[[Citizen | None, Party], Citizen | None]:
    """Send the question for whoever acts and return how to make of a citizen the one whose standing counts.

    Whoever acts for another signs with the own identity: its level counts, and both must be open to services. An heir
    alone must be: whom they stand for died.
    """
    own_id = access.find_citizen_id(call.known_caller)
    if call.on_behalf_of is None or own_id is None:
        return lambda citizen, _: citizen
    acting = repository_citizens.ask(conn, own_id)

    def with_level_of_representative(represented: Citizen | None, party: Party) -> Citizen | None:
        representative = acting()
        if represented is None or representative is None:
            return None
        is_open = representative.status is CitizenStatus.ACTIVE
        is_left = party.is_heir and represented.status is CitizenStatus.DECEASED
        status = represented.status if is_open and not is_left else representative.status
        return replace(represented, status=status, identity_level=representative.identity_level)

    return with_level_of_representative

"""Begins the record of a person: by a first link, or by an officer's entry on papers."""

from uuid import UUID

from songcau_kit.data_keys import DataKey
from songcau_kit.database import Connection

from songcau_identity.model import (
    AccountKind,
    Citizen,
    CitizenAct,
    IdentityLevel,
    find_transition,
)
from songcau_identity.officers import Desk
from songcau_identity.repositories import citizens as repository
from songcau_identity.vault import Profile


def begin_record(desk: Desk, conn: Connection, citizen: Citizen, profile: Profile) -> DataKey:
    """Add a citizen with their facts and return the key that closes what belongs to them."""
    now = desk.clock.now()
    data_key = desk.data_keys.get_or_create(conn, citizen.citizen_id)
    repository.insert_citizen(conn, citizen, now)
    repository.put_profile(conn, citizen.citizen_id, desk.vault.seal(data_key, profile), now)
    return data_key


def registered_citizen(desk: Desk, citizen_id: UUID) -> Citizen:
    """Return the state of a person an officer enters on papers: served, without electronic identity."""
    step = find_transition(None, CitizenAct.REGISTER)
    if step is None:
        raise LookupError("nobody can be registered")
    now = desk.clock.now()
    return Citizen(citizen_id, step.after, AccountKind.CITIZEN, IdentityLevel.LEVEL_0, 1, now, now)

"""Whether a citizen may book, decided on the local copy inside the transaction that books."""

from uuid import UUID

from songcau_kit.database import Connection
from songcau_kit.errors import DomainError

from songcau_telehealth.citizens import repository
from songcau_telehealth.citizens.model import Citizen, CitizenNews, CitizenStatus
from songcau_telehealth.errors import CITIZEN_NOT_ACTIVE, CITIZEN_NOT_KNOWN_YET, PERSON_REQUIRED


def hold_active_citizen(connection: Connection, citizen_id: UUID) -> Citizen:
    """Return the citizen that is meant and keep unlinking or blocking out until the transaction ends.

    Raises CITIZEN_NOT_KNOWN_YET before identity's event came, CITIZEN_NOT_ACTIVE, PERSON_REQUIRED.
    """
    citizen = repository.lock_citizen(connection, citizen_id)
    if citizen is None:
        raise DomainError(CITIZEN_NOT_KNOWN_YET)
    if citizen.status is not CitizenStatus.ACTIVE:
        raise DomainError(CITIZEN_NOT_ACTIVE, details={"status": citizen.status})
    if not citizen.is_person:
        raise DomainError(PERSON_REQUIRED)
    return citizen


def own_ids(connection: Connection, citizen_id: UUID | None) -> frozenset[UUID]:
    """Return every id that means the citizen a token names; none where it names nobody."""
    return repository.find_family(connection, citizen_id) if citizen_id else frozenset()


def follow_merge(connection: Connection, citizen_id: UUID, surviving_id: UUID | None, version: int) -> None:
    """Let an id mean the surviving record of a merge, or itself again.

    Bookings under way end first: from here on those of both records stand in each other's way.
    """
    repository.lock_records(connection, [citizen_id, *([surviving_id] if surviving_id else [])])
    repository.save_alias(connection, citizen_id, surviving_id, version)


def follow(connection: Connection, news: CitizenNews) -> None:
    """Take over what identity said of a citizen."""
    repository.apply_news(connection, news)

"""Whether processing may rest on a person's consent, decided on the local copy inside the transaction of the effect."""

from datetime import datetime
from uuid import UUID

from songcau_kit.database import Connection

from songcau_telehealth.citizens.citizens import own_ids
from songcau_telehealth.consents import repository
from songcau_telehealth.consents.model import ConsentNews, ConsentState, Purpose


def follow(connection: Connection, news: ConsentNews) -> None:
    """Take over what identity said of a consent."""
    repository.apply_news(connection, news)


def find_withdrawal(
    connection: Connection, citizen_id: UUID, purpose: Purpose, *, since: datetime | None, holds: bool = False
) -> datetime | None:
    """Return when a person withdrew what they had agreed to at a moment, None where it stands.

    `holds` keeps a withdrawal that is known from being undone until the transaction ends.
    """
    newest = repository.find_newest(connection, own_ids(connection, citizen_id), purpose, holds=holds)
    if newest is None or newest[0] is not ConsentState.WITHDRAWN:
        return None
    return newest[1] if since is None or newest[1] > since else None


def is_given(connection: Connection, citizen_id: UUID, purpose: Purpose) -> bool:
    """Say whether a person agreed and the text they agreed to is in use."""
    newest = repository.find_newest(connection, own_ids(connection, citizen_id), purpose)
    return newest is not None and newest[0] is ConsentState.GIVEN

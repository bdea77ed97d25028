"""What rests on a consent goes on only while the person's newest decision is a yes, held so in the same transaction."""

from collections.abc import Collection
from uuid import UUID

from songcau_kit.database import Connection
from songcau_kit.errors import DomainError

from songcau_eservices.consents import repository
from songcau_eservices.consents.model import ConsentState, Purpose
from songcau_eservices.errors import CONSENT_REQUIRED, CONSENT_WITHDRAWN


def require_consent(conn: Connection, citizen_ids: Collection[UUID], purpose: Purpose) -> None:
    """Let a person's consent stay as it is until the transaction ends.

    Raises CONSENT_WITHDRAWN where it was withdrawn or refused, CONSENT_REQUIRED where the person never decided or is to
    be asked again.
    """
    state = repository.hold_newest(conn, citizen_ids, purpose)
    if state is ConsentState.GIVEN:
        return
    reason = CONSENT_WITHDRAWN if state is ConsentState.WITHDRAWN else CONSENT_REQUIRED
    raise DomainError(reason, details={"purpose": str(purpose)})

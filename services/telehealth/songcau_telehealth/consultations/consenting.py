"""What a patient's consents mean for a consultation: whether it goes on, and whether the station reads the result."""

from dataclasses import replace
from datetime import UTC

from songcau_kit.database import Connection
from songcau_kit.errors import DomainError

from songcau_telehealth.consents import consents
from songcau_telehealth.consents.model import Purpose
from songcau_telehealth.consultations.access import Standing
from songcau_telehealth.consultations.grounds import RESULT_GROUNDS
from songcau_telehealth.consultations.model import Actor
from songcau_telehealth.consultations.records import Consultation
from songcau_telehealth.errors import CONSENT_WITHDRAWN


def require_standing_consent(connection: Connection, consultation: Consultation) -> None:
    """Raise CONSENT_WITHDRAWN where the patient withdrew after agreeing to this consultation."""
    withdrawn_at = consents.find_withdrawal(
        connection, consultation.citizen_id, Purpose.REMOTE_CARE, since=consultation.consent.given_at, holds=True
    )
    if withdrawn_at is not None:
        details = {
            "withdrawn_at": withdrawn_at.astimezone(UTC).isoformat(),
            "state": consultation.state.value,
            "version": str(consultation.version),
        }
        raise DomainError(CONSENT_WITHDRAWN, details=details)


def with_withdrawal(connection: Connection, consultation: Consultation) -> Consultation:
    """Return the consultation with the moment at which its consent was withdrawn, for those who look at it."""
    withdrawn_at = consents.find_withdrawal(
        connection, consultation.citizen_id, Purpose.REMOTE_CARE, since=consultation.consent.given_at
    )
    return replace(consultation, consent=replace(consultation.consent, withdrawn_at=withdrawn_at))


def may_see_result(connection: Connection, consultation: Consultation, standing: Standing) -> bool:
    """Say whether somebody reads conclusion and summary: the station only on a ground or with the patient's consent."""
    if standing.actors != {Actor.STATION} or consultation.mode in RESULT_GROUNDS:
        return True
    return consents.is_given(connection, consultation.citizen_id, Purpose.SHARE_CARE_RESULT)

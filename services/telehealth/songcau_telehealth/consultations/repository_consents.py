"""SQL of the consents people gave to one consultation each."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from songcau_kit.database import Connection

from songcau_telehealth.consultations.model import FINAL, State
from songcau_telehealth.consultations.records import CancellationReason, Consent, ConsentChannel, ConsultationConsent

# Who called a consultation off for that reason withdrew the consent to it at that moment.
_GIVEN = """
select c.consultation_id, c.citizen_id, c.responsible_facility_code, f.name, c.state, n.text_version, n.channel,
    n.given_at, case when c.cancellation_reason = %(withdrawn)s then c.state_since end, n.given_by
from consultations c
join facilities f on f.facility_code = c.responsible_facility_code
join consents n on n.consultation_id = c.consultation_id and n.purpose = 'CARE'
where c.citizen_id = any(%(citizens)s) and c.consultation_id < %(before)s and octet_length(c.patient_enc) > 0
order by c.consultation_id desc limit %(limit)s
"""


@dataclass(frozen=True)
class ConsentQuery:
    """Whose consents, from where on."""

    citizen_ids: Sequence[UUID]
    before: UUID
    limit: int


def list_given(connection: Connection, query: ConsentQuery) -> list[ConsultationConsent]:
    """Return consents to consultations, the newest consultation first."""
    parameters = {
        "citizens": list(query.citizen_ids),
        "before": query.before,
        "limit": query.limit,
        "withdrawn": CancellationReason.CONSENT_WITHDRAWN,
    }
    return [
        ConsultationConsent(
            consultation_id,
            citizen_id,
            facility_code,
            facility_name,
            Consent(text_version, ConsentChannel(channel), given_at, withdrawn_at, given_by),
            is_open=State(state) not in FINAL,
        )
        for (
            consultation_id,
            citizen_id,
            facility_code,
            facility_name,
            state,
            text_version,
            channel,
            given_at,
            withdrawn_at,
            given_by,
        ) in connection.execute(_GIVEN, parameters)
    ]

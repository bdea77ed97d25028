"""Who may call which RPC; whose data it then is, the use cases decide."""

from collections.abc import Mapping
from dataclasses import replace

from songcau_kit.assisted_acts import ASSISTANCE_SCOPE, HELPER_ROLES
from songcau_kit.processing import NO_PERSONAL_DATA
from songcau_kit.rpc_server import AssistedRule, Rule

READ, WRITE, ATTEND, MANAGE = "consultation:read", "consultation:write", "consultation:attend", "facility:manage"
CONSENT_READ, CONSENT_WRITE = "consent:read", "consent:write"
CITIZEN, STATION, CLINICIAN, MANAGER = "citizen", "station-officer", "clinician", "facility-manager"


# What a helper sees after carrying out what the citizen confirmed: nothing of the patient. Who will see the patient is
# shown, as confirming an offer repeats the licence number.
_ASSISTED = AssistedRule(
    helper=Rule(roles=HELPER_ROLES, scopes=frozenset({ASSISTANCE_SCOPE})),
    scopes=frozenset({WRITE}),
    shown=(
        "consultation.consultation_id",
        "consultation.version",
        "consultation.state",
        "consultation.offer",
        "consultation.practitioner",
    ),
)


def _rule(scope: str, *roles: str, activity: str = "remote-care") -> Rule:
    is_for_citizens = CITIZEN in roles
    return Rule(roles=frozenset(roles), scopes=frozenset({scope}), activity=activity, on_behalf=is_for_citizens)


_PRACTITIONERS = "practitioner-directory"
# Rests on the patient's consent to care at a distance.
_EXAMINATION = "remote-examination"
# Professional facts and free times: everybody who takes part in care at a distance or helps a citizen to it.
_OPEN = Rule(roles=HELPER_ROLES | {CITIZEN, STATION, CLINICIAN, MANAGER}, activity=_PRACTITIONERS)
_BARE = replace(_OPEN, activity=NO_PERSONAL_DATA)
_FACILITIES = "songcau.telehealth.v1.FacilityService"
_SLOTS = "songcau.telehealth.v1.SlotService"
_CONSULTATIONS = "songcau.telehealth.v1.ConsultationService"

RULES: Mapping[str, Rule] = {
    f"{_FACILITIES}/ListFacilities": _BARE,
    f"{_FACILITIES}/GetFacility": _BARE,
    f"{_FACILITIES}/ListPractitioners": _OPEN,
    f"{_SLOTS}/PublishSlots": _rule(MANAGE, MANAGER, activity=_PRACTITIONERS),
    f"{_SLOTS}/ListSlots": _OPEN,
    f"{_CONSULTATIONS}/RequestConsultation": replace(
        _rule(WRITE, CITIZEN, STATION, activity=_EXAMINATION), assisted=_ASSISTED
    ),
    f"{_CONSULTATIONS}/GetConsultation": _rule(READ, CITIZEN, STATION, CLINICIAN),
    f"{_CONSULTATIONS}/ListConsultations": _rule(READ, CITIZEN, STATION, CLINICIAN),
    f"{_CONSULTATIONS}/TriageConsultation": _rule(WRITE, STATION, CLINICIAN, activity=_EXAMINATION),
    f"{_CONSULTATIONS}/OfferSlot": replace(
        _rule(WRITE, CITIZEN, STATION, CLINICIAN, activity=_EXAMINATION), assisted=_ASSISTED
    ),
    f"{_CONSULTATIONS}/ConfirmOffer": replace(
        _rule(WRITE, CITIZEN, STATION, activity=_EXAMINATION), assisted=_ASSISTED
    ),
    f"{_CONSULTATIONS}/CheckIn": _rule(WRITE, CITIZEN, STATION, activity=_EXAMINATION),
    f"{_CONSULTATIONS}/AdmitPatient": _rule(ATTEND, CLINICIAN, activity=_EXAMINATION),
    f"{_CONSULTATIONS}/CompleteConsultation": _rule(ATTEND, CLINICIAN, activity=_EXAMINATION),
    f"{_CONSULTATIONS}/CancelConsultation": _rule(WRITE, CITIZEN, STATION, CLINICIAN),
    f"{_CONSULTATIONS}/MarkNoShow": _rule(WRITE, CITIZEN, STATION, CLINICIAN),
    f"{_CONSULTATIONS}/ListConsultationConsents": _rule(CONSENT_READ, CITIZEN, activity="consent-records"),
    f"{_CONSULTATIONS}/WithdrawConsultationConsent": _rule(CONSENT_WRITE, CITIZEN),
    f"{_CONSULTATIONS}/GetSummary": _rule(READ, CITIZEN, STATION, CLINICIAN),
    f"{_CONSULTATIONS}/VerifySummary": Rule(anonymous=True, activity="document-verification"),
    "songcau.telehealth.v1.RefusalService/RecordRefusal": Rule(activity="access-records"),
}

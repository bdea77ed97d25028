"""Who may call which RPC; whose data it then is, the use cases decide."""

from collections.abc import Mapping

from songcau_kit.rpc_server import Rule

READ, WRITE, ATTEND, MANAGE = "consultation:read", "consultation:write", "consultation:attend", "facility:manage"
CITIZEN, STATION, CLINICIAN, MANAGER = "citizen", "station-officer", "clinician", "facility-manager"


def _rule(scope: str, *roles: str) -> Rule:
    return Rule(roles=frozenset(roles), scopes=frozenset({scope}))


# Professional facts and free times: everybody who takes part in care at a distance.
_OPEN = Rule(roles=frozenset({CITIZEN, STATION, CLINICIAN, MANAGER}))
_FACILITIES = "songcau.telehealth.v1.FacilityService"
_SLOTS = "songcau.telehealth.v1.SlotService"
_CONSULTATIONS = "songcau.telehealth.v1.ConsultationService"

RULES: Mapping[str, Rule] = {
    f"{_FACILITIES}/ListFacilities": _OPEN,
    f"{_FACILITIES}/GetFacility": _OPEN,
    f"{_FACILITIES}/ListPractitioners": _OPEN,
    f"{_SLOTS}/PublishSlots": _rule(MANAGE, MANAGER),
    f"{_SLOTS}/ListSlots": _OPEN,
    f"{_CONSULTATIONS}/RequestConsultation": _rule(WRITE, CITIZEN, STATION),
    f"{_CONSULTATIONS}/GetConsultation": _rule(READ, CITIZEN, STATION, CLINICIAN),
    f"{_CONSULTATIONS}/ListConsultations": _rule(READ, CITIZEN, STATION, CLINICIAN),
    f"{_CONSULTATIONS}/TriageConsultation": _rule(WRITE, STATION, CLINICIAN),
    f"{_CONSULTATIONS}/OfferSlot": _rule(WRITE, CITIZEN, STATION, CLINICIAN),
    f"{_CONSULTATIONS}/ConfirmOffer": _rule(WRITE, CITIZEN, STATION),
    f"{_CONSULTATIONS}/CheckIn": _rule(WRITE, CITIZEN, STATION),
    f"{_CONSULTATIONS}/AdmitPatient": _rule(ATTEND, CLINICIAN),
    f"{_CONSULTATIONS}/CompleteConsultation": _rule(ATTEND, CLINICIAN),
    f"{_CONSULTATIONS}/CancelConsultation": _rule(WRITE, CITIZEN, STATION, CLINICIAN),
    f"{_CONSULTATIONS}/MarkNoShow": _rule(WRITE, CITIZEN, STATION, CLINICIAN),
    f"{_CONSULTATIONS}/GetSummary": _rule(READ, CITIZEN, STATION, CLINICIAN),
    f"{_CONSULTATIONS}/VerifySummary": Rule(anonymous=True),
    "songcau.telehealth.v1.RefusalService/RecordRefusal": Rule(),
}

"""Which process may call which RPC, by the name in its certificate; whoever is not named may not."""

from collections.abc import Mapping

_GATEWAY = frozenset({"gateway"})

_METHODS = {
    "ConsultationService": (
        "RequestConsultation",
        "GetConsultation",
        "ListConsultations",
        "TriageConsultation",
        "OfferSlot",
        "ConfirmOffer",
        "CheckIn",
        "AdmitPatient",
        "CompleteConsultation",
        "CancelConsultation",
        "MarkNoShow",
        "ListConsultationConsents",
        "WithdrawConsultationConsent",
        "GetSummary",
        "VerifySummary",
    ),
    "FacilityService": (
        "ListFacilities",
        "GetFacility",
        "ListPractitioners",
    ),
    "RefusalService": ("RecordRefusal",),
    "SlotService": (
        "PublishSlots",
        "ListSlots",
    ),
}

WORKLOADS: Mapping[str, frozenset[str]] = {
    f"songcau.telehealth.v1.{service}/{method}": _GATEWAY for service, methods in _METHODS.items() for method in methods
}

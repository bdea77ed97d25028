"""The writes that wait while nobody vouches for the audit log: what is signed as medical paper; a closed list."""

SENSITIVE = frozenset({"songcau.telehealth.v1.ConsultationService/CompleteConsultation"})

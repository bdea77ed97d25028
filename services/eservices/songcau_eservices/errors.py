"""The reasons for which public services refuse something; texts for people stand in the gateway's message file.

DomainError
├── catalogue and units: PROCEDURE_…, UNIT_…, AGENCY_…, LEGACY_ENCODING
└── dossiers and what hangs on them
"""

from songcau_kit.errors import ReasonTable, Status

REASONS = ReasonTable("eservices")

PROCEDURE_NOT_FOUND = REASONS.add("PROCEDURE_NOT_FOUND", Status.NOT_FOUND, "no procedure has this code")
PROCEDURE_NOT_VALID = REASONS.add(
    "PROCEDURE_NOT_VALID", Status.FAILED_PRECONDITION, "no version of the procedure is in force on the date"
)
UNIT_NOT_FOUND = REASONS.add("UNIT_NOT_FOUND", Status.NOT_FOUND, "no administrative unit carried the code on the date")
AGENCY_NOT_FOUND = REASONS.add("AGENCY_NOT_FOUND", Status.NOT_FOUND, "no agency carries the code")
LEGACY_ENCODING = REASONS.add(
    "LEGACY_ENCODING", Status.INVALID_ARGUMENT, "the text is written in TCVN3 or VNI instead of Unicode"
)

"""Where this database holds what is sealed under data keys: those of citizens, of breaches and of anomalies."""

from songcau_kit.sealed_data import SealedColumns, SealedData

_OF_REQUEST = "subject_request_id in (select subject_request_id from subject_requests where citizen_id = %(subject)s)"

_OF_SESSION = "session_id in (select session_id from assisted_sessions where citizen_id = %(subject)s)"


def _table(name: str, key: str, *columns: str, owner: str = "citizen_id = %(subject)s") -> SealedColumns:
    return SealedColumns(name, columns, (key,), f"{key}::text", owner)


SEALED = SealedData(
    columns=[
        _table(
            "citizen_profiles",
            "citizen_id",
            "full_name_enc",
            "birth_date_enc",
            "phone_number_enc",
            "sex_enc",
            "nationality_enc",
        ),
        _table("identifiers", "identifier_id", "value_enc"),
        _table("record_acts", "act_id", "evidence_enc", "before_enc"),
        _table("papers", "paper_id", "value_enc"),
        _table("newborns", "citizen_id", "certificate_enc"),
        _table("addresses", "address_id", "value_enc"),
        SealedColumns(
            "consent_decisions",
            ("evidence_enc",),
            ("consent_id", "version"),
            "consent_id || ' ' || version",
            "consent_id in (select consent_id from consents where citizen_id = %(subject)s)",
        ),
        _table("consent_halves", "half_id", "evidence_enc"),
        _table("subject_requests", "subject_request_id", "details_enc", "legal_reference_enc", "answer_enc"),
        _table("subject_request_records", "subject_request_id", "evidence_enc", owner=_OF_REQUEST),
        _table("copy_exchanges", "subject_request_id", "private_key_enc", owner=_OF_REQUEST),
        _table("data_copies", "subject_request_id", "json_enc", "pdf_enc"),
        _table("access_complaints", "access_complaint_id", "details_enc", "answer_enc"),
        _table("watched_citizens", "watch_id", "reason_enc"),
        _table(
            "anomalies",
            "anomaly_id",
            "question_enc",
            "explanation_enc",
            "note_enc",
            owner="anomaly_id = %(subject)s",
        ),
        _table("proposed_acts", "act_id", "summary_enc", owner=_OF_SESSION),
        _table(
            "organisations",
            "organisation_id",
            "name_enc",
            "identifier_enc",
            owner="case when is_owner_s then founder_id else organisation_id end = %(subject)s",
        ),
        _table("organisations", "organisation_id", "evidence_enc", owner="founder_id = %(subject)s"),
        _table("organisation_proposals", "proposal_id", "evidence_enc"),
        _table("breaches", "breach_id", "facts_enc", owner="breach_id = %(subject)s"),
    ]
)

"""Where this database, and the store beside it, holds what is sealed under the data keys of citizens."""

from songcau_kit.sealed_data import SealedColumns, SealedData, StoredFiles

from songcau_telehealth.once import SUBJECT_BYTES

SEALED = SealedData(
    columns=[
        SealedColumns(
            "consultations",
            (
                "patient_enc",
                "complaint_enc",
                "representative_enc",
                "triage_enc",
                "outcome_enc",
                "cancellation_note_enc",
            ),
            ("consultation_id",),
            "consultation_id::text",
        ),
        # A stored answer begins with the id of whom it is about.
        SealedColumns(
            "idempotency_keys",
            ("response",),
            ("key_digest",),
            "encode(key_digest, 'hex')",
            f"substring(response for {SUBJECT_BYTES}) = uuid_send(%(subject)s)",
            unsealed_bytes=SUBJECT_BYTES,
        ),
    ],
    files=[
        StoredFiles(
            "summaries",
            "object_address",
            "consultation_id in (select consultation_id from consultations where citizen_id = %(subject)s)",
        )
    ],
)

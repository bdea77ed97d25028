"""Closes what people wrote under the citizen's data key, one place per column and consultation, and opens it again."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from uuid import UUID

from songcau_kit.data_keys import DataKey
from songcau_kit.field_cipher import Place, decrypt_text, encrypt

from songcau_telehealth.consultations.access import Standing
from songcau_telehealth.consultations.grounds import rests_on_consent
from songcau_telehealth.consultations.model import State, Step, next_steps
from songcau_telehealth.consultations.records import (
    Consultation,
    ConsultationView,
    Diagnosis,
    Outcome,
    OutcomeKind,
    PatientDetails,
    Priority,
    Redirect,
    Representative,
    SealedTriage,
    TakenStep,
    TriageNote,
)

# A ciphertext is as long as its text, and one word more or less would tell the priority.
TRIAGE_GRAIN_BYTES = 256


class Envelope:
    """The sealed columns of one consultation."""

    def __init__(self, data_key: DataKey, consultation_id: UUID) -> None:
        self._data_key = data_key
        self._row = str(consultation_id)

    def seal_text(self, column: str, text: str) -> bytes:
        """Close one column."""
        return encrypt(self._data_key, self._place(column), text)

    def seal(self, column: str, value: PatientDetails | Representative | Outcome) -> bytes:
        """Close a value of several fields in one column."""
        return self.seal_text(column, _json(value))

    def seal_triage(self, note: TriageNote) -> bytes:
        """Close what triage found, filled up so that its length does not tell what was decided."""
        text = _json(note)
        return self.seal_text("triage_enc", text + " " * (-len(text.encode()) % TRIAGE_GRAIN_BYTES))

    def open_text(self, column: str, sealed: bytes | None) -> str:
        """Open one column; nothing there is the empty text."""
        return decrypt_text(self._data_key, self._place(column), sealed) if sealed else ""

    def patient(self, sealed: bytes) -> PatientDetails:
        """Open who the patient is."""
        return PatientDetails(**json.loads(self.open_text("patient_enc", sealed)))

    def representative(self, sealed: bytes | None) -> Representative | None:
        """Open who stands for a child."""
        return Representative(**json.loads(self.open_text("representative_enc", sealed))) if sealed else None

    def triage(self, sealed: SealedTriage | None) -> TriageNote | None:
        """Open what triage found; what an older release left in plain beside it counts where the seal holds none."""
        if not sealed:
            return None
        fields = json.loads(self.open_text("triage_enc", sealed.note))
        priority, redirect = fields.get("priority"), fields.get("redirect")
        return TriageNote(
            tuple(fields["red_flags"]),
            fields["note"],
            Priority(priority) if priority else sealed.plain_priority,
            Redirect(redirect) if redirect else sealed.plain_redirect,
        )

    def outcome(self, sealed: bytes | None) -> Outcome | None:
        """Open what the clinician signed."""
        if not sealed:
            return None
        fields = json.loads(self.open_text("outcome_enc", sealed))
        diagnoses = tuple(Diagnosis(**each) for each in fields.pop("diagnoses"))
        return Outcome(OutcomeKind(fields.pop("kind")), diagnoses, **fields)

    def _place(self, column: str) -> Place:
        return Place("consultations", column, self._row)


def _json(value: PatientDetails | Representative | TriageNote | Outcome) -> str:
    return json.dumps(asdict(value), ensure_ascii=False)


def open_view(
    consultation: Consultation,
    data_key: DataKey,
    standing: Standing,
    *,
    steps: tuple[TakenStep, ...],
    shows_outcome: bool = True,
) -> ConsultationView:
    """Open a consultation for somebody who stands to it; the outcome only once it is signed."""
    is_signed = consultation.state is State.COMPLETED
    envelope = Envelope(data_key, consultation.consultation_id)
    sealed = consultation.sealed
    return ConsultationView(
        consultation=consultation,
        patient=envelope.patient(sealed.patient),
        complaint=envelope.open_text("complaint_enc", sealed.complaint),
        representative=envelope.representative(sealed.representative),
        triage=envelope.triage(sealed.triage),
        outcome=envelope.outcome(sealed.outcome) if is_signed and shows_outcome else None,
        cancellation_note=envelope.open_text("cancellation_note_enc", sealed.cancellation_note),
        steps=steps,
        next_actions=tuple(_possible_steps(consultation, standing)),
        is_outcome_withheld=is_signed and not shows_outcome,
    )


def _possible_steps(consultation: Consultation, standing: Standing) -> Iterator[Step]:
    for step in next_steps(consultation.state, standing.actors):
        if consultation.consent.withdrawn_at is None or not rests_on_consent(step):
            yield step

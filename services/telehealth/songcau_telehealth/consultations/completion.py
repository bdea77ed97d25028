"""Ending a call: the outcome is checked against the law, written down, signed by the practitioner and kept sealed."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from songcau_kit.blind_index import BlindIndex
from songcau_kit.clock import VIETNAM, local_date
from songcau_kit.data_keys import DataKey
from songcau_kit.errors import INVALID_REQUEST, UNAVAILABLE, DomainError, Violation
from songcau_kit.objects import EncryptedObjects, require_newest
from songcau_kit.pdf import qr_svg, render_pdf
from songcau_kit.rpc_call import Call
from songcau_kit.signing import sign_pdf

from songcau_telehealth.citizens.representations import WRITE
from songcau_telehealth.consultations import access
from songcau_telehealth.consultations import repository_bookings as bookings
from songcau_telehealth.consultations import repository_summaries as summaries
from songcau_telehealth.consultations.attendance import require_practitioner
from songcau_telehealth.consultations.model import Step
from songcau_telehealth.consultations.parties import find_party
from songcau_telehealth.consultations.records import LONGEST_TEXT, ConsultationView, Outcome, OutcomeKind
from songcau_telehealth.consultations.repository_summaries import NewSummary
from songcau_telehealth.consultations.signers import Signers
from songcau_telehealth.consultations.steps import Changes, Desk, Moment, Order
from songcau_telehealth.consultations.summary_form import form_of
from songcau_telehealth.consultations.treatable import ICD10, TreatableList
from songcau_telehealth.errors import NOT_THE_PRACTITIONER, TREATMENT_NOT_ALLOWED, TREATMENT_OUTSIDE_LIST
from songcau_telehealth.facilities.model import PractitionerCard

TEMPLATE = Path(__file__).parent.parent / "templates" / "summary.typ"
MOST_DIAGNOSES = 10
# Crockford's alphabet: nothing in it is mistaken for anything else when a code is read aloud or typed.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 16


@dataclass(frozen=True)
class Paper:
    """What signing needs beside the desk."""

    objects: EncryptedObjects
    signers: Signers
    blind_index: BlindIndex
    treatable: TreatableList
    public_url: str


@dataclass(frozen=True)
class _Signed:
    """A signed file, stored and not yet known to the database."""

    code: str
    address: str
    pdf_bix: bytes
    size: int
    at: datetime


@dataclass
class _Draft(Exception):  # noqa: N818 -- carries what was read out of a transaction that only looked
    """Everything the form needs, read in a transaction that changes nothing."""

    view: ConsultationView
    card: PractitionerCard
    data_key: DataKey = field(repr=False)


class Completion:
    """The end of a call."""

    def __init__(self, desk: Desk, paper: Paper) -> None:
        self._desk = desk
        self._paper = paper

    def complete(self, call: Call, order: Order, outcome: Outcome) -> bytes:
        """Sign the summary and end the call; a repeated request gets the first answer.

        Signing may take long and may ask another system, so it happens between two transactions: the first only
        looks whether the step may be taken, the second takes it if that is still so.
        """
        _require_well_formed(outcome)

        def look(moment: Moment) -> Changes:
            require_practitioner(moment)
            self._require_lawful(moment, outcome)
            raise self._draft(moment)

        try:
            return self._desk.take(call, order, Step.COMPLETE, look)
        except _Draft as draft:
            signed = self._sign(draft, outcome)
        try:
            return self._desk.take(call, order, Step.COMPLETE, lambda moment: self._write(moment, outcome, signed))
        except DomainError as error:
            # After a lost connection nobody knows whether the commit happened: then the file must stay.
            if error.reason is not UNAVAILABLE:
                self._paper.objects.delete(signed.address)
            raise

    def _draft(self, moment: Moment) -> _Draft:
        card = moment.consultation.practitioner
        if card is None or moment.call is None or moment.data_key is None:
            raise DomainError(NOT_THE_PRACTITIONER)
        caller = moment.call.known_caller
        party = find_party(moment.connection, moment.call, WRITE, local_date(self._desk.clock.now()))
        standing = access.find_standing(caller, moment.consultation, party)
        if standing is None:
            raise DomainError(NOT_THE_PRACTITIONER)
        return _Draft(self._desk.view(moment.connection, moment.consultation, standing), card, moment.data_key)

    def _require_lawful(self, moment: Moment, outcome: Outcome) -> None:
        if outcome.kind is not OutcomeKind.TREATED:
            return
        if moment.consultation.mode.is_local_practitioner_responsible:
            raise DomainError(TREATMENT_NOT_ALLOWED, details={"mode": moment.consultation.mode})
        outside = self._paper.treatable.outside([each.icd10_code for each in outcome.diagnoses])
        if outside:
            # The violation points at the diagnosis and does not repeat it: error texts hold no health words.
            raise DomainError(
                TREATMENT_OUTSIDE_LIST,
                violations=[Violation(f"/outcome/diagnoses/{index}", "OUTSIDE_LIST") for index in outside],
                details={"list_version": self._paper.treatable.version},
            )

    def _sign(self, draft: _Draft, outcome: Outcome) -> _Signed:
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        # A document's time has whole seconds.
        now = self._desk.clock.now().replace(microsecond=0)
        address = f"{self._paper.public_url}/verify/summaries/{code}"
        form: Mapping[str, object] = {
            **form_of(draft.view, outcome, code=spell(code), address=address, at=now.astimezone(VIETNAM)),
            "qr": qr_svg(address),
        }
        facility = draft.view.consultation.responsible_facility_name
        signer = self._paper.signers.signer_of(draft.card, facility)
        pdf = sign_pdf(
            render_pdf(TEMPLATE, form, at=now), signer, reason="Tóm tắt khám từ xa", location=facility, at=now
        )
        stored = self._paper.objects.put(draft.data_key, pdf)
        return _Signed(
            code, stored.address, self._paper.blind_index.of("summaries.pdf", stored.sha256.hex()), len(pdf), now
        )

    def _write(self, moment: Moment, outcome: Outcome, signed: _Signed) -> Changes:
        require_practitioner(moment)
        consultation = moment.consultation
        card = consultation.practitioner
        if moment.data_key is not None:
            require_newest(moment.data_key, signed.address)
        new = NewSummary(
            code=signed.code,
            consultation_id=consultation.consultation_id,
            object_address=signed.address,
            pdf_bix=signed.pdf_bix,
            size=signed.size,
            practitioner_no=card.practitioner_no if card else 0,
            facility_code=consultation.responsible_facility_code,
            list_version=self._paper.treatable.version,
            signed_at=signed.at,
        )
        summaries.insert_summary(moment.connection, new)
        bookings.use_up(moment.connection, consultation.consultation_id)
        return {"outcome_enc": moment.envelope.seal("outcome_enc", outcome)}


def spell(code: str) -> str:
    """Return a code as it is printed: four letters, a dash, four letters."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def read_code(text: str) -> str:
    """Return the code somebody typed: case, dashes, blanks and look-alike letters do not matter."""
    return re.sub(r"[\s-]", "", text).upper().translate(str.maketrans("OIL", "011"))


def _require_well_formed(outcome: Outcome) -> None:
    faults = [
        Violation(f"/outcome/diagnoses/{index}/icd10_code", "MALFORMED")
        for index, each in enumerate(outcome.diagnoses)
        if not ICD10.fullmatch(each.icd10_code)
    ]
    if len(outcome.diagnoses) > MOST_DIAGNOSES:
        faults.append(Violation("/outcome/diagnoses", "COUNT_OUT_OF_RANGE"))
    texts = {name: getattr(outcome, name) for name in ("findings", "advice", "treatment", "referral")}
    faults += [
        Violation(f"/outcome/{name}", "LENGTH_OUT_OF_RANGE") for name, t in texts.items() if len(t) > LONGEST_TEXT
    ]
    faults += _faults_of_kind(outcome)
    if outcome.follow_up_on and not _is_date(outcome.follow_up_on):
        faults.append(Violation("/outcome/follow_up_on", "MALFORMED"))
    if faults:
        raise DomainError(INVALID_REQUEST, violations=faults)


def _faults_of_kind(outcome: Outcome) -> list[Violation]:
    """Each kind of outcome has its own text, and nobody else's."""
    faults = []
    if not outcome.advice.strip():
        faults.append(Violation("/outcome/advice", "REQUIRED"))
    for name, kind in (("treatment", OutcomeKind.TREATED), ("referral", OutcomeKind.IN_PERSON_REFERRAL)):
        if bool(getattr(outcome, name).strip()) != (outcome.kind is kind):
            faults.append(Violation(f"/outcome/{name}", "REQUIRED" if outcome.kind is kind else "NOT_WITH_THIS_KIND"))
    if outcome.kind is OutcomeKind.TREATED and not outcome.diagnoses:
        faults.append(Violation("/outcome/diagnoses", "REQUIRED"))
    return faults


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True

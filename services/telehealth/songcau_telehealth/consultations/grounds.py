"""On what each processing of a consultation rests: the patient's consent, or a ground of the law that is named."""

from collections.abc import Mapping

from songcau_kit.processing import LegalBasis

from songcau_telehealth.consultations.model import Step
from songcau_telehealth.facilities.model import RemoteMode

# Steps that need no consent. Everything else is examination at a distance, which stops once consent is withdrawn.
STEP_GROUNDS: Mapping[Step, LegalBasis] = {
    # Whoever must not wait for a call is sent where help is, also after withdrawing.
    Step.REDIRECT: LegalBasis.LIFE_AND_HEALTH,
    # How a consultation ended belongs to the record that the law wants kept.
    Step.CANCEL: LegalBasis.OTHER_LAW,
    Step.STOP: LegalBasis.OTHER_LAW,
    Step.CLOSE_UNHELD: LegalBasis.OTHER_LAW,
    Step.MARK_PATIENT_MISSED: LegalBasis.OTHER_LAW,
    Step.MARK_CLINICIAN_MISSED: LegalBasis.OTHER_LAW,
    Step.RELEASE_HOLD: LegalBasis.OTHER_LAW,
    Step.EXPIRE: LegalBasis.OTHER_LAW,
}

# Modes in which the supported facility keeps the minutes in its own record (Decree 96/2023 Art. 88, domain 5.2 rule 8);
# in every other mode the station is another provider, which gets the result only with the patient's consent.
RESULT_GROUNDS: Mapping[RemoteMode, LegalBasis] = {
    RemoteMode.INTER_FACILITY_SUPPORT: LegalBasis.OTHER_LAW,
    RemoteMode.TELECONSULT_MDT: LegalBasis.OTHER_LAW,
}


def rests_on_consent(step: Step) -> bool:
    """Say whether a step may be taken only while the patient's consent stands."""
    return step not in STEP_GROUNDS

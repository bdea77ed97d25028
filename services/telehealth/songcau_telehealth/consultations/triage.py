"""Triage: a nurse or officer looks at a request, and a patient who must not wait for a call is sent where to go."""

import re

from songcau_kit.errors import INVALID_REQUEST, DomainError, Violation
from songcau_kit.rpc_call import Call

from songcau_telehealth.consultations import repository_bookings as bookings
from songcau_telehealth.consultations.model import Step
from songcau_telehealth.consultations.records import LONGEST_TEXT, TriageNote
from songcau_telehealth.consultations.steps import Changes, Desk, Moment, Order

MOST_RED_FLAGS = 20
_RED_FLAG = re.compile(r"[A-Z][A-Z0-9_]{1,39}")


class Triage:
    """The triage desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def triage(self, call: Call, order: Order, note: TriageNote) -> bytes:
        """Record what was found; with a redirect the consultation ends here."""
        faults = _faults(note)
        if faults:
            raise DomainError(INVALID_REQUEST, violations=faults)

        def record(moment: Moment) -> Changes:
            changes: dict[str, object] = {"triage_enc": moment.envelope.seal_triage(note)}
            if note.redirect is not None:
                bookings.release(moment.connection, moment.consultation.consultation_id)
                changes["practitioner_no"] = None
            return changes

        return self._desk.take(call, order, Step.REDIRECT if note.redirect else Step.TRIAGE, record)


def _faults(found: TriageNote) -> list[Violation]:
    faults = [
        Violation(f"/red_flags/{index}", "MALFORMED")
        for index, flag in enumerate(found.red_flags)
        if not _RED_FLAG.fullmatch(flag)
    ]
    if len(found.red_flags) > MOST_RED_FLAGS:
        faults.append(Violation("/red_flags", "COUNT_OUT_OF_RANGE"))
    if len(found.note) > LONGEST_TEXT:
        faults.append(Violation("/note", "LENGTH_OUT_OF_RANGE"))
    if found.red_flags and found.redirect is None and not found.note.strip():
        # Going on in spite of a red flag is a decision, and a decision has a reason.
        faults.append(Violation("/note", "REQUIRED_WITH_RED_FLAG"))
    return faults

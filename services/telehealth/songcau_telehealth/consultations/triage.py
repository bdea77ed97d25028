"""Triage: a nurse or officer looks at a request, and a patient who must not wait for a call is sent where to go."""

import re
from dataclasses import dataclass, field

from songcau_kit.errors import INVALID_REQUEST, DomainError, Violation
from songcau_kit.rpc_call import Call

from songcau_telehealth.consultations import repository_bookings as bookings
from songcau_telehealth.consultations.model import Step
from songcau_telehealth.consultations.records import LONGEST_TEXT, Priority, Redirect, TriageNote
from songcau_telehealth.consultations.steps import Changes, Desk, Moment, Order

MOST_RED_FLAGS = 20
_RED_FLAG = re.compile(r"[A-Z][A-Z0-9_]{1,39}")


@dataclass(frozen=True)
class Findings:
    """What triage found."""

    priority: Priority
    note: TriageNote = field(repr=False)
    redirect: Redirect | None = None

    def faults(self) -> list[Violation]:
        """Name what is malformed."""
        faults = [
            Violation(f"/red_flags/{index}", "MALFORMED")
            for index, flag in enumerate(self.note.red_flags)
            if not _RED_FLAG.fullmatch(flag)
        ]
        if len(self.note.red_flags) > MOST_RED_FLAGS:
            faults.append(Violation("/red_flags", "COUNT_OUT_OF_RANGE"))
        if len(self.note.note) > LONGEST_TEXT:
            faults.append(Violation("/note", "LENGTH_OUT_OF_RANGE"))
        if self.note.red_flags and self.redirect is None and not self.note.note.strip():
            # Going on in spite of a red flag is a decision, and a decision has a reason.
            faults.append(Violation("/note", "REQUIRED_WITH_RED_FLAG"))
        return faults


class Triage:
    """The triage desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def triage(self, call: Call, order: Order, findings: Findings) -> bytes:
        """Record what was found; with a redirect the consultation ends here."""
        faults = findings.faults()
        if faults:
            raise DomainError(INVALID_REQUEST, violations=faults)

        def record(moment: Moment) -> Changes:
            changes: dict[str, object] = {
                "priority": findings.priority,
                "triage_enc": moment.envelope.seal("triage_enc", findings.note),
            }
            if findings.redirect is not None:
                bookings.release(moment.connection, moment.consultation.consultation_id)
                changes |= {"redirect": findings.redirect, "practitioner_no": None}
            return changes

        return self._desk.take(call, order, Step.REDIRECT if findings.redirect else Step.TRIAGE, record)

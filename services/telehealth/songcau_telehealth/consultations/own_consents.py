"""The consents a person gave with each consultation: the list they steer their consents by, and taking one back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from songcau_kit.audit import AuditEntry
from songcau_kit.clock import local_date
from songcau_kit.cursors import CursorSigner
from songcau_kit.errors import PERMISSION_DENIED, DomainError
from songcau_kit.pages import Page
from songcau_kit.rpc_call import Call

from songcau_telehealth.citizens.representations import CONSENT
from songcau_telehealth.consents import consents
from songcau_telehealth.consents.model import Purpose
from songcau_telehealth.consultations import access, repository_consents
from songcau_telehealth.consultations.access import OWN_USE, Standing, Trace
from songcau_telehealth.consultations.attendance import Attendance
from songcau_telehealth.consultations.model import Actor
from songcau_telehealth.consultations.parties import find_party, require_covered, subject_of_refusal
from songcau_telehealth.consultations.reading import NEWEST
from songcau_telehealth.consultations.records import ConsultationConsent, ConsultationView
from songcau_telehealth.consultations.repository_consents import ConsentQuery
from songcau_telehealth.consultations.steps import Desk, Order
from songcau_telehealth.once import Once
from songcau_telehealth.pages import position_of

OPERATION = "LIST_CONSULTATION_CONSENTS"
PATIENT = Standing(frozenset({Actor.CITIZEN}))
_CURSOR = "consents_before"


class OwnConsents:
    """The use cases ListConsultationConsents and WithdrawConsultationConsent."""

    def __init__(self, desk: Desk, cursors: CursorSigner, attendance: Attendance) -> None:
        self._desk = desk
        self._cursors = cursors
        self._attendance = attendance

    def list_own(self, call: Call, page: Page) -> tuple[Sequence[ConsultationConsent], str]:
        """Return a page of the consents of the caller, or of whom the caller stands for, and the next page's token.

        Raises CURSOR_INVALID, NOT_REPRESENTED and PERMISSION_DENIED where the account is no citizen's.
        """
        citizen_id = call.on_behalf_of or access.find_citizen_id(call.known_caller)
        if citizen_id is None:
            raise DomainError(PERMISSION_DENIED)
        before = UUID(position_of(self._cursors, page, _CURSOR, str(NEWEST)))
        try:
            found = self._read(call, page, before)
        except DomainError as error:
            self._refuse(call, citizen_id, error)
            raise
        self._desk.journal.write(_entry(call, citizen_id))
        shown = found[: page.size]
        if len(found) <= page.size:
            return shown, ""
        return shown, self._cursors.encode({_CURSOR: str(shown[-1].consultation_id)})

    def withdraw(self, call: Call, consultation_id: UUID, once: Once[ConsultationView]) -> bytes:
        """Call a consultation off as its patient withdraws; asks for no version, so that nothing stands in the way.

        Raises CONSULTATION_NOT_FOUND, NOT_REPRESENTED, STEP_NOT_YOURS for anybody but the patient's side, and
        CONSULTATION_STATE_CONFLICT once it is over.
        """
        return self._attendance.withdraw_consent(call, Order(consultation_id, None, once))

    def _read(self, call: Call, page: Page, before: UUID) -> Sequence[ConsultationConsent]:
        with self._desk.database.transaction() as connection:
            party = find_party(connection, call, CONSENT, local_date(self._desk.clock.now()))
            require_covered(party)
            query = ConsentQuery(sorted(party.ids), before, page.size + 1)
            found = repository_consents.list_given(connection, query)
            # The family has one newest decision, whoever of it was asked for.
            withdrawn_at = (
                consents.find_withdrawal(connection, found[0].citizen_id, Purpose.REMOTE_CARE, since=None)
                if found
                else None
            )
        return [_with_withdrawal(one, withdrawn_at) for one in found]

    def _refuse(self, call: Call, citizen_id: UUID, error: DomainError) -> None:
        with self._desk.database.read() as connection:
            subject_id = subject_of_refusal(connection, call, citizen_id)
        trace = Trace(OPERATION, "", subject_id, OWN_USE)
        self._desk.journal.write(access.refused_entry(call, PATIENT, trace, error))


def _with_withdrawal(given: ConsultationConsent, withdrawn_at: datetime | None) -> ConsultationConsent:
    """Return a consent with the moment at which the patient withdrew all care at a distance, where that ended it."""
    consent = given.consent
    if consent.withdrawn_at is not None or withdrawn_at is None:
        return given
    if consent.given_at is not None and withdrawn_at <= consent.given_at:
        return given
    return replace(given, consent=replace(consent, withdrawn_at=withdrawn_at))


def _entry(call: Call, citizen_id: UUID) -> AuditEntry:
    return access.audit_entry(call, PATIENT, Trace(OPERATION, "", citizen_id, OWN_USE))

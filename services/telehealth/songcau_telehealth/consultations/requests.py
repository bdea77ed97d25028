"""Asking for a consultation: the citizen for themself, or the commune station for a citizen who stays the subject."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from songcau_kit import assisted_acts, audit, outbox
from songcau_kit.clock import local_date
from songcau_kit.database import Connection
from songcau_kit.errors import INVALID_REQUEST, PERMISSION_DENIED, DomainError
from songcau_kit.rpc_call import Call

from songcau_telehealth import events
from songcau_telehealth.citizens.representations import WRITE
from songcau_telehealth.consultations import access, repository
from songcau_telehealth.consultations.access import CARE, Party, Standing, Trace
from songcau_telehealth.consultations.model import Actor, Fact, State
from songcau_telehealth.consultations.parties import find_party, hold_open_parties, require_covered, subject_of_refusal
from songcau_telehealth.consultations.records import (
    Consent,
    ConsentChannel,
    Consultation,
    ConsultationView,
    Sealed,
    TakenStep,
    age_on,
)
from songcau_telehealth.consultations.sealing import Envelope
from songcau_telehealth.consultations.steps import Desk
from songcau_telehealth.consultations.terms import Terms
from songcau_telehealth.consultations.wanted import ConsultationRequest, faults_of, named
from songcau_telehealth.errors import (
    CONSENT_REQUIRED,
    FACILITY_NOT_FOUND,
    MODE_NOT_ALLOWED,
    PRACTITIONER_NOT_FOUND,
    REPRESENTATIVE_REQUIRED,
)
from songcau_telehealth.facilities import repository as facilities
from songcau_telehealth.facilities import rules
from songcau_telehealth.facilities.model import PractitionerCard, RemoteMode
from songcau_telehealth.once import Once

OPERATION = "REQUEST_CONSULTATION"
_ID_BYTES = 16

# Who may ask for which mode: the last two are between facilities, so a citizen cannot ask for them.
_MODES = {
    Actor.CITIZEN: frozenset({RemoteMode.DIRECT_TO_PATIENT, RemoteMode.VIA_RECEIVING_FACILITY}),
    Actor.STATION: frozenset(RemoteMode) - {RemoteMode.DIRECT_TO_PATIENT},
}


class Requests:
    """Where consultations begin."""

    def __init__(self, desk: Desk, terms: Terms) -> None:
        self._desk = desk
        self._terms = terms

    def request(self, call: Call, once: Once[ConsultationView], wanted: ConsultationRequest) -> bytes:
        """Record a request with its consent and return its answer; raises what the contract names."""
        with self._desk.database.read() as connection:
            party = find_party(connection, call, WRITE, local_date(self._desk.clock.now()))
        citizen_id, standing = _asker(call, wanted, party)
        consultation_id = self._desk.clock.new_id()
        try:
            with self._desk.database.transaction() as connection:
                return self._request(connection, call, once, (wanted, citizen_id, standing, consultation_id))
        except DomainError as error:
            with self._desk.database.read() as connection:
                subject_id = subject_of_refusal(connection, call, citizen_id)
            trace = Trace(OPERATION, str(consultation_id), subject_id)
            self._desk.journal.write(access.refused_entry(call, standing, trace, error))
            raise

    def _request(
        self,
        connection: Connection,
        call: Call,
        once: Once[ConsultationView],
        what: tuple[ConsultationRequest, UUID, Standing, UUID],
    ) -> bytes:
        _, citizen_id, standing, _ = what
        if call.on_behalf_of is not None:
            require_covered(find_party(connection, call, WRITE, local_date(self._desk.clock.now()), lock=True))
        access.require_second_factor(call.known_caller, standing, self._desk.staff_level)
        purpose = access.purpose_of(call, standing, default=CARE)
        # The stored answer leads with the id, so that a repeat is entered in the access list under the right object.
        led = replace(once, encode=lambda view: view.consultation.consultation_id.bytes + once.encode(view))
        assisted_acts.take(connection, call, led.key(call), self._desk.clock.now())
        answer = self._desk.register.find(connection, call, led)
        if answer is None:
            answer = self._make(connection, call, led, what)
        trace = Trace(OPERATION, str(UUID(bytes=answer[:_ID_BYTES])), citizen_id, purpose)
        audit.record(connection, access.audit_entry(call, standing, trace), clock=self._desk.clock)
        return answer[_ID_BYTES:]

    def _make(
        self,
        connection: Connection,
        call: Call,
        once: Once[ConsultationView],
        what: tuple[ConsultationRequest, UUID, Standing, UUID],
    ) -> bytes:
        wanted, citizen_id, standing, consultation_id = what
        is_child = self._check(wanted, standing)
        citizen_id = hold_open_parties(connection, call, citizen_id).citizen_id
        new = self._build(connection, wanted, (consultation_id, citizen_id), is_child=is_child)
        self._insert(connection, call, standing, new)
        made = repository.find_consultation(connection, consultation_id) or new
        view = self._desk.view(connection, made, standing)
        return self._desk.register.keep(connection, call, once, view, subject_id=citizen_id)

    def _insert(self, connection: Connection, call: Call, standing: Standing, new: Consultation) -> None:
        actor = standing.acting_in(standing.actors)
        caller = call.known_caller
        representative_id = access.find_account_holder(caller) if call.on_behalf_of else None
        given_by = "REPRESENTATIVE" if new.is_child or representative_id else "PATIENT"
        repository.insert_consultation(connection, new, recorded_by=caller.subject, given_by=given_by)
        if representative_id is not None:
            repository.note_representative(connection, new.consultation_id, representative_id)
        first = TakenStep(1, None, State.REQUESTED, actor, new.requested_at)
        repository.insert_step(connection, new.consultation_id, first)
        origin = events.origin(call, actor, standing.organization)
        outbox.append(connection, events.fact(self._desk.clock, Fact.REQUESTED, None, new, origin))

    def _build(
        self, connection: Connection, wanted: ConsultationRequest, ids: tuple[UUID, UUID], *, is_child: bool
    ) -> Consultation:
        consultation_id, citizen_id = ids
        now = self._desk.clock.now()
        self._require_lawful(connection, wanted, local_date(now))
        envelope = Envelope(self._desk.data_keys.get_or_create(connection, citizen_id), consultation_id)
        representative = wanted.representative
        local_responsible = wanted.mode.is_local_practitioner_responsible
        return Consultation(
            consultation_id=consultation_id,
            citizen_id=citizen_id,
            version=1,
            state=State.REQUESTED,
            mode=wanted.mode,
            service_code=wanted.service_code,
            facility_code=wanted.facility_code,
            receiving_facility_code=wanted.receiving_facility_code,
            responsible_facility_code=(wanted.receiving_facility_code or "")
            if local_responsible
            else wanted.facility_code,
            responsible_facility_name="",
            receiving_facility_name="",
            is_child=is_child,
            requested_at=now,
            state_since=now,
            sealed=Sealed(
                envelope.seal("patient_enc", named(wanted.patient)),
                envelope.seal_text("complaint_enc", wanted.complaint),
                envelope.seal("representative_enc", named(representative)) if representative else None,
            ),
            consent=Consent(wanted.consent_version, wanted.consent_channel or ConsentChannel.APP, now),
            local_practitioner=_local_practitioner(connection, wanted, local_date(now)),
        )

    def _require_lawful(self, connection: Connection, wanted: ConsultationRequest, today: date) -> None:
        for code in (wanted.facility_code, wanted.receiving_facility_code):
            if code and not facilities.has_facility(connection, code):
                raise DomainError(FACILITY_NOT_FOUND, details={"facility_code": code})
        rules.require_declared(connection, wanted.facility_code, wanted.service_code, today)
        rules.require_contract(
            connection, supporting=wanted.facility_code, supported=wanted.receiving_facility_code, day=today
        )

    def _check(self, wanted: ConsultationRequest, standing: Standing) -> bool:
        """Refuse what is malformed, unconsented or for others to ask; say whether the patient is a child."""
        today = local_date(self._desk.clock.now())
        violations = faults_of(wanted, today)
        if violations:
            raise DomainError(INVALID_REQUEST, violations=violations)
        if wanted.mode not in _MODES[standing.acting_in(standing.actors)]:
            raise DomainError(MODE_NOT_ALLOWED, details={"mode": wanted.mode})
        if wanted.consent_channel is None or wanted.consent_version not in self._terms.consent_versions:
            raise DomainError(CONSENT_REQUIRED)
        is_child = age_on(date.fromisoformat(wanted.patient.birth_date), today) < self._terms.child_below_years
        if is_child and wanted.representative is None:
            raise DomainError(REPRESENTATIVE_REQUIRED)
        return is_child


def _asker(call: Call, wanted: ConsultationRequest, party: Party) -> tuple[UUID, Standing]:
    """Return whom the request is for and as what the caller asks."""
    caller = call.known_caller
    own = access.find_citizen_id(caller)
    if call.on_behalf_of is not None:
        if own is None or wanted.citizen_id not in (None, call.on_behalf_of):
            raise DomainError(PERMISSION_DENIED)
        return call.on_behalf_of, Standing(frozenset({Actor.CITIZEN}))
    if wanted.citizen_id is None or (own is not None and wanted.citizen_id in party.ids):
        if own is None:
            raise DomainError(PERMISSION_DENIED)
        return own, Standing(frozenset({Actor.CITIZEN}))
    # An account that names the person as its holder never acts for them as staff, signed in as a citizen or not; nor
    # does one whose holder stands for them.
    if not caller.has_role("station-officer") or wanted.citizen_id in party.ids | party.conflicted:
        raise DomainError(PERMISSION_DENIED)
    station = wanted.receiving_facility_code
    if station not in caller.values("facility_codes"):
        raise DomainError(FACILITY_NOT_FOUND, details={"facility_code": station or ""})
    return wanted.citizen_id, Standing(frozenset({Actor.STATION}), station or "")


def _local_practitioner(connection: Connection, wanted: ConsultationRequest, today: date) -> PractitionerCard | None:
    if wanted.local_practitioner_id is None:
        return None
    found = facilities.find_practitioner(connection, wanted.local_practitioner_id)
    station = wanted.receiving_facility_code or ""
    if found is None or not facilities.has_hours(connection, found.card.practitioner_no, station, today):
        raise DomainError(PRACTITIONER_NOT_FOUND)
    return found.card

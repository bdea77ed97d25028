"""The running telehealth service as a test holds it, with invented facilities, people and slots."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from songcau.telehealth.events.v1.consultation_event_pb2 import ConsultationEvent
from songcau.telehealth.v1 import consultation_pb2 as pb
from songcau.telehealth.v1 import consultation_service_pb2 as calls
from songcau.telehealth.v1 import consultation_service_pb2_grpc, facility_service_pb2_grpc, slot_service_pb2_grpc
from songcau_kit.clock import FixedClock
from songcau_kit.database import Database
from songcau_kit.errors import DomainError
from songcau_kit.rpc_client import RpcChannel, call_metadata
from songcau_kit.rpc_policy import RetryPolicy
from songcau_telehealth import app
from songcau_telehealth.citizens import repository as citizens
from songcau_telehealth.citizens.model import CitizenNews, CitizenStatus
from songcau_telehealth.consents import repository as consents
from songcau_telehealth.consents.model import ConsentNews, ConsentState
from songcau_telehealth.consumers import follow_representation
from songcau_telehealth.facilities import repository as facilities
from songcau_telehealth.facilities.model import (
    Contract,
    Facility,
    FacilityKind,
    Practitioner,
    PractitionerCard,
    WorkingHours,
)
from songcau_telehealth.settings import Settings
from songcau_telehealth.slots.model import Period
from songcau_telehealth.slots.slots import Slots
from songcau_telehealth.sweeper import Sweeper
from support.token_issuer import TokenIssuer
from support.told_representations import told

HOSPITAL, UNDECLARED, STATION, OTHER_STATION = "19901", "19902", "19911", "19912"
SERVICE = "GENERAL_INTERNAL"
DOCTOR, COLLEAGUE, LOCAL_DOCTOR, CHILDREN_DOCTOR = (UUID(int=0x7000_8000_0000_0000_0000 + n) for n in range(1, 5))
LICENCE = "990101/TNG-GPHN"
COMPLAINT = "Đau đầu CANARY-COMPLAINT ba ngày nay"
PATIENT_NAME = "Hoàng Thị CANARY-NAME"
EVERY_DAY = range(1, 8)
_numbers = count(1)


@dataclass
class Telehealth:
    """The running service and everything a test asks of it."""

    url: str
    clock: FixedClock
    issuer: TokenIssuer
    database: Database
    channel: RpcChannel
    settings: Settings
    port: int = 0
    consultations: Any = field(init=False)
    facilities: Any = field(init=False)
    slots: Any = field(init=False)

    def __post_init__(self) -> None:
        self.consultations = self.channel.stub(consultation_service_pb2_grpc.ConsultationServiceStub)
        self.facilities = self.channel.stub(facility_service_pb2_grpc.FacilityServiceStub)
        self.slots = self.channel.stub(slot_service_pb2_grpc.SlotServiceStub)

    # who calls
    def as_citizen(self, citizen_id: str, **claims: Any) -> Any:
        given = {"sub": f"account-of-{citizen_id}", "citizen_id": citizen_id, "azp": "citizen-app"} | claims
        return self.call_as(roles=["citizen"], scopes=["consultation:read", "consultation:write"], **given)

    def as_station(self, *, purpose: str | None = "CARE", **claims: Any) -> Any:
        given = {
            "sub": "station-officer-1",
            "facility_codes": [STATION],
            "acr": "aal2",
            "azp": "officer-console",
        } | claims
        return self.call_as(
            roles=["station-officer"], scopes=["consultation:read", "consultation:write"], purpose=purpose, **given
        )

    def as_doctor(self, practitioner_id: UUID = DOCTOR, *, purpose: str | None = "CARE", **claims: Any) -> Any:
        given = {
            "sub": f"doctor-{practitioner_id}",
            "practitioner_id": str(practitioner_id),
            "facility_codes": [HOSPITAL],
            "acr": "aal2",
            "azp": "officer-console",
        }
        scopes = ["consultation:read", "consultation:write", "consultation:attend"]
        return self.call_as(roles=["clinician"], scopes=scopes, purpose=purpose, **(given | claims))

    def as_manager(self, **claims: Any) -> Any:
        given = {"sub": "manager-1", "facility_codes": [HOSPITAL], "azp": "officer-console"} | claims
        return self.call_as(roles=["facility-manager"], scopes=["facility:manage"], **given)

    def call_as(self, *, purpose: str | None = None, on_behalf_of: str | None = None, **claims: Any) -> Any:
        return call_metadata(
            token=self.issuer.token(**claims),
            purpose=purpose,
            correlation_id=f"test-{uuid4()}",
            on_behalf_of=UUID(on_behalf_of) if on_behalf_of else None,
        )

    # what there is
    def link(self, status: CitizenStatus = CitizenStatus.ACTIVE, *, is_person: bool = True) -> str:
        """Make a citizen known as identity's event would; return the id."""
        citizen_id = self.clock.new_id()
        self.tell(str(citizen_id), status, version=1, is_person=is_person)
        return str(citizen_id)

    def tell(self, citizen_id: str, status: CitizenStatus, *, version: int, is_person: bool | None = None) -> None:
        with self.database.transaction() as connection:
            citizens.apply_news(connection, CitizenNews(UUID(citizen_id), version, status, is_person))

    def represent(self, representative_id: str, represented_id: str, **changes: Any) -> Any:
        """Let one citizen stand for another, as identity's event would; return the event."""
        event = told(representative_id, represented_id, **changes)
        with self.database.transaction() as connection:
            follow_representation(connection, event)
        return event

    def slot(self, *, hours: float = 1.0, minutes: int = 20, practitioner: UUID = DOCTOR) -> str:
        """Publish a slot that starts some hours from the clock's whole hour on; return its id."""
        start = self.clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours)
        return self.slot_at(start, minutes=minutes, practitioner=practitioner)

    def slot_at(self, start: datetime, *, minutes: int = 20, practitioner: UUID = DOCTOR) -> str:
        desk = app.build_desk(self.settings, self.database, self.clock)
        slots = Slots(self.database, self.clock, app.build_cursors(self.settings), desk.register)
        with self.database.transaction() as connection:
            period = Period(start, start + timedelta(minutes=minutes))
            return str(slots._insert(connection, HOSPITAL, practitioner, [period])[0].slot_id)

    def sweeper(self) -> Sweeper:
        terms = app.terms_of(self.settings)
        booking = app.Booking(app.build_desk(self.settings, self.database, self.clock), terms)
        return Sweeper(self.database, self.clock, booking, terms, pause=0.05)

    def decide(self, citizen_id: str, purpose: str, state: str, *, version: int = 1) -> None:
        """Make a decision on a consent known as identity's event would, at the clock's moment."""
        news = ConsentNews(
            UUID(citizen_id), purpose, ConsentState(state), f"{purpose.lower()}-1", version, self.clock.now()
        )
        with self.database.transaction() as connection:
            consents.apply_news(connection, news)

    # the story, step by step
    def request(self, citizen_id: str, *, who: Any = None, request_id: str = "", **changes: Any) -> Any:
        message = request_message(**({"citizen_id": citizen_id} | changes))
        message.request_id = request_id or key()
        answer = self.consultations.RequestConsultation(message, metadata=who or self.as_station())
        return answer.consultation

    def triage(self, consultation: Any, who: Any = None, **fields: Any) -> Any:
        given = {"priority": "PRIORITY_ROUTINE"} | fields
        return self.step("TriageConsultation", consultation, who or self.as_station(), **given)

    def offer(self, consultation: Any, slot_id: str, who: Any = None, **fields: Any) -> Any:
        return self.step("OfferSlot", consultation, who or self.as_station(), slot_id=slot_id, **fields)

    def confirm(self, consultation: Any, who: Any = None, **fields: Any) -> Any:
        hold_id = consultation.offer.hold_id or str(uuid4())
        given = {"hold_id": hold_id, "shown_licence_number": LICENCE} | fields
        return self.step("ConfirmOffer", consultation, who or self.as_station(), **given)

    def check_in(self, consultation: Any, who: Any = None, **fields: Any) -> Any:
        given = {"proof": "IDENTITY_PROOF_IDENTITY_CARD"} | fields
        return self.step("CheckIn", consultation, who or self.as_station(), **given)

    def admit(self, consultation: Any, who: Any = None, **fields: Any) -> Any:
        return self.step("AdmitPatient", consultation, who or self.as_doctor(), **fields)

    def complete(self, consultation: Any, who: Any = None, outcome: Any = None, **fields: Any) -> Any:
        given = {"outcome": outcome or outcome_message()} | fields
        return self.step("CompleteConsultation", consultation, who or self.as_doctor(), **given)

    def cancel(self, consultation: Any, who: Any = None, **fields: Any) -> Any:
        given = {"reason": "CANCELLATION_REASON_CANNOT_ATTEND"} | fields
        return self.step("CancelConsultation", consultation, who or self.as_station(), **given)

    def miss(self, consultation: Any, absent: str = "PATIENT", who: Any = None, **fields: Any) -> Any:
        given = {"absent": f"ABSENT_PARTY_{absent}"} | fields
        return self.step("MarkNoShow", consultation, who or self.as_station(), **given)

    def step(self, name: str, consultation: Any, who: Any, **fields: Any) -> Any:
        given = {
            "request_id": key(),
            "consultation_id": consultation.consultation_id,
            "expected_version": consultation.version,
        } | fields
        request = getattr(calls, f"{name}Request")(**given)
        # Two hundred rivals on a busy machine need longer than a client would wait.
        return getattr(self.consultations, name)(request, metadata=who, timeout=60).consultation

    def get(self, consultation: Any, who: Any = None) -> Any:
        request = calls.GetConsultationRequest(consultation_id=consultation.consultation_id)
        return self.consultations.GetConsultation(request, metadata=who or self.as_station()).consultation

    def scheduled(self, citizen_id: str = "", slot_id: str = "") -> Any:
        consultation = self.triage(self.request(citizen_id or self.link()))
        return self.confirm(self.offer(consultation, slot_id or self.slot()))

    def in_call(self, citizen_id: str = "") -> Any:
        return self.admit(self.check_in(self.scheduled(citizen_id)))

    # what is stored
    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement, values).fetchall()

    def run(self, statement: str, *values: Any) -> None:
        with psycopg.connect(self.url) as connection:
            connection.execute(statement, values)

    def audit(self, citizen_id: str) -> list[tuple[Any, ...]]:
        return self.rows(
            """select actor_kind, operation, outcome, reason from audit_entries where subject_id = %s
            order by occurred_at, id""",
            citizen_id,
        )

    def events(self) -> list[ConsultationEvent]:
        rows = self.rows("select payload from outbox where topic = 'telehealth.consultation.v1' order by id")
        return [ConsultationEvent.FromString(bytes(payload)) for (payload,) in rows]

    def facts(self, consultation: Any) -> list[str | None]:
        own = [e for e in self.events() if e.meta.aggregate_id == consultation.consultation_id]
        return [event.WhichOneof("fact") for event in own]


def key() -> str:
    return f"key-{next(_numbers)}-{uuid4()}"


def request_message(**changes: Any) -> Any:
    given = {
        "mode": "REMOTE_MODE_VIA_RECEIVING_FACILITY",
        "service_code": SERVICE,
        "facility_code": HOSPITAL,
        "receiving_facility_code": STATION,
        "patient": pb.PatientDetails(
            full_name=PATIENT_NAME, birth_date="1960-05-17", sex="F", phone_number="+84900000001"
        ),
        "complaint": COMPLAINT,
        "consent": pb.Consent(text_version="care-1", channel="CONSENT_CHANNEL_PAPER"),
    } | changes
    return calls.RequestConsultationRequest(**{name: value for name, value in given.items() if value is not None})


def outcome_message(**changes: Any) -> Any:
    given = {
        "kind": "OUTCOME_KIND_TREATED",
        "diagnoses": [pb.Diagnosis(icd10_code="I10", text="Tăng huyết áp CANARY-DIAGNOSIS")],
        "findings": "Huyết áp 150/95 mmHg, mạch 80 lần/phút",
        "advice": "Ăn nhạt, đo huyết áp mỗi sáng",
        "treatment": "Amlodipin 5 mg, uống sáng 01 viên, 30 ngày",
        "follow_up_on": "2026-12-23",
    } | changes
    return pb.Outcome(**{name: value for name, value in given.items() if value is not None})


def reason_of(call: Callable[[], Any]) -> str:
    return error_of(call).reason.code


def error_of(call: Callable[[], Any]) -> DomainError:
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value


def furnish(database: Database) -> None:
    """Save the facilities, contracts and practitioners that every test starts from."""
    with database.transaction() as connection:
        for code, kind in (
            (HOSPITAL, FacilityKind.HOSPITAL),
            (UNDECLARED, FacilityKind.HOSPITAL),
            (STATION, FacilityKind.COMMUNE_STATION),
            (OTHER_STATION, FacilityKind.COMMUNE_STATION),
        ):
            facilities.save_facility(connection, Facility(code, kind, f"Cơ sở thử nghiệm {code}", "05740"))
        for service in (SERVICE, "PAEDIATRICS", "CARDIOLOGY"):
            facilities.save_declaration(
                connection, HOSPITAL, service, receipt_slip_on=date(2026, 1, 5), published_on=None
            )
        contract = Contract(UUID(int=9), "01/2026", HOSPITAL, STATION, date(2026, 1, 1), None)
        facilities.save_contract(connection, contract)
        for practitioner in (
            doctor(DOCTOR, LICENCE),
            doctor(COLLEAGUE, "990102/TNG-GPHN"),
            doctor(LOCAL_DOCTOR, "990103/TNG-GPHN", facility=STATION),
            doctor(CHILDREN_DOCTOR, "990104/TNG-GPHN", services=("PAEDIATRICS",)),
        ):
            facilities.save_practitioner(connection, practitioner)


def doctor(
    practitioner_id: UUID,
    licence: str,
    *,
    facility: str = HOSPITAL,
    services: tuple[str, ...] = (SERVICE,),
    hours: tuple[int, int] = (0, 1440),
) -> Practitioner:
    card = PractitionerCard(practitioner_id, 0, f"Bác sĩ Thử {licence[:6]}", "Bác sĩ chuyên khoa I", licence)
    weekly = tuple(WorkingHours(facility, day, *hours, date(2026, 1, 1)) for day in EVERY_DAY)
    return Practitioner(card, services, weekly)


@contextmanager
def serving(
    url: str, clock: FixedClock, issuer: TokenIssuer, folder: Path, *, pool: int = 16, **changes: Any
) -> Iterator[Telehealth]:
    """Serve the service on a migrated, furnished database until the block ends."""
    settings = Settings(
        **{
            "database_url": url,
            "grpc_address": "127.0.0.1:0",
            "token_issuer": issuer.issuer,
            "jwks_url": issuer.jwks_url,
            "object_store_url": f"file://{folder}/objects",
            "signer_folder": folder / "signers",
        }
        | changes
    )
    database = Database(url, max_size=pool, application_name="telehealth-serve", wait_seconds=60)
    furnish(database)
    server = app.build_rpc_server(settings, database, clock)
    server.start()
    channel = RpcChannel(f"127.0.0.1:{server.port}", policy=RetryPolicy.load_for("songcau.telehealth.v1"))
    yield Telehealth(url, clock, issuer, database, channel, settings, server.port)
    channel.close()
    server.stop(1)
    database.close()

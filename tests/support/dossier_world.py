"""The running public services as a test of dossiers holds them: citizens, officers, and the whole way of a dossier."""

import base64
import hashlib
import hmac
import io
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct
from pypdf import PdfWriter
from songcau.eservices.events.v1.dossier_event_pb2 import DossierEvent
from songcau.eservices.v1 import attachment_service_pb2 as files_pb
from songcau.eservices.v1 import (
    attachment_service_pb2_grpc,
    dossier_pb2,
    dossier_service_pb2_grpc,
    payment_service_pb2_grpc,
    result_service_pb2_grpc,
)
from songcau.eservices.v1 import dossier_service_pb2 as pb
from songcau.eservices.v1 import payment_service_pb2 as pay_pb
from songcau.eservices.v1 import result_service_pb2 as result_pb
from songcau.identity.v1 import citizen_pb2, citizen_service_pb2, citizen_service_pb2_grpc
from songcau_eservices.consumers import on_representation
from songcau_eservices.settings import Settings
from songcau_kit.clock import FixedClock
from songcau_kit.database import Database
from songcau_kit.errors import DomainError
from songcau_kit.rpc_call import current_call
from songcau_kit.rpc_client import RpcChannel, call_metadata
from support.token_issuer import TokenIssuer
from support.told_representations import told

LA_HIEN = "H55.242"
TRANG_XA = "H55.243"
EXTRACT = "2.000635"  # copies of civil status extracts: 8,000 đồng a copy, collected before
MARITAL = "1.004873"  # marital status: 3 working days, fee set by the council, collected after
BIRTH = "1.001193"  # birth registration: same day, free, conditional papers
BUSINESS = "1.001612"  # household business: the fee is kept on refusal
SECRET = b"secret of the payment provider's tests"
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """An invented citizen, who may stand for somebody in all they do."""

    citizen_id: str
    full_name: str
    level: int = 2
    is_organisation: bool = False
    stands_for: str | None = None

    @property
    def account(self) -> str:
        return f"account-{self.citizen_id}"


class IdentityOfTests(citizen_service_pb2_grpc.CitizenServiceServicer):
    """Stands for the identity service: knows the persons a test made."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.merged: dict[str, str] = {}  # the id a token names, and the one it means
        self.died: set[str] = set()
        self.calls = 0

    def GetOwnProfile(self, request: Any, _: object) -> Any:
        self.calls += 1
        call = current_call()
        claimed = str(call.on_behalf_of or call.known_caller.attribute("citizen_id") or "")
        person = self.people[self.merged.get(claimed, claimed)]
        return citizen_service_pb2.GetOwnProfileResponse(
            citizen=citizen_pb2.Citizen(
                citizen_id=person.citizen_id,
                status="CITIZEN_STATUS_DECEASED" if person.citizen_id in self.died else "CITIZEN_STATUS_ACTIVE",
                account_kind="ACCOUNT_KIND_ORGANISATION" if person.is_organisation else "ACCOUNT_KIND_CITIZEN",
                identity_level=person.level,
                version=1,
            ),
            full_name=person.full_name,
            masked_number="4600123000" if person.is_organisation else "019•••••0001",
            birth_date="" if person.is_organisation else "1985-03-02",
            phone_number="" if person.is_organisation else "+84912000111",
            legal_representative_name="Hoàng Thị Thử Giám Đốc" if person.is_organisation else "",
        )


@dataclass
class DossierWorld:
    """The running service and everything a test asks of it."""

    url: str
    issuer: TokenIssuer
    clock: FixedClock
    channel: RpcChannel
    identity: IdentityOfTests
    settings: Settings
    dossiers: Any = field(init=False)
    files: Any = field(init=False)
    payments: Any = field(init=False)
    results: Any = field(init=False)

    def __post_init__(self) -> None:
        self.dossiers = self.channel.stub(dossier_service_pb2_grpc.DossierServiceStub)
        self.files = self.channel.stub(attachment_service_pb2_grpc.AttachmentServiceStub)
        self.payments = self.channel.stub(payment_service_pb2_grpc.PaymentServiceStub)
        self.results = self.channel.stub(result_service_pb2_grpc.ResultServiceStub)

    # who calls

    def person(self, *, level: int = 2) -> Person:
        number = next(_NUMBERS)
        person = Person(str(self.clock.new_id()), f"Nông Thị Thử Thứ {number}", level)
        self.identity.people[person.citizen_id] = person
        return person

    def organisation(self) -> Person:
        made = Person(str(self.clock.new_id()), "Công ty TNHH Ví Dụ Sông Cầu", is_organisation=True)
        self.identity.people[made.citizen_id] = made
        return made

    def as_citizen(self, person: Person, **claims: Any) -> Any:
        scopes = ["identity:read", "dossier:read", "dossier:write"]
        given = {"sub": person.account, "citizen_id": person.citizen_id, "azp": "citizen-app"}
        given |= {"on_behalf_of": person.stands_for} | claims
        return self.call_as(roles=["citizen"], scopes=scopes, **given)

    def as_officer(
        self,
        agency: str = LA_HIEN,
        *,
        purpose: str | None = "DOSSIER_PROCESSING",
        roles: Sequence[str] = ("officer",),
        **claims: Any,
    ) -> Any:
        given = {
            "sub": f"officer-of-{agency}",
            "agency_codes": [agency],
            "azp": "officer-console",
            "acr": "aal2",
        } | claims
        return self.call_as(roles=roles, scopes=["dossier:read", "dossier:process"], purpose=purpose, **given)

    def as_leader(self, agency: str = LA_HIEN, **claims: Any) -> Any:
        return self.as_officer(agency, roles=("leader",), sub=f"leader-of-{agency}", **claims)

    def call_as(self, *, purpose: str | None = None, on_behalf_of: str | None = None, **claims: Any) -> Any:
        # Long enough for tests that move the clock by weeks.
        claims = {"exp": int(self.clock.now().timestamp()) + 90 * 24 * 3600} | claims
        return call_metadata(
            token=self.issuer.token(**claims),
            purpose=purpose,
            correlation_id=f"test-{uuid4()}",
            on_behalf_of=UUID(on_behalf_of) if on_behalf_of else None,
        )

    def known(self, person: Person) -> Person:
        """Make a citizen known to the service, as identity's events would, and return them."""
        self.execute(
            """insert into citizens (id, status, account_kind, identity_level, version)
            values (%s, 'ACTIVE', 'CITIZEN', %s, 1) on conflict (id) do nothing""",
            person.citizen_id,
            person.level,
        )
        return person

    def die(self, person: Person) -> None:
        """Let a citizen be dead, as identity's event and answers would have it."""
        self.known(person)
        self.identity.died.add(person.citizen_id)
        self.execute("update citizens set status = 'DECEASED', version = 2 where id = %s", person.citizen_id)

    def represent(self, representative: Person, represented: Person, **changes: Any) -> Any:
        """Let one person stand for another, as identity's event would; return the event."""
        event = told(representative.citizen_id, represented.citizen_id, **changes)
        self.tell(event)
        return event

    def tell(self, event: Any) -> None:
        database = Database(self.url, max_size=2, application_name="eservices-work")
        with database.transaction() as conn:
            on_representation(conn, event)
        database.close()

    # what citizens do

    def create(self, person: Person, procedure: str = EXTRACT, **fields: Any) -> Any:
        answers = fields.pop("answers", {"authorised": False})
        given = {"request_id": key(), "procedure_code": procedure, "receiving_agency_code": LA_HIEN} | fields
        request = pb.CreateDossierRequest(**given, answers=ParseDict(answers, Struct()))
        return self.dossiers.CreateDossier(request, metadata=self.as_citizen(person)).dossier

    def attach(self, person: Person, dossier: Any, component: str = "copy_form", content: bytes | None = None) -> Any:
        header = files_pb.AttachFileHeader(
            request_id=key(), dossier_id=dossier.id, component_key=component, file_name=f"giấy {component}.pdf"
        )
        return self.send_file(person, header, content or pdf(component))

    def send_file(self, person: Person, header: Any, content: bytes, *, chunk: int = 64 * 1024) -> Any:
        def parts() -> Iterator[Any]:
            yield files_pb.AttachFileRequest(header=header)
            for at in range(0, len(content), chunk):
                yield files_pb.AttachFileRequest(chunk=content[at : at + chunk])

        return self.files.AttachFile(parts(), metadata=self.as_citizen(person))

    def ready_draft(
        self, person: Person, procedure: str = EXTRACT, components: Sequence[str] = (), **fields: Any
    ) -> Any:
        dossier = self.create(person, procedure, **fields)
        for component in components or ["copy_form"]:
            self.attach(person, dossier, component)
        return self.get(dossier, self.as_citizen(person))

    def submitted(self, person: Person, procedure: str = EXTRACT, **fields: Any) -> Any:
        return self.move("Submit", self.ready_draft(person, procedure, **fields), self.as_citizen(person))

    def marital(self, person: Person) -> Any:
        """Submit a dossier whose fee is open and whose time is three working days."""
        answers = {"marital_history": "never", "renewed": False, "authorised": False}
        return self.submitted(person, MARITAL, components=["status_form"], answers=answers)

    def pay(self, person: Person, dossier: Any, **report: Any) -> Any:
        payment = self.open_payment(person, dossier)
        return self.report(payment, **report)

    def open_payment(self, person: Person, dossier: Any) -> Any:
        request = pay_pb.CreatePaymentRequest(
            request_id=key(), dossier_id=dossier.id, return_url="https://app.example/back"
        )
        return self.payments.CreatePayment(request, metadata=self.as_citizen(person)).payment

    def report(self, payment: Any, **changes: Any) -> Any:
        return self.payments.RecordPaymentNotification(self.signed_report(payment, **changes))

    def signed_report(
        self, payment: Any, *, kind: str = "payment.succeeded", secret: bytes = SECRET, **data: Any
    ) -> Any:
        at = self.clock.now()
        content = {
            "payment_code": payment.code,
            "transaction_id": f"tx-{uuid4()}",
            "amount": payment.amount,
            "currency": "VND",
            "result_code": "00",
            "paid_at": at.isoformat(),
        } | data
        body = json.dumps({"type": kind, "timestamp": at.isoformat(), "data": content}).encode()
        message_id, seconds = f"msg_{uuid4()}", str(int(at.timestamp()))
        digest = hmac.digest(secret, f"{message_id}.{seconds}.".encode() + body, hashlib.sha256)
        return pay_pb.RecordPaymentNotificationRequest(
            provider="simulator",
            webhook_id=message_id,
            webhook_timestamp=seconds,
            webhook_signature=f"v1,{base64.b64encode(digest).decode()}",
            body=body,
        )

    # what agencies do

    def accepted(self, person: Person, agency: str = LA_HIEN) -> Any:
        dossier = self.marital(person)
        return self.move("Accept", dossier, self.as_officer(agency))

    def processing(self, person: Person) -> Any:
        return self.move("StartProcessing", self.accepted(person), self.as_officer())

    def resolved(self, person: Person, decision: str = "Xác nhận: chưa đăng ký kết hôn với ai.") -> Any:
        return self.move("Resolve", self.processing(person), self.as_leader(), decision=decision)

    def move(self, verb: str, dossier: Any, metadata: Any, **fields: Any) -> Any:
        name = {
            "RequestSupplement": "RequestSupplement",
            "SupplySupplement": "SupplySupplement",
            "RequirePayment": "RequirePayment",
            "StartProcessing": "StartProcessing",
            "ProposeDecision": "ProposeDecision",
            "ReturnResult": "ReturnResult",
        }.get(verb, f"{verb}Dossier")
        given = {"request_id": key(), "dossier_id": dossier.id, "expected_version": dossier.version} | fields
        request = getattr(pb, f"{name}Request")(**given)
        return getattr(self.dossiers, name)(request, metadata=metadata).dossier

    def revoke(self, dossier: Any, metadata: Any, **fields: Any) -> Any:
        given = {
            "request_id": key(),
            "code": dossier.result.code,
            "expected_version": dossier.version,
            "reason": "Cấp nhầm.",
        } | fields
        return self.results.RevokeResult(result_pb.RevokeResultRequest(**given), metadata=metadata).dossier

    # what anybody asks

    def get(self, dossier: Any, metadata: Any) -> Any:
        return self.dossiers.GetDossier(pb.GetDossierRequest(dossier_id=dossier.id), metadata=metadata).dossier

    def checklist(self, dossier: Any, metadata: Any) -> Any:
        return self.dossiers.GetChecklist(pb.GetChecklistRequest(dossier_id=dossier.id), metadata=metadata)

    def receipt(self, dossier: Any, metadata: Any) -> Any:
        return self.dossiers.GetReceipt(pb.GetReceiptRequest(dossier_id=dossier.id), metadata=metadata)

    def result_file(self, dossier: Any, metadata: Any) -> Any:
        return self.results.GetResultFile(result_pb.GetResultFileRequest(dossier_id=dossier.id), metadata=metadata)

    def verify(self, code: str, content: bytes = b"") -> str:
        answer = self.results.VerifyResult(result_pb.VerifyResultRequest(code=code, pdf=content))
        return result_pb.ResultVerdict.Name(answer.verdict).removeprefix("RESULT_VERDICT_")

    # what the database holds

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(statement, values).fetchall()

    def execute(self, statement: str, *values: Any) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement, values)

    def events(self, dossier: Any | None = None) -> list[DossierEvent]:
        rows = self.rows("select payload from outbox where topic = 'eservices.dossier.v1' order by id")
        events = [DossierEvent.FromString(bytes(payload)) for (payload,) in rows]
        return [event for event in events if dossier is None or event.meta.aggregate_id == dossier.id]

    def facts(self, dossier: Any) -> list[str | None]:
        return [event.WhichOneof("fact") for event in self.events(dossier)]

    def audit(self, person: Person) -> list[tuple[Any, ...]]:
        return self.rows(
            """select operation, actor_kind, actor_organization, purpose, outcome, reason from audit_entries
            where subject_id = %s order by occurred_at, id""",
            person.citizen_id,
        )

    def set_clock(self, at: datetime) -> None:
        self.clock.set(at)


def key() -> str:
    return str(uuid4())


def pdf(words: str = "") -> bytes:
    """Return a small PDF that differs with its words."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Title": words})
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


def state_of(dossier: Any) -> str:
    return dossier_pb2.DossierState.Name(dossier.status.state).removeprefix("DOSSIER_STATE_")


def finance_of(dossier: Any) -> str:
    return dossier_pb2.FinanceState.Name(dossier.status.finance).removeprefix("FINANCE_STATE_")


def actions_of(dossier: Any) -> set[str]:
    names = (dossier_pb2.DossierAction.Name(action) for action in dossier.status.next_actions)
    return {name.removeprefix("DOSSIER_ACTION_") for name in names}


def refusal(call: Callable[[], Any]) -> DomainError:
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value


def reason_of(call: Callable[[], Any]) -> str:
    return refusal(call).reason.code

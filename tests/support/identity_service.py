"""The running identity service as a test holds it, and invented persons."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from songcau.identity.events.v1.citizen_event_pb2 import CitizenEvent
from songcau.identity.v1 import (
    access_complaint_service_pb2_grpc,
    access_list_service_pb2_grpc,
    account_service_pb2_grpc,
    address_service_pb2_grpc,
    anomaly_service_pb2_grpc,
    assistance_service_pb2_grpc,
    breach_service_pb2_grpc,
    citizen_pb2,
    citizen_record_service_pb2_grpc,
    citizen_registration_service_pb2_grpc,
    citizen_service_pb2_grpc,
    consent_service_pb2_grpc,
    organisation_service_pb2_grpc,
    paper_service_pb2_grpc,
    representation_service_pb2_grpc,
    subject_request_service_pb2_grpc,
)
from songcau.identity.v1 import access_list_service_pb2 as lists
from songcau.identity.v1 import citizen_service_pb2 as citizens
from songcau_identity.settings import Settings
from songcau_kit.database import Database
from songcau_kit.errors import DomainError
from songcau_kit.rpc_client import RpcChannel, call_metadata
from support.token_issuer import TokenIssuer

AGENCY = "H55.242"


@dataclass
class Person:
    """An invented person of a test."""

    number: str = "019185000001"
    full_name: str = "Hoàng Thị Thử"
    birth_date: str = "1985-03-02"
    level: int = 2
    kind: int = citizen_pb2.ACCOUNT_KIND_CITIZEN
    phone: str = ""
    papers: Sequence[Any] = ()
    nationality: str = ""


@dataclass
class Identity:
    """The running service and everything a test asks of it."""

    url: str
    issuer: TokenIssuer
    database: Database
    channel: RpcChannel
    port: int
    settings: Settings
    citizens: Any = field(init=False)
    accesses: Any = field(init=False)
    records: Any = field(init=False)
    accounts: Any = field(init=False)
    requests: Any = field(init=False)
    papers: Any = field(init=False)
    addresses: Any = field(init=False)
    consents: Any = field(init=False)
    registrations: Any = field(init=False)
    representations: Any = field(init=False)
    organisations: Any = field(init=False)
    breaches: Any = field(init=False)
    complaints: Any = field(init=False)
    anomalies: Any = field(init=False)
    assistance: Any = field(init=False)

    def __post_init__(self) -> None:
        self.citizens = self.channel.stub(citizen_service_pb2_grpc.CitizenServiceStub)
        self.accesses = self.channel.stub(access_list_service_pb2_grpc.AccessListServiceStub)
        self.complaints = self.channel.stub(access_complaint_service_pb2_grpc.AccessComplaintServiceStub)
        self.anomalies = self.channel.stub(anomaly_service_pb2_grpc.AnomalyServiceStub)
        self.records = self.channel.stub(citizen_record_service_pb2_grpc.CitizenRecordServiceStub)
        self.registrations = self.channel.stub(citizen_registration_service_pb2_grpc.CitizenRegistrationServiceStub)
        self.assistance = self.channel.stub(assistance_service_pb2_grpc.AssistanceServiceStub)
        self.addresses = self.channel.stub(address_service_pb2_grpc.AddressServiceStub)
        self.papers = self.channel.stub(paper_service_pb2_grpc.PaperServiceStub)
        self.representations = self.channel.stub(representation_service_pb2_grpc.RepresentationServiceStub)
        self.organisations = self.channel.stub(organisation_service_pb2_grpc.OrganisationServiceStub)
        self.accounts = self.channel.stub(account_service_pb2_grpc.AccountServiceStub)
        self.requests = self.channel.stub(subject_request_service_pb2_grpc.SubjectRequestServiceStub)
        self.breaches = self.channel.stub(breach_service_pb2_grpc.BreachServiceStub)
        self.consents = self.channel.stub(consent_service_pb2_grpc.ConsentServiceStub)

    def as_linker(self) -> Any:
        return self.call_as(roles=["identity-linker"], scopes=["identity:link"], sub="bridge", sid=None)

    def as_citizen(self, citizen_id: str, **claims: Any) -> Any:
        scopes = ["identity:read", "identity:link", "access:read", "consent:read", "consent:write", "assistance:act"]
        given = {"sub": f"account-of-{citizen_id}", "citizen_id": citizen_id, "azp": "citizen-app"}
        return self.call_as(roles=["citizen"], scopes=scopes, **(given | claims))

    def as_officer(
        self, *, purpose: str | None = "DOSSIER_PROCESSING", roles: Sequence[str] = ("officer",), **claims: Any
    ) -> Any:
        given = {"sub": "officer-1", "agency_codes": [AGENCY], "acr": "aal2", "azp": "officer-console"} | claims
        return self.call_as(roles=roles, scopes=["identity:lookup"], purpose=purpose, **given)

    def as_data_officer(self, *, purpose: str | None = "INSPECTION", **claims: Any) -> Any:
        given = {"sub": "data-officer-1", "agency_codes": ["H55"]} | claims
        return self.as_officer(roles=["data-officer"], purpose=purpose, **given)

    def as_administrator(self, *, purpose: str | None = "DATA_SUBJECT_REQUEST", **claims: Any) -> Any:
        given = {"roles": ["data-officer"], "sub": "data-officer-1", "acr": "aal2", "azp": "officer-console"} | claims
        return self.call_as(scopes=["account:manage"], purpose=purpose, **given)

    def call_as(self, *, purpose: str | None = None, on_behalf_of: str | None = None, **claims: Any) -> Any:
        return call_metadata(
            token=self.issuer.token(**claims),
            purpose=purpose,
            correlation_id=f"test-{uuid4()}",
            on_behalf_of=UUID(on_behalf_of) if on_behalf_of else None,
        )

    def link(self, person: Person | None = None, *, request_id: str | None = None, **changes: Any) -> Any:
        return self.citizens.LinkCitizen(
            link_request(person or Person(**changes), request_id=request_id), metadata=self.as_linker()
        )

    def own_accesses(self, citizen_id: str, *, page_size: int = 0, page_token: str = "", **filters: Any) -> Any:
        return self.accesses.ListOwnAccesses(
            lists.ListOwnAccessesRequest(page_size=page_size, page_token=page_token, **filters),
            metadata=self.as_citizen(citizen_id),
        )

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement, values).fetchall()

    def audit(self) -> list[tuple[Any, ...]]:
        return self.rows(
            """select subject_id::text, actor_kind, actor_organization, operation, purpose, outcome, reason
            from audit_entries order by occurred_at, id"""
        )

    def events(self) -> list[CitizenEvent]:
        rows = self.rows("select payload from outbox where topic = 'identity.citizen.v1' order by id")
        return [CitizenEvent.FromString(bytes(payload)) for (payload,) in rows]

    def facts(self) -> list[str | None]:
        return [event.WhichOneof("fact") for event in self.events()]


def link_request(person: Person, *, request_id: str | None = None) -> citizens.LinkCitizenRequest:
    verified_at = Timestamp()
    verified_at.GetCurrentTime()
    return citizens.LinkCitizenRequest(
        request_id=request_id or str(uuid4()),
        facts=citizens.VerifiedFacts(
            account_kind=person.kind,
            number=person.number,
            full_name=person.full_name,
            birth_date=person.birth_date,
            identity_level=person.level,
            phone_number=person.phone,
            papers=person.papers,
            nationality=person.nationality,
        ),
        evidence=citizens.VerificationEvidence(
            method="VNEID", verified_at=verified_at, transaction_id=str(uuid4()), authentication_level=2
        ),
    )


def reason_of(call: Callable[[], Any]) -> str:
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value.reason.code

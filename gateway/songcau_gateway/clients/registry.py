"""All clients of a gateway process, and how a route gets them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Self, cast

from fastapi import Depends, Request
from songcau_kit.tls import TlsSource

from songcau_gateway.clients.access_complaints import AccessComplaintClient
from songcau_gateway.clients.accesses import AccessClient
from songcau_gateway.clients.accounts import AccountRecordClient
from songcau_gateway.clients.addresses import AddressClient
from songcau_gateway.clients.anomalies import AnomalyClient
from songcau_gateway.clients.assistance import AssistanceClient
from songcau_gateway.clients.attachments import AttachmentClient
from songcau_gateway.clients.audit_log import AuditLogClient
from songcau_gateway.clients.breaches import BreachClient
from songcau_gateway.clients.catalogue import CatalogueClient
from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.citizen_records import CitizenRecordClient
from songcau_gateway.clients.citizens import CitizenClient
from songcau_gateway.clients.consents import ConsentClient
from songcau_gateway.clients.consultation_consents import ConsultationConsentClient
from songcau_gateway.clients.consultations import ConsultationClient
from songcau_gateway.clients.dossiers import DossierClient
from songcau_gateway.clients.facilities import FacilityClient
from songcau_gateway.clients.organisations import OrganisationClient
from songcau_gateway.clients.papers import PaperClient
from songcau_gateway.clients.payments import PaymentClient
from songcau_gateway.clients.proposals import ProposalClient
from songcau_gateway.clients.refusals import RefusalClient
from songcau_gateway.clients.registrations import RegistrationClient
from songcau_gateway.clients.representations import RepresentationClient
from songcau_gateway.clients.results import ResultClient
from songcau_gateway.clients.subject_requests import SubjectRequestClient
from songcau_gateway.settings import Settings


@dataclass(frozen=True)
class Clients:
    """One client per noun group over one channel per service."""

    channels: Mapping[str, ServiceChannel]
    citizens: CitizenClient
    citizen_records: CitizenRecordClient
    accesses: AccessClient
    access_complaints: AccessComplaintClient
    anomalies: AnomalyClient
    subject_requests: SubjectRequestClient
    papers: PaperClient
    addresses: AddressClient
    registrations: RegistrationClient
    account_records: AccountRecordClient
    consents: ConsentClient
    representations: RepresentationClient
    assistance: AssistanceClient
    organisations: OrganisationClient
    breaches: BreachClient
    catalogue: CatalogueClient
    dossiers: DossierClient
    attachments: AttachmentClient
    payments: PaymentClient
    results: ResultClient
    facilities: FacilityClient
    consultations: ConsultationClient
    consultation_consents: ConsultationConsentClient
    refusals: RefusalClient
    audit_log: AuditLogClient

    @classmethod
    def connect(cls, settings: Settings, tls: TlsSource | None = None) -> Self:
        """Open the channels; needs a running event loop, waits for nobody."""
        identity = ServiceChannel("identity", settings.identity_address, tls)
        eservices = ServiceChannel("eservices", settings.eservices_address, tls)
        telehealth = ServiceChannel("telehealth", settings.telehealth_address, tls)
        audit = ServiceChannel("audit", settings.audit_address, tls)
        return cls(
            channels={channel.name: channel for channel in (identity, eservices, telehealth, audit)},
            citizens=CitizenClient(identity),
            citizen_records=CitizenRecordClient(identity),
            accesses=AccessClient(identity),
            access_complaints=AccessComplaintClient(identity),
            anomalies=AnomalyClient(identity),
            subject_requests=SubjectRequestClient(identity),
            papers=PaperClient(identity),
            addresses=AddressClient(identity),
            registrations=RegistrationClient(identity),
            account_records=AccountRecordClient(identity),
            consents=ConsentClient(identity),
            representations=RepresentationClient(identity),
            assistance=AssistanceClient(identity, ProposalClient(eservices, telehealth)),
            organisations=OrganisationClient(identity),
            breaches=BreachClient(identity),
            catalogue=CatalogueClient(eservices),
            dossiers=DossierClient(eservices),
            attachments=AttachmentClient(eservices),
            payments=PaymentClient(eservices),
            results=ResultClient(eservices),
            facilities=FacilityClient(telehealth),
            consultations=ConsultationClient(telehealth),
            consultation_consents=ConsultationConsentClient(telehealth),
            refusals=RefusalClient(identity, eservices, telehealth),
            audit_log=AuditLogClient(audit),
        )

    async def close(self) -> None:
        """Close every channel."""
        for channel in self.channels.values():
            await channel.close()


async def clients_of(request: Request) -> Clients:
    """Return the clients of this process; asynchronous, as FastAPI sends a plain function to another thread."""
    return cast(Clients, request.app.state.clients)


Services = Annotated[Clients, Depends(clients_of)]

"""Client of the telehealth service for the consents people gave with each consultation."""

from typing import Any
from uuid import UUID

from songcau.telehealth.v1 import consultation_service_pb2 as pb
from songcau.telehealth.v1.consultation_service_pb2_grpc import ConsultationServiceStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.codec import build, to_plain
from songcau_gateway.clients.facilities import facility_card
from songcau_gateway.errors import RemoteRefusalError
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.consultation_consent_schemas import ConsultationConsent, ConsultationConsentPage
from songcau_gateway.routes.fields import PageQuery

PURPOSE = "REMOTE_CARE"


class ConsultationConsentClient:
    """The consents to consultations, read and taken back."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._stub = ConsultationServiceStub(channel.channel)

    async def page(self, exchange: Exchange, query: PageQuery) -> ConsultationConsentPage:
        """Return a page of the caller's consents to consultations, newest first."""
        request = build(pb.ListConsultationConsentsRequest(), query.paging())
        plain = to_plain(await self._channel.call(exchange, self._stub.ListConsultationConsents, request))
        items = [_fields(one) for one in plain["consents"]]
        return ConsultationConsentPage.model_validate({"items": items, "next_cursor": plain["next_page_token"]})

    async def find_first_page(self, exchange: Exchange) -> ConsultationConsentPage | None:
        """Return the newest of them; None where telehealth does not answer now or the caller may not read them."""
        try:
            return await self.page(exchange, PageQuery())
        except RemoteRefusalError:
            return None

    async def withdraw(self, exchange: Exchange, consultation_id: UUID) -> ConsultationConsent:
        """Withdraw the consent to one consultation."""
        request = pb.WithdrawConsultationConsentRequest(
            request_id=exchange.request_id, consultation_id=str(consultation_id)
        )
        answer = await self._channel.call(exchange, self._stub.WithdrawConsultationConsent, request)
        return ConsultationConsent.model_validate(_fields(to_plain(answer)["consent"]))


def _fields(plain: dict[str, Any]) -> dict[str, Any]:
    given_by = "REPRESENTATIVE" if plain["given_by_representative"] else "PATIENT"
    facility = facility_card(plain["facility"])
    return {**plain, **plain["consent"], "purpose": PURPOSE, "given_by": given_by, "facility": facility}

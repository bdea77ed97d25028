"""Client of the identity service for consents."""

from typing import Any
from uuid import UUID

from songcau.identity.v1 import consent_service_pb2 as pb
from songcau.identity.v1.consent_service_pb2_grpc import ConsentServiceStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.citizen_records import document
from songcau_gateway.clients.codec import to_plain
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.consent_schemas import (
    ConsentGrant,
    ConsentPurposes,
    OwnConsent,
    PurposeConsent,
    RecordedConsentGrant,
    RecordedConsentWithdrawal,
)


class ConsentClient:
    """Texts, own consents, and what officers enter for citizens."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._consents = ConsentServiceStub(channel.channel)

    async def purposes(self, exchange: Exchange) -> ConsentPurposes:
        """Return what people are asked."""
        answer = await self._channel.call(exchange, self._consents.ListConsentPurposes, pb.ListConsentPurposesRequest())
        return ConsentPurposes.model_validate({"items": map(_purpose, to_plain(answer)["purposes"])})

    async def own(self, exchange: Exchange) -> list[OwnConsent]:
        """Return what the calling citizen decided, one for each purpose."""
        answer = await self._channel.call(exchange, self._consents.ListOwnConsents, pb.ListOwnConsentsRequest())
        return [OwnConsent.model_validate(_own(one)) for one in to_plain(answer)["consents"]]

    async def give(self, exchange: Exchange, grant: ConsentGrant) -> PurposeConsent:
        """Give consent to one purpose."""
        request = pb.GiveConsentRequest(request_id=exchange.request_id, **grant.plain())
        return _consent(to_plain(await self._channel.call(exchange, self._consents.GiveConsent, request))["consent"])

    async def withdraw(self, exchange: Exchange, purpose: str) -> PurposeConsent:
        """Withdraw consent to one purpose."""
        request = pb.WithdrawConsentRequest(request_id=exchange.request_id, purpose=purpose)
        answer = await self._channel.call(exchange, self._consents.WithdrawConsent, request)
        return _consent(to_plain(answer)["consent"])

    async def record(self, exchange: Exchange, citizen_id: UUID, grant: RecordedConsentGrant) -> PurposeConsent:
        """Enter consent that a citizen declared."""
        request = pb.RecordConsentRequest(
            purpose=grant.purpose, text_version=grant.text_version, **_declared(exchange, citizen_id, grant)
        )
        return _consent(to_plain(await self._channel.call(exchange, self._consents.RecordConsent, request))["consent"])

    async def record_withdrawal(
        self, exchange: Exchange, citizen_id: UUID, purpose: str, withdrawal: RecordedConsentWithdrawal
    ) -> PurposeConsent:
        """Enter a withdrawal that a citizen declared."""
        request = pb.RecordConsentWithdrawalRequest(purpose=purpose, **_declared(exchange, citizen_id, withdrawal))
        answer = await self._channel.call(exchange, self._consents.RecordConsentWithdrawal, request)
        return _consent(to_plain(answer)["consent"])


def _declared(
    exchange: Exchange, citizen_id: UUID, declared: RecordedConsentGrant | RecordedConsentWithdrawal
) -> dict[str, Any]:
    return {
        "request_id": exchange.request_id,
        "citizen_id": str(citizen_id),
        "channel": f"CONSENT_CHANNEL_{declared.channel}",
        "evidence": document(declared.evidence),
        "representative_id": str(declared.representative_id or ""),
    }


def _purpose(plain: dict[str, Any]) -> dict[str, Any]:
    wordings = {language: plain[language] or {} for language in ("vi", "en")}
    return plain | {
        part: {language: wording.get(part, "") for language, wording in wordings.items()} for part in ("title", "body")
    }


def _own(plain: dict[str, Any]) -> dict[str, Any]:
    consent = plain["consent"]
    is_asked = consent is None or consent["state"] == "LAPSED"
    return _purpose(plain["purpose"]) | {
        "consent": consent and _fields(consent),
        "waiting": plain["waiting"] and _fields(plain["waiting"]),
        "is_asked": is_asked,
        "decisions": plain["decisions"],
    }


def _fields(consent: dict[str, Any]) -> dict[str, Any]:
    return consent | {"id": consent["consent_id"], "decisions": consent["version"]}


def _consent(plain: dict[str, Any]) -> PurposeConsent:
    return PurposeConsent.model_validate(_fields(plain))

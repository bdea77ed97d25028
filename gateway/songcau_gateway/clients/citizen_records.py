"""Client of the identity service for officers who mend records."""

from typing import Any
from uuid import UUID

from songcau.identity.v1 import citizen_record_service_pb2 as pb
from songcau.identity.v1.citizen_record_service_pb2_grpc import CitizenRecordServiceStub

from songcau_gateway.clients.channel import ServiceChannel
from songcau_gateway.clients.citizens import flat, flat_citizen
from songcau_gateway.clients.codec import build, to_plain
from songcau_gateway.exchange import Exchange
from songcau_gateway.routes.citizen_record_schemas import (
    CitizenCorrection,
    CitizenMerge,
    DeathAnnulment,
    DeathRecording,
    DocumentEvidence,
    EvidencedAct,
    HeldIdentifiers,
    MendedCitizen,
    MergedCitizens,
    NumberReplacement,
    RecordDoubt,
    RecordDoubtPage,
)
from songcau_gateway.routes.citizen_schemas import Citizen
from songcau_gateway.routes.fields import PageQuery, iso


class CitizenRecordClient:
    """Merges, corrections, numbers issued anew, doubts."""

    def __init__(self, channel: ServiceChannel) -> None:
        self._channel = channel
        self._records = CitizenRecordServiceStub(channel.channel)

    async def merge(self, exchange: Exchange, citizen_id: UUID, merge: CitizenMerge) -> MergedCitizens:
        """Let the citizen's record stand for another one, too."""
        request = pb.MergeCitizensRequest(
            request_id=exchange.request_id,
            surviving_citizen_id=str(citizen_id),
            expected_surviving_version=exchange.expected_version,
            merged_citizen_id=str(merge.merged_citizen_id),
            expected_merged_version=merge.merged_version,
            evidence=document(merge.evidence),
        )
        plain = to_plain(await self._channel.call(exchange, self._records.MergeCitizens, request))
        return _both(plain["survivor"], plain["merged"])

    async def unmerge(self, exchange: Exchange, citizen_id: UUID, act: EvidencedAct) -> MergedCitizens:
        """Undo the merge of a record into another."""
        request = pb.UnmergeCitizensRequest(
            request_id=exchange.request_id,
            merged_citizen_id=str(citizen_id),
            expected_version=exchange.expected_version,
            evidence=document(act.evidence),
        )
        plain = to_plain(await self._channel.call(exchange, self._records.UnmergeCitizens, request))
        return _both(plain["survivor"], plain["unmerged"])

    async def replace_number(
        self, exchange: Exchange, citizen_id: UUID, replacement: NumberReplacement
    ) -> MendedCitizen:
        """Enter the number issued in place of the present one."""
        request = pb.ReplaceIdentifierRequest(
            request_id=exchange.request_id,
            citizen_id=str(citizen_id),
            expected_version=exchange.expected_version,
            number=replacement.number,
            evidence=document(replacement.evidence),
        )
        return _mended(to_plain(await self._channel.call(exchange, self._records.ReplaceIdentifier, request)))

    async def correct(self, exchange: Exchange, citizen_id: UUID, correction: CitizenCorrection) -> MendedCitizen:
        """Correct facts of a citizen."""
        request = pb.CorrectCitizenRequest(
            request_id=exchange.request_id,
            citizen_id=str(citizen_id),
            expected_version=exchange.expected_version,
            full_name=correction.full_name or "",
            birth_date=correction.birth_date or "",
            sex=f"SEX_{correction.sex or 'UNSPECIFIED'}",
            evidence=document(correction.evidence),
        )
        return _mended(to_plain(await self._channel.call(exchange, self._records.CorrectCitizen, request)))

    async def record_death(self, exchange: Exchange, citizen_id: UUID, act: DeathRecording) -> Citizen:
        """Enter a death."""
        request = pb.RecordDeathRequest(
            request_id=exchange.request_id,
            citizen_id=str(citizen_id),
            expected_version=exchange.expected_version,
            evidence=document(act.evidence),
        )
        plain = to_plain(await self._channel.call(exchange, self._records.RecordDeath, request))
        return Citizen.model_validate(flat(plain))

    async def annul_death(self, exchange: Exchange, citizen_id: UUID, act: DeathAnnulment) -> Citizen:
        """Take a death back."""
        request = pb.AnnulDeathRequest(
            request_id=exchange.request_id,
            citizen_id=str(citizen_id),
            expected_version=exchange.expected_version,
            evidence=document(act.evidence),
        )
        plain = to_plain(await self._channel.call(exchange, self._records.AnnulDeath, request))
        return Citizen.model_validate(flat(plain))

    async def identifiers(self, exchange: Exchange, citizen_id: UUID) -> HeldIdentifiers:
        """Return every number of a citizen."""
        request = pb.ListIdentifiersRequest(citizen_id=str(citizen_id))
        plain = to_plain(await self._channel.call(exchange, self._records.ListIdentifiers, request))
        return HeldIdentifiers.model_validate({"items": plain["identifiers"]})

    async def doubts(self, exchange: Exchange, page: PageQuery) -> RecordDoubtPage:
        """Return a page of doubts that wait for an officer."""
        request = pb.ListRecordDoubtsRequest(page_size=page.limit, page_token=page.cursor or "")
        plain = to_plain(await self._channel.call(exchange, self._records.ListRecordDoubts, request))
        items = [doubt | {"id": doubt["doubt_id"]} for doubt in plain["doubts"]]
        return RecordDoubtPage.model_validate({"items": items, "next_cursor": plain["next_page_token"]})

    async def settle_doubt(self, exchange: Exchange, doubt_id: UUID, act: EvidencedAct) -> RecordDoubt:
        """End a doubt: the record is right."""
        request = pb.SettleRecordDoubtRequest(
            request_id=exchange.request_id,
            doubt_id=str(doubt_id),
            expected_citizen_version=exchange.expected_version,
            evidence=document(act.evidence),
        )
        doubt = to_plain(await self._channel.call(exchange, self._records.SettleRecordDoubt, request))["doubt"]
        return RecordDoubt.model_validate(doubt | {"id": doubt["doubt_id"]})


def document(evidence: DocumentEvidence) -> pb.DocumentEvidence:
    """Return the document an act rests on as the service has it."""
    values = evidence.plain() | {"issued_on": iso(evidence.issued_on)}
    return build(pb.DocumentEvidence(), values)


def _both(survivor: dict[str, Any], other: dict[str, Any]) -> MergedCitizens:
    return MergedCitizens.model_validate({"survivor": flat_citizen(survivor), "other": flat_citizen(other)})


def _mended(plain: dict[str, Any]) -> MendedCitizen:
    return MendedCitizen.model_validate(flat(plain))

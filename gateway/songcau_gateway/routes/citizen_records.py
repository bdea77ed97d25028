"""What data officers mend in records of citizens: duplicates, numbers issued anew, wrong facts, what looks odd."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request
from starlette.responses import Response

from songcau_gateway.answers import reply
from songcau_gateway.auth import allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.deceased_accounts import stop_accounts
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.citizen_record_schemas import (
    CitizenCorrection,
    CitizenMerge,
    DeathAnnulment,
    DeathRecording,
    EvidencedAct,
    HeldIdentifiers,
    MendedCitizen,
    MergedCitizens,
    NumberReplacement,
    RecordDoubt,
    RecordDoubtPage,
)
from songcau_gateway.routes.citizen_schemas import Citizen
from songcau_gateway.routes.citizens import CitizenId
from songcau_gateway.routes.fields import PageQuery

routes = Routes("Bản ghi công dân · Citizen records", "identity", activity="record-correction")
DoubtId = Annotated[UUID, Path(description="id of the doubt")]
_OFFICER = allow("data-officer", scope="identity:lookup")
_ACT = ("CITIZEN_NOT_FOUND", "OFFICER_WITHOUT_AGENCY", "OWN_RECORD", "EVIDENCE_INVALID")
_MENDING = (*_ACT, "CITIZEN_MERGED", "CITIZEN_NOT_ACTIVE", "NOTHING_TO_CHANGE")
_READING = ("OFFICER_WITHOUT_AGENCY",)


@routes.add(
    "POST",
    "/v1/citizens/{citizen_id}/merge",
    _OFFICER,
    title="Gộp bản ghi trùng của một người",
    summary="Let this record stand for another one of the same person, too; If-Match names this record's version",
    answer=MergedCitizens,
    reasons=(*_ACT, "CITIZEN_MERGED", "CITIZEN_NOT_ACTIVE", "MERGE_INVALID", "MERGE_KINDS_DIFFER", "MERGE_CHAIN"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def merge_citizens(
    citizen_id: CitizenId, merge: CitizenMerge, exchange: CurrentExchange, services: Services
) -> Response:
    """Merge two records."""
    return reply(exchange, await services.citizen_records.merge(exchange, citizen_id, merge))


@routes.add(
    "POST",
    "/v1/citizens/{citizen_id}/unmerge",
    _OFFICER,
    title="Hủy việc gộp bản ghi",
    summary="Let a record that was merged into another stand for itself again; each has exactly what it had",
    answer=MergedCitizens,
    reasons=(*_ACT, "CITIZEN_NOT_MERGED"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def unmerge_citizens(
    citizen_id: CitizenId, act: EvidencedAct, exchange: CurrentExchange, services: Services
) -> Response:
    """Undo a merge."""
    return reply(exchange, await services.citizen_records.unmerge(exchange, citizen_id, act))


@routes.add(
    "POST",
    "/v1/citizens/{citizen_id}/replace-number",
    _OFFICER,
    rpc="ReplaceIdentifier",
    title="Ghi nhận số được cấp lại",
    summary="Cancel the citizen's present number and enter the one issued in its place; the history keeps both",
    answer=MendedCitizen,
    reasons=(*_MENDING, "IDENTIFIER_INVALID", "IDENTIFIER_TAKEN", "IDENTIFIER_CANCELLED", "NUMBER_MISSING"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def replace_number(
    citizen_id: CitizenId, replacement: NumberReplacement, exchange: CurrentExchange, services: Services
) -> Response:
    """Enter another number."""
    return reply(exchange, await services.citizen_records.replace_number(exchange, citizen_id, replacement))


@routes.add(
    "POST",
    "/v1/citizens/{citizen_id}/correct",
    _OFFICER,
    title="Đính chính thông tin công dân",
    summary="Correct name, date of birth or sex on evidence; what does not fit the number is a warning, no refusal",
    answer=MendedCitizen,
    reasons=(*_MENDING, "CORRECTION_INVALID"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def correct_citizen(
    citizen_id: CitizenId, correction: CitizenCorrection, exchange: CurrentExchange, services: Services
) -> Response:
    """Correct facts."""
    return reply(exchange, await services.citizen_records.correct(exchange, citizen_id, correction))


@routes.add(
    "POST",
    "/v1/citizens/{citizen_id}/record-death",
    _OFFICER,
    activity="death-recording",
    title="Ghi nhận công dân đã mất",
    summary="Enter a death on its document; what the citizen granted and held ends, the account is stopped",
    answer=Citizen,
    reasons=(*_ACT, "CITIZEN_MERGED", "CITIZEN_NOT_ACTIVE", "ISSUER_UNAVAILABLE"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def record_death(
    citizen_id: CitizenId, act: DeathRecording, request: Request, exchange: CurrentExchange, services: Services
) -> Response:
    """Enter a death and stop the account of who died."""
    dead = await services.citizen_records.record_death(exchange, citizen_id, act)
    await stop_accounts(request.app.state.accounts, citizen_id)
    return reply(exchange, dead)


@routes.add(
    "POST",
    "/v1/citizens/{citizen_id}/annul-death",
    _OFFICER,
    activity="death-recording",
    title="Hủy ghi nhận công dân đã mất",
    summary="Take a death back; the citizen is blocked until somebody unblocks them, and has no heirs",
    answer=Citizen,
    reasons=(*_ACT, "CITIZEN_MERGED", "CITIZEN_NOT_DECEASED"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def annul_death(
    citizen_id: CitizenId, act: DeathAnnulment, exchange: CurrentExchange, services: Services
) -> Response:
    """Take a death back."""
    return reply(exchange, await services.citizen_records.annul_death(exchange, citizen_id, act))


@routes.add(
    "GET",
    "/v1/citizens/{citizen_id}/identifiers",
    _OFFICER,
    title="Xem lịch sử số định danh",
    summary="List every number a citizen has or had, masked, those of merged records among them",
    answer=HeldIdentifiers,
    reasons=(*_READING, "CITIZEN_NOT_FOUND"),
    purpose="required",
)
async def list_identifiers(citizen_id: CitizenId, exchange: CurrentExchange, services: Services) -> Response:
    """List a citizen's numbers."""
    return reply(exchange, await services.citizen_records.identifiers(exchange, citizen_id))


@routes.add(
    "GET",
    "/v1/record-doubts",
    _OFFICER,
    title="Xem các điểm nghi vấn chờ xử lý",
    summary="List what does not fit together in records and waits for an officer, the oldest first",
    answer=RecordDoubtPage,
    reasons=(*_READING, "CURSOR_INVALID"),
    purpose="required",
)
async def list_record_doubts(
    page: Annotated[PageQuery, Query()], exchange: CurrentExchange, services: Services
) -> Response:
    """List doubts."""
    return reply(exchange, await services.citizen_records.doubts(exchange, page))


@routes.add(
    "POST",
    "/v1/record-doubts/{doubt_id}/settle",
    _OFFICER,
    title="Xác nhận bản ghi đúng",
    summary="End a doubt on evidence that the record is right; If-Match names the citizen's version",
    answer=RecordDoubt,
    reasons=(*_ACT, "DOUBT_NOT_FOUND", "DOUBT_SETTLED"),
    creates_or_moves=True,
    versioned="required",
    purpose="required",
    step_up=2,
)
async def settle_record_doubt(
    doubt_id: DoubtId, act: EvidencedAct, exchange: CurrentExchange, services: Services
) -> Response:
    """End a doubt."""
    return reply(exchange, await services.citizen_records.settle_doubt(exchange, doubt_id, act))

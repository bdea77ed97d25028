"""The moves of a dossier: each takes it from one state to the next, names the version it starts from, happens once."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import Path
from starlette.responses import Response

from songcau_gateway.answers import reply
from songcau_gateway.auth import Rule, allow
from songcau_gateway.clients.registry import Services
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.fresh import fresh_on_conflict
from songcau_gateway.operations import Handler, Routes
from songcau_gateway.routes.dossier_answers import Dossier
from songcau_gateway.routes.dossier_schemas import Decision, DecisionDraft, FeeDemand, Grounds, HandOver, SupplementWish

routes = Routes("Hồ sơ · Dossiers", "eservices", activity="dossier-processing")
DossierId = Annotated[UUID, Path(description="id of the dossier")]
CITIZEN = allow("citizen", scope="dossier:write", on_behalf=True)
PAPER_REUSE = ("CONSENT_REQUIRED", "CONSENT_WITHDRAWN", "PAPER_EXPIRED", "PAPER_NOT_REUSABLE")
ASSISTED = replace(CITIZEN, assisted=True)
DECISIONS = ("refuse", "resolve", "stop")
OFFICER = allow("officer", "leader", scope="dossier:process")


def move(verb: str, rule: Rule, title: str, summary: str, *reasons: str) -> Callable[[Handler], Handler]:
    """Declare a move of a dossier; the reasons are those beside the ones every move can give."""
    return routes.add(
        "POST",
        f"/v1/dossiers/{{dossier_id}}/{verb}",
        rule,
        title=title,
        summary=summary,
        answer=Dossier,
        reasons=("DOSSIER_NOT_FOUND", "DOSSIER_STATE_CONFLICT", *reasons),
        creates_or_moves=True,
        versioned="required",
        purpose="optional",
        step_up=2 if verb in DECISIONS else 0,
    )


@move(
    "submit",
    ASSISTED,
    "Nộp hồ sơ",
    "Hand the draft in; missing papers are named one by one",
    "DOSSIER_INCOMPLETE",
    *PAPER_REUSE,
    "CITIZEN_NOT_LINKED",
    "CITIZEN_BLOCKED",
    "CITIZEN_DECEASED",
    "PROCEDURE_NOT_FOR_HEIRS",
)
async def submit_dossier(dossier_id: DossierId, exchange: CurrentExchange, services: Services) -> Response:
    """Hand the draft in."""
    async with fresh_on_conflict(lambda: services.dossiers.get(exchange, dossier_id)):
        return reply(exchange, await services.dossiers.submit(exchange, dossier_id))


@move(
    "accept",
    OFFICER,
    "Tiếp nhận hồ sơ",
    "Accept: the dossier gets its number and due date",
    "PAYMENT_REQUIRED",
    "AGENCY_CANNOT_RECEIVE",
    "PROCEDURE_WITHOUT_DEADLINE",
    "ACTION_NOT_YOURS",
)
async def accept_dossier(dossier_id: DossierId, exchange: CurrentExchange, services: Services) -> Response:
    """Accept."""
    async with fresh_on_conflict(lambda: services.dossiers.get(exchange, dossier_id)):
        return reply(exchange, await services.dossiers.accept(exchange, dossier_id))


@move(
    "refuse",
    OFFICER,
    "Từ chối tiếp nhận",
    "Do not accept a submitted dossier (form 03)",
    "REASON_REQUIRED",
    "ACTION_NOT_YOURS",
)
async def refuse_dossier(
    dossier_id: DossierId, grounds: Grounds, exchange: CurrentExchange, services: Services
) -> Response:
    """Do not accept a submitted dossier (form 03)."""
    async with fresh_on_conflict(lambda: services.dossiers.get(exchange, dossier_id)):
        return reply(exchange, await services.dossiers.refuse(exchange, dossier_id, grounds))


@move(
    "request-supplement",
    OFFICER,
    "Yêu cầu bổ sung hồ sơ",
    "Ask for papers by name (form 02); the clock pauses",
    "SUPPLEMENT_ITEMS_REQUIRED",
    "COMPONENT_UNKNOWN",
    "ACTION_NOT_YOURS",
)
async def request_supplement(
    dossier_id: DossierId, wish: SupplementWish, exchange: CurrentExchange, services: Services
) -> Response:
    """Ask for papers by name (form 02)."""
    async with fresh_on_conflict(lambda: services.dossiers.get(exchange, dossier_id)):
        return reply(exchange, await services.dossiers.request_supplement(exchange, dossier_id, wish))


@move(
    "supply-supplement",
    ASSISTED,
    "Nộp bổ sung",
    "Hand in what was asked; the clock runs again, both due dates stay",
    "DOSSIER_INCOMPLETE",
    "ACTION_NOT_YOURS",
)
async def supply_supplement(dossier_id: DossierId, exchange: CurrentExchange, services: Services) -> Response:
    """Hand in what was asked."""
    async with fresh_on_conflict(lambda: services.dossiers.get(exchange, dossier_id)):
        return reply(exchange, await services.dossiers.supply_supplement(exchange, dossier_id))


@move(
    "require-payment",
    OFFICER,
    "Yêu cầu thực hiện nghĩa vụ tài chính",
    "Ask for the fee during processing; the clock pauses until it is paid",
    "FEE_NOT_DUE",
    "ACTION_NOT_YOURS",
)
async def require_payment(
    dossier_id: DossierId, demand: FeeDemand, exchange: CurrentExchange, services: Services
) -> Response:
    """Ask for the fee during processing."""
    async with fresh_on_conflict(lambda: services.dossiers.get(exchange, dossier_id)):
        return reply(exchange, await services.dossiers.require_payment(exchange, dossier_id, demand))


@move("start-processing", OFFICER, "Bắt đầu xử lý", "Begin work on an accepted dossier", "ACTION_NOT_YOURS")
async def start_processing(dossier_id: DossierId, exchange: CurrentExchange, services: Services) -> Response:
    """Begin work on an accepted dossier."""
    async with fresh_on_conflict(lambda: services.dossiers.get(exchange, dossier_id)):
        return reply(exchange, await services.dossiers.start_processing(exchange, dossier_id))


@move(
    "propose-decision",
    OFFICER,
    "Trình dự thảo kết quả",
    "Draft the decision for the leader to sign; a later draft takes its place",
    "ACTION_NOT_YOURS",
)
async def propose_decision(
    dossier_id: DossierId, draft: DecisionDraft, exchange: CurrentExchange, services: Services
) -> Response:
    """Draft the decision for the leader to sign."""
    async with fresh_on_conflict(lambda: services.dossiers.get(exchange, dossier_id)):
        return reply(exchange, await services.dossiers.propose(exchange, dossier_id, draft))


@move(
    "resolve",
    OFFICER,
    "Ký kết quả giải quyết",
    "The leader of the authority decides; makes and signs the result",
    "PAYMENT_REQUIRED",
    "ACTION_NOT_YOURS",
)
async def resolve_dossier(
    dossier_id: DossierId, decision: Decision, exchange: CurrentExchange, services: Services
) -> Response:
    """Decide."""
    async with fresh_on_conflict(lambda: services.dossiers.get(exchange, dossier_id)):
        return reply(exchange, await services.dossiers.resolve(exchange, dossier_id, decision))


@move("return", OFFICER, "Trả kết quả", "Hand the result to the citizen", "ACTION_NOT_YOURS")
async def return_result(
    dossier_id: DossierId, way: HandOver, exchange: CurrentExchange, services: Services
) -> Response:
    """Hand the result to the citizen."""
    async with fresh_on_conflict(lambda: services.dossiers.get(exchange, dossier_id)):
        return reply(exchange, await services.dossiers.return_result(exchange, dossier_id, way))


@move(
    "withdraw",
    CITIZEN,
    "Rút hồ sơ",
    "Withdraw, as long as no decision is signed",
    "REASON_REQUIRED",
    "ACTION_NOT_YOURS",
)
async def withdraw_dossier(
    dossier_id: DossierId, grounds: Grounds, exchange: CurrentExchange, services: Services
) -> Response:
    """Withdraw, as long as no decision is signed."""
    async with fresh_on_conflict(lambda: services.dossiers.get(exchange, dossier_id)):
        return reply(exchange, await services.dossiers.withdraw(exchange, dossier_id, grounds))


@move("stop", OFFICER, "Dừng xử lý hồ sơ", "Stop processing (form 05)", "REASON_REQUIRED", "ACTION_NOT_YOURS")
async def stop_dossier(
    dossier_id: DossierId, grounds: Grounds, exchange: CurrentExchange, services: Services
) -> Response:
    """Stop processing (form 05)."""
    async with fresh_on_conflict(lambda: services.dossiers.get(exchange, dossier_id)):
        return reply(exchange, await services.dossiers.stop(exchange, dossier_id, grounds))

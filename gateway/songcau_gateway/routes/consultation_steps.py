"""The steps of a consultation: each takes it from one state to the next, from a named version, once."""

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
from songcau_gateway.routes.consultation_answers import Consultation
from songcau_gateway.routes.consultation_schemas import (
    Absence,
    Arrival,
    CancellationWish,
    Completion,
    Confirmation,
    SlotChoice,
    TriageFindings,
)

routes = Routes("Khám bệnh từ xa · Consultations", "telehealth", activity="remote-care")
ConsultationId = Annotated[UUID, Path(description="id of the consultation")]
ANYBODY = allow("citizen", "station-officer", "clinician", scope="consultation:write", on_behalf=True)
PATIENT_SIDE = allow("citizen", "station-officer", scope="consultation:write", on_behalf=True)
STAFF = allow("station-officer", "clinician", scope="consultation:write")
CLINICIAN = allow("clinician", scope="consultation:attend")
_RULES = ("FACILITY_NOT_DECLARED", "CONTRACT_NOT_IN_FORCE", "OUTSIDE_DECLARED_HOURS")


def step(verb: str, rule: Rule, title: str, summary: str, *reasons: str) -> Callable[[Handler], Handler]:
    """Declare a step of a consultation; the reasons are those beside the ones every step can give."""
    return routes.add(
        "POST",
        f"/v1/consultations/{{consultation_id}}/{verb}",
        rule,
        title=title,
        summary=summary,
        answer=Consultation,
        # How a consultation ended is kept by law; all else is examination, which rests on consent.
        activity="remote-care" if verb in ("cancel", "mark-no-show") else "remote-examination",
        reasons=(
            "CONSULTATION_NOT_FOUND",
            "CONSULTATION_STATE_CONFLICT",
            "STEP_NOT_YOURS",
            "CONSENT_WITHDRAWN",
            "INVALID_REQUEST",
            *reasons,
        ),
        creates_or_moves=True,
        versioned="required",
        purpose="required",
        step_up=2 if verb == "complete" else 0,
    )


@step("triage", STAFF, "Phân loại ban đầu", "Record what triage found; may redirect to in-person or emergency care")
async def triage_consultation(
    consultation_id: ConsultationId, found: TriageFindings, exchange: CurrentExchange, services: Services
) -> Response:
    """Record what triage found."""
    async with fresh_on_conflict(lambda: services.consultations.get(exchange, consultation_id)):
        return reply(exchange, await services.consultations.triage(exchange, consultation_id, found))


@step(
    "offer",
    replace(ANYBODY, assisted=True),
    "Giữ khung giờ",
    "Hold a slot for the patient until the hold expires",
    "SLOT_NOT_FOUND",
    "SLOT_TAKEN",
    "PATIENT_BUSY",
    "SLOT_IN_PAST",
    "SLOT_ELSEWHERE",
    "OUTSIDE_SCOPE",
    *_RULES,
    "CITIZEN_NOT_ACTIVE",
)
async def offer_slot(
    consultation_id: ConsultationId, choice: SlotChoice, exchange: CurrentExchange, services: Services
) -> Response:
    """Hold a slot for the patient until the hold expires."""
    async with fresh_on_conflict(lambda: services.consultations.get(exchange, consultation_id)):
        return reply(exchange, await services.consultations.offer(exchange, consultation_id, choice))


@step(
    "confirm",
    replace(PATIENT_SIDE, assisted=True),
    "Xác nhận khung giờ",
    "Confirm a held slot after the practitioner was shown",
    "HOLD_EXPIRED",
    "HOLD_REPLACED",
    "PRACTITIONER_NOT_SHOWN",
    *_RULES,
    "CITIZEN_NOT_ACTIVE",
)
async def confirm_offer(
    consultation_id: ConsultationId, confirmed: Confirmation, exchange: CurrentExchange, services: Services
) -> Response:
    """Confirm a held slot after the practitioner was shown."""
    async with fresh_on_conflict(lambda: services.consultations.get(exchange, consultation_id)):
        return reply(exchange, await services.consultations.confirm(exchange, consultation_id, confirmed))


@step(
    "check-in",
    PATIENT_SIDE,
    "Xác nhận có mặt",
    "Record that the patient is there and how identity was proved",
    "CHECK_IN_WINDOW",
    "REPRESENTATIVE_REQUIRED",
    "PROOF_NOT_ALLOWED",
)
async def check_in(
    consultation_id: ConsultationId, arrival: Arrival, exchange: CurrentExchange, services: Services
) -> Response:
    """Record that the patient is there and how identity was proved."""
    async with fresh_on_conflict(lambda: services.consultations.get(exchange, consultation_id)):
        return reply(exchange, await services.consultations.check_in(exchange, consultation_id, arrival))


@step(
    "admit",
    CLINICIAN,
    "Tiếp nhận người bệnh vào phiên khám",
    "Claim the patient; one responsible clinician at most",
    "NOT_THE_PRACTITIONER",
    *_RULES,
)
async def admit_patient(consultation_id: ConsultationId, exchange: CurrentExchange, services: Services) -> Response:
    """Claim the patient."""
    async with fresh_on_conflict(lambda: services.consultations.get(exchange, consultation_id)):
        return reply(exchange, await services.consultations.admit(exchange, consultation_id))


@step(
    "complete",
    CLINICIAN,
    "Kết thúc và ký phiếu tóm tắt",
    "End the call with a signed summary",
    "NOT_THE_PRACTITIONER",
    "TREATMENT_OUTSIDE_LIST",
    "TREATMENT_NOT_ALLOWED",
    "SIGNER_MISSING",
)
async def complete_consultation(
    consultation_id: ConsultationId, done: Completion, exchange: CurrentExchange, services: Services
) -> Response:
    """End the call with a signed summary."""
    async with fresh_on_conflict(lambda: services.consultations.get(exchange, consultation_id)):
        return reply(exchange, await services.consultations.complete(exchange, consultation_id, done))


@step("cancel", ANYBODY, "Hủy lượt khám", "Call a consultation off before the call; frees the slot")
async def cancel_consultation(
    consultation_id: ConsultationId, wish: CancellationWish, exchange: CurrentExchange, services: Services
) -> Response:
    """Call a consultation off before the call."""
    async with fresh_on_conflict(lambda: services.consultations.get(exchange, consultation_id)):
        return reply(exchange, await services.consultations.cancel(exchange, consultation_id, wish))


@step(
    "mark-no-show",
    ANYBODY,
    "Ghi nhận vắng mặt",
    "Record that the patient or the clinician did not come",
    "TOO_EARLY_FOR_NO_SHOW",
)
async def mark_no_show(
    consultation_id: ConsultationId, absence: Absence, exchange: CurrentExchange, services: Services
) -> Response:
    """Record that the patient or the clinician did not come."""
    async with fresh_on_conflict(lambda: services.consultations.get(exchange, consultation_id)):
        return reply(exchange, await services.consultations.mark_no_show(exchange, consultation_id, absence))

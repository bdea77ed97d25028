"""How dossiers look on the wire; an enum value there carries the name of its enum before it."""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp
from songcau.eservices.v1 import dossier_pb2 as pb
from songcau.eservices.v1 import dossier_service_pb2 as service_pb

from songcau_eservices.calendar.model import Deadline
from songcau_eservices.catalogue.model import GroupRule
from songcau_eservices.dossiers.checklist import Checklist, ChecklistItem
from songcau_eservices.dossiers.dossier import (
    Answers,
    Applicant,
    AttachmentView,
    Dossier,
    DossierView,
    HistoryEntry,
    ProposedDecision,
    ResultView,
    SupplementView,
)
from songcau_eservices.dossiers.model import NATIONAL_CODES, TERMINAL


def dossier_message(view: DossierView) -> pb.Dossier:
    """Return a dossier as the caller sees it."""
    dossier = view.dossier
    message = pb.Dossier(
        id=str(dossier.id),
        code=dossier.code,
        reference=dossier.reference,
        version=dossier.version,
        citizen_id=str(dossier.citizen_id),
        procedure_code=dossier.procedure.code,
        procedure_version_id=str(dossier.procedure.version_id),
        procedure_name=dossier.procedure.name,
        sub_case_code=dossier.procedure.sub_case,
        channel=f"CHANNEL_{dossier.channel}",
        status=_status(view),
        agencies=pb.DossierAgencies(
            helping_agency_code=dossier.agencies.helping,
            receiving_agency_code=dossier.agencies.receiving,
            authority_agency_code=dossier.agencies.authority,
        ),
        attachments=[attachment_message(one) for one in view.attachments],
        fee_amount=dossier.fee.amount,
        fee_paid_amount=dossier.fee.paid,
        fee_due_amount=dossier.fee_due,
        fee_refund_due_amount=dossier.fee.refund_due,
        fee_collection=f"FEE_COLLECTION_{dossier.fee.collection}",
        supplements=[_supplement(one) for one in view.supplements],
    )
    _add_times(message, dossier)
    _add_parts(message, view)
    return message


def attachment_message(view: AttachmentView) -> pb.Attachment:
    """Return a file without its content."""
    return pb.Attachment(
        id=str(view.id),
        component_key=view.component_key,
        file_name=view.details.file_name.reveal(),
        media_type=view.media_type,
        size_bytes=view.size,
        sha256=view.details.sha256,
        attached_at=timestamp(view.attached_at),
        reused_from_attachment_id=str(view.reused_from or ""),
        valid_until=view.details.valid_until,
    )


def checklist_message(checklist: Checklist) -> service_pb.GetChecklistResponse:
    """Return a checklist."""
    return service_pb.GetChecklistResponse(
        items=[_item(item) for item in checklist.items],
        open_questions=checklist.open_questions,
        complete=checklist.complete,
    )


def history_message(entry: HistoryEntry) -> service_pb.DossierHistoryEntry:
    """Return one step of a dossier's way."""
    return service_pb.DossierHistoryEntry(
        action=f"DOSSIER_ACTION_{entry.action}",
        from_state=f"DOSSIER_STATE_{entry.source}",
        to_state=f"DOSSIER_STATE_{entry.target}",
        at=timestamp(entry.at),
        actor_kind=entry.actor_kind,
        actor_agency_code=entry.actor_agency,
        reason=entry.reason,
        dossier_version=entry.version,
    )


def read_answers(struct: Struct) -> Answers:
    """Return the answers of a request as JSON values; whole numbers are whole again."""
    return cast("Answers", _whole_numbers(MessageToDict(struct)))


def timestamp(at: datetime) -> Timestamp:
    """Return an instant."""
    message = Timestamp()
    message.FromDatetime(at)
    return message


def _whole_numbers(value: object) -> object:
    match value:
        case dict():
            return {name: _whole_numbers(inner) for name, inner in value.items()}
        case list():
            return [_whole_numbers(inner) for inner in value]
        case float() if value.is_integer() and abs(value) < 2**53:
            return int(value)
    return value


def _status(view: DossierView) -> pb.DossierStatus:
    axes = view.dossier.axes
    return pb.DossierStatus(
        state=f"DOSSIER_STATE_{axes.state}",
        national_code=NATIONAL_CODES[axes.state],
        finished=axes.state in TERMINAL,
        reason=view.reason,
        finance=f"FINANCE_STATE_{axes.finance}",
        delivery=f"DELIVERY_STATE_{axes.delivery}",
        synchronisation=f"SYNCHRONISATION_STATE_{axes.synchronisation}",
        next_actions=[f"DOSSIER_ACTION_{action}" for action in view.next_actions],
    )


def _add_times(message: pb.Dossier, dossier: Dossier) -> None:
    for name, at in vars(dossier.times).items():
        if at is not None:
            getattr(message, name).FromDatetime(at)


def _add_parts(message: pb.Dossier, view: DossierView) -> None:
    if view.applicant is not None:
        message.applicant.CopyFrom(_applicant(view.applicant))
        ParseDict(dict(view.answers), message.answers)
    if view.dossier.deadline is not None:
        message.deadline.CopyFrom(_deadline(view.dossier.deadline, view.days_left))
    if view.result is not None:
        message.result.CopyFrom(_result(view.result))
    if view.proposal is not None:
        message.proposed_decision.CopyFrom(_proposal(view.proposal))


def _applicant(applicant: Applicant) -> pb.Applicant:
    return pb.Applicant(**{name: value.reveal() for name, value in vars(applicant).items()})


def _deadline(deadline: Deadline, days_left: int) -> pb.Deadline:
    return pb.Deadline(
        due_date=deadline.due_date.isoformat(),
        days_left=days_left,
        unit=f"TIME_UNIT_{deadline.unit}",
        amount=deadline.value,
        paused=_pauses(deadline),
        history=list(_due_dates(deadline)),
        explained=[pb.DeadlineStep(code=step.code, vi=step.vi, en=step.en) for step in deadline.explained],
    )


def _pauses(deadline: Deadline) -> list[pb.DeadlinePause]:
    pauses = []
    for pause in deadline.pauses:
        message = pb.DeadlinePause(
            to=timestamp(pause.ended_at) if pause.ended_at else None, reason=f"DOSSIER_STATE_{pause.reason}"
        )
        getattr(message, "from").CopyFrom(timestamp(pause.started_at))
        pauses.append(message)
    return pauses


def _due_dates(deadline: Deadline) -> Iterable[pb.DueDate]:
    first = deadline.history[0].old_due_date if deadline.history else deadline.due_date
    yield pb.DueDate(due_date=first.isoformat(), set_at=timestamp(deadline.accepted_at), cause="ACCEPTED")
    ended = {pause.ended_at: pause.reason for pause in deadline.pauses}
    for change in deadline.history:
        is_paid = ended.get(change.changed_at) == "PAYMENT_REQUIRED"
        yield pb.DueDate(
            due_date=change.new_due_date.isoformat(),
            set_at=timestamp(change.changed_at),
            cause="PAID" if is_paid else "SUPPLEMENT_SUPPLIED",
        )


def _supplement(view: SupplementView) -> pb.SupplementRequest:
    return pb.SupplementRequest(
        items=[
            pb.SupplementItem(component_key=item.component_key, name=item.name, instruction=item.instruction)
            for item in view.body.items
        ],
        note=view.body.note,
        requested_at=timestamp(view.requested_at),
        supplied_at=timestamp(view.supplied_at) if view.supplied_at else None,
    )


def _result(view: ResultView) -> pb.DossierResult:
    return pb.DossierResult(
        code=view.code,
        verification_url=view.verification_url,
        signed_at=timestamp(view.signed_at),
        signer=view.signer,
        revoked=view.revoked,
        revocation_reason=view.revocation_reason,
    )


def _proposal(proposal: ProposedDecision) -> pb.ProposedDecision:
    return pb.ProposedDecision(
        decision=proposal.text,
        facts=[pb.DecisionFact(label=label, value=value) for label, value in proposal.facts],
        proposed_at=timestamp(proposal.proposed_at),
    )


def _item(item: ChecklistItem) -> service_pb.ChecklistItem:
    return service_pb.ChecklistItem(
        component_key=item.component.key,
        name=item.component.name,
        group_key=item.group.key,
        one_of=item.group.rule is GroupRule.ONE_OF,
        state=f"CHECKLIST_ITEM_STATE_{item.state}",
        originals=item.component.originals,
        copies=item.component.copies,
        depends_on=item.depends_on,
        attachment_ids=[str(one) for one in item.attachment_ids],
    )

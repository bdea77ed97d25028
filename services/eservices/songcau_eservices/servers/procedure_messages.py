"""How procedures look on the wire; an enum value there carries the name of its enum before it."""

from collections.abc import Iterable

from songcau.eservices.v1 import procedure_service_pb2 as pb
from songcau_kit.clock import iso_day

from songcau_eservices.catalogue import model
from songcau_eservices.catalogue.procedures import Procedure
from songcau_eservices.catalogue.search import ProcedureHit


def summary_message(hit: ProcedureHit) -> pb.ProcedureSummary:
    """Return a hit of a search."""
    return pb.ProcedureSummary(
        code=hit.place.code,
        name=hit.name,
        field_code=hit.field_code,
        field_name=hit.field_name,
        authority=hit.authority,
        authority_levels=[f"AUTHORITY_LEVEL_{level}" for level in hit.authority_levels],
        service_level=f"SERVICE_LEVEL_{hit.service_level}",
        online=hit.online,
        source=f"PROCEDURE_SOURCE_{hit.source}",
        detailed=hit.detailed,
    )


def procedure_message(procedure: Procedure) -> pb.Procedure:
    """Return a procedure with the version in force and its history."""
    return pb.Procedure(
        code=procedure.code,
        version=procedure.row_version,
        current=version_message(procedure.current),
        versions=[
            pb.VersionSummary(
                id=str(line.id),
                number=line.number,
                source=f"PROCEDURE_SOURCE_{line.source}",
                valid_from=line.valid_from.isoformat(),
                valid_to=iso_day(line.valid_to),
            )
            for line in procedure.history
        ],
    )


def version_message(version: model.ProcedureVersion) -> pb.ProcedureVersion:
    """Return all that a version says."""
    content = version.content
    return pb.ProcedureVersion(
        id=str(version.id),
        number=version.number,
        source=f"PROCEDURE_SOURCE_{version.source}",
        valid_from=version.valid_from.isoformat(),
        valid_to=iso_day(version.valid_to),
        name=content.name,
        field_code=content.field.code,
        field_name=content.field.name,
        authority=content.authority,
        authority_levels=[f"AUTHORITY_LEVEL_{level}" for level in content.authority_levels],
        service_level=f"SERVICE_LEVEL_{content.service_level}",
        channels=[f"CHANNEL_{channel}" for channel in content.channels],
        non_territorial=content.non_territorial,
        minimum_ial=content.minimum_ial,
        fee_collection=f"FEE_COLLECTION_{content.fee_collection}",
        questions=[_question(question) for question in content.questions],
        sub_cases=[_sub_case(sub_case) for sub_case in content.sub_cases],
        times=[_time(time) for time in content.times],
        fees=[_fee(fee) for fee in content.fees],
        document_groups=[_group(group) for group in content.document_groups],
        results=[pb.ResultType(code=result.code, name=result.name) for result in content.results],
        legal_bases=[pb.LegalBasis(number=basis.number, name=basis.name) for basis in content.legal_bases],
        steps=[pb.ExecutionStep(name=step.name, text=step.text) for step in content.steps],
        guidance=content.guidance,
        targets=content.targets,
        conditions=content.conditions,
        promulgated_by=content.promulgated_by,
        detailed=content.detailed,
        open_to_heirs=content.open_to_heirs,
    )


def _question(question: model.Question) -> pb.Question:
    choices = [pb.Choice(value=choice.value, text=choice.text) for choice in question.choices]
    return pb.Question(key=question.key, text=question.text, choices=choices)


def _sub_case(sub_case: model.SubCase) -> pb.SubCase:
    times, fees = [_time(time) for time in sub_case.times], [_fee(fee) for fee in sub_case.fees]
    return pb.SubCase(code=sub_case.code, name=sub_case.name, times=times, fees=fees)


def _time(time: model.ProcessingTime) -> pb.ProcessingTime:
    return pb.ProcessingTime(
        channel=_channel(time.channel),
        value=time.value,
        unit=f"TIME_UNIT_{time.unit}",
        same_day=time.same_day,
        when=_when(time.when),
        note=time.note,
    )


def _fee(fee: model.Fee) -> pb.Fee:
    return pb.Fee(
        channel=_channel(fee.channel),
        kind=f"FEE_KIND_{fee.kind}",
        amount=fee.amount,
        basis=f"FEE_BASIS_{fee.basis}",
        tier_from=fee.tier_from or 0,
        tier_amount=fee.tier_amount or 0,
        cap=fee.cap or 0,
        when=_when(fee.when),
        note=fee.note,
    )


def _group(group: model.DocumentGroup) -> pb.DocumentGroup:
    return pb.DocumentGroup(
        key=group.key,
        title=group.title,
        rule=f"GROUP_RULE_{group.rule}",
        when=_when(group.when),
        documents=[_document(document) for document in group.documents],
    )


def _document(document: model.DocumentComponent) -> pb.DocumentComponent:
    return pb.DocumentComponent(
        key=document.key,
        name=document.name,
        kind=f"DOCUMENT_KIND_{document.kind}",
        originals=document.originals,
        copies=document.copies,
        national_code=document.national_code,
        has_form=document.has_form,
        looked_up=document.looked_up,
        when=_when(document.when),
        note=document.note,
    )


def _when(conditions: Iterable[model.Condition]) -> list[pb.Condition]:
    return [pb.Condition(question=condition.question, values=condition.values) for condition in conditions]


def _channel(channel: model.Channel | None) -> str:
    return f"CHANNEL_{channel or 'UNSPECIFIED'}"

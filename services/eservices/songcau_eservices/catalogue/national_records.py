"""Turns a record of the national list, with its full record where there is one, into the content of a version."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from songcau_kit.text import LegacyEncodingError, normalize

from songcau_eservices.catalogue import national_values as values
from songcau_eservices.catalogue.model import (
    AuthorityLevel,
    Channel,
    ExecutionStep,
    Fee,
    FeeCollection,
    Field,
    LegalBasis,
    ProcedureContent,
    ProcessingTime,
    ResultType,
    ServiceLevel,
)
from songcau_eservices.catalogue.national_report import ImportReport, Normalisation, Refusal

Record = Mapping[str, Any]
STATES = ("ACTIVE", "UPDATED")


class RefusedError(Exception):
    """The record cannot be taken."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


def listed_content(listed: Record, field_codes: Mapping[str, str], report: ImportReport) -> ProcedureContent:
    """Return what the list says. Raises RefusedError; other errors mean that a field has an unknown form."""
    code = str(listed["code"]).strip()
    if listed.get("state") not in STATES:
        raise RefusedError(Refusal.STATE_UNKNOWN)
    authorities = _named(listed.get("departments"), code, report)
    return ProcedureContent(
        code=code,
        name=_name(listed.get("name"), code, report),
        field=_field(listed, field_codes),
        authority=", ".join(authorities),
        authority_levels=tuple(_levels_of_names(authorities)),
        targets=tuple(_named(listed.get("formalityTargetType"), code, report)),
        promulgated_by=values.clean_line(listed.get("departmentPromulgate")),
        national_type=values.clean_line(listed.get("type")) or "STANDARD",
        detailed=False,
    )


def field_codes_of(detail: Record) -> Iterator[tuple[str, str]]:
    """Yield the id and the code of each field a full record names; list records give only the ids."""
    for field in detail.get("categoriesDetails") or ():
        yield str(field["id"]), str(field["code"])


def listed_from(detail: Record) -> Record:
    """Return a list record for a full record that the list does not hold."""
    return {
        **{key: detail.get(key) for key in ("code", "name", "state", "type", "categoryIds")},
        "categories": [field.get("name") for field in detail.get("categoriesDetails") or ()],
        "departments": [part.get("name") for part in detail.get("departmentsAuthority") or ()],
        "formalityTargetType": [part.get("name") for part in detail.get("subjectTypesDetails") or ()],
        "departmentPromulgate": detail.get("departmentPromulgateName"),
    }


def detailed_content(content: ProcedureContent, detail: Record, report: ImportReport) -> ProcedureContent:
    """Return what the list says with what the full record adds. Raises as `listed_content` does."""
    code = content.code
    methods: Sequence[Record] = detail.get("executionMethods") or ()
    cases = values.sub_cases(detail, code, report)
    times, time_texts = values.times(methods, cases, code, report)
    groups, advice = values.document_groups(detail, code, report)
    steps = tuple(_steps(detail))
    fees = values.fees(methods, code, report)
    channels = {method["submissionMethod"] for method in methods}
    online = Channel.ONLINE in channels
    partial = ServiceLevel.PARTIAL if online else ServiceLevel.INFORMATION
    same_day = any(values.LATE_HOUR.search(step.text) for step in steps)
    return replace(
        content,
        authority_levels=tuple(_levels_of_flags(detail)) or content.authority_levels,
        service_level=ServiceLevel.FULL if detail.get("isFullProcess") else partial,
        channels=tuple(channel for channel in Channel if channel in channels),
        non_territorial=bool(detail.get("isNonTerritorial")),
        minimum_ial=2 if online else 1,
        fee_collection=_collection(fees),
        sub_cases=tuple(replace(case, times=_same_day(case.times, same_day)) for case in cases),
        times=_same_day(times, same_day),
        fees=fees,
        document_groups=groups,
        guidance=(*time_texts, *advice),
        results=tuple(
            ResultType(values.clean_line(result.get("name")), values.clean_line(result.get("code")))
            for result in detail.get("resultsDetails") or ()
        ),
        legal_bases=tuple(
            LegalBasis(values.clean_line(basis.get("name")), values.clean_line(basis.get("code")))
            for basis in detail.get("legalBasisesDetails") or ()
        ),
        steps=steps,
        conditions=values.clean(detail.get("requirementsAndConditions")),
        keywords=tuple(word for word in [_searched(detail.get("keywords"))] if word),
        detailed=True,
    )


def _name(value: object, code: str, report: ImportReport) -> str:
    name = _searched(value)
    if not name:
        raise RefusedError(Refusal.NAME_MISSING)
    if name != value:
        report.note(Normalisation.TEXT_CLEANED, code)
    return name


def _searched(value: object) -> str:
    """Return text by which people search; one in an old encoding would never be found."""
    return _searched_text(value) if isinstance(value, str) else ""


@lru_cache(maxsize=4096)  # the same few hundred authorities and targets stand in every other record
def _searched_text(value: str) -> str:
    try:
        return normalize(values.clean_line(value))
    except LegacyEncodingError:
        raise RefusedError(Refusal.LEGACY_ENCODING) from None


def _field(listed: Record, codes: Mapping[str, str]) -> Field:
    names = [_searched(name) for name in listed.get("categories") or ()]
    ids = [str(identifier) for identifier in listed.get("categoryIds") or ()]
    return Field(names[0] if names else "", codes.get(ids[0], "") if ids else "")


def _named(names: object, code: str, report: ImportReport) -> list[str]:
    """Return the names of a list, each once and none blank."""
    given = [_searched(name) for name in names] if isinstance(names, list) else []
    kept = [name for name in dict.fromkeys(given) if name]
    if "" in given:
        report.note(Normalisation.AUTHORITY_BLANK, code)
    return kept


def _levels_of_names(names: Sequence[str]) -> Iterator[AuthorityLevel]:
    folded = " | ".join(values.fold_safely(name) for name in names)
    if "cap xa" in folded or "cong an xa" in folded:
        yield AuthorityLevel.COMMUNE
    if any(word in folded for word in ("so ", "cap tinh", "bao hiem xa hoi tinh", "thue tinh", "dang ky dat dai")):
        yield AuthorityLevel.PROVINCE
    if any(name.startswith(("Bộ ", "Cục ", "Tổng cục ", "Ngân hàng Nhà nước Việt Nam")) for name in names):
        yield AuthorityLevel.MINISTRY


def _levels_of_flags(detail: Record) -> Iterator[AuthorityLevel]:
    flags = {
        "isWard": AuthorityLevel.COMMUNE,
        "isProvince": AuthorityLevel.PROVINCE,
        "isMinistry": AuthorityLevel.MINISTRY,
    }
    yield from (level for flag, level in flags.items() if detail.get(flag))


def _steps(detail: Record) -> Iterator[ExecutionStep]:
    for step in detail.get("executionSteps") or ():
        text = values.clean(step.get("description"))
        if text:
            yield ExecutionStep(text, values.clean_line(step.get("name")).rstrip(" :"))


def _same_day(times: tuple[ProcessingTime, ...], applies: bool) -> tuple[ProcessingTime, ...]:
    """Mark one-day times as same-day where the steps speak of 15:00."""
    return tuple(replace(time, same_day=True) if applies and time.value == 1 else time for time in times)


def _collection(fees: Sequence[Fee]) -> FeeCollection:
    if any(fee.amount for fee in fees):
        return FeeCollection.BEFORE
    return FeeCollection.AFTER if any(fee.amount is None for fee in fees) else FeeCollection.EXEMPT

"""Which processing time and which fees of a procedure a dossier meets, by channel, sub-case and facts of the case."""

from collections.abc import Mapping, Sequence

from songcau_eservices.catalogue.model import (
    SUB_CASE,
    Applicability,
    Channel,
    Condition,
    Fee,
    ProcedureContent,
    ProcessingTime,
    SubCase,
    applicability,
)


def find_sub_case(content: ProcedureContent, code: str | None) -> SubCase | None:
    """Return the sub-case with this code."""
    return next((sub_case for sub_case in content.sub_cases if sub_case.code == code), None)


def find_processing_time(
    content: ProcedureContent, channel: Channel, facts: Mapping[str, str]
) -> ProcessingTime | None:
    """Return the first time that fits; None when the catalogue gives none.

    The sub-case is the fact `sub_case`. A time whose condition is still open is skipped, so put the general one last.
    """
    sub_case = find_sub_case(content, facts.get(SUB_CASE))
    own = _first_time(sub_case.times, channel, facts) if sub_case else None
    return own or _first_time(content.times, channel, facts)


def fees_for(content: ProcedureContent, channel: Channel, facts: Mapping[str, str]) -> tuple[Fee, ...]:
    """Return every fee that applies; the fees of the sub-case replace those of the procedure."""
    sub_case = find_sub_case(content, facts.get(SUB_CASE))
    fees = sub_case.fees if sub_case and sub_case.fees else content.fees
    return tuple(fee for fee in fees if _fits(fee.channel, fee.when, channel, facts))


def _first_time(times: Sequence[ProcessingTime], channel: Channel, facts: Mapping[str, str]) -> ProcessingTime | None:
    return next((time for time in times if _fits(time.channel, time.when, channel, facts)), None)


def _fits(only: Channel | None, when: Sequence[Condition], channel: Channel, facts: Mapping[str, str]) -> bool:
    return only in (None, channel) and applicability(when, facts) is Applicability.APPLIES

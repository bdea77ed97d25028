"""Reads the province's own procedure texts (seed/procedures/*.yaml) and refuses a text that contradicts itself."""

from collections.abc import Iterator, Mapping
from datetime import date
from importlib.resources import files
from itertools import pairwise
from typing import Any

import yaml

from songcau_eservices.catalogue.content import ContentError, from_plain
from songcau_eservices.catalogue.loading import PlannedVersion
from songcau_eservices.catalogue.model import SUB_CASE, Condition, FeeCollection, ProcedureContent


def curated_versions() -> list[PlannedVersion]:
    """Return every curated version. Raises ContentError naming the file and what is wrong in it."""
    planned: list[PlannedVersion] = []
    for file in sorted(files("songcau_eservices").joinpath("seed/procedures").iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            try:
                planned += read_versions(file.read_text("utf-8"))
            except ContentError as error:
                raise ContentError(f"{file.name}: {error}") from None
    return planned


def read_versions(text: str) -> list[PlannedVersion]:
    """Return the versions of one file, a YAML document each; they are of one procedure and do not overlap."""
    planned = [_planned(document) for document in yaml.safe_load_all(text) if document]
    if len({item.content.code for item in planned}) > 1:
        raise ContentError("code: one file holds one procedure")
    ordered = sorted(planned, key=lambda item: item.valid_from)
    for earlier, later in pairwise(ordered):
        if earlier.valid_to is None or earlier.valid_to > later.valid_from:
            raise ContentError(f"valid_to: the version of {earlier.valid_from} overlaps the next one")
    return ordered


def _planned(document: Mapping[str, Any]) -> PlannedVersion:
    values = _expanded(document)
    valid_from, valid_to = values.pop("valid_from", None), values.pop("valid_to", None)
    if not isinstance(valid_from, date) or not (valid_to is None or isinstance(valid_to, date)):
        raise ContentError("valid_from: a date is needed, YYYY-MM-DD without quotes")
    content = from_plain(values)
    for fault in faults(content):
        raise ContentError(fault)
    return PlannedVersion(content, valid_from, valid_to)


def _expanded(node: Any) -> Any:
    """Turn the short `when: {question: value}` into the conditions of the model, at every depth."""
    if isinstance(node, Mapping):
        return {key: _conditions(value) if key == "when" else _expanded(value) for key, value in node.items()}
    return [_expanded(item) for item in node] if isinstance(node, list) else node


def _conditions(when: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"question": question, "values": list(values) if isinstance(values, list) else [values]}
        for question, values in when.items()
    ]


def faults(content: ProcedureContent) -> Iterator[str]:
    """Yield what makes the content contradict itself."""
    answers = {question.key: {choice.value for choice in question.choices} for question in content.questions}
    answers[SUB_CASE] = {sub_case.code for sub_case in content.sub_cases}
    for place, condition in _all_conditions(content):
        if not set(condition.values) <= answers.get(condition.question, set()):
            yield f"{place}: no question {condition.question!r} with the answers {', '.join(condition.values)}"
    keys = [document.key for group in content.document_groups for document in group.documents]
    doubled = {key for key in keys if keys.count(key) > 1}
    # A form that belongs to two exclusive cases is the same paper and keeps its key once.
    if doubled:
        yield f"document_groups: the keys {', '.join(sorted(doubled))} stand twice"
    if any(not sub_case.code.startswith(f"{content.code}.") for sub_case in content.sub_cases):
        yield "sub_cases: a code starts with that of the procedure"
    charged = [fee for fee in content.fees if fee.amount != 0]
    if charged and content.fee_collection is FeeCollection.EXEMPT:
        yield "fee_collection: EXEMPT with a fee"


def _all_conditions(content: ProcedureContent) -> Iterator[tuple[str, Condition]]:
    for time in content.times:
        yield from (("times", condition) for condition in time.when)
    for fee in content.fees:
        yield from (("fees", condition) for condition in fee.when)
    for group in content.document_groups:
        yield from ((group.key, condition) for condition in group.when)
        for document in group.documents:
            yield from ((document.key, condition) for condition in document.when)
